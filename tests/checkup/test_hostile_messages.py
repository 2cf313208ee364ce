"""Hostile messages retained on every topic that is read: nothing ends, nothing is obeyed.

The long form, on a real broker and with larger messages, is in qa/hostile.
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.hostile import TERMINAL, Hostile, hostile
from support.live_chair import LiveChair
from support.planted_faults import installed
from support.program import here
from support.strict_broker import LOOPBACK, StrictBroker
from unsit.checkup.broker import check_broker
from unsit.checkup.findings import Fault, fine, found
from unsit.cli.process import LineFormatter
from unsit.settings.model import HoldSettings, HomeAssistantSettings, MqttSettings

SEED = 1971
ROOT = "unsit/test-chair"
OWN = ("availability", "state", "event", "log", "check")
SAMPLE = list(hostile(SEED, 56, largest=1_000_000))

READ = (
    *(f"{ROOT}/{leaf}" for leaf in OWN),
    *(f"{ROOT}/command/{name}" for name in ("hold", "move_after", "x\x1b[2Jy", "\u202ex")),
    *("desk/call", "homeassistant/status"),
    *("homeassistant/device/unsit_test-chair/config", "old/device/unsit_test-chair/config"),
    *("ha\x1b[31m/sensor/lamp/config", "\u202eah/sensor/node/lamp/config"),
)
"""Topics that a check, ``unsit forget`` or the service reads."""


def is_harmless(text: str) -> bool:
    """Return whether a terminal shows a text as it is, line by line."""
    return all(character == "\n" or character.isprintable() for character in text)


@pytest.fixture(scope="module")
def broker() -> Iterator[StrictBroker]:
    with StrictBroker() as broker:
        yield broker


def sections(broker: StrictBroker) -> dict[str, Any]:
    return {
        "hold": HoldSettings(topics="desk/call"),
        "homeassistant": HomeAssistantSettings(),
        "mqtt": {"host": LOOPBACK, "port": broker.port},
    }


@pytest.mark.parametrize("message", SAMPLE, ids=range(len(SAMPLE)))
def test_a_check_shows_what_anybody_retains_as_harmless_lines(
    broker: StrictBroker, tmp_path: Path, message: Hostile
) -> None:
    broker.retained = dict.fromkeys(READ, message.payload)
    of = sections(broker)

    findings = list(check_broker(installed(tmp_path, **of | {"mqtt": MqttSettings(**of["mqtt"])})))

    lines = list(map(str, findings))
    assert all(line.isprintable() and len(line) < 2500 for line in lines), message.name
    assert len(lines) < 40, message.name
    assert {"publish", "availability"} <= {finding.subject for finding in findings}, message.name


def test_forget_removes_what_anybody_has_retained(broker: StrictBroker, tmp_path: Path) -> None:
    sent = zip(READ, SAMPLE, strict=False)
    broker.retained = {topic: message.payload for topic, message in sent}
    ended = here(
        *("forget", "--set", f"mqtt.host={LOOPBACK}", "--set", f"mqtt.port={broker.port}"),
        *("--set", "chair.id=test-chair", "--state-dir", str(tmp_path), "--force"),
    )

    assert ended.code == 0
    assert is_harmless(ended.out + ended.err)
    assert f"{ROOT}/state" not in broker.retained


def test_the_service_lives_with_what_anybody_sends_and_logs_it_on_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with StrictBroker() as broker, caplog.at_level(logging.DEBUG):
        broker.retained = dict.fromkeys(READ, SAMPLE[1].payload)
        chair = LiveChair(**sections(broker))
        broker.wait(lambda: broker.on(f"{ROOT}/state"), "the service is connected")
        for message in SAMPLE:
            for topic in READ:
                broker.send(topic, message.payload)
        broker.send(f"{ROOT}/command/move_after", b"45m")
        chair.wait("setting_changed")
        chair.stop()

    format_line = LineFormatter("%(message)s").format
    assert all(is_harmless(format_line(record)) for record in caplog.records)


@pytest.mark.parametrize("text", TERMINAL)
def test_no_way_to_a_person_lets_a_character_through_that_a_terminal_obeys(text: str) -> None:
    record = logging.LogRecord("unsit", logging.ERROR, __file__, 1, "%s", (text,), None)

    assert LineFormatter("%(message)s").format(record).isprintable()
    assert str(fine("state", text)).isprintable()
    assert str(found(Fault.REFUSED_NOW, "state", text, text)).isprintable()
    ended = here("config", "--set", f"{text}=1")
    assert is_harmless(ended.out + ended.err)
    ended = here("replay", f"/nowhere/{text}".replace("\0", ""))
    assert is_harmless(ended.out + ended.err)
