"""Programs that are measured. Each reads the same seat: low is seated, high is empty."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contest.environments import MQTT_IO, TREE, TWENTY_LINES, UNSIT, Environment
from contest.subscriber import Message
from support.mosquitto import LOOPBACK

SEAT = 17
"""Line of the seat on the chip, equal to its BCM number."""

Command = Callable[[Path, int], list[str]]


@dataclass(frozen=True)
class Contender:
    """A program, its command, and the meaning of its messages.

    back_end: gpiozero's pin factory.
    command: returns the arguments of the interpreter for a folder and the broker's port.
    birth: topic and payload of its first message.
    edge_topic: topic with one message for each edge.
    level: returns the level in a message (True: seated), None for a message without one.
    notifies: True if it reports ``READY=1`` to systemd. replays: True if it can replay a recording.
    """

    name: str
    environment: Environment
    back_end: str
    command: Command
    birth: tuple[str, bytes]
    edge_topic: str
    level: Callable[[Message], bool | None]
    notifies: bool = False
    replays: bool = False


NO_DWELL = ("--set", "seat.sit_dwell=0", "--set", "seat.stand_dwell=0")
LEVEL_BY_EVENT = {b"bout_started": True, b"sat_back": True, b"stood_up": False}


def _run_unsit(folder: Path, port: int) -> list[str]:
    config = folder / "unsit.toml"
    config.write_text(
        f'[chair]\nid = "chair"\n[seat]\npin = {SEAT}\n[mqtt]\nhost = "{LOOPBACK}"\nport = {port}\n'
    )
    state = str(folder / "state")
    return ["-m", "unsit", "run", "--config", str(config), "--state-dir", state, *NO_DWELL]


def _level_of_unsit(message: Message) -> bool | None:
    if message.topic == "unsit/chair/state":
        occupied: bool = json.loads(message.payload)["occupied"]
        return occupied
    if message.topic == "unsit/chair/event":
        return LEVEL_BY_EVENT.get(json.loads(message.payload)["type"].encode())
    return None


def _unsit_on(back_end: str) -> Contender:
    return Contender(
        name=f"unsit run, {back_end}",
        environment=UNSIT,
        back_end=back_end,
        command=_run_unsit,
        birth=("unsit/chair/availability", b"online"),
        edge_topic="unsit/chair/event",
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
        edge_topic="mqtt-io/input/seat",
        level=_level_of_mqtt_io,
    )


def _level_of_mqtt_io(message: Message) -> bool | None:
    return message.payload == b"ON" if message.topic == "mqtt-io/input/seat" else None


def _run_twenty_lines(folder: Path, port: int) -> list[str]:
    return [str(TREE / "benchmarks" / "twenty_lines.py"), str(SEAT), str(port)]


def _level_of_twenty_lines(message: Message) -> bool | None:
    return message.payload == b"seated" if message.topic == "twenty-lines/seat" else None


def _run_floor(folder: Path, port: int) -> list[str]:
    return [str(TREE / "benchmarks" / "floor.py"), str(SEAT), str(port)]


def _level_of_floor(message: Message) -> bool | None:
    return message.payload == b"seated" if message.topic == "floor/seat" else None


FLOOR = Contender(
    name="floor, gpiod",
    environment=UNSIT,
    back_end="gpiod",
    command=_run_floor,
    birth=("floor/availability", b"online"),
    edge_topic="floor/seat",
    level=_level_of_floor,
)
"""Contender that does nothing but hear edges and send: the share of the machine."""

REFERENCE = _mqtt_io("mqtt-io, interrupt: both, lgpio", ", interrupt: both")
"""Contender to which the ratios refer."""

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
        edge_topic="twenty-lines/seat",
        level=_level_of_twenty_lines,
    ),
    FLOOR,
)
