"""Memory of the service after a restart."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.timeline import sec
from unsit.assembly.memory import FILE, Memory, open_state
from unsit.core.chair import Chair
from unsit.core.day import Span, Today
from unsit.core.inputs import Hold
from unsit.core.rules import Rules
from unsit.core.sitting import Bout, Phase, Sitting
from unsit.homeassistant.announcer import Trace, Traces
from unsit.mqtt.outbox import Outbox
from unsit.runtime.clock import Dates, ScaledClock
from unsit.runtime.documents import Store
from unsit.runtime.state_file import StateFile
from unsit.settings.model import Settings

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
SEATED = Chair(sitting=Sitting(Phase.SITTING, Bout(sec(-60), sec(-60), sec(-60))))


def memory_at(folder: Path, start: datetime = START, settings: Settings | None = None) -> Memory:
    """Return the memory of a service that starts at a date, after a reboot."""
    clock = ScaledClock(1e-6, start)
    return Memory(open_state(folder), settings or Settings(), clock, Dates(clock))


OPENED: list[StateFile] = []


@pytest.fixture(autouse=True)
def close_all() -> Iterator[None]:
    """Close the files of the outboxes of a test."""
    yield
    while OPENED:
        OPENED.pop().close()


def outbox_at(seq: int) -> Outbox:
    """Return an outbox whose last event had this number."""
    OPENED.append(StateFile())
    outbox = Outbox(OPENED[-1])
    outbox.put({"seq": seq}, sent=True)
    return outbox


def test_a_service_that_never_ran_knows_nothing(tmp_path: Path) -> None:
    memory = memory_at(tmp_path)

    assert memory.settings() == Settings()
    assert memory.previous_run(outbox_at(0)) is None
    assert memory.layout_1_run() is None
    assert memory.traces() == Traces()
    memory.close()


def test_changed_settings_are_known_after_a_restart(tmp_path: Path) -> None:
    chair = Chair(rules=replace(Rules(), move_after=timedelta(minutes=50)), buzzer_on=False)
    memory = memory_at(tmp_path)
    memory.keep_chair(chair, 0, durable=True)
    memory.close()

    again = memory_at(tmp_path, START + timedelta(minutes=10))
    assert again.settings().sitting.move_after == timedelta(minutes=50)
    assert again.settings().buzzer.enabled is False
    again.close()


def test_a_setting_that_was_changed_back_is_not_kept(tmp_path: Path) -> None:
    memory = memory_at(tmp_path)
    memory.keep_chair(Chair(buzzer_on=False), 0, durable=True)
    memory.keep_chair(Chair(), 0, durable=True)
    memory.close()

    again = memory_at(tmp_path)
    assert again.settings() == Settings()
    again.close()


def test_chair_and_day_are_known_by_the_clock_of_today(tmp_path: Path) -> None:
    memory = memory_at(tmp_path)
    memory.keep_day(Today(stretches=(Span(sec(-90), sec(-80)),)))
    memory.keep_chair(replace(SEATED, holds=(Hold("asked", sec(3600)),)), 5, durable=True)
    memory.close()

    again = memory_at(tmp_path, START + timedelta(minutes=10))
    before = again.previous_run(outbox_at(5))
    assert before is not None
    assert round_to_seconds(before.chair.sitting.bout) == Bout(sec(-660), sec(-660), sec(-660))
    assert [round(hold.until.total_seconds()) for hold in before.chair.holds if hold.until] == [
        3000
    ]
    assert [round(span.start.total_seconds()) for span in before.day.stretches] == [-690]
    assert before.restarted is not None
    assert round(before.restarted.down_since.total_seconds()) == -600
    again.close()


def round_to_seconds(bout: Bout | None) -> Bout | None:
    """Return the bout rounded to seconds, because making a clock takes some milliseconds."""
    if bout is None:
        return None
    started, since, not_before = (
        sec(round(one.total_seconds())) for one in (bout.started, bout.since, bout.not_before)
    )
    return Bout(started, since, not_before, bout.seated)


def test_a_chair_with_an_instant_beyond_all_dates_is_ignored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory = memory_at(tmp_path)
    long_ago = timedelta.min + timedelta(days=366 * 100)
    memory.keep_chair(replace(SEATED, snoozed_at=(long_ago,)), 5, durable=True)
    memory.close()

    again = memory_at(tmp_path)
    assert again.previous_run(outbox_at(5)) is None
    assert "chair in the state file cannot be read and is ignored" in caplog.text
    again.close()


def test_a_chair_of_another_event_than_the_last_is_ignored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory = memory_at(tmp_path)
    memory.keep_chair(SEATED, 5, durable=True)

    assert memory.previous_run(outbox_at(6)) is None
    assert "it was kept at event 5, and the last event is 6" in caplog.text
    memory.close()


def test_retained_messages_are_known(tmp_path: Path) -> None:
    traces = Traces(Trace("c", "a", "s", {"hold": "switch"}))
    memory = memory_at(tmp_path)
    memory.keep_traces(traces)
    memory.close()

    again = memory_at(tmp_path)
    assert again.traces() == traces
    again.close()


def test_nothing_is_written_if_nothing_has_changed(tmp_path: Path) -> None:
    memory = memory_at(tmp_path)
    memory.keep_chair(SEATED, 5, durable=True)
    mark = Store(memory.file).get("chair")["mark"]
    memory.keep_chair(SEATED, 5, durable=True)

    assert Store(memory.file).get("chair")["mark"] == mark
    memory.close()


def test_hold_and_day_of_layout_1_are_taken_over(tmp_path: Path) -> None:
    written = {
        "hold": {"reason": "asked", "until": "2026-11-24T10:00:00.000+00:00"},
        "today": {
            "stretches": [["2026-11-24T08:00:00.000+00:00", "2026-11-24T08:10:00.000+00:00"]],
            **{"bouts": [], "breaks": [], "reminders": [], "response_s": 4.5},
        },
    }
    db = sqlite3.connect(tmp_path / FILE)
    db.execute("create table documents (name text primary key, content text not null)")
    db.executemany(
        "insert into documents values (?, ?)",
        [(name, json.dumps(content)) for name, content in written.items()],
    )
    db.execute("pragma user_version = 1")
    db.commit()
    db.close()

    memory = memory_at(tmp_path)
    former = memory.layout_1_run()
    assert former is not None
    assert former.chair == Chair(holds=(Hold("asked", sec(3600)),))
    assert former.day == Today(stretches=(Span(sec(-3600), sec(-3000)),), response=sec(4.5))
    assert former.restarted is None
    memory.close()


def test_a_chair_that_contradicts_itself_is_logged_and_ignored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory = memory_at(tmp_path)
    memory.keep_chair(replace(SEATED, sitting=Sitting(Phase.SITTING, None)), 5, durable=True)

    assert memory.previous_run(outbox_at(5)) is None
    assert "chair in the state file cannot be read and is ignored" in caplog.text
    memory.close()


def test_a_mark_beyond_all_time_is_logged_and_ignored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory = memory_at(tmp_path)
    memory.keep_chair(SEATED, 5, durable=True)
    mark = {"epoch": "one", "at": 10**30, "date": "2026-11-24T09:00:00+00:00"}
    Store(memory.file).put("known", mark)

    assert memory.previous_run(outbox_at(5)) is not None
    assert "known in the state file cannot be read and is ignored" in caplog.text
    memory.close()


@pytest.mark.parametrize("name", ["settings", "chair", "day", "known", "hold", "today", "traces"])
@pytest.mark.parametrize("content", [[1], {"mark": 1}, 7])
def test_a_meaningless_document_is_logged_and_ignored(
    name: str, content: object, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory = memory_at(tmp_path)
    memory.keep_chair(Chair(), 0, durable=True)
    memory.close()
    file = StateFile(tmp_path / FILE)
    Store(file).put(name, content)
    file.close()

    memory = memory_at(tmp_path)
    assert memory.settings() == Settings()
    assert memory.previous_run(outbox_at(0)) is None or name != "chair"
    assert memory.layout_1_run() is None
    assert memory.traces() == Traces()
    assert caplog.text.count("cannot be read and is ignored") == 1
    memory.close()


def test_an_unusable_state_directory_is_logged_and_the_service_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    memory = memory_at(tmp_path / "file")
    memory.keep_chair(Chair(buzzer_on=False), 0, durable=True)

    assert memory.settings().buzzer.enabled is False
    assert "lost when the service ends" in caplog.text
    memory.close()


def stretches(number: int) -> tuple[Span, ...]:
    return tuple(Span(sec(10 * at - 50_000), sec(10 * at - 49_995)) for at in range(number))


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_a_restless_day_is_kept_by_short_documents_and_read_completely(
    tmp_path: Path, end: str
) -> None:
    folder = tmp_path / "state"
    memory = memory_at(folder)
    memory.keep_chair(Chair(), 0, durable=True)
    for number in range(1, 200):
        memory.keep_day(Today(stretches=stretches(number)))
        if number == 150:
            memory.shorten_day()
    if end == "kill":
        folder = shutil.copytree(folder, tmp_path / "left")
    memory.close()

    again = memory_at(folder)
    before = again.previous_run(outbox_at(0))
    assert before is not None
    assert len(before.day.stretches) == 199
    ends = [span.end - span.start for span in before.day.stretches]
    assert set(ends) == {sec(5)}
    again.close()


def test_a_change_of_another_day_is_ignored(tmp_path: Path) -> None:
    """A version of unsit that knows no changes leaves one behind."""
    memory = memory_at(tmp_path)
    memory.keep_chair(Chair(), 0, durable=True)
    for number in (1, 2):
        memory.keep_day(Today(stretches=stretches(number)))
    store = Store(memory.file)
    other = {"of": {"epoch": "another"}, "change": store.get("day_change")["change"]}
    update = "update documents set content = ? where name = 'day_change'"
    memory.file.write((update, (json.dumps(other),)))
    shutil.copytree(tmp_path, tmp_path / "left")
    memory.close()

    again = memory_at(tmp_path / "left")
    before = again.previous_run(outbox_at(0))
    assert before is not None
    assert len(before.day.stretches) == 1
    again.close()
