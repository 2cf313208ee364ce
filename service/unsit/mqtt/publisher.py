"""Publisher: sends availability, state and events, and takes commands, in the loop's thread.

An event has two copies, one for ``event`` while it is news, and one for ``log``. Each has its own
outcome. The event leaves the outbox when its copy on ``log`` has arrived and none is on its way.

A copy that the broker refuses on ``log`` stays in the outbox: the next one is tried after 1, 2, 4,
... at most 60 s, in order, and one at a time. An event that is refused three times is set aside, so
that it does not hold up the others, and tried once more when another one was accepted, and with the
next connection. If three events in a row are refused, none is set aside: then it is the topic that
the broker refuses. A copy that is refused on
``event`` is not sent again, because it would be no news.
"""

import json
import logging
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

from unsit.core.inputs import Request
from unsit.core.instant import Instant
from unsit.errors import printable
from unsit.mqtt.command import RESEND, CommandReader, CommandRejected, command_text
from unsit.mqtt.holds import HoldSources
from unsit.mqtt.link import Link, Listener, Refusal
from unsit.mqtt.outbox import Outbox
from unsit.mqtt.resend import ReadHistory, Resender, parse_resend
from unsit.mqtt.topics import OFFLINE, ONLINE, HoldTopics, Topics
from unsit.runtime.loop import Loop
from unsit.runtime.record import NUMBERED_SINCE, SENT_AS_NEWS, Record, age, published, stamp

log = logging.getLogger(__name__)

SETTLE_S = 1.5
"""Time in s that Home Assistant needs after an announcement to subscribe to the event topic."""

ANNOUNCE_AGAIN_S = 10.0
"""Time in s between two answers to birth messages, however many of them arrive."""

STOP_RECORDS_S = 0.3
"""Time in s that a stop sends events for before it sends ``offline``."""

REFUSALS_DEBOUNCE_S = 1.0
"""Time in s after which a state that names a new refusal is sent, so that it answers no refusal."""

LOG_RETRY_MIN_S, LOG_RETRY_MAX_S = 1.0, 60.0
"""Limits of the delay in s before a refused event is sent again."""

LOG_TRIES_MAX = 3
"""Refusals of one event after which it is set aside until the next connection."""

ALL_REFUSED = 3
"""Events set aside in a row after which the topic counts as refused, and none is set aside."""

SKIPPED_MAX = 20
"""Events that are read in one go while only news is sent."""

REASON_MAX_CHARACTERS = 600
"""Characters of a reason that are logged."""

SHOWN_COMMAND_CHARACTERS = 50
"""Characters of the name of a rejected command that the state shows; no command has as many."""

ANSWERS_BURST, ANSWERS_EACH = 5, timedelta(seconds=0.5)
"""Answers to rejected commands: so many at once, and then one in each period."""

RESENDS_BURST, RESENDS_EACH = 20, timedelta(seconds=1)
"""Requests for events to be sent again: so many at once, and then one in each period."""

LINES_BURST, LINES_EACH = 10, timedelta(seconds=10)
"""Lines of the log on rejected commands: so many at once, and then one in each period."""

UNREPORTED_KEYS = {
    *("at", "bout_s", "seated_today_s", "longest_bout_today_s", "shifts", "load_kg"),
    *("signal_quality", "blips", "missed_edges", "frames_rejected"),
    *("events_waiting", "events_dropped", "messages_refused", "commands_rejected"),
}
"""Keys of the state whose change alone is no reason to send it."""

SPARED_KEYS: dict[str, Any] = {"exercise_steps": [], "exercise_caution": None}
"""Keys that a state does without, and their values, if the broker does not take it whole."""

State = dict[str, Any]


class Announcer(Protocol):
    """Announcer of the chair to Home Assistant, as the publisher uses it."""

    @property
    def topics(self) -> list[str]:
        """Topics on which Home Assistant publishes that it has started."""

    def announce(self) -> bool:
        """Send the announcement, and return whether there is one."""

    def delay_after(self, topic: str, payload: bytes) -> float | None:
        """Return the delay in s before a new announcement, or None if none is needed."""


class Allowance:
    """Number of times that something may happen: ``burst`` at once, then one in each period.

    skipped: how often it was not allowed since the last reset.
    """

    def __init__(self, burst: int, period: timedelta) -> None:
        self.skipped = 0
        self._period = period
        self._length = period * burst
        self._used_until: Instant | None = None

    def take(self, now: Instant) -> bool:
        """Return whether it may happen now, and count it."""
        used_until = now if self._used_until is None else max(self._used_until, now)
        if used_until + self._period > now + self._length:
            self.skipped += 1
            return False
        self._used_until = used_until + self._period
        return True


