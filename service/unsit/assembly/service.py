"""The service: a chair with its broker, to run until it is told to stop."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from unsit.assembly.broker import broker_of
from unsit.assembly.chair import Assembly, MakeSeat, Tell
from unsit.assembly.memory import Memory
from unsit.core.events import Event, ServiceStarted, ServiceStopped
from unsit.core.inputs import Calibrate, ClockCorrected, Request, Tare
from unsit.core.programme import Programme
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
from unsit.runtime.dates import Dates
from unsit.runtime.liveness import Ask, Liveness
from unsit.runtime.notify import notify, status
from unsit.runtime.statefile import StateFile
from unsit.runtime.stepwatch import SMALLEST_STEP, StepWatch
from unsit.runtime.syncing import Syncing
from unsit.settings.duration import parse_duration
from unsit.settings.model import Settings
from unsit.settings.parsing import parse_time
from unsit.words import words_of

LATEST = timedelta(seconds=5)
"""What should have been decided so long ago is proof that the deciding thread does not work."""

MINUTE = timedelta(minutes=1)

LONGEST_GOODBYE = 3.0
"""Seconds that a stop waits for the broker to have the last messages."""


class Service(Assembly):
    """A chair put together with its broker, to run until it is told to stop.

    state: what is known from before, and must be known after, with the events that wait for the
        broker; in memory if left out.
    version: what the state calls the version of this software.
    make_seat, programme: see ``Assembly``.

    Raises SettingsError for a password that cannot be read.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        pins: Any,
        tell: Tell,
        *,
        state: StateFile | None = None,
        version: str,
        make_seat: MakeSeat | None = None,
        programme: Programme | None = None,
    ) -> None:
        broker = broker_of(settings.mqtt)
        self._dates = Dates(clock)
        self._memory = Memory(state or StateFile(), settings, clock, self._dates)
        self._outbox = Outbox(self._memory.file)
        before = self._memory.before(self._outbox.last_seq) or self._memory.former()
        self._was_away = None if before is None else before.restarted
        chair = None if before is None else replace(before.chair, today=before.day)
        super().__init__(self._memory.settings(), clock, pins, tell, make_seat, chair, programme)
        self.recorder.seq = self._outbox.last_seq
        self.recorder.wall = self._dates.date
        self._version = version
        self._started = clock.now()
        self._steps = StepWatch(clock)
        self._syncing = Syncing(self.loop, self._memory.file)
        self._stopping = False
        self._publisher = None if broker is None else self._publish_to(broker)
        self._liveness = Liveness(self._witnesses(), self._say_alive)

    def run(self) -> None:
        """Runs until ``stop``. The pins are silent and free afterwards, whatever happens."""
        try:
            self.loop.call(self._start)
            self.loop.run()
        finally:
            self.close()

    def stop(self) -> None:
        """Begins to stop, or stops at once if that had begun. Safe from any thread."""
        self.loop.call(self._stop)

    def close(self) -> None:
        """Silence first, then the broker."""
        super().close()
        if self._publisher is not None:
            self._publisher.close()
        self._syncing.finish()
        self._memory.close()

    def keep(self, events: Sequence[Event]) -> None:
        """Has what happened, and the chair as it is after that, outlive the process as one."""
        with self._memory.together():
            for event in events:
                self._record(event)
            if (step := self._steps.step()) is not None:
                self._record(step)
                self.loop.call(self._heed_step, step.by)
            self._memory.keep_day(self.decider.chair.today)
            self._memory.keep_chair(
                self.decider.chair, self.recorder.seq, lasting=bool(events) or step is not None
            )

    def tell(self) -> None:
        """Has what was kept, and the state if it says something new, sent and told."""
        if self._publisher is not None:
            self._publisher.flush()
        super().tell()
        if self._publisher is not None:
            self._publisher.state_may_have_changed()
        self._syncing.soon()

    def _heed_step(self, by: timedelta) -> None:
        self.decider.feed(ClockCorrected(by))
        self.hours.tell()

    def _start(self) -> None:
        with self._memory.together():  # what was lost is known as long as who has lost it
            self.happened(ServiceStarted(self.loop.clock.now()))
            self._take_up()
        self.start()
        self.loop.every(MINUTE, self._each_minute)
        self.loop.every(self._known_for, self._keep_known)
        if self._publisher is not None:
            self._publisher.start()
        self.loop.every(self._liveness.period, self._liveness.round)
        self._liveness.start()
        notify(f"READY=1\n{self._status()}")

    def _take_up(self) -> None:
        """Goes on where the service was before; the wall clock may have been set meanwhile."""
        by = self._memory.clock_set_since_boot()
        if self._was_away is not None:
            self.decider.feed(self._was_away)
        if abs(by) >= SMALLEST_STEP:
            self.decider.feed(ClockCorrected(by))

    def _witnesses(self) -> dict[str, Ask]:
        publisher = {} if self._publisher is None else {"broker": self._publisher.ask}
        return {"pins": self.devices.ask, **publisher}

    def _say_alive(self) -> None:
        """All other threads have proved that they work; the deciding one does so here."""
        late = self.decider.is_late(LATEST)
        notify(self._status() if late else f"WATCHDOG=1\n{self._status()}")

    def _status(self) -> str:
        connected = None if self._publisher is None else self._publisher.connected
        now, chair = self.loop.clock.now(), self.decider.chair
        return status(self.settings.chair.name, chair, now, connected, self._memory.file.trouble)

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
        self.keep(())
        if self._memory.file.retry():
            self._outbox.recount()
            self.recorder.seq = max(self.recorder.seq, self._outbox.last_seq)
        self.tell()

    def _known_for(self) -> timedelta:
        """How long the seat may go without a note that it was there to be felt.

        A restart takes the last note for the beginning of its absence, which must not make a
        break of a moment.
        """
        return min(MINUTE, self.decider.chair.rules.min_break / 2)

    def _keep_known(self) -> None:
        if self.decider.chair.is_followed:
            self._memory.keep_known()

    def _record(self, event: Event) -> None:
        record = self.recorder.record(event)
        if self._publisher is None:
            self._outbox.pass_over(record["seq"])
        else:
            self._outbox.put(record)
        self._untold.append(record)

    def _publish_to(self, broker: Broker) -> Publisher:
        topics = Topics(self.settings.mqtt.prefix, self.settings.chair.id)
        link = Link(self.loop, broker, topics)
        announcer = self._announcer(link, topics)
        hold_topics = HoldTopics(self.settings.hold.watched, self.settings.hold.holding)
        link.also([*announcer.topics, *hold_topics.topics])
        return Publisher(
            self.loop,
            link,
            topics,
            self._outbox,
            CommandReader(parse_duration, parse_time, self.hours.next_time),
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
            equipment=_equipment(self.settings, self.decider.chair.programme),
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
            events_dropped=self._outbox.dropped,
            storage_fault=self._memory.file.trouble,
        )
        moment = Moment(now, self._dates.midnight(now), self._dates.date)
        return state_message(self.decider.chair, health, moment)


def _equipment(settings: Settings, programme: Programme) -> Equipment:
    load_cell = settings.seat.kind == "load_cell"
    return Equipment(
        buzzer=settings.buzzer.kind != "none",
        load_cell=load_cell,
        load=load_cell and settings.load_cell.publish_load,
        exercises=bool(programme.exercises),
    )
