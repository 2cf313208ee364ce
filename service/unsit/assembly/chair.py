"""Running chair: pins, decider, opening hours and seat under one loop, with sinks for its events.

The decider feeds the core in order of time and performs its effects. The service, a simulated run,
the demo and a replay each run such a chair. They differ in the clock, in the pins and in the sinks:

    edge -> RunningChair -> Decider -> keep(events)   state file and outbox, before any sound
                                    -> buzzer, LED
                                    -> publish()      broker and log
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from unsit.assembly.devices import Devices, WatchedMat
from unsit.core import transition
from unsit.core.chair import Chair
from unsit.core.events import (
    Beat,
    Effect,
    Event,
    Light,
    PaceSignal,
    ReadButton,
    Refuse,
    Silence,
    SoftTick,
    Sound,
)
from unsit.core.inputs import ButtonRead, Input, Pressed, Released, Restarted, Tick
from unsit.core.instant import Instant
from unsit.core.programme import Programme
from unsit.core.rules import Tone
from unsit.core.transition import deadlines
from unsit.runtime.clock import Clock
from unsit.runtime.loop import Loop
from unsit.runtime.record import Record, Recorder
from unsit.runtime.schedule import Hours
from unsit.settings.model import Settings

if TYPE_CHECKING:
    from unsit.assembly.cells import WeighedSeat


@dataclass(frozen=True, slots=True)
class Turn:
    """One decision: the chair before it, the input, and its instant."""

    before: Chair
    what: Input
    at: Instant


@dataclass
class Outlets:
    """Functions that perform effects. The loop's thread calls them, so they must not block.

    sound: plays a tone, None for the buzzer's own. keep: writes the events of a turn, and the chair
    as it is now, to the state file. publish: sends what was kept. read_button: reads the button's
    pin and feeds ``ButtonRead`` later.

    Their order is: silence, keep, sounds, publish. A process that is killed never sounds a reminder
    twice, and no delay in publishing delays a sound.
    """

    sound: Callable[[Tone | None], None]
    silence: Callable[[], None]
    cue: Callable[[], None]
    beat: Callable[[PaceSignal], None]
    light: Callable[[bool], None]
    read_button: Callable[[], None]
    keep: Callable[[Sequence[Event], Turn], None]
    publish: Callable[[], None]


class Decider:
    """The chair, and the inputs and deadlines that change it, all in the loop's thread."""

    def __init__(self, loop: Loop, chair: Chair, outlets: Outlets) -> None:
        self.chair = chair
        self._loop = loop
        self._outlets = outlets
        self._last = loop.clock.now()
        self._deadline: Instant | None = deadlines.next_deadline(chair)
        loop.watch_deadline(lambda: self._deadline, lambda: self.feed(Tick()))

    def is_late(self, by: timedelta) -> bool:
        """Return whether a deadline passed more than ``by`` ago without a decision."""
        return self._deadline is not None and self._loop.clock.now() - self._deadline > by

    def feed(self, what: Input, at: Instant | None = None) -> str | None:
        """Apply an input to the chair; return the reason if it was refused, else None.

        at: instant of the input, now if left out. An instant before the last decision is replaced
        by that of the decision, because time does not run backwards.
        """
        at = max(at if at is not None else self._loop.clock.now(), self._last)
        self._last = at
        before = self.chair
        self.chair, effects = transition.step(before, what, at)
        self._deadline = deadlines.next_deadline(self.chair)
        return self._perform(effects, Turn(before, what, at))

    def _perform(self, effects: tuple[Effect, ...], turn: Turn) -> str | None:
        events: list[Event] = []
        sounds: list[Sound | SoftTick | Beat] = []
        refused: str | None = None
        for effect in effects:
            match effect:
                case Sound() | SoftTick() | Beat():
                    sounds.append(effect)
                case Silence():
                    self._outlets.silence()
                    sounds.clear()
                case Light():
                    self._outlets.light(effect.on)
                case ReadButton():
                    self._outlets.read_button()
                case Refuse():
                    refused = effect.why
                case _:
                    events.append(effect)
        is_kept = bool(events) or self.chair != turn.before
        if is_kept:
            self._outlets.keep(events, turn)
        self._play(sounds)
        if is_kept:
            self._outlets.publish()
        return refused

    def _play(self, sounds: Sequence[Sound | SoftTick | Beat]) -> None:
        for sound in sounds:
            match sound:
                case Sound():
                    self._outlets.sound(sound.tone)
                case SoftTick():
                    self._outlets.cue()
                case Beat():
                    self._outlets.beat(sound.signal)


LogRecord = Callable[[Record], None]

MakeSeat = Callable[[Loop, Callable[[Input, Instant], object]], "WeighedSeat"]
"""Makes the seat on load cells, whose module a chair with a mat does not import."""


