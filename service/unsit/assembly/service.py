"""The service: a chair with its broker, to run until it is told to stop."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from unsit.assembly.broker import broker_of
from unsit.assembly.chair import Assembly, MakeSeat, Tell
from unsit.assembly.memory import Memory
from unsit.core.events import Event, ServiceStarted, ServiceStopped
from unsit.core.inputs import Calibrate, Request, Tare
from unsit.core.today import after
from unsit.errors import UnavailableError
from unsit.homeassistant.announcer import Announcer
from unsit.homeassistant.discovery import Description, discovery, discovery_topic
from unsit.homeassistant.entities import Equipment
from unsit.mqtt.command import CommandReader
from unsit.mqtt.hold_topics import HoldTopics
from unsit.mqtt.link import Broker, Link
from unsit.mqtt.outbox import Outbox
from unsit.mqtt.publisher import Publisher
from unsit.mqtt.state import Health, Moment, state_message
from unsit.mqtt.topics import Topics
from unsit.runtime.clock import Clock
from unsit.runtime.database import IN_MEMORY
from unsit.runtime.dates import Dates
from unsit.runtime.notify import notify
from unsit.runtime.stepwatch import StepWatch
from unsit.runtime.store import Store
from unsit.settings.duration import parse_duration
from unsit.settings.model import Settings
from unsit.words import words_of

log = logging.getLogger(__name__)

LONGEST_GOODBYE = 3.0
"""Seconds that a stop waits for the broker to have the last messages."""


class Service(Assembly):
    """A chair put together with its broker, to run until it is told to stop.

    outbox: where events wait for the broker; its numbering is taken up.
    store: what is known from before, and must be known after; in memory if left out.
    version: what the state calls the version of this software.
    make_seat: see ``Assembly``.

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
        store: Store | None = None,
        version: str,
        make_seat: MakeSeat | None = None,
    ) -> None:
        broker = broker_of(settings.mqtt)
        self._dates = Dates(clock)
        self._memory = Memory(store or Store(), settings, self._dates)
        holds = self._memory.holds(clock.now())
        super().__init__(self._memory.settings(), clock, pins, tell, make_seat, holds)
        self._today = self._memory.today()
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
        self._memory.close()

    def happened(self, event: Event) -> None:
        """Makes the record of an event, puts it on its way, and tells it."""
        self._record(event)
        self._watch_clock()

    def changed(self) -> None:
        """Has the state sent if it says something new, and keeps what people changed."""
        if self._publisher is not None:
            self._publisher.state_may_have_changed()
        self._memory.keep_chair(self.decider.chair)

    def _start(self) -> None:
        self.happened(ServiceStarted(self.loop.clock.now()))
        self.start()
        self.loop.every(timedelta(minutes=1), self._each_minute)
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

    def _each_minute(self) -> None:
        """A clock that was set, or midnight, is noticed by itself and changes the state."""
        self._watch_clock()
        self._keep_today()
        self.changed()

    def _keep_today(self) -> None:
        self._memory.keep_today(self._today, self.loop.clock.now())

    def _watch_clock(self) -> None:
        step = self._steps.step()
        if step is not None:
            self._record(step)
            self.loop.call(self.hours.tell)

    def _record(self, event: Event) -> None:
        before, self._today = self._today, after(self._today, event)
        record = self.recorder.record(event)
        if self._publisher is not None:
            self._publisher.event(record)
        self._tell(record)
        if self._today != before or isinstance(event, ServiceStopped):
            self._keep_today()

    def _publish_to(self, broker: Broker, outbox: Outbox) -> Publisher:
        topics = Topics(self.settings.mqtt.prefix, self.settings.chair.id)
        link = Link(self.loop, broker, topics)
        announcer = self._announcer(link, topics)
        hold_topics = HoldTopics(self.settings.hold.watched, self.settings.hold.holding)
        link.also([*announcer.topics, *hold_topics.topics])
        return Publisher(
            self.loop,
            link,
            topics,
            outbox,
            CommandReader(parse_duration, self.hours.next_time),
            state=self._state,
            request=self._request,
            fresh_for=self.settings.mqtt.fresh_for,
            heartbeat=self.settings.mqtt.heartbeat,
            hold_topics=hold_topics,
            announcer=announcer,
        )

    def _announcer(self, link: Link, topics: Topics) -> Announcer:
        home = self.settings.homeassistant
        description = Description(
            topics=topics,
            name=self.settings.chair.name,
            version=self._version,
            area=home.area,
            equipment=_equipment(self.settings),
            words=words_of(self.settings.chair.language),
        )
        return Announcer(
            link,
            topics,
            discovery_topic(home.discovery_prefix, topics.chair),
            discovery(description) if home.discovery else None,
            birth_topic=home.birth_topic,
            traces=self._memory.traces(),
            keep=self._memory.keep_traces,
            later=self.loop.after_real,
        )

    def _request(self, what: Request) -> str | None:
        """Has a request decided, or measured; why it was refused, or None."""
        if self.seat is None or not isinstance(what, Tare | Calibrate):
            return self.decider.feed(what)
        try:
            self.happened(self.seat.request(what))
        except ValueError as error:
            return str(error)
        return None

    def _published_load(self) -> float | None:
        """The load on the seat, for those who asked for it."""
        if self.seat is None or self.seat.load is None or not self.settings.load_cell.publish_load:
            return None
        return round(self.seat.load, 1)

    def _state(self) -> dict[str, Any]:
        now = self.loop.clock.now()
        health = Health(
            name=self.settings.chair.name,
            version=self._version,
            started=self._started,
            missed_edges=self.devices.mat.missed_edges if self.devices.mat else 0,
            frames_rejected=self.seat.rejected if self.seat else 0,
            load_kg=self._published_load(),
            events_waiting=0 if self._publisher is None else self._publisher.waiting,
            events_dropped=0 if self._publisher is None else self._publisher.outbox.dropped,
        )
        moment = Moment(now, self._dates.midnight(now), self._dates.date)
        return state_message(self.decider.chair, self._today, health, moment)


def _equipment(settings: Settings) -> Equipment:
    load_cell = settings.seat.kind == "load_cell"
    return Equipment(
        buzzer=settings.buzzer.kind != "none",
        load_cell=load_cell,
        load=load_cell and settings.load_cell.publish_load,
    )


def open_outbox(directory: Path | None) -> Outbox:
    """The outbox in a directory of state; in memory, with a warning, where that cannot be."""
    if directory is None:
        return Outbox()
    try:
        return Outbox(str(directory / "outbox.sqlite"))
    except UnavailableError as error:
        log.warning("%s; events wait in memory and are lost when the service ends", error)
        return Outbox(IN_MEMORY)
