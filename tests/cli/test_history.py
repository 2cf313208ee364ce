"""``unsit history``: what goes in, out and away, and each way in which it does not."""

import gzip
import json
import os
import signal
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from support.fixtures import being_nobody
from support.history_records import records, sitting
from support.program import Ended, Program, here, write_recording
from unsit.history.store import open_history, open_to_write
from unsit.mqtt.outbox import Outbox
from unsit.runtime.record import Record
from unsit.runtime.state_file import StateFile

DAY = 24 * 3600
EVENTS = records(*(event for day in range(5) for event in sitting(day * DAY, day * DAY + 600)))
LINES = [json.dumps(one) for one in EVENTS]
TEXT = "\n".join(LINES) + "\n"
UTC = ("--set", "hours.timezone=UTC")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return a state directory with five days of a chair."""
    folder = tmp_path / "state"
    folder.mkdir()
    with closing(open_to_write(folder / "history.sqlite", 1)) as history:
        history.append(EVENTS)
    return folder


def history(state: Path, *arguments: str, stdin: str | None = None) -> Ended:
    return here("history", *arguments, "--state-dir", str(state), *UTC, stdin=stdin)


def kept(state: Path) -> list[Record]:
    with open_history(state / "history.sqlite") as opened:
        return list(opened.records())


def done(ended: Ended) -> str:
    assert (ended.code, ended.err) == (0, "")
    return ended.out


# Import


@pytest.mark.parametrize("name", ["events.jsonl", "events.jsonl.gz", "-"])
def test_events_are_imported_once_from_a_file_or_a_pipe(tmp_path: Path, name: str) -> None:
    if name == "-":
        file, stdin = name, TEXT
    else:
        content = gzip.compress(TEXT.encode()) if name.endswith(".gz") else TEXT.encode()
        (tmp_path / name).write_bytes(content)
        file, stdin = str(tmp_path / name), None
    for words in (
        "15 new events from 2026-11-24 to 2026-11-28",
        "0 new events, 15 were there already",
    ):
        assert done(history(tmp_path, "import", file, stdin=stdin)).startswith(f"{file}: {words}")
    assert [json.dumps(one) for one in kept(tmp_path)] == LINES


def test_a_replay_as_json_is_imported_without_its_summary(tmp_path: Path) -> None:
    day = write_recording(tmp_path / "day.csv", "2026-01-05T09:00:00,1", "2026-01-05T09:40:00,0")
    made = here("replay", day, "--json").lines
    (tmp_path / "day.jsonl").write_text("\n".join(made))
    done(history(tmp_path, "import", str(tmp_path / "day.jsonl")))
    assert [json.dumps(one) for one in kept(tmp_path)] == made[:-1]


def test_a_recording_is_replayed_with_the_settings_and_the_columns_that_it_needs(
    tmp_path: Path,
) -> None:
    rows = "2026-01-05 09:00:00;1", "2026-01-05 09:40:00;0", "2026-01-05 10:00:00;0"
    table = write_recording(tmp_path / "table.csv", *rows, header="when;seat")
    options = ("--columns", "ts=when,contact=seat", "--set", "sitting.move_after=20m")
    ended = history(tmp_path, "import", table, "--as", "my old mat", *options)
    assert ended.code == 0
    assert "read as" in ended.err
    with open_history(tmp_path / "history.sqlite") as opened:
        (bout,) = opened.bouts(-(2**62), 2**62)
        assert (bout.seated, bout.reminders) == (2_400_000, 4)
        assert [source.name for source in opened.sources] == ["my old mat"]


BAD = {
    "no JSON": ("{broken", "not JSON"),
    "no object": ("[1]", "expected one event"),
    "not a number": (LINES[0].replace('"seq": 1', '"seq": NaN'), "NaN is no number of JSON"),
    "no number": (
        LINES[0].replace('"seq": 1', '"seq": "1"'),
        "seq is '1'; expected a whole number",
    ),
    "number too big": (LINES[0].replace('"seq": 1', '"seq": 1e400'), "seq is inf"),
    "no date": (LINES[0].replace("2026-11-24T", "yesterday"), "isoformat"),
    "no offset": (LINES[0].replace("+00:00", ""), "expected a date with an offset"),
    "no chair": (LINES[0].replace('"desk"', "7"), "chair is 7; expected an id"),
    "hostile chair": (LINES[0].replace('"desk"', r'"\u001b[2J"'), r"chair is '\x1b[2J'"),
    "a field is missing": (LINES[0].replace('"at"', '"when"'), "at is missing"),
    "deep": ("[" * 100_000, "not JSON"),
    "long": ('{"a": "' + "x" * 1_000_001 + '"}', "longer than 1000000 characters"),
    "halves of characters": (LINES[0].replace("desk", r"\ud800"), "chair is"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_line_that_is_no_event_is_named_and_nothing_of_its_file_is_imported(
    state: Path, tmp_path: Path, bad: str
) -> None:
    line, reason = BAD[bad]
    before = kept(state)
    file = tmp_path / "bad.jsonl"
    file.write_text(f"{json.dumps(records(*sitting(9e6, 9e6 + 60), first=90)[0])}\n\n{line}\n")
    ended = history(state, "import", str(file))
    assert ended.code == os.EX_DATAERR
    assert ended.complaint.startswith(f"{file}:3: ")
    assert reason in ended.complaint
    assert ended.complaint.isprintable()
    assert kept(state) == before


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (gzip.compress(TEXT.encode())[:-20], os.EX_DATAERR, "compressed data"),
        (gzip.compress(TEXT.encode())[:50] + b"xx" * 300, os.EX_DATAERR, "compressed data"),
        (b"no gzip at all", os.EX_DATAERR, ""),
        (b"", os.EX_DATAERR, ""),
    ],
)
def test_a_damaged_compressed_file_is_named(
    tmp_path: Path, content: bytes, code: int, words: str
) -> None:
    file = tmp_path / "events.jsonl.gz"
    file.write_bytes(content)
    ended = history(tmp_path, "import", str(file))
    assert ended.code == code
    assert words in ended.complaint


def test_text_of_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_bytes(TEXT.encode() + b'{"id": "\xff"}\n')
    ended = history(tmp_path, "import", str(tmp_path / "events.jsonl"))
    assert ended.code == os.EX_DATAERR
    assert "not UTF-8" in ended.complaint


def test_an_import_makes_the_directory_of_a_chair_that_never_ran(tmp_path: Path) -> None:
    state = tmp_path / "state" / "unsit"
    done(history(state, "import", "-", stdin=TEXT))
    assert kept(state) == EVENTS


def test_a_state_directory_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    ended = history(tmp_path / "state" / "unsit", "import", "-", stdin=TEXT)
    assert ended.code == os.EX_USAGE
    assert f"{tmp_path}/state/unsit: Not a directory" in ended.complaint


def test_a_missing_file_and_a_directory_are_named(tmp_path: Path) -> None:
    missing = history(tmp_path, "import", str(tmp_path / "none"))
    assert missing.code == os.EX_UNAVAILABLE
    assert "No such file" in missing.complaint
    directory = history(tmp_path, "import", str(tmp_path))
    assert directory.code == os.EX_UNAVAILABLE
    assert "directory" in directory.complaint


def test_a_bad_recording_is_refused_as_by_a_replay(tmp_path: Path) -> None:
    bad = write_recording(tmp_path / "day.csv", "2026-01-05T09:00:00,7")
    ended = history(tmp_path, "import", bad)
    assert ended.code == os.EX_DATAERR
    assert ended.complaint == here("replay", bad).complaint


@pytest.mark.program
def test_ctrl_c_during_an_import_leaves_the_history_as_it_was(state: Path) -> None:
    before = kept(state)
    with Program("history", "import", "-", "--state-dir", str(state)) as program:
        program.say(json.dumps(records((9e6, "hold_started", {}), first=900)[0]) + "\n")
        while not (state / "history.sqlite-wal").exists():
            pass
        ended = program.stop(signal.SIGINT)
    assert ended.code == 128 + signal.SIGINT
    assert "stopped by Ctrl-C; of a file or period that was not reported" in ended.err
    assert kept(state) == before


# Export and backup


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_an_export_has_the_lines_that_were_published(
    state: Path, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    assert done(history(state, "export", str(file))) == f"{file}: 15 events\n"
    content = file.read_bytes()
    text = gzip.decompress(content) if name.endswith(".gz") else content
    assert text.decode() == TEXT
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_export_of_some_days_has_both_of_them(state: Path) -> None:
    ended = history(state, "export", "-", "--from", "2026-11-25", "--to", "2026-11-26")
    assert ended.lines == LINES[3:9]


def test_an_export_has_the_events_that_wait_for_the_history_once(state: Path) -> None:
    file = StateFile(state / "state.sqlite")
    outbox = Outbox(file, shelves=True)
    for one in (EVENTS[-1], *records((9 * DAY, "bout_started", {}), first=16)):
        outbox.put(one)
    file.close()
    assert len(history(state, "export", "-").lines) == 16


@pytest.mark.parametrize("what", ["export", "backup"])
def test_a_file_that_exists_is_not_overwritten(state: Path, tmp_path: Path, what: str) -> None:
    (tmp_path / "mine").write_text("precious")
    ended = history(state, what, str(tmp_path / "mine"))
    assert ended.code == os.EX_USAGE
    assert "exists and is not overwritten" in ended.complaint
    assert (tmp_path / "mine").read_text() == "precious"


@pytest.mark.parametrize("what", ["export", "backup"])
def test_a_place_that_is_full_or_missing_is_named_and_leaves_nothing(
    tmp_path: Path, small_disk: Path, what: str
) -> None:
    many = records(*(one for at in range(0, 9_000_000, 1000) for one in sitting(at, at + 600)))
    with closing(open_to_write(tmp_path / "history.sqlite", 1)) as opened:
        opened.append(many)
    full = history(tmp_path, what, str(small_disk / "copy"))
    assert full.code == os.EX_UNAVAILABLE
    assert "full" in full.complaint or "No space" in full.complaint
    assert list(small_disk.iterdir()) == []
    missing = history(tmp_path, what, str(tmp_path / "none" / "copy"))
    assert missing.code == os.EX_UNAVAILABLE
    assert "cannot be written: No such file" in missing.complaint


@pytest.mark.parametrize("what", ["export", "backup"])
def test_without_a_history_there_is_nothing_to_take_out(tmp_path: Path, what: str) -> None:
    ended = history(tmp_path, what, str(tmp_path / "copy"))
    assert ended.code == os.EX_UNAVAILABLE
    assert (
        "there is no history; the service writes one, unless history.keep is off" in ended.complaint
    )
    assert list(tmp_path.iterdir()) == []


def test_a_backup_made_beside_a_writer_is_whole_and_needs_no_journal(
    state: Path, tmp_path: Path
) -> None:
    with closing(open_to_write(state / "history.sqlite", 1)) as writer:
        writer.append(records(*sitting(9 * DAY, 9 * DAY + 60), first=16))
        done(history(state, "backup", str(tmp_path / "copy.sqlite")))
    assert stat.S_IMODE((tmp_path / "copy.sqlite").stat().st_mode) == 0o600
    (tmp_path / "restored").mkdir()
    (tmp_path / "copy.sqlite").rename(tmp_path / "restored" / "history.sqlite")
    assert len(kept(tmp_path / "restored")) == 18


# Forgetting


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["--before", "2026-11-26"], LINES[6:]),
        (["--from", "2026-11-25", "--to", "2026-11-26"], LINES[:3] + LINES[9:]),
        (["--from", "2026-11-26"], LINES[:6]),
        (["--to", "2026-11-27"], LINES[12:]),
        (["--all"], []),
        (["--all", "--shrink"], []),
    ],
)
def test_a_period_is_forgotten_and_the_rest_stays(
    state: Path, options: list[str], left: list[str]
) -> None:
    out = done(history(state, "forget", *options))
    assert out.startswith(f"{15 - len(left)} events are forgotten\n")
    assert "Home Assistant" in out
    assert [json.dumps(one) for one in kept(state)] == left


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--all", "--before", "2026-11-26"],
        ["--all", "--from", "2026-11-26"],
        ["--from", "2026-11-27", "--to", "2026-11-26"],
        ["--before", "tomorrow"],
    ],
)
def test_what_to_forget_must_be_said_clearly(state: Path, options: list[str]) -> None:
    ended = history(state, "forget", *options)
    assert ended.code == os.EX_USAGE
    assert ended.complaint
    assert len(kept(state)) == 15


def test_a_file_that_was_put_aside_is_named_and_goes_with_all(state: Path) -> None:
    aside = state / "history.sqlite.broken-20260105T090000"
    aside.write_bytes(b"all of it")
    assert str(aside) in done(history(state, "forget", "--before", "2026-11-25"))
    done(history(state, "forget", "--all"))
    assert not aside.exists()


def test_a_reader_that_keeps_the_journal_is_named(state: Path) -> None:
    with closing(sqlite3.connect(state / "history.sqlite", isolation_level=None)) as reader:
        reader.execute("begin")
        reader.execute("select count(*) from event").fetchone()
        ended = history(state, "forget", "--all")
    assert ended.code == os.EX_UNAVAILABLE
    assert "its journal may still have them" in ended.complaint
    assert done(history(state, "forget", "--all")).startswith("0 events")


def test_a_locked_history_names_who_to_look_for(state: Path) -> None:
    with closing(sqlite3.connect(state / "history.sqlite", isolation_level=None)) as other:
        other.execute("begin immediate")
        ended = history(state, "forget", "--all")
    assert ended.code == os.EX_UNAVAILABLE
    assert "sudo fuser -v" in ended.complaint


@pytest.mark.parametrize("what", [["import", "FILE"], ["export", "-"], ["forget", "--all"]])
def test_another_user_is_refused(tmp_path: Path, state: Path, what: list[str]) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text(TEXT)
    file.chmod(0o644)
    state.chmod(0o700)
    with being_nobody(tmp_path):
        ended = history(state, *(str(file) if word == "FILE" else word for word in what))
    assert ended.code == os.EX_NOPERM
    assert str(state) in ended.complaint


def test_history_path_is_the_place_of_all_of_it(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.sqlite"
    option = ("--set", f"history.path={elsewhere}")
    done(history(tmp_path, "import", "-", *option, stdin=TEXT))
    assert history(tmp_path, "export", "-", *option).lines == LINES
    assert not (tmp_path / "history.sqlite").exists()


def test_the_help_names_all_actions() -> None:
    shown = here("history", "--help").out
    assert all(action in shown for action in ("import", "export", "backup", "forget"))
    assert here("history").code == os.EX_USAGE
