"""A real mosquitto of the tests' own, and a client that watches it."""

import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

import marker

LOOPBACK = "127.0.0.1"
PATIENCE = 20.0
"""Seconds after which something that should happen is taken not to happen."""


def with_passwords(folder: Path, passwords: dict[str, str]) -> tuple[str, ...]:
    """The lines for a broker that lets in those who have a password, and nobody else."""
    file = folder / "passwords"
    file.touch(mode=0o600)
    for name, password in passwords.items():
        subprocess.run(["mosquitto_passwd", "-b", file, name, password], check=True)
    return ("allow_anonymous false", f"password_file {file}")


def program() -> str | None:
    """Where mosquitto is, None where it is not installed."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class Mosquitto:
    """A broker that can be started, stopped and killed, always on the same port."""

    def __init__(self, folder: Path, *lines: str) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._config = folder / "mosquitto.conf"
        # A watcher's session outlives a restart, so that it misses nothing.
        keep = ["persistence true", f"persistence_location {folder}/", "user root"]
        access = lines or ("allow_anonymous true",)
        self._config.write_text("\n".join([f"listener {self.port} {LOOPBACK}", *keep, *access, ""]))

    def start(self) -> None:
        """Starts it and waits until it answers."""
        self._process = subprocess.Popen(
            [str(program()), "-c", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._answers, "mosquitto answers")

    def stop(self) -> None:
        """Ends it, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    @property
    def runs(self) -> bool:
        """Whether it was started and not ended since."""
        return self._process is not None

    def kill(self, *, forgets: bool = False) -> None:
        """Kills it in mid-sentence; ``forgets`` takes its store away too."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None
        if forgets:
            self._config.with_name("mosquitto.db").unlink(missing_ok=True)

    def freeze(self) -> None:
        """Makes it silent, with every connection left as it is."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _answers(self) -> bool:
        try:
            socket.create_connection((LOOPBACK, self.port), 1).close()
        except OSError:
            return False
        return True


class Watcher:
    """A client that receives everything and can publish."""

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
        # The session outlives a connection, so that a watcher misses nothing while it reconnects.
        session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho types it not
        session.SessionExpiryInterval = 600
        self._client.on_connect = lambda client, *_: client.subscribe(topics, 1)
        self._client.reconnect_delay_set(1, 1)
        self._client.connect(LOOPBACK, broker.port, clean_start=False, properties=session)
        self._client.loop_start()
        assert subscribed.wait(PATIENCE)

    def publish(self, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
        """Sends a message; returns when the broker has it."""
        self._client.publish(topic, payload, 1, retain).wait_for_publish(PATIENCE)

    def wait(self, topic: str, found: Callable[[Any], bool] = lambda content: True) -> Any:
        """The content of the next message on a topic that is what one looks for."""
        end = time.monotonic() + PATIENCE
        while (left := end - time.monotonic()) > 0:
            try:
                message = self._queue.get(timeout=left)
            except queue.Empty:
                break
            self.received.append(message)
            marker.must_not_be_in(message.payload.decode(errors="replace"))
            if message.topic == topic and found(content(message)):
                return content(message)
        raise AssertionError(f"nothing on {topic} in {PATIENCE} s; received:\n{self._so_far()}")

    def event(self, topic: str, kind: str) -> Any:
        """The content of the next event of a type."""
        return self.wait(topic, lambda content: content["type"] == kind)

    def on(self, topic: str) -> list[Any]:
        """The contents of everything received on a topic."""
        return [content(message) for message in self.received if message.topic == topic]

    def close(self) -> None:
        """Leaves the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def _so_far(self) -> str:
        return "\n".join(f"{message.topic} {message.payload!r}" for message in self.received)


def content(message: MQTTMessage) -> Any:
    """What a message says: its JSON, or its text if it is none."""
    text = message.payload.decode()
    try:
        return json.loads(text)
    except ValueError:
        return text


def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for something that cannot be waited for otherwise."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE} s in vain: {what}"
        threading.Event().wait(0.02)