class RunningChair:
    """Chair that runs: devices, decider, opening hours and mat or load cells under one loop.

    keep: sink that makes events, and the chair after them, outlive the process. It receives the
        turn of the decider too, None for events that the decider did not make.
    publish: sink that sends and logs what was kept.
    make_seat: makes the seat on load cells, None for a mat.
    chair: state from before a restart, None for a new chair.
    programme: the exercises. Default none.
    before_day_ends: see ``Hours``.

    Both sinks are called in the loop's thread. Raises PinError for a pin that cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        pins: Any,
        keep: Callable[[Sequence[Event], Turn | None], None],
        publish: Callable[[], None],
        make_seat: MakeSeat | None = None,
        chair: Chair | None = None,
        programme: Programme | None = None,
        before_day_ends: Callable[[], None] = lambda: None,
    ) -> None:
        self.loop = Loop(clock)
        self.devices = Devices(
            settings,
            pins,
            self._on_edge,
            self.loop.timer,
            has_mat=make_seat is None,
            on_failed_edge=lambda: self.loop.call(self._reread),
        )
        self._keep, self._publish = keep, publish
        self._is_restarted = chair is not None
        self._reread_every = settings.seat.reread_every
        outlets = Outlets(
            sound=self.devices.sound,
            silence=self.devices.silence,
            cue=self.devices.cue,
            beat=self.devices.beat,
            light=self.devices.light,
            read_button=self._read_button,
            keep=self._keep_and_count,
            publish=publish,
        )
        rules, buzzer_on = settings.rules(), settings.buzzer.enabled
        chair = replace(
            chair or Chair(), rules=rules, buzzer_on=buzzer_on, programme=programme or Programme()
        )
        self.decider = Decider(self.loop, chair, outlets)
        self.hours = Hours(self.loop, settings.week(), self.decider.feed, before_day_ends)
        mat = self.devices.mat
        longest = settings.seat.max_plausible_bout
        self.mat = (
            None if mat is None else WatchedMat(self.loop, mat, longest, rules, self.decider.feed)
        )
        self.seat: WeighedSeat | None = None
        if make_seat is not None:
            self.use_load_cells(make_seat)
        self.loop.watch_sleep(self._after_sleep)

    def start(self) -> None:
        """Feed the opening hours, then start to weigh, or to read the mat and re-read it."""
        self.hours.update()
        if self.seat is not None:
            if self._is_restarted:
                self.seat.resume(self.decider.chair.fault)
            self.seat.start()
        if self.mat is not None:
            self.mat.start(self.decider.chair.fault, reread_every=self._reread_every)
        if self.devices.button is not None:
            self.loop.every(self._reread_every, self._reread_button)

    def _after_sleep(self, since: Instant) -> None:
        """Take the time that the machine slept as a downtime: nobody saw the seat."""
        self.devices.silence()
        self.decider.feed(Restarted(since))
        self.hours.update()
        fault = self.decider.chair.fault
        if self.seat is not None:
            self.seat.resume(fault)
            self.seat.start()
        if self.mat is not None:
            self.mat.resume(fault)

    def close(self) -> None:
        """Silence the buzzer and release every pin."""
        self.devices.close()
        if self.seat is not None:
            self.seat.close()

    def use_load_cells(self, make_seat: MakeSeat) -> None:
        """Read the seat from load cells from now on. The pins are released if that fails."""
        try:
            self.seat = make_seat(self.loop, self.decider.feed)
            if self.seat.knows_balance and self.decider.chair.shifts is None:
                self.decider.chair = replace(self.decider.chair, shifts=0)
        except BaseException:
            self.devices.close()
            raise

    def emit(self, event: Event) -> None:
        """Keep and publish an event that the decider did not make."""
        self._keep((event,), None)
        self._publish()

    def _keep_and_count(self, events: Sequence[Event], turn: Turn) -> None:
        """Keep events, and let the mat count those that it has caused."""
        if events and self.mat is not None:
            self.mat.count_events(events)
        self._keep(events, turn)

    def _on_edge(self, edge: Input, age_s: float) -> None:
        """Stamp an edge in the thread of the pins and hand it to the loop."""
        at = self.loop.clock.now() - timedelta(seconds=age_s)
        self.loop.call_as_of(at, self._feed_edge, edge, at)

    def _reread(self) -> None:
        """Find out what an edge that was not handled would have told."""
        if self.mat is not None:
            self.mat.reread()
        self._reread_button()

    def _read_button(self) -> None:
        """Answer ``ReadButton``, unless a release that was heard is on its way."""
        button = self.devices.button
        if button is None:
            return
        pressed = button.pressed
        if pressed or button.reported:
            now = self.loop.clock.now()
            self.loop.call_as_of(now, self._feed_edge, ButtonRead(pressed), now)

    def _reread_button(self) -> None:
        """Report an edge of the button that was lost."""
        if self.devices.button is not None:
            self.devices.button.reread()

    def _feed_edge(self, edge: Input, at: Instant) -> None:
        if self.mat is not None and isinstance(edge, Pressed | Released):
            self.mat.on_edge(isinstance(edge, Pressed), at)
        else:
            self.decider.feed(edge, at)


class LogSink:
    """Sinks of a chair without a state file and a broker: events are numbered and logged."""

    def __init__(self, recorder: Recorder, log: LogRecord) -> None:
        self._recorder, self._log = recorder, log
        self._unlogged: list[Record] = []

    def keep(self, events: Sequence[Event], turn: Turn | None = None) -> None:
        """Make the records of events."""
        self._unlogged += map(self._recorder.record, events)

    def publish(self) -> None:
        """Log the records since the last call."""
        records, self._unlogged = self._unlogged, []
        for record in records:
            self._log(record)
