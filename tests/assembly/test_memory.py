"""What the service still knows after a restart."""

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from timeline import sec
from unsit.assembly.memory import FILE, Memory, open_state
from unsit.core.chair import Chair
from unsit.core.inputs import Hold
from unsit.core.rules import Rules
from unsit.core.sitting import Bout, Phase, Sitting
from unsit.core.today import Span, Today
from unsit.homeassistant.announcer import Trace, Traces
from unsit.runtime.clock import ScaledClock
from unsit.runtime.dates import Dates
from unsit.runtime.statefile import StateFile
from unsit.runtime.store import Store
from unsit.settings.model import Settings

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
SEATED = Chair(sitting=Sitting(Phase.SITTING, Bout(sec(-60), sec(-60), sec(-60))))


def memory_at(folder: Path, start: datetime = START, settings: Settings | None = None) -> Memory:
    """The memory of a service that starts at a date, after a reboot."""
    clock = ScaledClock(1e-6, start)
    return Memory(open_state(folder), settings or Settings(), clock, Dates(clock))


def test_a_service_that_never_ran_knows_nothing(tmp_path: Path) -> None:
    memory = memory_at(tmp_path)

    assert memory.settings() == Settings()
    assert memory.before(0) is None
    assert memory.former() is None
    assert memory.traces() == Traces()
    memory.close()


def test_what_people_changed_is_known_after_a_restart(tmp_path: Path) -> None:
    chair = Chair(rules=replace(Rules(), move_after=timedelta(minutes=50)), buzzer_on=False)
    memory = memory_at(tmp_path)
    memory.keep_chair(chair, 0, lasting=True)
    memory.close()

    again = memory_at(tmp_path, START + timedelta(minutes=10))
    assert again.settings().sitting.move_after == timedelta(minutes=50)
    assert again.settings().buzzer.enabled is False
    again.close()


def test_what_was_put_back_is_not_kept(tmp_path: Path) -> None:
    memory = memory_at(tmp_path)
    memory.keep_chair(Chair(buzzer_on=False), 0, lasting=True)
    memory.keep_chair(Chair(), 0, lasting=True)
    memory.close()

    again = memory_at(tmp_path)
    assert again.settings() == Settings()
    again.close()


def test_chair_and_day_are_known_by_the_clock_of_today(tmp_path: Path) -> None:
    memory = memory_at(tmp_path)
    memory.keep_day(Today(stretches=(Span(sec(-90), sec(-80)),)))
    memory.keep_chair(replace(SEATED, holds=(Hold("asked", sec(3600)),)), 5, lasting=True)
    memory.close()

    again = memory_at(tmp_path, START + timedelta(minutes=10))
    before = again.before(5)
    assert before is not None
    assert round_to_seconds(before.chair.sitting.bout) == Bout(sec(-660), sec(-660), sec(-660))
    assert [round(hold.until.total_seconds()) for hold in before.chair.holds if hold.until] == [
        3000
    ]
    assert [round(span.start.total_seconds()) for span in before.day.stretches] == [-690]
    assert before.restarted is not None
    assert round(before.restarted.lost.total_seconds()) == -600
    again.close()


def round_to_seconds(bout: Bout | None) -> Bout | None:
    """A bout without the moments that making a clock takes."""
    if bout is None:
        return None
    started, since, not_before = (
        sec(round(one.total_seconds())) for one in (bout.started, bout.since, bout.not_before)
    )
    return Bout(started, since, not_before, bout.seated)


def test_a_chair_that_no_setting_of_the_clock_could_date_is_not_believed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory = memory_at(tmp_path)
    long_ago = timedelta.min + timedelta(days=366 * 100)
    memory.keep_chair(replace(SEATED, snoozed=(long_ago,)), 5, lasting=True)
    memory.close()

    again = memory_at(tmp_path)
    assert again.before(5) is None
    assert "chair of the state cannot be read and is passed over" in caplog.text
    again.close()


def test_a_chair_of_another_event_than_the_last_one_is_not_believed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory = memory_at(tmp_path)
    memory.keep_chair(SEATED, 5, lasting=True)

    assert memory.before(6) is None
    assert "it is of event 5 and the last one is 6" in caplog.text
    memory.close()


def test_what_was_left_with_the_broker_is_known(tmp_path: Path) -> None:
    traces = Traces(Trace("c", "a", "s", {"hold": "switch"}))
    memory = memory_at(tmp_path)
    memory.keep_traces(traces)
    memory.close()

    again = memory_at(tmp_path)
    assert again.traces() == traces
    again.close()


def test_nothing_is_written_where_nothing_has_changed(tmp_path: Path) -> None:
    memory = memory_at(tmp_path)
    memory.keep_chair(SEATED, 5, lasting=True)
    mark = Store(memory.file).get("chair")["mark"]
    memory.keep_chair(SEATED, 5, lasting=True)

    assert Store(memory.file).get("chair")["mark"] == mark
    memory.close()


def test_hold_and_day_of_a_chair_that_was_installed_before_are_taken_over(tmp_path: Path) -> None:
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
    former = memory.former()
    assert former is not None
    assert former.chair == Chair(holds=(Hold("asked", sec(3600)),))
    assert former.day == Today(stretches=(Span(sec(-3600), sec(-3000)),), response=sec(4.5))
    assert former.restarted is None
    memory.close()


def test_a_chair_that_contradicts_itself_is_told_of_and_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory = memory_at(tmp_path)
    memory.keep_chair(replace(SEATED, sitting=Sitting(Phase.SITTING, None)), 5, lasting=True)

    assert memory.before(5) is None
    assert "chair of the state cannot be read and is passed over" in caplog.text
    memory.close()


def test_a_mark_beyond_all_time_is_told_of_and_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory = memory_at(tmp_path)
    memory.keep_chair(SEATED, 5, lasting=True)
    mark = {"epoch": "one", "at": 10**30, "date": "2026-11-24T09:00:00+00:00"}
    Store(memory.file).put("known", mark)

    assert memory.before(5) is not None
    assert "known of the state cannot be read and is passed over" in caplog.text
    memory.close()


@pytest.mark.parametrize("name", ["settings", "chair", "day", "known", "hold", "today", "traces"])
@pytest.mark.parametrize("content", [[1], {"mark": 1}, 7])
def test_a_document_that_makes_no_sense_is_told_of_and_passed_over(
    name: str, content: object, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory = memory_at(tmp_path)
    memory.keep_chair(Chair(), 0, lasting=True)
    memory.close()
    file = StateFile(tmp_path / FILE)
    Store(file).put(name, content)
    file.close()

    memory = memory_at(tmp_path)
    assert memory.settings() == Settings()
    assert memory.before(0) is None or name != "chair"
    assert memory.former() is None
    assert memory.traces() == Traces()
    assert caplog.text.count("cannot be read and is passed over") == 1
    memory.close()


def test_a_place_that_cannot_be_used_is_told_of_and_the_service_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    memory = memory_at(tmp_path / "file")
    memory.keep_chair(Chair(buzzer_on=False), 0, lasting=True)

    assert memory.settings().buzzer.enabled is False
    assert "lost when the service ends" in caplog.text
    memory.close()
