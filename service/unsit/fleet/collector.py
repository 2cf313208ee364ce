"""Collector: moves the events of all chairs from a broker into the database.

A message is acknowledged when the transaction with it is committed, and not before. At most 2,000
messages wait for that (the Receive Maximum of MQTT 5), so a database that is away holds the broker
back and floods nothing. Messages of an earlier connection are never acknowledged on a later one:
the broker sends them again.

Collectors of one group share the messages. One of them, which holds a lock of the database, asks
the chairs for the numbers that are missing, see ``unsit.mqtt.resend``.
"""

import json
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from unsit.core.instant import ZERO, Instant
from unsit.errors import UnavailableError, printable
from unsit.fleet.database import FleetDatabase, Message
from unsit.fleet.messages import State, read_log, read_state
from unsit.mqtt.connection import Broker, make_client
from unsit.mqtt.resend import RESEND_MAX
from unsit.mqtt.topics import ONLINE, QOS
from unsit.runtime.clock import LiveClock
from unsit.runtime.systemd import notify

log = logging.getLogger(__name__)

GROUP = "collect"
"""Name of the shared subscription."""

RECEIVE_MAX = 2000
"""Messages that the broker sends without an acknowledgement."""

SESSION_S = 7 * 24 * 3600
"""Time (s) for which the broker keeps the messages of a collector that is away."""

BATCH_MAX, BATCH_WAIT_S = 500, 0.1
"""Messages of one transaction, and how long (s) the first of them waits for others."""

ROUND_MAX_S = 0.5
"""Longest time (s) without a look at the database and a sign of life for systemd."""

RETRY_MIN_S, RETRY_MAX_S = 1.0, 30.0
"""Limits of the delay (s) before another attempt to reach the broker or the database."""

FIX_EACH = timedelta(seconds=5)
"""Period of the search for missing numbers. A hole that is older than one period is asked for."""

ASK_AGAIN = timedelta(seconds=30)
"""Time after which a chair is asked again for what has not come."""

ASKED_MAX = 5
"""Requests to one chair in a period; it takes one a second."""

HOLES_MAX = 10_000
"""Holes that are looked at in one period."""

CANARY_EACH, CANARY_LATE = timedelta(minutes=1), timedelta(seconds=45)
"""Period of the messages that a collector sends to its group, and when one of them is overdue."""

CANARY = "collect-canary"
"""Name in the place of a chair, on whose topic the canaries are sent."""

Hole = tuple[str, str, int, int]
"""Chair, mark, first and last number."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Message that waits to be stored. generation: the connection that brought it."""

    generation: int
    mid: int
    message: Message


