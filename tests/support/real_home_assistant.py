"""Real Home Assistant on a real broker, and the service as a process.

The programs ``install`` and ``ha`` in ``rigs/homeassistant`` install it and control it.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from support.mosquitto import LOOPBACK, Mosquitto, until
from support.places import RIGS

PROGRAMS = RIGS / "homeassistant"
INSTALLED = Path(os.environ.get("HA_DIR", "/tmp/ha-venv")) / "venv" / "bin" / "python"  # noqa: S108  # the default of the programs
TIMEOUT_S = 40.0
"""Time in s in which Home Assistant must show an expected state."""
RELOAD_DELAY_S = 30.0
"""Time in s after which Home Assistant reloads an integration with newly enabled entities."""

CHAIR = "my-chair"
ROOT = f"unsit/{CHAIR}"

BROKER_WARNINGS = (
    "[paho.mqtt.client] failed to receive on socket",
    "[homeassistant.components.mqtt.client] Error returned from MQTT server",
    "[homeassistant.components.mqtt.client] Failed to connect to MQTT server due to exception",
)
"""Warnings about a stopped broker, which no chair causes."""
LOGGING_WARNING = "homeassistant.components.mqtt.entity is logging too frequently"
"""Warning about the many changes of all entities when each test adds and removes a chair."""
TRIGGER_WARNING = "Unable to remove unknown dispatcher"
"""Warning of a Home Assistant that stops after a device trigger was removed while it ran: it stops
listening for the trigger a second time. Seen on 2026.11.
"""

States = dict[str, dict[str, Any]]


def missing_installation() -> str | None:
    """Return a text about what is not installed, or None if everything is."""
    if not INSTALLED.exists():
        return f"Home Assistant is not installed; run: sudo {PROGRAMS / 'install'} --no-browser"
    return None


class RealHome:
    """Home Assistant and its broker.

    options: those of ``ha up``. variables: of the environment of all its programs.
    """

    def __init__(
        self, folder: Path, *options: str, variables: Mapping[str, str] | None = None
    ) -> None:
        self._env = {**os.environ, **(variables or {}), "HA_STATE": str(folder / "home.json")}
        self._complaints = 0
        self._state: dict[str, Any] = json.loads(self.program("up", *options))
        self.run = Path(self._state["run"])

    @property
    def port(self) -> int:
        """Port of the broker."""
        return int(self._state["mqtt_port"])

    @property
    def broker(self) -> Mosquitto:
        """Broker in the form that a watcher expects."""
        broker = Mosquitto.__new__(Mosquitto)
        broker.port = self.port
        return broker

    def program(self, name: str, *arguments: str) -> str:
        """Run a command of ``ha``, and return its output. Fails with its error output."""
        done = subprocess.run(
            [str(PROGRAMS / "ha"), name, *arguments], env=self._env, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{name} {arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def address(self, path: str) -> str:
        """Return the address of a path of Home Assistant."""
        return f"{self._state['url']}{path}"

    def request(self, path: str, body: Any = None) -> Any:
        """Send a GET request, or a POST request if there is a body; return the JSON answer."""
        request = urllib.request.Request(  # noqa: S310  # loopback
            self.address(path),
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._state['token']}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)

    def states(self) -> States:
        """Return the chair's entities by id, without the domain and the name of the chair."""
        states = self.request("/api/states")
        by_name = {state["entity_id"].partition(".")[2]: state for state in states}
        return {
            name.removeprefix("my_chair_"): state
            for name, state in by_name.items()
            if name.startswith("my_chair_")
        }

    def registered(self) -> list[dict[str, Any]]:
        """Return the chair's entities in Home Assistant's registry, with their states."""
        devices = json.loads(self.program("states"))
        assert len(devices) <= 1, "there is more than one device"
        return list(devices[0]["entities"]) if devices else []

    def device(self) -> dict[str, Any]:
        """Return the chair's device."""
        (device,) = json.loads(self.program("states"))
        return dict(device)

    def enable_all(self) -> None:
        """Enable every entity of the chair, as a person does on the page of the device.

        Home Assistant shows them when it reloads its integration, ``RELOAD_DELAY_S`` after the last
        one was enabled. A reload before that would not prevent this one, and a chair that is
        forgotten meanwhile is not removed.
        """
        for entity in self.registered():
            if entity.get("disabled_by") is not None:
                change = {"entity_id": entity["entity_id"], "disabled_by": None}
                self.program("api", "WS", "config/entity_registry/update", json.dumps(change))
        self.wait(
            lambda states: "version" in states and self._has_loaded_mqtt(),
            "the entities that were disabled",
            RELOAD_DELAY_S + TIMEOUT_S,
        )

    def _has_loaded_mqtt(self) -> bool:
        entries = self.request("/api/config/config_entries/entry")
        return [entry["state"] for entry in entries if entry["domain"] == "mqtt"] == ["loaded"]

    def call(self, service: str, entity: str, **data: Any) -> None:
        """Call a service for one of the chair's entities."""
        domain, _, name = service.partition(".")
        self.request(
            f"/api/services/{domain}/{name}", {"entity_id": f"{domain}.my_chair_{entity}", **data}
        )

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Publish a message, as Home Assistant's own action does."""
        message = {"topic": topic, "payload": payload, "retain": retain, "qos": 1}
        self.request("/api/services/mqtt/publish", message)

    def wait(self, found: Callable[[States], bool], what: str, timeout: float = TIMEOUT_S) -> float:
        """Wait until ``found`` is true for the states; return the time in s that it took."""
        start = time.monotonic()
        states: States = {}
        while time.monotonic() - start < timeout:
            with contextlib.suppress(OSError):  # it may not have started yet
                states = self.states()
                if found(states):
                    return time.monotonic() - start
            time.sleep(0.1)
        shown = {name: state["state"] for name, state in states.items()}
        raise AssertionError(f"not within {timeout} s: {what}; the states are {shown}")

    def shows(self, **expected: str) -> float:
        """Wait until entities have these states; return the time in s that it took."""
        return self.wait(
            lambda states: all(
                states.get(name, {}).get("state") == state for name, state in expected.items()
            ),
            str(expected),
        )

    def restart(self, what: str, *how: str) -> None:
        """Restart ``ha`` or the ``broker``."""
        self.program("restart", what, *how)
        self._state = json.loads(Path(self._env["HA_STATE"]).read_text())

    def complaints(self) -> list[str]:
        """Return new warnings of Home Assistant, without those about a stopped broker."""
        done = subprocess.run(
            [str(PROGRAMS / "ha"), "problems", "--since", str(self._complaints)],
            env=self._env,
            capture_output=True,
            text=True,
        )
        self._complaints = int(self.program("problems", "--count"))
        lines = done.stdout.splitlines()
        ignored = (*BROKER_WARNINGS, LOGGING_WARNING, TRIGGER_WARNING)
        return [line for line in lines if not any(words in line for words in ignored)]

    def messages(self) -> list[dict[str, Any]]:
        """Return all messages that were published so far."""
        lines = (self.run / "mqtt.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def event_types(self, topic: str, since: int) -> list[str]:
        """Return the types of the events on a topic, without the first ``since`` messages."""
        later = [message for message in self.messages()[since:] if message["topic"] == topic]
        return [json.loads(message["payload"])["type"] for message in later]

    def retained(self, part: str) -> set[str]:
        """Return the topics that contain ``part`` and have a retained message."""
        retained = [message for message in self.messages() if message["retain"]]
        last = {message["topic"]: message.get("payload") for message in retained}
        return {topic for topic, payload in last.items() if part in topic and payload}

    def down(self) -> None:
        """Stop Home Assistant and the broker."""
        self.program("down")


class Chair:
    """Service as a process whose seat is controlled by standard input.

    started: number of messages that were published before its start.
    """

    SETTINGS = (
        f"chair.id={CHAIR}",
        "chair.name=Desk chair",
        "homeassistant.area=Office",
        f"mqtt.host={LOOPBACK}",
        "seat.sit_dwell=0",
        "seat.stand_dwell=0",
    )

    def __init__(self, home: RealHome, state: Path, *settings: str) -> None:
        self._home = home
        self._state = state
        self._settings = [*self.SETTINGS, f"mqtt.port={home.port}", *settings]
        self._log = state.parent / "chair.log"
        self._process: subprocess.Popen[str] | None = None
        self.started = 0

    def command(self, *arguments: str) -> list[str]:
        """Return a command line for this chair."""
        options = [part for setting in self._settings for part in ("--set", setting)]
        state = ["--state-dir", str(self._state)]
        return [sys.executable, "-m", "unsit", *arguments, *state, *options]

    def start(self, *settings: str) -> None:
        """Start the service with more settings, which also hold for later starts."""
        self._settings += settings
        self.started = len(self._home.messages())
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                self.command("run", "--simulate", "-"), stdin=subprocess.PIPE, stderr=log, text=True
            )
        self.says("contact")

    def says(self, *rows: str) -> None:
        """Write rows of a recording, which happen now."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{row}\n" for row in rows))
        self._process.stdin.flush()

    def sits(self) -> None:
        """Press the seat."""
        self.says("1")

    def rises(self) -> None:
        """Release the seat."""
        self.says("0")

    def wait_for(self, words: str) -> None:
        """Wait until the service's log contains a text."""
        until(lambda: words in self._log.read_text(), f"the chair logs {words!r}")

    def kill(self) -> None:
        """Kill the process."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop the service and check its exit code."""
        assert self._end(signal.SIGTERM) == 0

    def _end(self, how: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        assert process.stdin is not None
        process.stdin.close()
        return process.wait(20)
