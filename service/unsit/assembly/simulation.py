"""Chairs on simulated pins: a recording in virtual time, or a person in real or scaled time."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from unsit.assembly.chair import LogRecord, LogSink, MakeSeat, RunningChair
from unsit.core.inputs import Finish
from unsit.core.instant import ZERO
from unsit.core.programme import Programme
from unsit.runtime.clock import Clock, VirtualClock, World
from unsit.runtime.record import Recorder
from unsit.settings.model import Settings
from unsit_firmware.recording import CONTACT, GRAMS, Columns, Extent, LiveRows, Move, Recording
from unsit_firmware.simulation import Person
from unsit_firmware.simulation.pins import SimulatedContact, SimulatedPins
from unsit_firmware.tables import DECIMALS, KG, naming, open_recording

if TYPE_CHECKING:
    from unsit.assembly.cells import SimulatedSeat


# Passed on to packages that may not import the hardware package.
__all__ = [
    "CONTACT",
    "DECIMALS",
    "GRAMS",
    "KG",
    "Extent",
    "Recording",
    "SimulatedContact",
    "naming",
    "open_recording",
]

Put = Callable[[Any], object]
"""Takes the level of a row: pressed or not, or the loads of the cells."""

WhenDone = Callable[[Exception | None], None]


def pins_on(clock: Clock) -> SimulatedPins:
    """Return simulated pins whose edges are stamped by a clock."""
    return SimulatedPins(lambda: clock.now().total_seconds())


def seat_on(pins: SimulatedPins, settings: Settings) -> SimulatedContact:
    """Return the mat of the simulated person, wired as in the settings."""
    pin = pins.pin(settings.seat.pin)
    return SimulatedContact(pin, normally_closed=settings.seat.normally_closed)


def replay(
    settings: Settings,
    extent: Extent,
    moves: Iterable[Move],
    log: LogRecord,
    watch: Callable[[SimulatedPins], None] = lambda pins: None,
    programme: Programme | None = None,
) -> None:
    """Run a recording through a chair on simulated pins, as fast as the machine can.

    extent: of the recording. moves: its rows. log: receives every record. watch: receives the
    pins once the chair is wired to them. programme: the exercises. Default none. A bout or break
    that is open at the last row ends there.
    """
    pins = SimulatedPins(lambda: clock.now().total_seconds())
    clock = VirtualClock(extent.start, _world(lambda: put, moves), at_end=lambda: finish())
    put, make_seat = _sensor_of(extent, settings, pins, clock, None)
    sink = LogSink(Recorder(settings.chair.id, clock.wall), log)
    chair = RunningChair(
        settings, clock, pins, sink.keep, sink.publish, make_seat, programme=programme
    )
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
    """Recording that a simulated person follows, in real or scaled time.

    make_seat: makes the seat on load cells that its rows need, None for a mat.

    Raises RecordingError for a file that is refused.
    """

    def __init__(
        self, file: str, settings: Settings, pins: SimulatedPins, clock: Clock, speed: float
    ) -> None:
        self._recording, self._speed = Recording(file), speed
        extent = self._recording.check()
        self._is_load = extent.columns.is_load
        self._put, self.make_seat = _sensor_of(extent, settings, pins, clock, speed)

    def person(self, chair: RunningChair, when_done: WhenDone) -> Person:
        """Return the person, to be started once the chair runs."""
        put = _in_loop(chair, self._put) if self._is_load else self._put
        return Person(put, self._recording.moves(), speed=self._speed, when_done=when_done)


class LiveScene:
    """Rows from a stream that a simulated person follows as they arrive.

    make_seat: None. Load cells take the place of the mat once a header of loads has arrived.
    """

    make_seat: MakeSeat | None = None

    def __init__(
        self, lines: Iterable[str], settings: Settings, pins: SimulatedPins, clock: Clock
    ) -> None:
        self._lines, self._settings, self._clock = lines, settings, clock
        self._put: Put = seat_on(pins, settings).set

    def person(self, chair: RunningChair, when_done: WhenDone) -> Person:
        """Return the person, to be started once the chair runs."""
        return Person(lambda level: self._put(level), self._moves(chair), when_done=when_done)

    def _moves(self, chair: RunningChair) -> Iterator[Move]:
        rows = LiveRows("-", self._lines)
        if rows.columns.is_load:
            seat = _cells_under(self._settings, rows.columns, self._clock)
            chair.loop.call(chair.use_load_cells, seat.make)
            self._put = _in_loop(chair, seat.put)
        for level in rows.levels():
            yield ZERO, level


def _in_loop(chair: RunningChair, put: Put) -> Put:
    return lambda level: chair.loop.call(put, level)


def _sensor_of(
    extent: Extent, settings: Settings, pins: SimulatedPins, clock: Clock, speed: float | None
) -> tuple[Put, MakeSeat | None]:
    """Return the sensor for the rows of a recording, and the maker of a seat on load cells.

    speed: multiple of real time, None for virtual time.
    """
    if not extent.columns.is_load:
        return seat_on(pins, settings).set, None
    seat = _cells_under(settings, extent.columns, clock, extent, in_real_time=speed == 1.0)
    return seat.put, seat.make


def _cells_under(
    settings: Settings,
    columns: Columns,
    clock: Clock,
    extent: Extent | None = None,
    *,
    in_real_time: bool = True,
) -> "SimulatedSeat":
    """Return simulated load cells. extent: of the recording, None for rows from a stream."""
    from unsit.assembly.cells import PINNED_CONVERSIONS, SimulatedSeat, pace_of

    says_changes = extent is None or extent.says_changes
    pace = pace_of(says_changes=says_changes, in_real_time=in_real_time)
    pinned = None if extent is None else PINNED_CONVERSIONS
    return SimulatedSeat(settings, columns, clock, pace, pinned)
