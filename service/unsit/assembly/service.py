"""The service: a chair with its broker, to run until it is told to stop."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from unsit.assembly.chair import Assembly, Tell
from unsit.core.events import Event, ServiceStarted, ServiceStopped
from unsit.errors import SettingsError, UnavailableError
from unsit.mqtt.command import CommandReader
from unsit.mqtt.link import Broker, Link
from unsit.mqtt.outbox import IN_MEMORY, Outbox
from unsit.mqtt.publisher import Publisher
from unsit.mqtt.state import Health, state_message
from unsit.mqtt.topics import Topics
from unsit.runtime.clock import Clock
from unsit.runtime.notify import notify
from unsit.runtime.stepwatch import StepWatch
from unsit.settings.duration import parse_duration
from unsit.settings.model import MqttSettings, Settings

log = logging.getLogger(__name__)

NO_BROKER = "none"
LONGEST_GOODBYE = 3.0
"""Seconds that a stop waits for the broker to have the last messages."""


class Service(Assembly):
    """A chair put together with its broker, to run until it is told to stop.

    outbox: where events wait for the broker; its numbering is taken up.
    version: what the state calls the version of this software.

    Raises SettingsError for a password that cannot be read.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        pins: Any,
        tell: Tell,
        *,
        outbox: Outbox,
        version: str,
    ) -> None:
        broker = _broker(settings.mqtt)
        super().__init__(settings, clock, pins, tell)
        self.recorder.seq = outbox.last_seq
        self._version = version
        self._started = clock.now()
        self._steps = StepWatch(clock)
        self._stopping = False
        self._publisher = None if broker is None else self._publish_to(broker, outbox)

    def run(self) -> None:
        """Runs until ``stop``. The pins are silent and free afterwards, whatever happens."""
        try:
            self.loop.call(self._start)
            self.loop.run()
        finally:
            self.close()

    def stop(self) -> None:
        """Begins to stop, or stops at once if that had begun. Safe from a signal handler."""
        self.loop.call(self._stop)

    def close(self) -> None:
        """Silence first, then the broker."""
        super().close()
        if self._publisher is not None:
            self._publisher.close()

    def happened(self, event: Event) -> None:
        """Makes the record of an event, puts it on its way, and tells it."""
        self._record(event)
        self._watch_clock()

    def changed(self) -> None:
        """Has the state sent if it says something new."""
        if self._publisher is not None:
            self._publisher.state_may_have_changed()

    def _start(self) -> None:
        self.happened(ServiceStarted(self.loop.clock.now()))
        self.start()
        self.loop.every(timedelta(minutes=1), self._watch_clock)
        if self._publisher is not None:
            self._publisher.start()
        notify(f"READY=1\nSTATUS=Watching {self.settings.chair.name}")

    def _stop(self) -> None:
        if self._stopping:
            self.loop.stop()
            return
        self._stopping = True
        notify("STOPPING=1")
        self.devices.silence()
        self.happened(ServiceStopped(self.loop.clock.now()))
        if self._publisher is None:
            self.loop.stop()
            return
        self.loop.after_real(LONGEST_GOODBYE, self.loop.stop)
        self._publisher.stop(self.loop.stop)

    def _watch_clock(self) -> None:
        step = self._steps.step()
        if step is not None:
            self._record(step)

    def _record(self, event: Event) -> None:
        record = self.recorder.record(event)
        if self._publisher is not None:
            self._publisher.event(record)
        self._tell(record)

    def _publish_to(self, broker: Broker, outbox: Outbox) -> Publisher:
        topics = Topics(self.settings.mqtt.prefix, self.settings.chair.id)
        return Publisher(
            self.loop,
            Link(self.loop, broker, topics),
            topics,
            outbox,
            CommandReader(parse_duration),
            state=self._state,
            request=self.decider.feed,
            fresh_for=self.settings.mqtt.fresh_for,
            heartbeat=self.settings.mqtt.heartbeat,
        )

    def _state(self) -> dict[str, Any]:
        clock = self.loop.clock
        health = Health(
            name=self.settings.chair.name,
            version=self._version,
            started=self._started,
            missed_edges=self.devices.mat.missed_edges,
            events_waiting=0 if self._publisher is None else len(self._publisher.outbox),
            events_dropped=0 if self._publisher is None else self._publisher.outbox.dropped,
        )
        return state_message(self.decider.chair, health, clock.now(), clock.wall)


def open_outbox(directory: Path | None) -> Outbox:
    """The outbox in a directory of state; in memory, with a warning, where that cannot be."""
    if directory is None:
        return Outbox()
    try:
        return Outbox(str(directory / "outbox.sqlite"))
    except UnavailableError as error:
        log.warning("%s; events wait in memory and are lost when the service ends", error)
        return Outbox(IN_MEMORY)


def _broker(mqtt: MqttSettings) -> Broker | None:
    if mqtt.host == NO_BROKER:
        return None
    return Broker(
        host=mqtt.host,
        port=mqtt.port,
        version=mqtt.version,
        username=mqtt.username,
        password=_password(mqtt.password_file),
        keepalive=round(mqtt.keepalive.total_seconds()),
    )


def _password(file: str | None) -> str | None:
    if file is None:
        return None
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"mqtt.password_file = {file!r}: cannot be read: {error}") from error
    if not lines:
        raise SettingsError(f"mqtt.password_file = {file!r}: empty; expected a password on line 1")
    return lines[0]
