"""Chairs on simulated pins: a recording in virtual time, or a person in real or scaled time."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from unsit.assembly.chair import Assembly, MakeSeat, Tell
from unsit.core.inputs import Finish
from unsit.core.instant import ZERO
from unsit.core.programme import Programme
from unsit.runtime.clock import Clock, VirtualClock, World
from unsit.settings.model import Settings
from unsit_firmware.columns import Columns
from unsit_firmware.person import Move, Person
from unsit_firmware.recording import Extent, LiveRows, Recording
from unsit_firmware.simulation import SimulatedContact, SimulatedPins

if TYPE_CHECKING:
    from unsit.assembly.weighed import SimulatedSeat

__all__ = [
    "Extent",
    "LiveScene",
    "Person",
    "RecordedScene",
    "Recording",
    "SimulatedContact",
    "pins_on",
    "replay",
    "seat_on",
]

Put = Callable[[Any], object]
"""Takes the level of a row: pressed or not, or the loads."""

WhenDone = Callable[[Exception | None], None]


def pins_on(clock: Clock) -> SimulatedPins:
    """Simulated pins whose edges are stamped by a clock."""
    return SimulatedPins(lambda: clock.now().total_seconds(), environment={})


def seat_on(pins: SimulatedPins, settings: Settings) -> SimulatedContact:
    """The mat under the simulated person, wired as the settings say."""
    pin = pins.pin(settings.seat.pin)
    return SimulatedContact(pin, normally_closed=settings.seat.normally_closed)


def replay(
    settings: Settings,
    extent: Extent,
    moves: Iterable[Move],
    tell: Tell,
    watch: Callable[[SimulatedPins], None] = lambda pins: None,
    programme: Programme | None = None,
) -> None:
    """Runs a recording through the chair on simulated pins, as fast as the machine can.

    extent: of the recording. moves: its rows. tell: gets every record. watch: gets the pins once
    the chair is wired to them. programme: the exercises, none if left out. What is still open at
    the last row is closed there.
    """
    pins = SimulatedPins(lambda: clock.now().total_seconds(), environment={})
    clock = VirtualClock(extent.start, _world(lambda: put, moves), at_end=lambda: finish())
    put, make_seat = _sensor_of(extent, settings, pins, clock, None)
    chair = Assembly(settings, clock, pins, tell, make_seat, programme=programme)
    watch(pins)

    def finish() -> None:
        chair.decider.feed(Finish())
        chair.loop.stop()

    try:
        chair.start()
        chair.loop.run()
    finally:
        chair.close()


def _world(put: Callable[[], Put], moves: Iterable[Move]) -> World:
    for at, level in moves:
        yield at, lambda level=level: put()(level)  # type: ignore[misc]  # a default binds it


class RecordedScene:
    """A person who does what a recording says, in real or scaled time.

    make_seat: the seat on load cells that its rows need, None for a mat.

    Raises RecordingError for a file that is refused.
    """

    def __init__(
        self, file: str, settings: Settings, pins: SimulatedPins, clock: Clock, speed: float
    ) -> None:
        self._recording, self._speed = Recording(file), speed
        extent = self._recording.check()
        self._is_load = extent.columns.is_load
        self._put, self.make_seat = _sensor_of(extent, settings, pins, clock, speed)

    def person(self, chair: Assembly, when_done: WhenDone) -> Person:
        """The person, to be started once the chair runs."""
        put = _in_loop(chair, self._put) if self._is_load else self._put
        return Person(put, self._recording.moves(), speed=self._speed, when_done=when_done)


class LiveScene:
    """A person who does what each row says when it is read; the header says on which sensor.

    make_seat: None; cells take the mat's place when a header of loads has come.
    """

    make_seat: MakeSeat | None = None

    def __init__(
        self, lines: Iterable[str], settings: Settings, pins: SimulatedPins, clock: Clock
    ) -> None:
        self._lines, self._settings, self._clock = lines, settings, clock
        self._put: Put = seat_on(pins, settings).set

    def person(self, chair: Assembly, when_done: WhenDone) -> Person:
        """The person, to be started once the chair runs."""
        return Person(lambda level: self._put(level), self._moves(chair), when_done=when_done)

    def _moves(self, chair: Assembly) -> Iterator[Move]:
        rows = LiveRows("-", self._lines)
        if rows.columns.is_load:
            seat = _cells_under(self._settings, rows.columns, self._clock)
            chair.loop.call(chair.weigh_with, seat.make)
            self._put = _in_loop(chair, seat.put)
        for level in rows.levels():
            yield ZERO, level


def _in_loop(chair: Assembly, put: Put) -> Put:
    return lambda level: chair.loop.call(put, level)


def _sensor_of(
    extent: Extent, settings: Settings, pins: SimulatedPins, clock: Clock, speed: float | None
) -> tuple[Put, MakeSeat | None]:
    """What the rows of a recording are put on, and the seat on load cells if they are loads.

    speed: of real time, None for virtual time.
    """
    if not extent.columns.is_load:
        return seat_on(pins, settings).set, None
    seat = _cells_under(settings, extent.columns, clock, extent, steadily=speed == 1.0)
    return seat.put, seat.make


def _cells_under(
    settings: Settings,
    columns: Columns,
    clock: Clock,
    extent: Extent | None = None,
    *,
    steadily: bool = True,
) -> "SimulatedSeat":
    """Simulated load cells; extent: of the recording whose rows they carry, None for live rows."""
    from unsit.assembly.weighed import SimulatedSeat, pace_of

    says_changes = extent is None or extent.says_changes
    pace = pace_of(settings, columns, says_changes=says_changes, steadily=steadily)
    return SimulatedSeat(settings, columns, clock, pace, None if extent is None else extent.rows)
