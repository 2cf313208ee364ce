"""Service: a running chair with its state file, its broker and systemd."""

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from unsit.assembly.broker import read_broker
from unsit.assembly.chair import LogRecord, MakeSeat, RunningChair, Turn
from unsit.assembly.memory import REPEATABLE, Memory, turn_document
from unsit.core.events import BoutEnded, Event, ServiceStarted, ServiceStopped, SettingChanged
from unsit.core.inputs import (
    Calibrate,
    ChangeSettings,
    ClockCorrected,
    HoldRedated,
    Request,
    SetSilentAfter,
    SetSilentBefore,
    SettingRequest,
    Tare,
)
from unsit.core.programme import Programme
from unsit.errors import quoted
from unsit.history.shelving import Shelf, Shelving
from unsit.homeassistant.announcer import Announcer
from unsit.homeassistant.discovery import (
    Description,
    Equipment,
    discovery,
    discovery_topic,
    times_discovery,
    times_topic,
)
from unsit.mqtt.command import CommandReader
from unsit.mqtt.connection import Broker
from unsit.mqtt.holds import HoldSources, date_of
from unsit.mqtt.link import Link
from unsit.mqtt.outbox import Outbox
from unsit.mqtt.publisher import Publisher
from unsit.mqtt.state import Health, Moment, state_message
from unsit.mqtt.topics import HoldTopics, Topics
from unsit.runtime.clock import CLOCK_STEP_MIN, Clock, ClockStepWatch, Dates, ZoneWatch
from unsit.runtime.record import TURN, Record, Recorder, published
from unsit.runtime.schedule import DAY_ENDS_SOON
from unsit.runtime.state_file import StateFile, Synchroniser
from unsit.runtime.systemd import CheckAlive, Liveness, notify, status
from unsit.settings.changes import RESET, Change, Sources, Value, with_values
from unsit.settings.model import BOARD_MODEL, BOARD_SERIAL, Settings, board_text
from unsit.settings.values import parse_duration, parse_time
from unsit.words import words_of

log = logging.getLogger(__name__)

LATE = timedelta(seconds=5)
"""A decision that is overdue by this much proves that the deciding thread does not work."""

REST_S = 0.005
"""Time (s) from the news of a decision to its log and the state, which several decisions share."""

MINUTE = timedelta(minutes=1)

GOODBYE_MAX_S = 0.5
"""Time (s) that a stop waits for the broker to acknowledge the last messages."""


