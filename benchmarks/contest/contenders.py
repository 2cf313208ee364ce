"""The programs that are measured. Each reads the same seat: low is seated, pulled up is empty."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contest.environments import MQTT_IO, TREE, TWENTY_LINES, UNSIT, Environment
from contest.subscriber import Heard
from mosquitto import LOOPBACK

SEAT = 17
"""The seat's line on the chip, which is its BCM number."""

Command = Callable[[Path, int], list[str]]


@dataclass(frozen=True)
class Contender:
    """A program, how it is started, and how what it says is understood.

    back_end: the pin factory that gpiozero is told to use.
    command: what follows the interpreter, for a folder of its own and the broker's port.
    birth: the topic and payload with which it says that it is there.
    tells: the topic that carries one message for each edge.
    level: whether a message says that somebody sits; None for one that says neither.
    """

    name: str
    environment: Environment
    back_end: str
    command: Command
    birth: tuple[str, bytes]
    tells: str
    level: Callable[[Heard], bool | None]
    notifies: bool = False
    replays: bool = False


NO_DWELL = ("--set", "seat.sit_dwell=0", "--set", "seat.stand_dwell=0")
TOLD_BY_EVENT = {b"bout_started": True, b"sat_back": True, b"stood_up": False}


def _run_unsit(folder: Path, port: int) -> list[str]:
    config = folder / "unsit.toml"
    config.write_text(
        f'[chair]\nid = "chair"\n[seat]\npin = {SEAT}\n[mqtt]\nhost = "{LOOPBACK}"\nport = {port}\n'
    )
    state = str(folder / "state")
    return ["-m", "unsit", "run", "--config", str(config), "--state-dir", state, *NO_DWELL]


def _level_of_unsit(heard: Heard) -> bool | None:
    if heard.topic == "unsit/chair/state":
        occupied: bool = json.loads(heard.payload)["occupied"]
        return occupied
    if heard.topic == "unsit/chair/event":
        return TOLD_BY_EVENT.get(json.loads(heard.payload)["type"].encode())
    return None


def _unsit_on(back_end: str) -> Contender:
    return Contender(
        name=f"unsit run, {back_end}",
        environment=UNSIT,
        back_end=back_end,
        command=_run_unsit,
        birth=("unsit/chair/availability", b"online"),
        tells="unsit/chair/event",
        level=_level_of_unsit,
        notifies=True,
        replays=True,
    )


def _run_mqtt_io(interrupt: str) -> Command:
    def command(folder: Path, port: int) -> list[str]:
        config = folder / "mqtt-io.yml"
        config.write_text(
            f"mqtt: {{host: {LOOPBACK}, port: {port}, topic_prefix: mqtt-io}}\n"
            "gpio_modules: [{name: pi, module: gpiozero}]\n"
            "digital_inputs:\n"
            f"  - {{name: seat, module: pi, pin: {SEAT}, pullup: yes, retain: yes{interrupt}}}\n"
        )
        return ["-m", "mqtt_io", str(config)]

    return command


def _mqtt_io(name: str, interrupt: str) -> Contender:
    return Contender(
        name=name,
        environment=MQTT_IO,
        back_end="lgpio",
        command=_run_mqtt_io(interrupt),
        birth=("mqtt-io/status", b"running"),
        tells="mqtt-io/input/seat",
        level=_level_of_mqtt_io,
    )


def _level_of_mqtt_io(heard: Heard) -> bool | None:
    return heard.payload == b"ON" if heard.topic == "mqtt-io/input/seat" else None


def _run_twenty_lines(folder: Path, port: int) -> list[str]:
    return [str(TREE / "benchmarks" / "twenty_lines.py"), str(SEAT), str(port)]


def _level_of_twenty_lines(heard: Heard) -> bool | None:
    return heard.payload == b"seated" if heard.topic == "twenty-lines/seat" else None


REFERENCE = _mqtt_io("mqtt-io, interrupt: both, lgpio", ", interrupt: both")
"""What the others are set in relation to."""

CONTENDERS = (
    _unsit_on("gpiod"),
    _unsit_on("lgpio"),
    REFERENCE,
    _mqtt_io("mqtt-io, polling, lgpio", ""),
    Contender(
        name="twenty lines, lgpio",
        environment=TWENTY_LINES,
        back_end="lgpio",
        command=_run_twenty_lines,
        birth=("twenty-lines/availability", b"online"),
        tells="twenty-lines/seat",
        level=_level_of_twenty_lines,
    ),
)
