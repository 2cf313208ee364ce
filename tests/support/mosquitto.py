"""Real mosquitto for the tests, and a client that records its messages."""

import json
import os
import queue
import secrets
import shutil
import signal
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from support import marker_password

LOOPBACK = "127.0.0.1"
TIMEOUT_S = 60.0
"""Time in s after which an expected event counts as missing."""


def with_passwords(folder: Path, passwords: dict[str, str]) -> tuple[str, ...]:
    """Return configuration lines for a broker that accepts only these users."""
    file = folder / "passwords"
    file.touch(mode=0o600)
    for name, password in passwords.items():
        subprocess.run(["mosquitto_passwd", "-b", file, name, password], check=True)
    return ("allow_anonymous false", f"password_file {file}")


def program() -> str | None:
    """Return the path of mosquitto, or None if it is not installed."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


PORTS = range(10_000, 32_000)
"""Ports that Linux gives to no connection; a broker that is down for a moment keeps its own."""


def own_address() -> str:
    """Return an address of this machine on which every port is free, the usual ones too."""
    return ".".join(["127", *(str(1 + secrets.randbelow(254)) for _ in range(3))])


def free_port() -> int:
    """Return a port on which no program listens."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, PORTS[secrets.randbelow(len(PORTS))]))
            return int(probe.getsockname()[1])


class Mosquitto:
    """Broker that can be started, stopped and killed, always on the same port.

    address, port: where it listens. Default: a free port of the loopback interface.
    """

    def __init__(
        self, folder: Path, *lines: str, address: str = LOOPBACK, port: int | None = None
    ) -> None:
        self.address, self.port = address, port or free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._config = folder / "mosquitto.conf"
        # A watcher's session survives a restart, so that it misses no message.
        keep = ["persistence true", f"persistence_location {folder}/", "user root"]
        access = lines or ("allow_anonymous true",)
        self._config.write_text("\n".join([f"listener {self.port} {address}", *keep, *access, ""]))

    def start(self) -> None:
        """Start the broker and wait until it answers."""
        self._process = subprocess.Popen(
            [str(program()), "-c", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._answers, "mosquitto answers")

    def stop(self) -> None:
        """Stop the broker, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    @property
    def runs(self) -> bool:
        """True while the broker runs."""
        return self._process is not None

    def kill(self, *, forgets: bool = False) -> None:
        """Kill the broker at once. forgets: delete its stored messages and sessions too."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None
        if forgets:
            self._config.with_name("mosquitto.db").unlink(missing_ok=True)

    def reload(self) -> None:
        """Make the broker read its passwords and its access list again."""
        self._signal(signal.SIGHUP)

    def change(self, line: str, to: str) -> None:
        """Change a line of its configuration, which holds from the next start on."""
        text = self._config.read_text()
        assert line in text
        self._config.write_text(text.replace(line, to))

    def freeze(self) -> None:
        """Stop the process, with all connections left open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Continue the stopped process."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _answers(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise ChildProcessError(f"mosquitto on port {self.port} has ended; see {self._config}")
        try:
            socket.create_connection((self.address, self.port), 1).close()
        except OSError:
            return False
        return True


class Watcher:
    """Client that receives all messages and can publish."""

    def __init__(
        self, broker: Mosquitto, topics: str = "#", login: tuple[str, str] | None = None
    ) -> None:
        self.received: list[MQTTMessage] = []
        self._queue: queue.SimpleQueue[MQTTMessage] = queue.SimpleQueue()
        subscribed = threading.Event()
        name = f"watcher-{uuid.uuid4().hex}"
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTv5)
        if login is not None:
            self._client.username_pw_set(*login)
        self._client.on_message = lambda client, _, message: self._queue.put(message)
        self._client.on_subscribe = lambda *_: subscribed.set()
        # The session survives a lost connection, so that a watcher misses no message meanwhile.
        session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no types for it
        session.SessionExpiryInterval = 600
        self._client.on_connect = lambda client, *_: client.subscribe(topics, 1)
        self._client.reconnect_delay_set(1, 1)
        self._client.connect(LOOPBACK, broker.port, clean_start=False, properties=session)
        self._client.loop_start()
        assert subscribed.wait(TIMEOUT_S)

    def publish(self, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
        """Send a message, and wait until the broker has it."""
        self._client.publish(topic, payload, 1, retain).wait_for_publish(TIMEOUT_S)

    def wait(
        self,
        topic: str,
        found: Callable[[Any], bool] = lambda content: True,
        *,
        within: float = TIMEOUT_S,
    ) -> Any:
        """Return the content of the next message on a topic for which ``found`` is true."""
        end = time.monotonic() + within
        while (left := end - time.monotonic()) > 0:
            try:
                message = self._queue.get(timeout=left)
            except queue.Empty:
                break
            self.received.append(message)
            marker_password.must_not_be_in(message.payload.decode(errors="replace"))
            if message.topic == topic and found(content(message)):
                return content(message)
        raise AssertionError(f"nothing on {topic} in {within} s; received:\n{self._so_far()}")

    def event(self, topic: str, kind: str) -> Any:
        """Return the content of the next event of a type."""
        return self.wait(topic, lambda content: content["type"] == kind)

    def on(self, topic: str) -> list[Any]:
        """Return the contents of all messages received on a topic."""
        return [content(message) for message in self.received if message.topic == topic]

    def close(self) -> None:
        """Disconnect from the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def _so_far(self) -> str:
        return "\n".join(f"{message.topic} {message.payload!r}" for message in self.received)


def content(message: MQTTMessage) -> Any:
    """Return the JSON of a message, or its text if it is not JSON."""
    text = message.payload.decode()
    try:
        return json.loads(text)
    except ValueError:
        return text


def until(condition: Callable[[], bool], what: str) -> None:
    """Poll until a condition holds; for conditions without an event to wait for."""
    end = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end, f"waited {TIMEOUT_S} s in vain: {what}"
        threading.Event().wait(0.02)
