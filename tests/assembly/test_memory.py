"""What the service still knows after a restart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from timeline import sec
from unsit.assembly.memory import FILE, Memory, open_store
from unsit.core.chair import Chair
from unsit.core.inputs import Hold, Holder
from unsit.core.rules import Rules
from unsit.core.today import Span, Today
from unsit.homeassistant.announcer import Trace, Traces
from unsit.runtime.clock import ScaledClock
from unsit.runtime.dates import Dates
from unsit.runtime.store import Store
from unsit.settings.model import Settings

START = datetime(2026, 11, 24, 9, tzinfo=UTC)


def memory_at(folder: Path, start: datetime = START, settings: Settings | None = None) -> Memory:
    """The memory of a service that starts at a date."""
    dates = Dates(ScaledClock(1, start))
    return Memory(open_store(folder), settings or Settings(), dates)


def test_a_service_that_never_ran_knows_nothing(tmp_path: Path) -> None:
    memory = memory_at(tmp_path)

    assert memory.settings() == Settings()
    assert memory.holds(sec(0)) == ()
    assert memory.today() == Today()
    assert memory.traces() == Traces()
    memory.close()


def test_what_people_changed_is_known_after_a_restart(tmp_path: Path) -> None:
    chair = Chair(rules=replace(Rules(), move_after=timedelta(minutes=50)), buzzer_on=False)
    memory = memory_at(tmp_path)
    memory.keep_chair(
        replace(chair, holds=(Hold("asked", sec(3600)), Hold("call", None, Holder.TOPIC)))
    )
    memory.close()

    again = memory_at(tmp_path, START + timedelta(minutes=10))
    assert again.settings().sitting.move_after == timedelta(minutes=50)
    assert again.settings().buzzer.enabled is False
    assert again.holds(sec(0)) == (Hold("asked", sec(3000)), Hold("call", None, Holder.TOPIC))
    again.close()


def test_what_was_put_back_is_not_kept(tmp_path: Path) -> None:
    memory = memory_at(tmp_path)
    memory.keep_chair(Chair(buzzer_on=False, holds=(Hold("asked"),)))
    memory.keep_chair(Chair())
    memory.close()

    again = memory_at(tmp_path)
    assert again.settings() == Settings()
    assert again.holds(sec(0)) == ()
    again.close()


def test_a_hold_whose_time_is_over_is_not_in_force(tmp_path: Path) -> None:
    memory = memory_at(tmp_path)
    memory.keep_chair(Chair(holds=(Hold("asked", sec(60)),)))
    memory.close()

    again = memory_at(tmp_path, START + timedelta(minutes=1))
    assert again.holds(sec(0)) == ()
    again.close()


def test_the_day_and_what_was_left_with_the_broker_are_known(tmp_path: Path) -> None:
    traces = Traces(Trace("c", "a", "s", {"hold": "switch"}))
    memory = memory_at(tmp_path)
    memory.keep_today(Today(stretches=(Span(sec(0), sec(60)),)), sec(100))
    memory.keep_traces(traces)
    memory.close()

    again = memory_at(tmp_path, START + timedelta(minutes=5))
    assert again.today().stretches == (Span(sec(-300), sec(-240)),)
    assert again.traces() == traces
    again.close()


@pytest.mark.parametrize("name", ["settings", "hold", "today", "traces"])
def test_a_document_that_makes_no_sense_is_told_of_and_passed_over(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(str(tmp_path / FILE))
    store.put(name, [1])
    store.close()
    memory = memory_at(tmp_path)

    assert memory.settings() == Settings()
    assert memory.holds(sec(0)) == ()
    assert memory.today() == Today()
    assert memory.traces() == Traces()
    assert caplog.text.count("cannot be read and is passed over") == 1
    memory.close()


def test_a_place_that_cannot_be_used_is_told_of_and_the_service_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    memory = memory_at(tmp_path / "file")
    memory.keep_chair(Chair(buzzer_on=False))

    assert memory.settings().buzzer.enabled is False
    assert "forgotten by a restart" in caplog.text
    memory.close()
