"""A chair put together: what every way of running it has in common."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from unsit.assembly.devices import Devices
from unsit.core.chair import Chair
from unsit.core.events import Event
from unsit.core.inputs import Hold, Input, Pressed
from unsit.runtime.clock import Clock
from unsit.runtime.decider import Decider, Outlets
from unsit.runtime.loop import Loop
from unsit.runtime.record import Record, Recorder
from unsit.settings.model import Settings

Tell = Callable[[Record], None]


class Assembly:
    """A chair put together: its pins, its core and its clock under one loop.

    tell: gets every record, in the loop's thread. hold: the hold that is in force from the start.
    """

    def __init__(
        self, settings: Settings, clock: Clock, pins: Any, tell: Tell, hold: Hold | None = None
    ) -> None:
        self.settings = settings
        self.loop = Loop(clock)
        self.recorder = Recorder(settings.chair.id, clock.wall)
        self.devices = Devices(settings, pins, self._hear, self.loop.timer)
        self._tell = tell
        outlets = Outlets(
            sound=self.devices.sound,
            silence=self.devices.silence,
            cue=self.devices.cue,
            light=self.devices.light,
            event=self.happened,
            changed=self.changed,
        )
        chair = Chair(rules=settings.rules(), buzzer_on=settings.buzzer.enabled, hold=hold)
        self.decider = Decider(self.loop, chair, outlets)

    def start(self) -> None:
        """Takes the level that the mat has now, and goes on re-reading it."""
        self.loop.every(self.settings.seat.reread_every, self.devices.mat.reread)
        if self.devices.mat.pressed:
            self.decider.feed(Pressed())

    def close(self) -> None:
        """Silence, and every pin is given back."""
        self.devices.close()

    def happened(self, event: Event) -> None:
        """Makes the record of an event and tells it."""
        self._tell(self.recorder.record(event))

    def changed(self) -> None:
        """The chair is not as it was."""

    def _hear(self, what: Input, age: float) -> None:
        """Catches an edge in the pins' thread: stamps it and hands it to the loop."""
        at = self.loop.clock.now() - timedelta(seconds=age)
        self.loop.call(self.decider.feed, what, at)
