"""200 hostile payloads, up to 50 MB, retained on every topic that is read, at a real mosquitto.

Each payload is on the topics of a chair of its own and on those of Home Assistant. A check reads
them and ``forget`` removes them, every tenth time as the whole command, and so does ``setup``. One
service lives with all of them, live and retained. Nothing may end with a bug, and nothing may print
a character that a terminal obeys. ``UNSIT_HOSTILE_SEED`` gives other payloads, ``UNSIT_HOSTILE``
another number.
"""

import os
import resource
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from support.hostile import Hostile, hostile
from support.mosquitto import LOOPBACK, Mosquitto, Watcher
from support.program import Program, here, run
from support.pseudo_terminal import set_up
from unsit.checkup.broker import check_broker
from unsit.checkup.machine import Installation
from unsit.homeassistant.announcer import Trace, forget
from unsit.homeassistant.discovery import discovery_topic
from unsit.mqtt.connection import Broker
from unsit.mqtt.topics import Topics
from unsit.settings.model import ChairSettings, HoldSettings, MqttSettings, Settings
from unsit_firmware.simulation.pins import SimulatedPins

pytestmark = pytest.mark.broker

SEED = int(os.environ.get("UNSIT_HOSTILE_SEED", "34"))
NUMBER = int(os.environ.get("UNSIT_HOSTILE", "200"))

SIMULATED = {"GPIOZERO_PIN_FACTORY": "unsit_sim"}

SHARED = (
    *("desk/call", "homeassistant/status"),
    *("ha/sensor/lamp/config", "homeassistant/sensor/node/lamp/config"),
)
"""Topics that are not of one chair."""

EACH = 10
"""One in so many is done by the command and not by its function, which saves minutes."""

FORGOTTEN_AT_ONCE = 4

READ_BY_SERVICE = {
    *("desk/call", "homeassistant/status"),
    *(f"unsit/desk/command/{name}" for name in ("hold", "buzzer", "calibrate")),
}

MEMORY_MAX_MB = 400
"""Memory of this process, with the tests, after messages of 50 MB."""


def topics_of(chair: str) -> tuple[str, ...]:
    return (
        *(f"unsit/{chair}/{leaf}" for leaf in ("availability", "state", "check", "event")),
        *(f"unsit/{chair}/command/{name}" for name in ("hold", "buzzer", "calibrate")),
        f"homeassistant/device/unsit_{chair}/config",
        f"old/device/unsit_{chair}/config",
    )


def options(broker: Mosquitto, chair: str, state: Path) -> tuple[str, ...]:
    return (
        *("--set", f"mqtt.host={LOOPBACK}", "--set", f"mqtt.port={broker.port}"),
        *("--set", f"chair.id={chair}", "--set", "hold.topics=desk/call"),
        *("--state-dir", str(state)),
    )


def is_harmless(text: str) -> bool:
    return all(character == "\n" or character.isprintable() for character in text)


@pytest.fixture(scope="module")
def messages() -> list[Hostile]:
    return list(hostile(SEED, NUMBER))


@pytest.fixture
def anybody(broker: Mosquitto) -> Iterator[Watcher]:
    """Yield a client that may publish everything, and reads nothing."""
    anybody = Watcher(broker, "nothing/at/all")
    yield anybody
    anybody.close()


def test_check_and_forget_survive_every_message_and_print_no_control_character(
    broker: Mosquitto, anybody: Watcher, tmp_path: Path, messages: list[Hostile]
) -> None:
    def forget_it(number: int) -> None:
        chair, name = f"chair-{number}", messages[number].name
        if number % EACH == 0:
            ended = run("forget", "--force", *options(broker, chair, tmp_path / chair))
            assert ended.code == os.EX_OK, f"{name}: {ended.err}"
            assert is_harmless(ended.out + ended.err), name
            removed = ended.lines
        else:
            topics = Topics("unsit", chair)
            config = discovery_topic("homeassistant", chair)
            trace = Trace(config, topics.availability, topics.state)
            address = Broker(LOOPBACK, broker.port)
            removed = forget(address, topics, [trace], even_online=True)
        assert len(removed) == 3, name
        for topic in topics_of(chair):
            anybody.publish(topic, b"", retain=True)

    with ThreadPoolExecutor(FORGOTTEN_AT_ONCE) as pool:
        forgotten: list[Future[None]] = []
        for number, message in enumerate(messages):
            if number >= FORGOTTEN_AT_ONCE:  # the broker shall not hold all of them at once
                forgotten[number - FORGOTTEN_AT_ONCE].result()
            check_it(broker, anybody, tmp_path, number, message)
            forgotten.append(pool.submit(forget_it, number))
        for future in forgotten:
            future.result()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 < MEMORY_MAX_MB