class Service:
    """Running chair with its state file and its broker, until ``stop``.

    log: receives every record, in the loop's thread.
    state: what previous runs left, and the events that wait for the broker. Default: in memory.
    version: version of this software, for the state message.
    make_seat, programme: see ``RunningChair``.
    sources: where the settings come from, for changes of them. Default: nowhere.
    shelf: place of the history, None for no history.

    The service is the sink of its chair. Before a sound it keeps the events and the chair after
    them, or what makes that chair again, in one transaction of the state file. After the sound it
    sends the events as news. Some milliseconds later it keeps the chair, logs the events and sends
    the state, so that this delays no news.

    A password, certificate or key that cannot be read is no reason to end: the service runs without
    the broker, and tries again once a minute.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        pins: Any,
        log: LogRecord,
        *,
        state: StateFile | None = None,
        version: str,
        make_seat: MakeSeat | None = None,
        programme: Programme | None = None,
        sources: Sources | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self._log = log
        self._unlogged: list[Record] = []
        self._dates = Dates(clock)
        self._memory = Memory(state or StateFile(), settings, clock, self._dates, sources)
        self._source = ""
        self._resets = set(self._memory.changes.requested_resets())
        self._undeletable: set[str] = set()
        self._outbox = Outbox(self._memory.file, shelves=shelf is not None)
        previous = self._memory.previous_run(self._outbox, programme) or self._memory.layout_1_run()
        self._restarted = None if previous is None else previous.restarted
        chair = None if previous is None else replace(previous.chair, today=previous.day)
        self.settings = self._memory.settings()
        self.chair = RunningChair(
            self.settings,
            clock,
            pins,
            self._keep,
            self._publish,
            make_seat,
            chair,
            programme,
            self._send_last_totals,
        )
        self.loop = self.chair.loop
        self.recorder = Recorder(
            self.settings.chair.id, self._dates.date, self._outbox.told, clock.epoch
        )
        self._version = version
        self._started = clock.now()
        self._steps = ClockStepWatch(clock)
        self._zone = ZoneWatch(settings.hours.timezone)
        self._syncing = Synchroniser(self.loop, self._memory.file, self._on_return_to_file)
        self._shelving = None if shelf is None else Shelving(self.loop, self._outbox, shelf)
        self._is_started = self._stopping = False
        self._is_rest_planned = self._is_chair_behind = False
        self._publisher: Publisher | None = None
        self._broker_fault: str | None = None
        self._is_reading_broker = False
        self._use_broker(*read_broker(settings.mqtt))
        self._liveness = Liveness(self._witnesses(), self._notify_alive)

    def run(self) -> None:
        """Run until ``stop``. The pins are silent and released afterwards, whatever happens."""
        try:
            self._start()
            self.loop.run()
        finally:
            self.close()

    def stop(self) -> None:
        """Begin to stop; a second call stops at once. Safe from any thread."""
        self.loop.interrupt(self._stop)

    def close(self) -> None:
        """Silence the buzzer, then leave the broker and close the state file."""
        self.chair.close()
        if self._is_chair_behind:
            self._keep(())
        self._write_log()
        if self._publisher is not None:
            self._publisher.close()
        self._outbox.write_removals()
        if self._shelving is not None:
            self._shelving.finish()
        self._syncing.finish()
        self._memory.close()

    # Start, stop and the checks every minute

    def _start(self) -> None:
        with self._memory.batch():  # a kill in between must not lose the downtime
            self.chair.emit(ServiceStarted(self.loop.clock.now()))
            for change in self._memory.changes.overridden:
                self.chair.emit(self._changed(change))
            self._resume()
        self._forget_resets(self._resets)
        self.chair.start()
        self.loop.every(MINUTE, self._each_minute)
        self.loop.every(self._known_period, self._keep_known)
        if self._shelving is not None:
            self._shelving.start()
        self._is_started = True
        if self._publisher is not None:
            self._publisher.start()
        self.loop.every(self._liveness.period, self._liveness.round)
        self._liveness.start()
        notify(f"READY=1\n{self._status()}")

    def _resume(self) -> None:
        """Feed the downtime, and the correction of a wall clock that was set meanwhile."""
        by = self._memory.clock_set_since_boot()
        if self._restarted is not None:
            self.chair.decider.feed(self._restarted)
        if abs(by) >= CLOCK_STEP_MIN:
            self.chair.decider.feed(ClockCorrected(by))
        self._redate_holds()

    def _stop(self) -> None:
        if self._stopping:
            self.loop.stop()
            return
        self._stopping = True
        notify("STOPPING=1")
        self.chair.devices.silence()
        self.chair.emit(ServiceStopped(self.loop.clock.now()))
        if self._publisher is None:
            self.loop.stop()
            return
        self.loop.after_real(GOODBYE_MAX_S, self.loop.stop)
        self._publisher.stop(self.loop.stop)

    def _each_minute(self) -> None:
        """Keep and publish, because a set clock and midnight change the state without an input."""
        if self._zone.has_changed():
            self._use_zone()
        self._reset_if_asked()
        self._keep(())
        self._outbox.write_removals()
        self._memory.shorten_day()
        self._memory.file.check()
        self._syncing.retry()
        if self._shelving is not None:
            self._shelving.retry()
        if self._broker_fault is not None and not self._is_reading_broker:
            self._read_broker_again()
        self._publish()

    def _on_return_to_file(self) -> None:
        self._outbox.recount()
        self.recorder.seq = max(self.recorder.seq, self._outbox.last_seq)

    def _use_zone(self) -> None:
        here = self._dates.date(self.loop.clock.now()).isoformat(timespec="seconds")
        log.info("the time zone, or its rules, have changed; the machine's clock shows %s", here)
        try:
            self.chair.hours.use(self.settings.week())
        except (OSError, ValueError, KeyError) as error:
            zone = self.settings.hours.timezone
            log.error(
                "the zone hours.timezone = %s is gone from the tz database (%s); its former rules "
                "stay in use; install tzdata or tzdata-legacy",
                quoted(str(zone)),
                error,
            )
            self.chair.hours.update()

    def _known_period(self) -> timedelta:
        """Return the time between two notes that the seat is still watched.

        After a restart the downtime counts from the last note. Half of ``min_break`` keeps a short
        restart from counting as a break.
        """
        return min(MINUTE, self.chair.decider.chair.rules.min_break / 2)

    def _keep_known(self) -> None:
        if self.chair.decider.chair.is_followed:
            self._memory.keep_known()

    # Sinks of the chair

    def _keep(self, events: Sequence[Event], turn: Turn | None = None) -> None:
        """Write the events, the day and the chair in one transaction.

        If the events are news, and a restart can make the chair after them again from the chair
        before them and the turn, day and chair follow with the rest of the turn.
        """
        with self._memory.batch():
            if events and turn is not None and self._can_be_made_again(turn):
                self._is_chair_behind = True
                turn_mark = turn_document(turn.what, turn.at, len(events))
                for number, event in enumerate(events):
                    self._record(event, None if number else turn_mark)
                return
            changes = self._memory.note_changes(self.chair.decider.chair, self._source)
            for event in (*map(self._changed, changes), *events):
                self._record(event)
            self._keep_chair(durable=bool(events or changes))

    def _can_be_made_again(self, turn: Turn) -> bool:
        return (
            self._publisher is not None
            and not self._outbox.is_full
            and isinstance(turn.what, REPEATABLE)
            and turn.before.is_kept_whole
        )

    def _keep_chair(self, *, durable: bool) -> None:
        if (step := self._steps.step()) is not None:
            self._record(step)
            self.loop.call(self._on_clock_step, step.by)
        chair = self.chair.decider.chair
        self._memory.keep_day(chair.today)
        seq, mark = self.recorder.seq, self._steps.mark()
        self._memory.keep_chair(chair, seq, durable=durable or step is not None, mark=mark)
        self._outbox.end_turns()
        self._is_chair_behind = False

    def _record(self, event: Event, turn: list[Any] | None = None) -> None:
        record = self.recorder.record(event)
        if turn is not None:
            record[TURN] = turn
        has_no_broker = self._publisher is None and self._broker_fault is None
        self._outbox.put(record, sent=has_no_broker)
        self._unlogged.append(published(record))
        if isinstance(event, BoutEnded) and self._shelving is not None:
            self._shelving.note_bout_end()

    def _changed(self, change: Change) -> SettingChanged:
        now = self.loop.clock.now()
        return SettingChanged(now, change.key, change.before, change.after, change.source)

    def _on_clock_step(self, by: timedelta) -> None:
        self.chair.decider.feed(ClockCorrected(by))
        self.chair.hours.update()
        self._redate_holds()

    def _redate_holds(self) -> None:
        """Move the ends of holds that a date names to where the wall clock has them now."""
        for hold in self.chair.decider.chair.holds:
            date = None if hold.message is None else date_of(hold.message)
            if date is None or hold.until is None:
                continue
            until = self.chair.hours.instant_of(date)
            if abs(until - hold.until) >= CLOCK_STEP_MIN:
                self.chair.decider.feed(HoldRedated(hold.reason, until))

    def _sources_known(self) -> list[str]:
        """Return the reasons of the holds whose messages the broker kept when they came."""
        chair = self.chair.decider.chair
        return [hold.reason for hold in (*chair.holds, *chair.spent_holds) if hold.retained]

    def _publish(self) -> None:
        """Send the kept events as news at once, and do the rest soon: see ``REST_S``."""
        if self._publisher is None or self._stopping:
            self._publish_rest()
            return
        self._publisher.flush_news()
        if not self._is_rest_planned:
            self._is_rest_planned = True
            self.loop.after_real(REST_S, self._publish_rest)

    def _publish_rest(self) -> None:
        """Keep the chair, log the events here and on the broker, and send a changed state."""
        self._is_rest_planned = False
        if self._is_chair_behind:
            self._keep(())
        if self._publisher is not None:
            self._publisher.flush()
        self._write_log()
        if self._publisher is not None:
            self._publisher.send_changed_state()
        self._syncing.request()
        if self._shelving is not None:
            self._shelving.request()

    def _write_log(self) -> None:
        records, self._unlogged = self._unlogged, []
        for record in records:
            self._log(record)

    # systemd

    def _witnesses(self) -> dict[str, CheckAlive]:
        return {"pins": self.chair.devices.ask, "broker": self._check_broker_alive}

    def _check_broker_alive(self, answer: Callable[[], None]) -> None:
        if self._publisher is None:
            answer()
        else:
            self._publisher.check_alive(answer)

    def _notify_alive(self) -> None:
        """Feed the watchdog: every other thread has answered, and this one is not late."""
        is_late = self.chair.decider.is_late(LATE)
        notify(self._status() if is_late else f"WATCHDOG=1\n{self._status()}")

    def _status(self) -> str:
        connected = None if self._publisher is None else self._publisher.connected
        now, chair = self.loop.clock.now(), self.chair.decider.chair
        trouble = self._storage_trouble()
        name = self.settings.chair.name
        return status(name, chair, now, connected, trouble, self._broker_fault)

    def _storage_trouble(self) -> str | None:
        """Return what is wrong with the state file, else with the history; None if nothing is."""
        of_history = None if self._shelving is None else self._shelving.trouble
        return self._memory.file.trouble or of_history

    # MQTT

    def _read_broker_again(self) -> None:
        """Read the broker's files in a thread of its own, because a file can block for long."""
        self._is_reading_broker = True

        def read() -> None:
            self.loop.call(self._use_broker, *read_broker(self.settings.mqtt))

        threading.Thread(target=read, name="broker files", daemon=True).start()

    def _use_broker(self, broker: Broker | None, fault: str | None) -> None:
        """Connect to the broker, or report once why its files cannot be read."""
        self._is_reading_broker = False
        before, self._broker_fault = self._broker_fault, fault
        if fault is not None and fault != before:
            log.error("%s; the chair works without the broker, and tries again each minute", fault)
        if broker is not None and not self._stopping:
            self._publisher = self._make_publisher(broker)
            if self._is_started:
                log.info("the files for the broker can be read")
                self._publisher.start()

    def _make_publisher(self, broker: Broker) -> Publisher:
        topics = Topics(self.settings.mqtt.prefix, self.settings.chair.id)
        reset = self._memory.changes.reset_request
        commands = CommandReader(parse_duration, parse_time, self.chair.hours.next_time, reset)
        link = Link(self.loop, broker, topics, commands.names)
        announcer = self._announcer(link, topics)
        hold_topics = HoldTopics(self.settings.hold.watched, self.settings.hold.holding)
        hold_sources = HoldSources(
            topics,
            parse_duration,
            self.chair.hours.instant_of,
            self._sources_known,
            flags_retained=broker.version == "5",
        )
        link.add_subscriptions([*announcer.topics, *hold_topics.topics, hold_sources.fence_topic])
        return Publisher(
            self.loop,
            link,
            topics,
            self._outbox,
            commands,
            state=self._state,
            request=self._request,
            fresh_for=self.settings.mqtt.fresh_for,
            heartbeat=self.settings.mqtt.heartbeat,
            hold_topics=hold_topics,
            hold_sources=hold_sources,
            announcer=announcer,
            read_history=None if self._shelving is None else self._shelving.read,
        )

    def _announcer(self, link: Link, topics: Topics) -> Announcer:
        home = self.settings.homeassistant
        description = Description(
            topics=topics,
            name=self.settings.chair.name,
            version=self._version,
            area=home.area,
            equipment=equipment_of(self.settings, self.chair.decider.chair.programme),
            words=words_of(self.settings.chair.language),
            serial=board_text(BOARD_SERIAL),
            board=board_text(BOARD_MODEL),
            url=home.docs_url,
        )
        prefix = home.discovery_prefix
        return Announcer(
            link,
            topics,
            discovery_topic(prefix, topics.chair),
            discovery(description) if home.discovery else None,
            times=(times_topic(prefix, topics.chair), times_discovery(description))
            if home.discovery and home.time_entities
            else None,
            birth_topic=home.birth_topic,
            traces=self._memory.traces(),
            keep=self._memory.keep_traces,
            call_after=self.loop.after_real,
        )

    def _request(self, request: Request, source: str) -> str | None:
        """Decide or measure. Return the reason of a refusal, None if there is none.

        source: where the request comes from, for the events of changed settings.
        """
        if isinstance(request, SettingRequest | ChangeSettings):
            self._reset_if_asked()
            self._source = source
            if (why := self._change_hours(request)) is not None:
                return why
        seat = self.chair.seat
        if seat is None or not isinstance(request, Tare | Calibrate):
            return self.chair.decider.feed(request)
        try:
            self.chair.emit(seat.request(request))
        except ValueError as error:
            return str(error)
        return None

    def _change_hours(self, request: SettingRequest | ChangeSettings) -> str | None:
        """Use the hours that a request asks for, if it does. Return the reason of a refusal."""
        changes = request.changes if isinstance(request, ChangeSettings) else (request,)
        values: dict[str, Value] = {}
        for change in changes:
            if isinstance(change, SetSilentBefore):
                values["hours.silent_before"] = change.value
            elif isinstance(change, SetSilentAfter):
                values["hours.silent_after"] = change.value
        if not values:
            return None
        try:
            settings = with_values(self.settings, values)
        except ValueError as error:
            return str(error)
        if settings != self.settings:
            self.settings = settings
            self._memory.hours = settings.hours
            self.chair.hours.use(settings.week())
            self._keep(())
            self._publish()
        return None

    def _reset_if_asked(self) -> None:
        """Restore the settings for which a person has asked on this machine."""
        keys = set(self._memory.changes.requested_resets()) - self._undeletable
        if keys:
            self._source = RESET
            request = self._memory.changes.reset_request(keys)
            self._change_hours(request)
            self.chair.decider.feed(request)
            self._forget_resets(keys)

    def _forget_resets(self, keys: Collection[str]) -> None:
        try:
            self._memory.changes.forget_resets(keys)
        except OSError as error:
            self._undeletable.update(keys)
            log.warning("the request to reset %s cannot be removed: %s", ", ".join(keys), error)

    def _published_load(self) -> float | None:
        """Return the load on the seat in kg, None unless ``load_cell.publish_load`` is set."""
        seat = self.chair.seat
        if seat is None or seat.load is None or not self.settings.load_cell.publish_load:
            return None
        return round(seat.load, 1)

    def _send_last_totals(self) -> None:
        """Send the totals of the day as they will be at its end, because the next ones begin at 0.

        Otherwise the last step of the stretch under way would be missing from statistics.
        """
        if self._publisher is not None and not self._stopping:
            self._publisher.send_state(self._state(ends_day=True))

    def _state(self, *, ends_day: bool = False) -> dict[str, Any]:
        """Return the state message.

        ends_day: it is the last one of the day, even if the machine is late and the day is over.
        """
        now = self.loop.clock.now()
        mat, seat = self.chair.devices.mat, self.chair.seat
        health = Health(
            name=self.settings.chair.name,
            version=self._version,
            started=self._started,
            missed_edges=mat.missed_edges if mat else 0,
            frames_rejected=seat.rejected if seat else 0,
            load_kg=self._published_load(),
            seq=self._outbox.last_seq,
            numbered_since=self._outbox.numbered_since,
            events_dropped=self._outbox.dropped,
            storage_fault=self._storage_trouble(),
            silent_before=self.settings.hours.silent_before,
            silent_after=self.settings.hours.silent_after,
        )
        if (publisher := self._publisher) is not None:
            health = replace(
                health,
                events_waiting=publisher.waiting,
                refused=publisher.refused,
                messages_refused=publisher.messages_refused,
                commands_rejected=publisher.rejected,
                last_refusal=publisher.last_refusal,
            )
        chair = self.chair.decider.chair
        day, midnight, day_end = chair.day, chair.day_of(now), None
        if day is not None and (ends_day or day.end - DAY_ENDS_SOON <= now < day.end):
            midnight, day_end = day.start, day.end
        moment = Moment(now, midnight, self._dates.date, day_end)
        return state_message(chair, health, moment)


def equipment_of(settings: Settings, programme: Programme) -> Equipment:
    """Return what the chair has beyond its seat, for Home Assistant."""
    load_cell = settings.seat.kind == "load_cell"
    return Equipment(
        buzzer=settings.buzzer.kind != "none",
        load_cell=load_cell,
        load=load_cell and settings.load_cell.publish_load,
        exercises=bool(programme.exercises),
        balance=load_cell and len(settings.load_cell.names) > 1,
    )


def shelf_of(settings: Settings, directory: Path, clock: Clock) -> Shelf | None:
    """Return the place of the history, None without one. directory: the state directory."""
    kept_for = settings.history.kept_for
    if kept_for is None:
        return None
    return Shelf(settings.history.file(directory), kept_for, lambda: clock.wall(clock.now()))
