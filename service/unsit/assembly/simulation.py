"""Chairs on simulated pins: a recording in virtual time, or a person in real or scaled time."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial

from unsit.assembly.chair import Assembly, Tell
from unsit.core.inputs import Finish
from unsit.core.instant import ZERO
from unsit.runtime.clock import Clock, VirtualClock, World
from unsit.settings.model import Settings
from unsit_firmware.person import Move, Person
from unsit_firmware.recording import Extent, Recording, live_levels
from unsit_firmware.simulation import SimulatedContact, SimulatedPins

__all__ = [
    "Extent",
    "Person",
    "Recording",
    "SimulatedContact",
    "person_from_file",
    "person_from_rows",
    "pins_on",
    "replay",
    "seat_on",
]


def pins_on(clock: Clock) -> SimulatedPins:
    """Simulated pins whose edges are stamped by a clock."""
    return SimulatedPins(lambda: clock.now().total_seconds(), environment={})


def seat_on(pins: SimulatedPins, settings: Settings) -> SimulatedContact:
    """The mat under the simulated person, wired as the settings say."""
    pin = pins.pin(settings.seat.pin)
    return SimulatedContact(pin, normally_closed=settings.seat.normally_closed)


def replay(settings: Settings, start: datetime, moves: Iterable[Move], tell: Tell) -> None:
    """Runs moves through the chair on simulated pins, as fast as the machine can.

    start: the date of the first move. tell: gets every record. What is still open at the last
    move is closed there.
    """
    pins = SimulatedPins(lambda: clock.now().total_seconds(), environment={})
    contact = seat_on(pins, settings)
    clock = VirtualClock(start, _world(contact, moves), at_end=lambda: finish())
    chair = Assembly(settings, clock, pins, tell)

    def finish() -> None:
        chair.decider.feed(Finish())
        chair.loop.stop()

    try:
        chair.start()
        chair.loop.run()
    finally:
        chair.close()


def _world(contact: SimulatedContact, moves: Iterable[Move]) -> World:
    for at, pressed in moves:
        yield at, partial(contact.set, pressed)


def person_from_file(
    file: str,
    contact: SimulatedContact,
    speed: float,
    when_done: Callable[[Exception | None], None],
) -> Person:
    """A person who does what a recording says. Raises RecordingError for a file that is refused."""
    recording = Recording(file)
    recording.check()
    return Person(contact.set, recording.moves(), speed=speed, when_done=when_done)


def person_from_rows(
    lines: Iterable[str],
    contact: SimulatedContact,
    when_done: Callable[[Exception | None], None],
) -> Person:
    """A person who does what each row says, when it is read."""
    return Person(contact.set, _at_once(live_levels("-", lines)), when_done=when_done)


def _at_once(levels: Iterable[bool]) -> Iterator[Move]:
    for pressed in levels:
        yield ZERO, pressed
