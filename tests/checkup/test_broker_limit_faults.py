"""Limits and refusals of a broker, as a check names them: a strict broker with limits to set."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support.planted_faults import finding_of, installed
from support.remedies import cured_by_settings, is_cured, with_settings_of
from support.strict_broker import LOOPBACK, NOT_AUTHORIZED, Limits, StrictBroker
from unsit.checkup.broker import check_broker
from unsit.checkup.findings import Fault, Finding
from unsit.settings.model import HoldSettings, HomeAssistantSettings, MqttSettings

ROOT = "unsit/test-chair"
CONFIG = "homeassistant/device/unsit_test-chair/config"


def checked(broker: StrictBroker, tmp_path: Path, **mqtt: Any) -> list[Finding]:
    settings = MqttSettings(host=LOOPBACK, port=broker.port, **mqtt)
    return list(check_broker(installed(tmp_path, mqtt=settings)))


def faults(findings: list[Finding]) -> set[Fault]:
    return {Fault[finding.fault.upper()] for finding in findings if finding.fault}


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(), set()),
        (Limits(round_trip_s=0.3), set()),
        (Limits(receive_maximum=1), set()),
        (Limits(retained_by_name_only=True), set()),
        (Limits(wildcards=False), {Fault.BROKER_LIMITED}),
        (Limits(packet_bytes=4000), {Fault.BROKER_LIMITED}),
        (Limits(qos=0), {Fault.BROKER_LIMITED}),
        (Limits(retain=False), {Fault.NOT_RETAINED, Fault.NOT_ANNOUNCED}),
        (
            Limits(refused_subscriptions={f"{ROOT}/command/#": NOT_AUTHORIZED}),
            {Fault.SUBSCRIBE_REFUSED},
        ),
        (Limits(refused_subscriptions={CONFIG: NOT_AUTHORIZED}), {Fault.MESSAGES_UNSEEN}),
    ],
)
def test_a_check_names_what_the_broker_does_not_grant_and_nothing_else(
    limits: Limits, expected: set[Fault], tmp_path: Path
) -> None:
    with StrictBroker(limits) as broker:
        if limits.retain:
            broker.retained[CONFIG] = b"{}"
        findings = checked(broker, tmp_path)

        assert broker.violations == []
    of_test = {Fault.OTHER_VERSION, Fault.HOME_ABSENT}  # no service announces, no home listens
    assert faults(findings) - of_test == expected


def test_a_check_names_what_the_running_service_reports(tmp_path: Path) -> None:
    with StrictBroker() as broker:
        broker.retained[f"{ROOT}/state"] = (
            b'{"refused": {"unsit/test-chair/log": "Not authorized"}}'
        )
        finding = finding_of(Fault.REFUSED_NOW, checked(broker, tmp_path))

    assert finding.words == (
        "the service reports: the broker refuses unsit/test-chair/log: Not authorized"
    )


def test_every_refused_subscription_is_named_with_its_topic(tmp_path: Path) -> None:
    topics = [f"{ROOT}/command/#", "desk/call", "homeassistant/status"]
    refused = dict.fromkeys(topics, NOT_AUTHORIZED)
    hold, home = HoldSettings(topics="desk/call"), HomeAssistantSettings()
    with StrictBroker(Limits(refused_subscriptions=refused)) as broker:
        mqtt = MqttSettings(host=LOOPBACK, port=broker.port)
        chair = installed(tmp_path, mqtt=mqtt, hold=hold, homeassistant=home)
        findings = list(check_broker(chair))

    named = [it for it in findings if it.fault == Fault.SUBSCRIBE_REFUSED.name.lower()]
    assert [finding.words for finding in named] == [f"{it}: Not authorized" for it in topics]
    assert [str(finding.fix).partition("topic read ")[2] for finding in named] == topics


class SlowAtFirst(Limits):
    """Broker that is slow with its first acknowledgement."""

    def refusal(self, topic: str, payload: bytes) -> int | None:
        self.acknowledged_after_s = SLOW_S if self.acknowledged_after_s == FAST_S else 0.0
        return super().refusal(topic, payload)


FAST_S = Limits().acknowledged_after_s

SLOW_S = 1.1


def test_a_broker_that_takes_its_time_is_named(tmp_path: Path) -> None:
    with StrictBroker(SlowAtFirst()) as broker:
        finding = finding_of(Fault.BROKER_SLOW, checked(broker, tmp_path))

    seconds, of = finding.words.split(maxsplit=1)
    assert float(seconds) >= SLOW_S
    assert of == "s until a message is acknowledged"
    assert "power_save off" in str(finding)


@pytest.mark.parametrize(
    ("code", "fault", "words"),
    [
        (0x01, Fault.BROKER_OLD, 'mqtt.version = "3.1.1"'),
        (0x84, Fault.BROKER_OLD, 'mqtt.version = "3.1.1"'),
        (0x85, Fault.CLIENT_ID_REFUSED, "another chair.id"),
        (0x86, Fault.LOGIN_MISSING, "mqtt.username"),
        (0x87, Fault.LOGIN_MISSING, "mqtt.username"),
        (0x88, Fault.BROKER_BUSY, "limit of connections"),
        (0x89, Fault.BROKER_BUSY, "limit of connections"),
        (0x97, Fault.BROKER_BUSY, "limit of connections"),
        (0x9F, Fault.BROKER_BUSY, "limit of connections"),
        (0x8A, Fault.BROKER_REFUSES, "the broker's log"),
        (0x9A, Fault.BROKER_REFUSES, "Retain not supported"),
        (0x9B, Fault.BROKER_REFUSES, "QoS not supported"),
        (0x9D, Fault.BROKER_ELSEWHERE, 'mqtt.host = "127.0.0.1"'),
    ],
)
def test_the_reason_code_of_a_refusal_decides_the_advice(
    code: int, fault: Fault, words: str, tmp_path: Path
) -> None:
    server = LOOPBACK if fault is Fault.BROKER_ELSEWHERE else None
    with StrictBroker(Limits(connack=code, server_reference=server)) as broker:
        finding = finding_of(fault, checked(broker, tmp_path))

    assert words in str(finding)
    assert ("username" in str(finding)) is (fault is Fault.LOGIN_MISSING)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (2, Fault.CLIENT_ID_REFUSED),
        (3, Fault.BROKER_BUSY),
        (4, Fault.LOGIN_MISSING),
        (5, Fault.LOGIN_MISSING),
    ],
)
def test_the_codes_of_mqtt_3_1_1_are_told_apart_too(
    code: int, fault: Fault, tmp_path: Path
) -> None:
    with StrictBroker(Limits(connack=code)) as broker:
        finding_of(fault, checked(broker, tmp_path, version="3.1.1"))


def test_another_server_that_the_broker_names_is_the_fix(tmp_path: Path) -> None:
    with StrictBroker() as other, StrictBroker() as broker:
        broker.limits = Limits(connack=0x9C, server_reference="localhost")
        chair = installed(tmp_path, mqtt=MqttSettings(host=LOOPBACK, port=broker.port))
        finding = finding_of(Fault.BROKER_ELSEWHERE, check_broker(chair))
        moved = with_settings_of(str(finding.fix), chair)
        there = replace(
            moved,
            settings=replace(moved.settings, mqtt=replace(moved.settings.mqtt, port=other.port)),
        )

        assert moved.settings.mqtt.host == "localhost"
        assert is_cured(Fault.BROKER_ELSEWHERE, check_broker(there))


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_a_broker_that_speaks_only_the_other_version_is_named(version: str, tmp_path: Path) -> None:
    other = "3.1.1" if version == "5" else "5"
    with StrictBroker(Limits(hangs_up_on=version)) as broker:
        finding = finding_of(Fault.BROKER_OLD, checked(broker, tmp_path, version=version))

        assert finding.fix == f'mqtt.version = "{other}"'
        mqtt = MqttSettings(host=LOOPBACK, port=broker.port, version=version)  # type: ignore[arg-type]
        assert cured_by_settings(finding, installed(tmp_path, mqtt=mqtt), check_broker)
