"""``unsit report``: every output, and each way in which there is none."""

import csv
import io
import json
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from support.fixtures import missing
from support.program import Ended, Program, as_nobody, here, run
from support.restarted_machine import NOON, SETTINGS, Machine, minutes
from support.sample_history import BERLIN, events, person, write_history
from unsit.assembly.memory import open_state
from unsit.history.shelving import Shelf
from unsit.history.store import open_to_write
from unsit.report.days import PERIODS
from unsit.report.measures import Tally
from unsit.report.tables import BOUT_COLUMNS, DAY_COLUMNS, SCHEMA
from unsit.runtime.documents import Store
from unsit.settings.model import HISTORY_FILE as FILE

FIRST, LAST = date(2026, 9, 1), date(2026, 11, 27)
ZONE = ("--set", "hours.timezone=Europe/Berlin")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a state directory with three months of a person."""
    folder = tmp_path_factory.mktemp("state")
    write_history(folder, events(person(FIRST, LAST)))
    return folder


def report(state: Path, *arguments: str) -> Ended:
    """Run the command on a state directory."""
    return here("report", *arguments, "--state-dir", str(state), *ZONE)


def test_the_parser_offers_every_period() -> None:
    usage = here("report", "--help").out
    assert "{" + ",".join(PERIODS) + "}" in usage


def test_the_help_defines_every_measure() -> None:
    from unsit.words import english

    text = here("report", "--help").out
    for measure in Tally(1800).measures():
        assert f"  {english().sections['measures'][measure.key]}" in text


def test_the_text_has_a_timeline_for_each_day_of_the_week(state: Path) -> None:
    ended = report(state, "--of", "2026-11-27")
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0] == "Sitting: week 48 of 2026, Mon 23 Nov to Sun 29 Nov"
    days = [line[:10] for line in ended.lines if line[:3] in ("Mon", "Tue", "Wed", "Thu", "Fri")]
    assert days == ["Mon 23 Nov", "Tue 24 Nov", "Wed 25 Nov", "Thu 26 Nov", "Fri 27 Nov"]


def test_the_json_has_a_schema_and_every_measure(state: Path) -> None:
    ended = report(state, "month", "--of", "2026-10-15", "--json", "--compare")
    content = json.loads(ended.out)
    assert content["schema"] == SCHEMA
    assert content["chair"]["name"] == "Chair"
    assert content["timezone"] == "Europe/Berlin"
    assert content["period"] == {"name": "month", "first": "2026-10-01", "last": "2026-10-31"}
    assert content["before"]["period"]["first"] == "2026-09-01"
    assert list(content["measures"]) == [measure.key for measure in Tally(1800).measures()]
    assert len(content["days"]) == 31
    seated = sum(day["seated_s"] for day in content["days"] if day["seated_s"] is not None)
    assert seated == pytest.approx(content["measures"]["seated_s"]["value"])


def test_the_csv_of_days_and_that_of_bouts_agree(state: Path) -> None:
    of_days, of_bouts = (
        list(csv.DictReader(io.StringIO(report(state, "all", "--csv", kind).out)))
        for kind in ("days", "bouts")
    )
    assert tuple(of_days[0]) == DAY_COLUMNS
    assert tuple(of_bouts[0]) == BOUT_COLUMNS
    assert sum(int(day["bouts"] or 0) for day in of_days) == len(of_bouts)
    seated = [sum(float(row["seated_s"] or 0) for row in rows) for rows in (of_days, of_bouts)]
    assert seated[0] == pytest.approx(seated[1])
    assert of_bouts[-1]["started"].endswith("+01:00")


def test_what_is_not_known_is_empty_and_not_0(state: Path) -> None:
    rows = csv.DictReader(io.StringIO(report(state, "week", "--of", "2026-11-27", "--csv").out))
    unwatched = [row for row in rows if row["watched_s"] == "0"]
    assert unwatched
    for row in unwatched:
        assert {row[column] for column in DAY_COLUMNS[2:]} == {""}


def test_the_page_is_for_its_owner_alone_and_replaced_in_one_step(
    state: Path, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    ended = report(state, "month", "--of", "2026-11-27", "--html", str(file))
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    before = file.stat().st_ino
    assert report(state, "week", "--of", "2026-11-27", "--html", str(file)).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o644  # as its owner wants it
    assert file.stat().st_ino != before
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]


def test_a_page_that_cannot_be_written_is_named(state: Path, tmp_path: Path) -> None:
    ended = report(state, "--html", str(tmp_path))
    assert ended.code == os.EX_UNAVAILABLE
    assert ended.complaint == f"unsit: {tmp_path} cannot be written: Is a directory"


@pytest.mark.program
def test_a_page_where_this_user_may_not_write_is_named(others: Path) -> None:
    write_history(others, [])
    readable(others)
    ended = run(
        *("report", "--html", str(others / "page.html"), "--state-dir", str(others)),
        runner=as_nobody(),
    )
    assert ended.code == os.EX_NOPERM
    assert ended.complaint == f"unsit: {others / 'page.html'} cannot be written by this user"


def test_without_a_history_the_file_is_named(tmp_path: Path) -> None:
    ended = report(tmp_path)
    assert ended.code == os.EX_UNAVAILABLE
    assert ended.complaint.startswith(f"unsit: {tmp_path / FILE}: there is no history; ")
    assert not list(tmp_path.iterdir())


def test_a_history_without_events_is_an_empty_report(tmp_path: Path) -> None:
    write_history(tmp_path, [])
    for output in ((), ("--json",), ("--csv",), ("--csv", "bouts")):
        for name in PERIODS:
            assert report(tmp_path, name, *output).code == 0
    assert "Nothing is recorded of this time." in report(tmp_path).out


def test_a_day_to_come_is_refused(state: Path) -> None:
    ended = report(state, "--of", "9999-12-31")
    assert ended.code == os.EX_USAGE
    assert "--of 9999-12-31: that day has not come; today is " in ended.complaint


def test_a_day_before_the_history_is_an_empty_report(state: Path) -> None:
    for day in ("1971-01-01", "2000-02-29"):
        for name in PERIODS[:-1]:
            assert report(state, name, "--of", day, "--json").code == 0, (name, day)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--of", "27.11.2026"], "'27.11.2026' is not a date; expected one like 2026-11-27"),
        (["--of", "1969-07-20"], "1969-07-20 is before any history; expected 1971-01-01 or later"),
        (["fortnight"], "'fortnight'"),
        (["all", "--of", "2026-11-27"], "all is the whole history"),
        (["all", "--compare"], "--compare: nothing is before all"),
        (["--csv", "--compare"], "--compare does not go with --csv"),
        (["--csv", "--json"], "not allowed with"),
    ],
)
def test_what_makes_no_sense_is_refused(state: Path, arguments: list[str], words: str) -> None:
    ended = report(state, *arguments)
    assert ended.code == os.EX_USAGE
    assert words in ended.complaint


def test_a_history_of_a_newer_unsit_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = write_history(tmp_path, [])
    with closing(sqlite3.connect(file)) as db:
        db.execute("pragma user_version = 99")
    content = file.read_bytes()
    ended = report(tmp_path)
    assert ended.code == os.EX_UNAVAILABLE
    assert "written by a newer unsit (layout 99" in ended.complaint
    assert file.read_bytes() == content


def test_a_damaged_history_is_named_in_one_line(tmp_path: Path) -> None:
    file = write_history(tmp_path, events(person(LAST, LAST + timedelta(days=9))))
    content = bytearray(file.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    file.write_bytes(content)
    ended = report(tmp_path, "all")
    assert ended.code == os.EX_UNAVAILABLE
    assert str(file) in ended.complaint


def test_a_report_while_the_service_writes_has_what_is_committed(tmp_path: Path) -> None:
    made = events(person(FIRST, LAST))
    half = len(made) // 2
    with closing(open_to_write(tmp_path / FILE, 1)) as writer:
        writer.append(made[:half])
        first = json.loads(report(tmp_path, "all", "--json").out)
        with writer.transaction():
            writer.append(made[half:])
            assert json.loads(report(tmp_path, "all", "--json").out) == first
        later = json.loads(report(tmp_path, "all", "--json").out)
    assert later["measures"]["bouts"]["value"] > first["measures"]["bouts"]["value"] > 0


@pytest.fixture
def others() -> Iterator[Path]:
    """Yield a state directory that another user may read, and not write.

    It is not in pytest's own folder, which each run closes to others.
    """
    if os.geteuid() != 0:
        missing("only root can run a command as another user; run as root")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def report_as_other(state: Path) -> Ended:
    """Run the command as a user who may only read the directory, in a program of its own."""
    arguments = ("all", "--json", "--state-dir", str(state), *ZONE)
    return run("report", *arguments, runner=as_nobody())


def readable(state: Path) -> None:
    """Let everybody read the files of a directory."""
    for file in state.iterdir():
        file.chmod(0o644)
    state.chmod(0o555)


def bouts_in(ended: Ended) -> int:
    """Return the number of bouts in a report as JSON."""
    assert (ended.code, ended.err) == (0, "")
    bouts: int = json.loads(ended.out)["measures"]["bouts"]["value"]
    return bouts


@pytest.mark.program
def test_another_user_may_read_a_history_that_nobody_writes(others: Path) -> None:
    made = events(person(FIRST, LAST))
    write_history(others, made)
    readable(others)
    assert bouts_in(report_as_other(others)) == bouts_in(report(others, "all", "--json")) > 0
    assert [file.name for file in others.iterdir()] == [FILE]


@pytest.mark.program
def test_another_user_reads_what_is_committed_while_the_service_writes(others: Path) -> None:
    made = events(person(FIRST, LAST))
    write_history(others, made[: len(made) // 2])
    with closing(open_to_write(others / FILE, 1)) as writer:
        writer.append(made[len(made) // 2 :])
        readable(others)
        assert bouts_in(report_as_other(others)) == bouts_in(report(others, "all", "--json"))


@pytest.mark.program
def test_a_copy_with_its_journal_is_read_whole_where_nothing_may_be_made(
    others: Path, tmp_path: Path
) -> None:
    made = events(person(FIRST, LAST))
    write_history(tmp_path, made[: len(made) // 2])
    with closing(open_to_write(tmp_path / FILE, 1)) as writer:
        writer.append(made[len(made) // 2 :])
        for name in (FILE, f"{FILE}-wal"):
            shutil.copy(tmp_path / name, others)
        whole = bouts_in(report(tmp_path, "all", "--json"))
    readable(others)
    assert bouts_in(report_as_other(others)) == whole


@pytest.mark.program
def test_a_history_that_this_user_may_not_read_is_named_with_the_remedy(others: Path) -> None:
    file = write_history(others, [])
    ended = report_as_other(others)
    assert ended.code == os.EX_NOPERM
    assert ended.complaint == f"unsit: {file} cannot be read by this user; use sudo"


def test_bouts_up_to_the_call_follow_a_setting_that_a_command_changed(tmp_path: Path) -> None:
    write_history(tmp_path, events(person(FIRST, LAST)))
    with closing(Store(open_state(tmp_path))) as store:
        store.put("settings", {"sitting.move_after": {"value": "50m", "instead_of": "30m"}})
    measures = json.loads(report(tmp_path, "all", "--json").out)["measures"]
    assert measures["over_move_after"]["value"] < measures["prolonged"]["value"]


@pytest.mark.parametrize("at", ["1970-01-01T00:00:03.000+00:00", "9999-12-31T23:59:59.000+00:00"])
def test_an_event_with_an_absurd_date_does_not_end_the_report(tmp_path: Path, at: str) -> None:
    [event, *_] = events(person(FIRST, FIRST))
    write_history(tmp_path, [{**event, "at": at}])
    for name in PERIODS[:-1]:
        assert report(tmp_path, name).code == 0
    assert report(tmp_path, "all").code == 0


def test_a_clock_that_is_behind_does_not_hide_what_was_recorded(tmp_path: Path) -> None:
    year = datetime.now(UTC).year + 2
    first = date(year, 3, 1)
    write_history(tmp_path, events(person(first, first + timedelta(days=4)), BERLIN))
    ended = report(tmp_path, "month", "--of", f"{year}-03-01", "--json")
    assert json.loads(ended.out)["measures"]["bouts"]["value"] > 0


@pytest.mark.program
@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_a_piped_report_is_readable_in_any_encoding(state: Path, encoding: str) -> None:
    env = {"PYTHONIOENCODING": encoding, "NO_COLOR": "1", "TERM": "dumb"}
    arguments = ("week", "--of", "2026-11-27", "--state-dir", str(state), *ZONE)
    ended = run("report", *arguments, env=env)
    assert (ended.code, ended.err) == (0, "")
    assert "?" not in ended.out
    assert "\x1b" not in ended.out


def test_a_report_in_another_language(state: Path) -> None:
    ended = report(state, "--of", "2026-11-27", "--set", "chair.language=de")
    assert ended.lines[0] == "Sitzen: Woche 48 von 2026, Mo 23. Nov. bis So 29. Nov."


def sit_before_a_kill(folder: Path) -> None:
    """Let a person sit down at noon UTC on 24 November 2026; kill the service after 36.5 min."""
    shelf = Shelf(folder / FILE, timedelta(days=999), lambda: NOON)
    Machine(folder, SETTINGS, shelf=shelf).run(minutes(36.5), sits=True)


def test_a_killed_chair_keeps_the_bout_in_the_report_up_to_its_last_sign_of_life(
    tmp_path: Path,
) -> None:
    sit_before_a_kill(tmp_path)
    content = json.loads(report(tmp_path, "day", "--of", "2026-11-24", "--json").out)
    assert content["under_way"]["started"] == "2026-11-24T12:00:00.000+00:00"
    assert content["under_way"]["until"] == "2026-11-24T12:36:00.000+00:00"
    assert content["measures"]["bouts"]["value"] == 1
    assert content["measures"]["prolonged"]["value"] == 1
    assert content["measures"]["breaks_per_seated_hour"]["value"] == 0
    assert (content["measures"]["due"]["value"], content["measures"]["answered"]["of"]) == (1, 0)
    assert 2159 < content["measures"]["seated_s"]["value"] < 2161
    [bout] = csv.DictReader(io.StringIO(report(tmp_path, "all", "--csv", "bouts").out))
    assert bout["under_way"] == "1"


def test_the_bout_under_way_is_marked_in_text_and_page(tmp_path: Path) -> None:
    sit_before_a_kill(tmp_path)
    text = report(tmp_path, "week", "--of", "2026-11-24").out
    words = "Not over yet: a bout since 12:00, 36m on the seat up to 12:36."
    assert words in text
    [row] = [line for line in text.splitlines() if line.startswith("Tue 24 Nov")]
    assert ">" in row
    page = tmp_path / "page.html"
    assert report(tmp_path, "week", "--of", "2026-11-24", "--html", str(page)).code == 0
    assert words in page.read_text()
    assert page.read_text().count('class="w"') == 2  # on the day, and in the legend
    assert words not in report(tmp_path, "week", "--of", "2026-11-17").out


@pytest.mark.program
def test_the_report_of_a_running_service_goes_up_to_now(tmp_path: Path) -> None:
    options = (
        "--set",
        "mqtt.host=none",
        "--set",
        "seat.sit_dwell=0",
        "--set",
        "seat.stand_dwell=0",
    )
    with Program("run", "--simulate", "-", "--state-dir", str(tmp_path), *options) as service:
        service.wait_for("has started")
        assert report(tmp_path, "all").code == 0  # before there is a file
        service.say("contact\n1\n")
        service.wait_for("sat down")
        sitting = json.loads(report(tmp_path, "all", "--json").out)
        service.say("0\n")
        service.wait_for("stood up")
        away = json.loads(report(tmp_path, "all", "--json").out)
    killed = json.loads(report(tmp_path, "all", "--json").out)
    assert [one["measures"]["bouts"]["value"] for one in (sitting, away, killed)] == [1, 1, 1]
    started = sitting["under_way"]["started"]
    assert started < sitting["under_way"]["until"] < away["under_way"]["until"]
    assert away["under_way"] == killed["under_way"]


@pytest.mark.program
def test_another_user_without_rights_to_the_state_still_reads_the_history(others: Path) -> None:
    write_history(others, events(person(FIRST, date(2026, 11, 20))))
    sit_before_a_kill(others)
    readable(others)
    (others / "state.sqlite").chmod(0o600)
    whole = bouts_in(report(others, "all", "--json"))
    assert bouts_in(report_as_other(others)) in (whole - 1, whole)  # as far as it was shelved
