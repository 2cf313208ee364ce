"""One connection to the broker: a paho client, and a thread that sleeps until there is something.

paho's own network thread looks around once a second. This one drives the client through the calls
that paho has for loops of others, and waits until the broker speaks or the keep-alive asks for
something.
"""

import os
import select
import threading
import time
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client

from unsit.errors import LostThreadError

BACKLOG = 20
"""Messages. While so many wait to be attended to, no more are taken from the network."""

LONGEST_SILENCE = 1.5
"""Keep-alives. A broker that was not heard for so long is dead; MQTT gives a client as long."""

RECENT = 60.0
"""Seconds. A turn that is no older proves that the thread works without waking it."""

WhenOver = Callable[["Connection", Exception | None], None]


class Connection:
    """A client's one connection, from ``start`` to ``ended``.

    client: a paho client that is set up and not connected; only this class calls it from now on.
    when_over: called once, in the connection's own thread, with the error that ended it or None;
        an OSError says that the broker cannot be reached, or has fallen silent.
    """

    def __init__(self, client: Client, when_over: WhenOver) -> None:
        self.ended = threading.Event()
        self._client = client
        self._when_over = when_over
        self._turn = threading.RLock()
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._leaving = False
        self._heard = 0.0
        self._keepalive = 0
        self._line: Any = None
        self._thread: threading.Thread | None = None
        self._turned = 0.0
        self._questions: list[Callable[[], None]] = []
        self._backlog = 0

    def start(self, host: str, port: int, keepalive: int) -> None:
        """Begins to connect, without waiting for it. keepalive: seconds."""
        self._keepalive = keepalive
        self._thread = threading.Thread(
            target=self._run, args=(host, port), name="broker", daemon=True
        )
        self._thread.start()

    def ask(self, answer: Callable[[], None]) -> None:
        """Has ``answer`` called when it is proved that the connection's thread does its work.

        It has if it did so within the last minute, or when the connection is over. A thread that is
        connecting answers when that is done. Raises LostThreadError for one that has ended.
        """
        with self._turn:
            if self.ended.is_set():
                answer()
            elif self._thread is None or not self._thread.is_alive():
                raise LostThreadError(
                    "the thread 'broker' has ended without a word; nothing is sent any more"
                )
            elif time.monotonic() - self._turned < RECENT:
                answer()
            else:
                self._questions.append(answer)
                self._ring()

    def publish(self, topic: str, payload: str, qos: int, *, retain: bool) -> int:
        """Sends a message from the caller's thread; returns the number that is acknowledged."""
        with self._turn:
            mid = self._client.publish(topic, payload, qos, retain).mid
            self._ring_if_needed()
        return mid

    def subscribe(self, topics: str, **how: Any) -> None:
        """Asks for messages; ``how`` is paho's."""
        with self._turn:
            self._client.subscribe(topics, **how)
            self._ring_if_needed()

    @property
    def trouble(self) -> OSError | None:
        """What TLS had against the other side, None if nothing."""
        found: OSError | None = getattr(self._line, "trouble", None)
        return found

    def received(self) -> None:
        """Counts a message that somebody has yet to attend to; in the connection's own thread."""
        with self._turn:
            self._backlog += 1

    def attended(self) -> None:
        """Tells that somebody has."""
        with self._turn:
            self._backlog -= 1
            if self._backlog == BACKLOG - 1:
                self._ring()

    def leave(self) -> None:
        """Says goodbye; ``ended`` follows as soon as the network has taken it."""
        with self._turn:
            self._leaving = True
            self._client.disconnect()
            self._ring()

    def _ring_if_needed(self) -> None:
        """Wakes the thread where the network could not take everything at once, or is gone."""
        if self._client.want_write() or self._client.socket() is None:
            self._ring()

    def _ring(self) -> None:
        if not self.ended.is_set():
            os.eventfd_write(self._bell, 1)

    # In the connection's own thread.

    def _run(self, host: str, port: int) -> None:
        error: Exception | None = None
        try:
            self._client.connect(host, port, self._keepalive)
            self._heard = time.monotonic()
            self._serve()
        except Exception as failed:
            error = failed
        self._end()
        self._when_over(self, error)

    def _end(self) -> None:
        with self._turn:
            self.ended.set()
            os.close(self._bell)
            self._answer()
            line: Any = self._client.socket()
            if line is not None:
                line.close()

    def _serve(self) -> None:
        while not self._leaving and (line := self._client.socket()) is not None:
            self._line = line
            readable = self._wait(line)
            with self._turn:
                self._attend(readable)
                self._answer()

    def _answer(self) -> None:
        self._turned = time.monotonic()
        while self._questions:
            self._questions.pop()()

    def _wait(self, line: Any) -> bool:
        """Sleeps until something is to be done; True if the broker has spoken."""
        takes = self._backlog < BACKLOG
        pending = getattr(line, "pending", None)
        if takes and pending is not None and pending():
            return True  # bytes that TLS has read already do not wake anybody
        poll = select.poll()
        poll.register(self._bell, select.POLLIN)
        waits_for = select.POLLIN if takes else 0
        poll.register(line, waits_for | (select.POLLOUT if self._client.want_write() else 0))
        ready = dict(poll.poll(self._patience() * 1000))
        if self._bell in ready:
            os.eventfd_read(self._bell)
        return bool(ready.get(line.fileno(), 0) & ~select.POLLOUT)

    def _patience(self) -> float:
        """Seconds until a ping is to be sent, or the broker is given up."""
        silence = time.monotonic() - self._heard
        until = 1.0 if silence < self._keepalive else LONGEST_SILENCE
        return max(until * self._keepalive - silence, 0.0)

    def _attend(self, readable: bool) -> None:
        if readable:
            self._client.loop_read()
            self._heard = time.monotonic()
        if self._client.want_write():
            self._client.loop_write()
        self._client.loop_misc()
        silence = time.monotonic() - self._heard
        if silence >= LONGEST_SILENCE * self._keepalive:
            raise TimeoutError(f"it has been silent for {silence:.0f} s")
