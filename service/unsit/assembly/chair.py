"""A chair put together: what every way of running it has in common."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

from unsit.assembly.devices import Devices
from unsit.assembly.mat import WatchedMat
from unsit.core.chair import Chair, Fault
from unsit.core.events import Event
from unsit.core.inputs import Input, Measure, Pressed, Released
from unsit.core.instant import Instant
from unsit.core.programme import Programme
from unsit.runtime.clock import Clock
from unsit.runtime.decider import Decider, Outlets
from unsit.runtime.hours import Hours
from unsit.runtime.loop import Loop
from unsit.runtime.record import Record, Recorder
from unsit.settings.model import Settings

Tell = Callable[[Record], None]


class LoadSeat(Protocol):
    """A seat on load cells, which does without a mat."""

    @property
    def load(self) -> float | None:
        """The load in kg, None for not known."""

    @property
    def rejected(self) -> int:
        """How many frames the converters have refused."""

    @property
    def knows_balance(self) -> bool:
        """It has several cells, and can tell where the load lies."""

    def take_up(self, fault: Fault | None) -> None:
        """Goes on after a restart with the fault that there was; the level is told in any case."""

    def start(self) -> None:
        """Begins to read."""

    def close(self) -> None:
        """Gives the converters back."""

    def request(self, what: Measure) -> Event:
        """Measures; raises ValueError with why not."""


MakeSeat = Callable[[Loop, Callable[[Input, Instant], object]], LoadSeat]


class Assembly:
    """A chair put together: its pins, its core and its clock under one loop.

    tell: gets every record, in the loop's thread. make_seat: makes the seat on load cells that
        takes the place of the mat, None for a mat.
    chair: as it was before a restart, None for a new one. programme: the exercises, none if left
        out.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        pins: Any,
        tell: Tell,
        make_seat: MakeSeat | None = None,
        chair: Chair | None = None,
        programme: Programme | None = None,
    ) -> None:
        self.settings = settings
        self.loop = Loop(clock)
        self.recorder = Recorder(settings.chair.id, clock.wall)
        self.devices = Devices(
            settings, pins, self._hear, self.loop.timer, has_mat=make_seat is None
        )
        self._tell = tell
        self._untold: list[Record] = []
        self._restarted = chair is not None
        outlets = Outlets(
            sound=self.devices.sound,
            silence=self.devices.silence,
            cue=self.devices.cue,
            beat=self.devices.beat,
            light=self.devices.light,
            keep=self.keep,
            tell=self.tell,
        )
        rules, buzzer_on = settings.rules(), settings.buzzer.enabled
        chair = replace(
            chair or Chair(), rules=rules, buzzer_on=buzzer_on, programme=programme or Programme()
        )
        self.decider = Decider(self.loop, chair, outlets)
        self.hours = Hours(self.loop, settings.week(), self.decider.feed)
        mat = self.devices.mat
        longest = settings.seat.max_plausible_bout
        self.mat = None if mat is None else WatchedMat(self.loop, mat, longest, self.decider.feed)
        self.seat: LoadSeat | None = None
        if make_seat is not None:
            self.weigh_with(make_seat)

    def start(self) -> None:
        """Keeps the hours and begins to weigh, or takes the level of the mat and re-reads it."""
        self.hours.tell()
        if self.seat is not None:
            if self._restarted:
                self.seat.take_up(self.decider.chair.fault)
            self.seat.start()
        if self.mat is not None:
            every = self.settings.seat.reread_every
            self.mat.start(self.decider.chair.fault, reread_every=every)

    def close(self) -> None:
        """Silence, and every pin is given back."""
        self.devices.close()
        if self.seat is not None:
            self.seat.close()

    def weigh_with(self, make_seat: MakeSeat) -> None:
        """Weighs the seat from now on."""
        try:
            self.seat = make_seat(self.loop, self.decider.feed)
            if self.seat.knows_balance and self.decider.chair.shifts is None:
                self.decider.chair = replace(self.decider.chair, shifts=0)
        except BaseException:
            self.devices.close()
            raise

    def happened(self, event: Event) -> None:
        """Keeps an event and tells it."""
        self.keep((event,))
        self.tell()

    def keep(self, events: Sequence[Event]) -> None:
        """Makes the records of what has happened."""
        self._untold += map(self.recorder.record, events)

    def tell(self) -> None:
        """Tells what was kept since the last time."""
        records, self._untold = self._untold, []
        for record in records:
            self._tell(record)

    def _hear(self, what: Input, age: float) -> None:
        """Catches an edge in the pins' thread: stamps it and hands it to the loop."""
        at = self.loop.clock.now() - timedelta(seconds=age)
        self.loop.call(self._feel, what, at)

    def _feel(self, what: Input, at: Instant) -> None:
        if self.mat is not None and isinstance(what, Pressed | Released):
            self.mat.feel(isinstance(what, Pressed), at)
        else:
            self.decider.feed(what, at)