class Publisher:
    """Sender of availability, state, events and the log, and receiver of commands.

    state: returns the state message. request: decides a request that came on a topic, and returns
        the reason of a refusal or None.
    fresh_for, heartbeat: see the settings of the same name.
    hold_topics: topics of other programs that hold the chair.
    hold_sources: reader of holds by reason, None for a chair that takes none.
    announcer: announces the chair to Home Assistant, None for no announcement.
    read_history: reads events that are to be sent again, None for a chair without a history.
    rejected: number of commands that were rejected since the start. last_refusal: the command, the
        reason and the date of one that was rejected lately, None for none.
    """

    def __init__(
        self,
        loop: Loop,
        link: Link,
        topics: Topics,
        outbox: Outbox,
        commands: CommandReader,
        *,
        state: Callable[[], State],
        request: Callable[[Request, str], str | None],
        fresh_for: timedelta,
        heartbeat: timedelta,
        hold_topics: HoldTopics,
        hold_sources: HoldSources | None = None,
        announcer: Announcer | None = None,
        read_history: ReadHistory | None = None,
    ) -> None:
        self.rejected = 0
        self.last_refusal: dict[str, str] | None = None
        self._outbox = outbox
        self._loop = loop
        self._link = link
        self._topics = topics
        self._commands = commands
        self._state = state
        self._request = request
        self._fresh_for = fresh_for
        self._heartbeat = heartbeat
        self._hold_topics = hold_topics
        hold_topics.warn = self._warn
        self._hold_sources = hold_sources
        self._announcer = announcer
        self._sent_state: State = {}
        self._answers = Allowance(ANSWERS_BURST, ANSWERS_EACH)
        self._lines = Allowance(LINES_BURST, LINES_EACH)
        self._is_state_planned = False
        # Records: the copies on their way, what has arrived, and where the next ones begin.
        self._records: deque[Record] = deque()
        self._log_seq = self._event_seq = 0
        self._on_way: dict[int, int] = {}
        self._logs_on_way: set[int] = set()
        self._logged: set[int] = set()
        # The log while the broker refuses it
        self._log_wait_s = LOG_RETRY_MIN_S
        self._is_log_paused = False
        self._is_probing = False
        self._tries: dict[int, int] = {}
        self._set_aside: list[int] = []
        self._retried: set[int] = set()
        self._resender = Resender(
            outbox,
            read_history,
            describe_gone=lambda: {"chair": topics.chair, "at": self._date()},
            ready=self.flush,
            reject=lambda why: self._reject(RESEND, why),
        )
        self._resends = Allowance(RESENDS_BURST, RESENDS_EACH)
        # Announcement
        self._pauses = 0
        self._is_announcement_planned = False
        self._is_settling = False
        # Stop
        self._when_stopped: Callable[[], None] | None = None
        self._is_offline_sent = False
        self._is_offline_done = False

    @property
    def waiting(self) -> int:
        """Number of records that wait to be sent."""
        return len(self._outbox) - len(self._on_way)

    @property
    def refused(self) -> dict[str, str] | None:
        """Reasons of the broker's refusals, by topic, None if there are none."""
        return dict(self._link.refusals.reasons) or None

    @property
    def messages_refused(self) -> int:
        """Number of messages that the broker has refused since the start."""
        return self._link.refusals.count

    def start(self) -> None:
        """Begin to connect and to send the heartbeat."""
        self._link.start(
            Listener(self._up, self._down, self._ready, self._message, self._refusals_changed)
        )
        self._loop.every(self._heartbeat, self._send_heartbeat)

    def send_changed_state(self) -> None:
        """Send the state if it has changed."""
        if not self._link.connected:
            return
        state = self._state()
        reported = state.keys() - UNREPORTED_KEYS
        if any(self._sent_state.get(key, ...) != state[key] for key in reported):
            self._send_state(state)

    def send_state(self, state: State) -> None:
        """Send a state that no later one may replace while it waits."""
        if self._link.connected:
            self._send_state(state, key=f"{self._topics.state} {state['at']}")

    @property
    def connected(self) -> bool:
        """True while the broker is connected."""
        return self._link.connected

    def check_alive(self, answer: Callable[[], None]) -> None:
        """Check the link's thread, see ``Link.check_alive``."""
        self._link.check_alive(answer)

    def stop(self, then: Callable[[], None]) -> None:
        """Send ``offline``, and call ``then`` once it and the records before it have arrived."""
        self._when_stopped = then
        if not self._link.connected:
            self._finish_stop()
            return
        self._pauses = 0
        self.flush()
        self._loop.after_real(STOP_RECORDS_S, self._send_offline)
        self._go_on_stopping()

    def close(self) -> None:
        """Close the connection."""
        self._link.stop(is_offline_sent=self._is_offline_sent)

    # Events of the link

    def _up(self) -> None:
        self._records.clear()
        self._log_seq = self._event_seq = 0
        self._tries.clear()
        self._set_aside.clear()
        self._retried.clear()
        self._log_wait_s = LOG_RETRY_MIN_S
        self._is_log_paused = self._is_probing = False
        self._send_initial_messages()
        if self._hold_sources is not None and self._when_stopped is None:
            self._hold_sources.connected(self._link)

    def _send_initial_messages(self) -> None:
        """Send the announcement, then availability and state, then the records that wait."""
        if not self._link.connected or self._when_stopped is not None:
            return
        if self._announcer is not None and self._announcer.announce():
            self._pause(SETTLE_S)
        availability = self._topics.availability
        self._link.send(availability, ONLINE, retain=True, key=availability)
        self._send_state(self._state())
        self.flush()

    def _pause(self, seconds: float) -> None:
        """Send no records for some seconds, because Home Assistant does not listen yet."""
        self._pauses += 1
        self._loop.after_real(seconds, self._end_pause)

    def _end_pause(self) -> None:
        self._pauses = max(0, self._pauses - 1)
        self.flush()

    def _down(self) -> None:
        self._on_way.clear()
        self._logs_on_way.clear()
        self._resender.clear()
        if self._when_stopped is not None:
            self._finish_stop()

    def _ready(self) -> None:
        """Send more records, now that a message has its outcome."""
        self.flush()
        self._send_state_if_nothing_waits()
        self._go_on_stopping()

    def _refusals_changed(self) -> None:
        if not self._is_state_planned:
            self._is_state_planned = True
            self._loop.after_real(REFUSALS_DEBOUNCE_S, self._send_refusals)

    def _send_refusals(self) -> None:
        self._is_state_planned = False
        if self._when_stopped is None:
            self.send_changed_state()

    def _message(self, topic: str, payload: bytes, retained: bool) -> None:
        if self._when_stopped is not None:
            return
        if self._announcer is not None and topic in self._announcer.topics:
            self._announce_after(self._announcer.delay_after(topic, payload))
        elif topic in self._hold_topics.topics:
            self._hold(topic, payload)
        elif self._hold_sources is not None and self._hold_sources.is_source(topic):
            self._hold_by_reason(self._hold_sources, topic, payload, retained)
        elif self._hold_sources is not None and topic == self._hold_sources.fence_topic:
            listed = self._hold_sources.fence_arrived(payload, self._link)
            if listed is not None:
                self._request(listed, topic)
        elif payload or not retained:
            self._command(topic, payload, retained)

    def _announce_after(self, delay: float | None) -> None:
        """Send the initial messages again after a delay in s, and no records until then.

        Birth messages that arrive meanwhile, or soon after, are answered together.
        """
        if delay is None or self._is_announcement_planned:
            return
        self._is_announcement_planned = True
        if self._is_settling:
            delay = max(delay, ANNOUNCE_AGAIN_S)
        else:
            self._pause(delay + SETTLE_S)
        self._loop.after_real(delay, self._announce_again)

    def _announce_again(self) -> None:
        self._is_announcement_planned = False
        self._is_settling = True
        self._loop.after_real(ANNOUNCE_AGAIN_S, self._settled)
        self._send_initial_messages()

    def _settled(self) -> None:
        self._is_settling = False

    def _hold(self, topic: str, payload: bytes) -> None:
        request = self._hold_topics.request_of(topic, payload)
        if request is not None and (why := self._request(request, topic)) is not None:
            reason = printable(why, REASON_MAX_CHARACTERS)
            self._warn(f"{printable(topic)} does not hold the chair: {reason}")

    def _hold_by_reason(
        self, sources: HoldSources, topic: str, payload: bytes, retained: bool
    ) -> None:
        name, now = self._topics.command_name(topic), self._loop.clock.now()
        try:
            request = sources.request_of(topic, payload, retained=retained, now=now)
        except CommandRejected as rejected:
            self._reject(name, str(rejected))
            return
        if (why := self._request(request, topic)) is not None:
            self._reject(name, why)

    def _command(self, topic: str, payload: bytes, retained: bool) -> None:
        name = self._topics.command_name(topic)
        try:
            now = self._loop.clock.now()
            if name == RESEND:
                self._resend(command_text(payload, retained=retained))
                return
            request = self._commands.read(name, payload, retained=retained, now=now)
        except CommandRejected as rejected:
            self._reject(name, str(rejected))
            return
        if (why := self._request(request, topic)) is not None:
            self._reject(name, why)

    def _resend(self, text: str) -> None:
        """Take a request for events that were sent before. Raises CommandRejected."""
        resend = parse_resend(text)
        if not self._resends.take(self._loop.clock.now()):
            raise CommandRejected(
                f"too many requests; expected {RESENDS_BURST} at once and then one a second"
            )
        self._resender.request(resend)

    # Records to the broker

    def flush(self) -> None:
        """Send the next records of the outbox, while there is room."""
        if self._pauses or self._is_offline_sent:
            return
        while self._link.room and self._send_next_copy():
            pass
        while self._link.room and self._send_again():
            pass

    def _send_again(self) -> bool:
        """Send the next event that a collector has missed; return False if there is none.

        What happens now goes first, and a log that the broker refuses is left in peace.
        """
        if self._is_log_paused or self._is_probing or self._when_stopped is not None:
            return False
        message, run = self._resender.next_message(), self._resender.run
        if message is None:
            return False

        def then(refusal: Refusal | None) -> None:
            if refusal is None or refusal.of_content:
                self._resender.note_settled(run)
            elif run == self._resender.run:
                self._resender.clear()
                self._warn(
                    f"the broker refuses events that {RESEND} asked for: "
                    f"{printable(refusal.why, REASON_MAX_CHARACTERS)}; ask for them again later"
                )

        self._link.send(self._topics.log, json.dumps(message), then=then)
        return True

    def flush_news(self) -> None:
        """Send the next records that are news to ``event`` only, while there is room."""
        if self._pauses or self._is_offline_sent:
            return
        while self._link.room and self._has_newer and self._send_news():
            pass

    @property
    def _has_newer(self) -> bool:
        return self._outbox.last_seq > max(self._event_seq, self._log_seq)

    def _send_next_copy(self) -> bool:
        """Send the next copy, or pass over one that needs none; return False if there is none."""
        if self._is_log_paused or (self._is_probing and self._logs_on_way):
            return self._send_news()
        if not self._records and self._outbox.last_seq > self._log_seq:
            self._records.extend(self._outbox.after(self._log_seq, self._link.room))
        if not self._records:
            return False
        record = self._records[0]
        seq = record["seq"]
        if seq > self._event_seq:
            self._event_seq = seq
            if self._is_news(record):
                self._send_copy(self._topics.event, record, self._event_settled)
                return True
        self._records.popleft()
        self._log_seq = seq
        if seq in self._logged:
            self._remove_if_done(seq)
        elif seq not in self._logs_on_way and self._tries.get(seq, 0) < LOG_TRIES_MAX:
            self._logs_on_way.add(seq)
            self._send_copy(self._topics.log, record, self._log_settled)
        return True

    def _send_news(self) -> bool:
        """Send the next record that is news to ``event`` only, while the log is refused."""
        records = self._outbox.after(max(self._event_seq, self._log_seq), SKIPPED_MAX)
        for record in records:
            self._event_seq = record["seq"]
            if self._is_news(record):
                self._send_copy(self._topics.event, record, self._event_settled)
                return True
        if records:
            self._loop.call(self.flush)  # other work has its turn before the next ones are read
        return False

    def _send_copy(
        self, topic: str, record: Record, settled: Callable[[Record, Refusal | None], None]
    ) -> None:
        seq = record["seq"]
        self._on_way[seq] = self._on_way.get(seq, 0) + 1

        def then(refusal: Refusal | None) -> None:
            left = self._on_way.pop(seq) - 1
            if left:
                self._on_way[seq] = left
            settled(record, refusal)
            self._remove_if_done(seq)

        message = published(record)
        if topic == self._topics.log:
            message[NUMBERED_SINCE] = self._outbox.numbered_since
        self._link.send(topic, json.dumps(message), then=then)

    def _event_settled(self, record: Record, _: Refusal | None) -> None:
        if record["seq"] not in self._logged:  # otherwise it leaves the outbox now
            self._outbox.note_sent_as_news(record)

    def _log_settled(self, record: Record, refusal: Refusal | None) -> None:
        seq = record["seq"]
        self._logs_on_way.discard(seq)
        if refusal is None:
            self._logged.add(seq)
            self._tries.pop(seq, None)
            self._is_probing = False
            self._log_wait_s = LOG_RETRY_MIN_S
            self._give_second_chance()
        elif refusal.of_content:
            self._tries[seq] = LOG_TRIES_MAX
        else:
            self._tries[seq] = self._tries.get(seq, 0) + 1
            self._pause_log(seq)
            if self._tries[seq] == LOG_TRIES_MAX:
                self._set_aside.append(seq)
            if len(self._set_aside) == ALL_REFUSED:
                self._try_again(self._set_aside)
                self._set_aside.clear()

    def _give_second_chance(self) -> None:
        """Try records once more that were set aside, now that the broker has accepted another."""
        again = [seq for seq in self._set_aside if seq not in self._retried]
        self._set_aside.clear()
        self._retried.update(again)
        self._try_again(again)

    def _try_again(self, seqs: list[int]) -> None:
        for seq in seqs:
            self._tries[seq] = LOG_TRIES_MAX - 1
            self._log_seq = min(self._log_seq, seq - 1)
            self._records.clear()

    def _pause_log(self, seq: int) -> None:
        """Wait before the log goes on at a refused record, with one record at a time."""
        self._records.clear()
        self._log_seq = min(self._log_seq, seq - 1)
        self._is_probing = True
        if not self._is_log_paused:
            self._is_log_paused = True
            self._loop.after_real(self._log_wait_s, self._resume_log)
            self._log_wait_s = min(2 * self._log_wait_s, LOG_RETRY_MAX_S)

    def _resume_log(self) -> None:
        self._is_log_paused = False
        self.flush()

    def _remove_if_done(self, seq: int) -> None:
        if seq in self._logged and seq not in self._on_way:
            self._logged.discard(seq)
            self._outbox.remove(seq)

    def _is_news(self, record: Record) -> bool:
        return SENT_AS_NEWS not in record and self._is_fresh(record)

    def _is_fresh(self, record: Record) -> bool:
        """Return whether an event is young enough for automations, by the monotonic clock."""
        since = age(record, self._loop.clock)
        return since is not None and since <= self._fresh_for

    # State

    def _send_state(self, state: State, key: str | None = None) -> None:
        self._sent_state = state
        topic = self._topics.state
        payload = json.dumps(state)
        if not self._link.fits(topic, payload):
            payload = json.dumps(state | SPARED_KEYS)
        self._link.send(topic, payload, retain=True, key=key or topic)

    def _send_state_if_nothing_waits(self) -> None:
        if (
            self._sent_state.get("events_waiting")
            and not self.waiting
            and self._when_stopped is None
        ):
            self._send_state(self._state())

    def _send_heartbeat(self) -> None:
        if not self._link.connected or self._when_stopped is not None:
            return
        state = self._state()
        if state["occupied"]:
            self._send_state(state)

    # Rejected commands

    def _reject(self, command: str, why: str) -> None:
        self.rejected += 1
        self._warn(
            f"command {printable(command)} rejected: {printable(why, REASON_MAX_CHARACTERS)}"
        )
        if not self._answers.take(self._loop.clock.now()):
            return
        at = self._date()
        self.last_refusal = {
            "command": printable(command, SHOWN_COMMAND_CHARACTERS),
            "why": printable(why),
            "at": at,
        }
        self._refusals_changed()
        answer = {
            "type": "command_rejected",
            "chair": self._topics.chair,
            "at": at,
            "command": command,
            "why": why,
        }
        self._link.offer(self._topics.event, json.dumps(answer))

    def _date(self) -> str:
        clock = self._loop.clock
        return stamp(clock.wall(clock.now()))

    def _warn(self, line: str) -> None:
        """Log a line on a message of others; count those beyond a few in a minute."""
        if self._lines.take(self._loop.clock.now()):
            log.warning("%s", line)
        elif self._lines.skipped == 1:
            self._loop.after_real(60.0, self._log_skipped)

    def _log_skipped(self) -> None:
        skipped, self._lines.skipped = self._lines.skipped, 0
        log.warning("%d more commands and hold messages were rejected in the last minute", skipped)

    # Stop

    def _go_on_stopping(self) -> None:
        """Send ``offline`` after the last record, and finish when all is acknowledged."""
        if self._when_stopped is None:
            return
        if self._link.room:
            self._send_offline()
        if self._is_offline_done and not self._on_way:
            self._finish_stop()

    def _send_offline(self) -> None:
        if self._when_stopped is None or self._is_offline_sent or not self._link.connected:
            return
        self._is_offline_sent = True
        availability = self._topics.availability
        self._link.send(
            availability, OFFLINE, retain=True, key=availability, then=self._offline_settled
        )

    def _offline_settled(self, _: Refusal | None) -> None:
        self._is_offline_done = True

    def _finish_stop(self) -> None:
        then, self._when_stopped = self._when_stopped, None
        if then is not None:
            then()