def check_it(
    broker: Mosquitto, anybody: Watcher, folder: Path, number: int, message: Hostile
) -> None:
    """Retain a payload on every topic, and check a chair of its own."""
    chair = f"chair-{number}"
    for topic in (*topics_of(chair), *SHARED):
        anybody.publish(topic, message.payload, retain=True)
    if number % EACH == 0:
        ended = here("check", *options(broker, chair, folder / chair), env=SIMULATED)
        assert ended.code in (os.EX_OK, os.EX_UNAVAILABLE, os.EX_NOPERM), message.name
        assert "login          logged in" in ended.out, message.name
        lines = (ended.out + ended.err).splitlines()
    else:
        settings = Settings(
            chair=ChairSettings(id=chair),
            mqtt=MqttSettings(host=LOOPBACK, port=broker.port),
            hold=HoldSettings(topics="desk/call"),
        )
        lines = list(map(str, check_broker(Installation(settings, folder / chair))))
    assert all(line.isprintable() for line in lines), message.name
    assert {"publish", "availability"} <= {line[6:].split()[0] for line in lines}, message.name
    assert len(lines) < 80, message.name


def test_setup_survives_them(
    broker: Mosquitto,
    anybody: Watcher,
    pins: SimulatedPins,
    tmp_path: Path,
    messages: list[Hostile],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = (
        *(("under the cushion", "mat"), ("leave the seat empty", ""), ("Sit down", "")),
        *(("Stand up again", ""), ("Try again", "leave"), ("buzzer's pin", "none")),
        *(("button's pin", ""), ("LED's pin", "")),
        *(("broker's name or address", LOOPBACK), ("Its port", str(broker.port))),
        *(("user to log in as", "none"), ("chair called", ""), ("room in Home Assistant", "")),
        ("Write it", "quit"),
    )
    for message in messages[::EACH]:
        for topic in SHARED:
            anybody.publish(topic, message.payload, retain=True)
        place = ("--config", str(tmp_path / "unsit.toml"), "--state-dir", str(tmp_path / "state"))
        output = set_up(monkeypatch, *answers, options=place)

        assert "The broker accepts the chair" in output, message.name
        assert is_harmless(output), message.name


def test_the_service_lives_with_all_of_them_live_and_retained(
    broker: Mosquitto, anybody: Watcher, tmp_path: Path, messages: list[Hostile]
) -> None:
    for topic in topics_of("desk"):
        anybody.publish(topic, messages[0].payload, retain=True)
    topics = tuple(topic for topic in (*topics_of("desk"), *SHARED) if topic in READ_BY_SERVICE)
    for start, message in enumerate(messages[:4]):
        for topic in topics:
            anybody.publish(topic, message.payload, retain=True)
        command = ("run", "--simulate", "-", *options(broker, "desk", tmp_path / "state"))
        with Program(*command) as service:
            service.say("contact\n0\n")
            service.wait_for("connected to the broker")
            for other in messages[start::4]:
                for topic in topics:
                    anybody.publish(topic, other.payload, retain=True)
            for topic in topics:
                anybody.publish(topic, b"", retain=True)
            anybody.publish("unsit/desk/command/move_after", f"{45 + start}m")
            service.wait_for(f"{45 + start}m")
            ended = service.stop()

        assert ended.code == os.EX_OK
        assert is_harmless(ended.err)