class Collector:
    """Collector with its connections, until ``stop``.

    broker, prefix: where the chairs publish. name: tells the collectors of a group apart; the
        broker keeps a session for each name.
    where: the database, as libpq reads it. clock: for periods.
    """

    def __init__(self, broker: Broker, prefix: str, name: str, where: str) -> None:
        self._broker, self._prefix, self._name, self._where = broker, prefix, name, where
        self._clock = LiveClock()
        self._tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._failure: BaseException | None = None
        self._client: Client | None = None
        self._generation = 0
        self._is_connected = False
        self._pending: deque[Arrived] = deque()
        self._states: dict[str, State] = {}
        self._online: set[str] = set()
        self._database: FleetDatabase | None = None
        self._database_trouble: str | None = None
        self._retry_at, self._retry_s = ZERO, RETRY_MIN_S
        self._next_fix = ZERO
        self._candidates: set[Hole] = set()
        self._asked: dict[tuple[str, str, int], Instant] = {}
        self._next_canary = ZERO
        self._canary_sent: Instant | None = None
        self._is_canary_lost = False
        self.stored = 0

    def run(self) -> None:
        """Collect until ``stop``. Raises UnavailableError for a layout that does not fit."""
        self._open_database()
        network = threading.Thread(target=self._run_network, name="broker", daemon=True)
        network.start()
        notify("READY=1")
        try:
            while not self._stopping.is_set():
                self._round()
        finally:
            self._stopping.set()
            client = self._client
            if client is not None:
                client.disconnect()
            network.join(RETRY_MIN_S)
            if self._database is not None:
                self._database.close()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """End ``run`` soon. Safe from any thread."""
        self._stopping.set()
        self._tasks.put(lambda: None)

    def fail(self, error: BaseException) -> None:
        """End ``run`` with an error. Safe from any thread."""
        self._failure = error
        self.stop()

    # One thread decides; those of the network only enqueue

    def _round(self) -> None:
        """Handle what has come, store a batch, and look for what is missing."""
        self._handle_tasks()
        if self._is_waiting:
            self._forget_old_generations()
        else:
            self._with_database(self._store_batch)
            self._with_database(self._fix)
        self._send_canary()
        events = f"{self.stored} messages stored since the start"
        notify(f"WATCHDOG=1\nSTATUS={self._database_trouble or events}")

    @property
    def _is_waiting(self) -> bool:
        return self._database is None and self._clock.now() < self._retry_at

    def _handle_tasks(self) -> None:
        """Wait for a task, and handle those that follow until a batch is full or its time over.

        While the database is away everything is handled: the broker sends no more than it may.
        """
        wait_s = ROUND_MAX_S if self._is_waiting or not self._pending else 0.0
        until: Instant | None = None
        while self._is_waiting or len(self._pending) < BATCH_MAX:
            try:
                self._tasks.get(timeout=wait_s)()
            except queue.Empty:
                return
            now = self._clock.now()
            until = now + timedelta(seconds=BATCH_WAIT_S) if until is None else until
            if now >= until or self._stopping.is_set():
                return
            wait_s = (until - now).total_seconds()

    def _forget_old_generations(self) -> None:
        """Drop what the broker sends again anyway, so that a long wait takes no memory."""
        if self._pending and self._pending[0].generation != self._generation:
            self._pending = deque(
                one for one in self._pending if one.generation == self._generation
            )

    # Database

    def _open_database(self) -> None:
        try:
            database = FleetDatabase(self._where)
            try:
                database.check_layout()
            except BaseException:
                database.close()
                raise
        except psycopg.Error as error:
            self._database_failed(error)
            return
        if self._database_trouble is not None:
            log.warning("the database answers again; %d messages wait", len(self._pending))
        self._database, self._database_trouble, self._retry_s = database, None, RETRY_MIN_S

    def _with_database(self, act: Callable[[FleetDatabase], None]) -> None:
        """Do something with the database; after an error everything is done again later."""
        if self._database is None:
            if self._is_waiting:
                return
            self._open_database()
        if self._database is None:
            return
        try:
            act(self._database)
        except psycopg.Error as error:
            self._database.close()
            self._database = None
            self._database_failed(error)

    def _database_failed(self, error: Exception) -> None:
        trouble = printable(f"the database cannot be used: {error}", 600)
        if trouble != self._database_trouble:
            log.error("%s; nothing is acknowledged, and the next attempt follows soon", trouble)
        self._database_trouble = trouble
        self._retry_at = self._clock.now() + timedelta(seconds=self._retry_s)
        self._retry_s = min(2 * self._retry_s, RETRY_MAX_S)

    def _store_batch(self, database: FleetDatabase) -> None:
        """Commit a batch, then acknowledge it."""
        batch = [self._pending[place] for place in range(min(len(self._pending), BATCH_MAX))]
        if not batch:
            return
        messages = [one.message for one in batch]
        database.store(messages)
        for one in batch:
            self._pending.popleft()
            self._acknowledge(one.generation, one.mid)
        self.stored += len(batch)
        database.remember(messages)

    def _acknowledge(self, generation: int, mid: int) -> None:
        if generation == self._generation and self._client is not None:
            self._client.ack(mid, QOS)

    # What is missing

    def _fix(self, database: FleetDatabase) -> None:
        """Ask chairs for numbers that were missing a period ago already."""
        now = self._clock.now()
        if now < self._next_fix:
            return
        self._next_fix = now + FIX_EACH
        if not database.may_fix():
            return
        states, self._states = self._states, {}
        try:
            database.note_states(states.values())
        except psycopg.Error:
            self._states = states | self._states
            raise
        holes = set(database.holes(HOLES_MAX))
        # A hole that has grown or shrunk meanwhile is asked for in a later period.
        old, self._candidates = holes & self._candidates, holes
        self._asked = {key: at for key, at in self._asked.items() if now - at < ASK_AGAIN}
        self._ask(sorted(old), now)

    def _ask(self, holes: Iterable[Hole], now: Instant) -> None:
        if not self._is_connected or self._client is None:
            return
        requests: dict[str, int] = {}
        for chair, mark, first, last in holes:
            for start in range(first, last + 1, RESEND_MAX):
                key = (chair, mark, start)
                if chair not in self._online or key in self._asked:
                    continue
                if requests.setdefault(chair, 0) >= ASKED_MAX:
                    break
                requests[chair] += 1
                self._asked[key] = now
                request: dict[str, Any] = {
                    "first": start,
                    "last": min(last, start + RESEND_MAX - 1),
                }
                if mark:
                    request["numbered_since"] = mark
                topic = f"{self._prefix}/{chair}/command/resend"
                self._client.publish(topic, json.dumps(request), QOS)
        if requests:
            log.info("asked %d chairs for events that are missing", len(requests))

    def _send_canary(self) -> None:
        """Send a message through the group; name a group that delivers nothing."""
        now = self._clock.now()
        if not self._is_connected or self._client is None:
            return
        if self._canary_sent is not None and now - self._canary_sent > CANARY_LATE:
            if not self._is_canary_lost and self._database is not None:
                self._is_canary_lost = True
                log.error(
                    "the broker granted $share/%s/%s/+/log and delivers nothing on it; use one "
                    "that has shared subscriptions, such as mosquitto, and check its access list",
                    *(GROUP, self._prefix),
                )
            self._canary_sent = None
        if now >= self._next_canary:
            self._next_canary = now + CANARY_EACH
            if self._canary_sent is None:
                self._canary_sent = now
            self._client.publish(f"{self._prefix}/{CANARY}/log", self._name, QOS)

    def _heard_group(self) -> None:
        """Note that the group delivers."""
        self._canary_sent = None
        if self._is_canary_lost:
            self._is_canary_lost = False
            log.warning("the group delivers again")

    # Network, in a thread of its own

    def _run_network(self) -> None:
        wait_s, last_why = RETRY_MIN_S, ""
        try:
            while not self._stopping.is_set():
                generation = self._generation + 1
                why = self._run_connection(generation)
                if why is None:
                    wait_s, why = RETRY_MIN_S, "the connection to the broker is lost"
                if why != last_why and not self._stopping.is_set():
                    log.error("%s %r; trying again", printable(why), self._broker)
                last_why = why
                self._stopping.wait(wait_s)
                wait_s = min(2 * wait_s, RETRY_MAX_S)
        except BaseException as error:
            self.fail(error)

    def _run_connection(self, generation: int) -> str | None:
        """Keep one connection until its end; return why it did not come about, None if it did."""
        client = make_client(self._broker, f"unsit-{GROUP}-{self._name}")
        client.manual_ack_set(True)
        refused: list[str] = []
        connected = threading.Event()

        def on_connect(_: Any, __: Any, ___: Any, code: Any, properties: Any) -> None:
            if code.is_failure:
                refused.append(f"the broker refuses the collector: {code}")
                return
            if getattr(properties, "SharedSubscriptionAvailable", 1) == 0:
                self.fail(UnavailableError("the broker has no shared subscriptions"))
                return
            connected.set()
            self._tasks.put(lambda: self._connected(client, generation))
            subscriptions = [(f"$share/{GROUP}/{self._prefix}/+/log", QOS)]
            subscriptions += [(f"{self._prefix}/+/{one}", 0) for one in ("state", "availability")]
            client.subscribe(subscriptions)

        def on_subscribe(_: Any, __: Any, ___: Any, codes: Any, properties: Any) -> None:
            for code in codes:
                if code.is_failure:
                    log.error(
                        "the broker refuses a subscription of the collector: %s; check its access "
                        "list",
                        code,
                    )

        def on_message(_: Any, __: Any, message: MQTTMessage) -> None:
            self._tasks.put(lambda: self._message(generation, message))

        client.on_connect, client.on_subscribe, client.on_message = (
            *(on_connect, on_subscribe, on_message),
        )
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_S
        properties.ReceiveMaximum = RECEIVE_MAX
        broker = self._broker
        try:
            client.connect(
                *(broker.host, broker.port, broker.keepalive),
                clean_start=False,
                properties=properties,
            )
        except (OSError, ValueError) as error:
            return f"the broker cannot be reached: {error}"
        code = client.loop_forever(retry_first_connection=False)
        self._tasks.put(lambda: self._disconnected(generation))
        if connected.is_set():
            return None
        return refused[0] if refused else f"the broker ends the connection: {MQTTErrorCode(code)}"

    def _connected(self, client: Client, generation: int) -> None:
        self._client, self._generation, self._is_connected = client, generation, True
        self._next_canary, self._canary_sent = self._clock.now(), None
        log.info("connected to the broker %r as %s", self._broker, self._name)

    def _disconnected(self, generation: int) -> None:
        if generation == self._generation:
            self._is_connected = False
            self._online.clear()

    def _message(self, generation: int, message: MQTTMessage) -> None:
        chair, _, kind = message.topic.removeprefix(f"{self._prefix}/").partition("/")
        payload = bytes(message.payload)
        if kind == "state":
            if (state := read_state(chair, payload)) is not None:
                self._states[chair] = state
        elif kind == "availability":
            (self._online.add if payload == ONLINE.encode() else self._online.discard)(chair)
        elif kind == "log":
            self._heard_group()
            if chair == CANARY:
                self._acknowledge(generation, message.mid)
                return
            content = read_log(chair, message.topic, payload)
            self._pending.append(Arrived(generation, message.mid, content))
