"""A push button on simulated pins, some of whose edges are lost."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from unsit.assembly.chair import LogSink, RunningChair
from unsit.core.instant import Instant
from unsit.runtime.clock import Act, VirtualClock
from unsit.runtime.record import Recorder
from unsit.settings.model import ButtonSettings, Settings
from unsit_firmware.simulation.pins import SimulatedContact, SimulatedPins

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
SETTINGS = Settings(button=ButtonSettings(pin=27))

HEARD, LOST = True, False
Edge = tuple[float, bool, bool]
"""Second, level of the button, and whether the edge is heard."""


class PressedChair:
    """A chair in virtual time that is seated for a day, and whose button follows edges."""

    def __init__(self, edges: Sequence[Edge]) -> None:
        self._records: list[dict[str, Any]] = []
        pins = SimulatedPins(lambda: self._clock.now().total_seconds())
        self._clock = VirtualClock(START, iter(()), lambda: None)
        self._pin, seat = pins.pin(27), SimulatedContact(pins.pin(SETTINGS.seat.pin))
        self._button = SimulatedContact(self._pin)
        seat.set(True)
        moves: list[tuple[Instant, Act]] = [
            (timedelta(seconds=at), partial(self._move, *edge)) for at, *edge in edges
        ]
        world = iter([*moves, (timedelta(hours=2), lambda: None)])
        self._clock = VirtualClock(START, world, lambda: self._chair.loop.stop())
        sink = LogSink(Recorder(SETTINGS.chair.id, self._clock.wall), self._records.append)
        self._chair = RunningChair(SETTINGS, self._clock, pins, sink.keep, sink.publish)

    def _move(self, pressed: bool, heard: bool) -> None:
        handler = self._pin.when_changed
        if not heard:
            self._pin.when_changed = None
        self._button.set(pressed)
        self._pin.when_changed = handler

    def presses(self) -> list[tuple[str, str]]:
        """Return what the presses did, and when."""
        self._chair.start()
        self._chair.loop.run()
        self._chair.close()
        results = ("hold_started", "hold_ended", "snoozed", "acknowledged")
        return [(one["type"], one["at"][11:19]) for one in self._records if one["type"] in results]


@pytest.mark.parametrize("length", [0.04, 0.5, 0.99])
def test_a_short_press_whose_release_is_lost_snoozes_and_starts_no_hold(length: float) -> None:
    edges = [(1810.0, True, HEARD), (1810 + length, False, LOST)]
    assert PressedChair(edges).presses() == [("snoozed", "09:30:11")]


@pytest.mark.parametrize("release", [HEARD, LOST])
def test_a_long_press_starts_a_hold_even_if_its_release_is_lost(release: bool) -> None:
    edges = [(1810.0, True, HEARD), (1813.0, False, release)]
    assert PressedChair(edges).presses() == [("hold_started", "09:30:11")]


def test_after_a_lost_release_the_next_press_is_heard() -> None:
    edges = [(1810.0, True, HEARD), (1813.0, False, LOST)]
    again = [(2000.0, True, HEARD), (2003.0, False, HEARD)]
    assert PressedChair([*edges, *again]).presses() == [
        ("hold_started", "09:30:11"),
        ("hold_ended", "09:33:21"),
    ]
