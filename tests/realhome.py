"""A real Home Assistant on a real broker, and a chair that runs beside it as a process.

The folder that ``$UNSIT_HOME_ASSISTANT`` names has the programs that install, start and end them:
``install``, ``up``, ``down``, ``restart``, ``states``, ``call``, ``problems``.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mosquitto import LOOPBACK, Mosquitto, until
from shared import SHARED

PROGRAMS = Path(os.environ.get("UNSIT_HOME_ASSISTANT") or SHARED / "tools" / "ha")
INSTALLED = Path(os.environ.get("HA_DIR", "/tmp/ha-venv")) / "venv" / "bin" / "python"  # noqa: S108  # the programs' own default
PATIENCE = 40.0
"""Seconds within which everything must be right again, whatever happened."""

CHAIR = "my-chair"
ROOT = f"unsit/{CHAIR}"

OF_THE_BROKER = (
    "[paho.mqtt.client] failed to receive on socket",
    "[homeassistant.components.mqtt.client] Error returned from MQTT server",
    "[homeassistant.components.mqtt.client] Failed to connect to MQTT server due to exception",
)
"""Complaints of a broker that was stopped, whoever publishes there."""
OF_MANY_CHAIRS = "homeassistant.components.mqtt.entity is logging too frequently"
"""What it says of a chair that comes and goes with all its entities in each test."""

States = dict[str, dict[str, Any]]


def absence() -> str | None:
    """What is not here that should be, None if all is."""
    if not (PROGRAMS / "up").exists():
        return f"no programs that run a Home Assistant in {PROGRAMS}; set UNSIT_HOME_ASSISTANT"
    if not INSTALLED.exists():
        return f"Home Assistant is not installed; run {PROGRAMS / 'install'}"
    return None


class RealHome:
    """A Home Assistant and its broker, from ``up`` to ``down``; options are those of ``up``."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._env = os.environ | {"HA_STATE": str(folder / "home.json")}
        self._complaints = 0
        self._state: dict[str, Any] = json.loads(self.program("up", *options))
        self.run = Path(self._state["run"])

    @property
    def port(self) -> int:
        """The broker's port."""
        return int(self._state["mqtt_port"])

    @property
    def broker(self) -> Mosquitto:
        """The broker as a watcher looks for it."""
        broker = Mosquitto.__new__(Mosquitto)
        broker.port = self.port
        return broker

    def program(self, name: str, *arguments: str) -> str:
        """Runs one of the programs; what it printed. Fails with what it complained of."""
        done = subprocess.run(
            [str(PROGRAMS / name), *arguments], env=self._env, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{name} {arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def ask(self, path: str, body: Any = None) -> Any:
        """What Home Assistant answers over HTTP; with a body something is asked of it."""
        question = urllib.request.Request(  # noqa: S310  # loopback
            f"{self._state['url']}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._state['token']}"},
        )
        with urllib.request.urlopen(question, timeout=30) as answer:  # noqa: S310
            return json.load(answer)

    def states(self) -> States:
        """The chair's entities by id, without the domain and the chair."""
        states = self.ask("/api/states")
        mine = {s["entity_id"].partition(".")[2]: s for s in states}
        return {
            name.removeprefix("my_chair_"): state
            for name, state in mine.items()
            if name.startswith("my_chair_")
        }

    def registered(self) -> list[dict[str, Any]]:
        """The chair's entities as Home Assistant has them in its register, states included."""
        devices = json.loads(self.program("states"))
        assert len(devices) <= 1, "there is more than one device"
        return list(devices[0]["entities"]) if devices else []

    def device(self) -> dict[str, Any]:
        """The chair as a device."""
        (device,) = json.loads(self.program("states"))
        return dict(device)

    def call(self, service: str, entity: str, **data: Any) -> None:
        """Calls a service for one of the chair's entities."""
        domain, _, name = service.partition(".")
        self.ask(
            f"/api/services/{domain}/{name}", {"entity_id": f"{domain}.my_chair_{entity}", **data}
        )

    def wait(self, found: Callable[[States], bool], what: str) -> float:
        """Waits until the states are as one looks for; how many seconds that took."""
        start = time.monotonic()
        states: States = {}
        while time.monotonic() - start < PATIENCE:
            with contextlib.suppress(OSError):  # it may be about to start
                states = self.states()
                if found(states):
                    return time.monotonic() - start
            time.sleep(0.1)
        shown = {name: state["state"] for name, state in states.items()}
        raise AssertionError(f"not within {PATIENCE} s: {what}; the states are {shown}")

    def shows(self, **expected: str) -> float:
        """Waits until entities have these states."""
        return self.wait(
            lambda states: all(
                states.get(name, {}).get("state") == state for name, state in expected.items()
            ),
            str(expected),
        )

    def restart(self, what: str, *how: str) -> None:
        """Restarts ``ha`` or the ``broker``."""
        self.program("restart", what, *how)
        self._state = json.loads(Path(self._env["HA_STATE"]).read_text())

    def complaints(self) -> list[str]:
        """What Home Assistant complained of since the last time, the broker's absence left out."""
        done = subprocess.run(
            [str(PROGRAMS / "problems"), "--since", str(self._complaints)],
            env=self._env,
            capture_output=True,
            text=True,
        )
        self._complaints = int(self.program("problems", "--count"))
        lines = done.stdout.splitlines()
        passed_over = (*OF_THE_BROKER, OF_MANY_CHAIRS)
        return [line for line in lines if not any(words in line for words in passed_over)]

    def messages(self) -> list[dict[str, Any]]:
        """Everything that went over the broker so far."""
        lines = (self.run / "mqtt.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def told(self, topic: str, since: int) -> list[str]:
        """The types of the events on a topic, those of the first ``since`` messages left out."""
        later = [message for message in self.messages()[since:] if message["topic"] == topic]
        return [json.loads(message["payload"])["type"] for message in later]

    def retained(self, part: str) -> set[str]:
        """The topics with this in them on which a message is retained."""
        last = {m["topic"]: m.get("payload") for m in self.messages() if m["retain"]}
        return {topic for topic, payload in last.items() if part in topic and payload}

    def down(self) -> None:
        """Ends both."""
        self.program("down")


class Chair:
    """The service as a process, whose seat is standard input.

    started: how many messages had gone over the broker when it was started.
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
        """A command of the command line for this chair."""
        options = [part for setting in self._settings for part in ("--set", setting)]
        state = ["--state-dir", str(self._state)]
        return [sys.executable, "-m", "unsit", *arguments, *state, *options]

    def start(self, *settings: str) -> None:
        """Starts the service; more settings hold from now on."""
        self._settings += settings
        self.started = len(self._home.messages())
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                self.command("run", "--simulate", "-"), stdin=subprocess.PIPE, stderr=log, text=True
            )
        self.says("contact")

    def says(self, *rows: str) -> None:
        """Rows of a recording that happen now."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{row}\n" for row in rows))
        self._process.stdin.flush()

    def sits(self) -> None:
        """Somebody sits down."""
        self.says("1")

    def rises(self) -> None:
        """The seat is empty."""
        self.says("0")

    def wait_for(self, words: str) -> None:
        """Waits until the service's log says something."""
        until(lambda: words in self._log.read_text(), f"the chair logs {words!r}")

    def kill(self) -> None:
        """The process ends without a word."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """The process ends as it should."""
        assert self._end(signal.SIGTERM) == 0

    def _end(self, how: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        assert process.stdin is not None
        process.stdin.close()
        return process.wait(20)
