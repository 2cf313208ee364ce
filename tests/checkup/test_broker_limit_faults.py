"""Limits and refusals of a broker, as a check names them: a strict broker with limits to set."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.mosquitto import own_address
from support.planted_faults import finding_of, installed
from support.remedies import Cure, named
from support.strict_broker import LOOPBACK, NOT_AUTHORIZED, Limits, StrictBroker
from unsit.checkup.broker import check_broker
from unsit.checkup.findings import Fault, Finding
from unsit.settings.model import HoldSettings, HomeAssistantSettings, MqttSettings

ROOT = "unsit/test-chair"
CONFIG = "homeassistant/device/unsit_test-chair/config"


def checked(broker: StrictBroker, tmp_path: Path, **mqtt: Any) -> list[Finding]:
    settings = MqttSettings(host=LOOPBACK, port=broker.port, **mqtt)
    return list(check_broker(installed(tmp_path, mqtt=settings)))


StandIn = Callable[[str, str], None]


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
    assert named(findings) - of_test == expected


@pytest.mark.parametrize(
    ("limits", "what"),
    [(Limits(wildcards=False), "wildcard"), (Limits(packet_bytes=4000), "packets of at most 4000")],
)
def test_a_limit_of_the_broker_is_named_until_it_is_raised(
    cure: Cure, tmp_path: Path, limits: Limits, what: str
) -> None:
    with StrictBroker(limits) as broker:

        def raise_it() -> None:
            broker.limits = Limits()

        finding = cure.by_hand(
            Fault.BROKER_LIMITED,
            lambda: checked(broker, tmp_path),
            "raise the limit in the broker's settings",
            raise_it,
        )

    assert what in finding.words


def test_a_check_names_what_the_running_service_reports_until_the_broker_allows_it(
    cure: Cure, tmp_path: Path
) -> None:
    refused = {"unsit/test-chair/log": "Not authorized"}
    with StrictBroker() as broker:
        broker.retained[f"{ROOT}/state"] = json.dumps({"refused": refused}).encode()

        def allow() -> None:
            refused.clear()
            broker.retained[f"{ROOT}/state"] = json.dumps({"refused": refused}).encode()

        asks = "see the reason, and service/messages.md on the key refused"
        finding = cure.by_hand(Fault.REFUSED_NOW, lambda: checked(broker, tmp_path), asks, allow)

    assert finding.words == (
        "the service reports: the broker refuses unsit/test-chair/log: Not authorized"
    )


@pytest.mark.parametrize(
    ("fault", "topic"),
    [(Fault.SUBSCRIBE_REFUSED, f"{ROOT}/command/#"), (Fault.MESSAGES_UNSEEN, CONFIG)],
)
def test_a_topic_that_may_not_be_read_is_named_until_the_access_list_has_its_line(
    cure: Cure, stand_in: StandIn, tmp_path: Path, fault: Fault, topic: str
) -> None:
    """mosquitto takes every subscription, and leaves out what its list does not allow."""
    refused = {topic: NOT_AUTHORIZED}
    stand_in("systemctl", "[ \"$*\" = 'reload mosquitto' ]")
    with StrictBroker(Limits(refused_subscriptions=refused)) as broker:
        finding = cure.by_command(
            fault,
            lambda: checked(broker, tmp_path),
            then=refused.clear,
            uncovers=[Fault.NOT_ANNOUNCED],
        )

    line = f"topic read {topic}"
    assert finding.fix == (
        f"in the broker's acl_file, above the first user: {line}; "
        "then sudo systemctl reload mosquitto"
    )


def test_every_refused_subscription_is_named_with_its_topic(tmp_path: Path) -> None:
    topics = [f"{ROOT}/command/#", "desk/call", "homeassistant/status"]
    refused = dict.fromkeys(topics, NOT_AUTHORIZED)
    hold, home = HoldSettings(topics="desk/call"), HomeAssistantSettings()
    with StrictBroker(Limits(refused_subscriptions=refused)) as broker:
        mqtt = MqttSettings(host=LOOPBACK, port=broker.port)
        chair = installed(tmp_path, mqtt=mqtt, hold=hold, homeassistant=home)
        findings = list(check_broker(chair))

    refusals = [it for it in findings if it.fault == Fault.SUBSCRIBE_REFUSED.name.lower()]
    assert [finding.words for finding in refusals] == [f"{it}: Not authorized" for it in topics]
    assert all(
        f"topic read {topic};" in str(it) for it, topic in zip(refusals, topics, strict=True)
    )


class SlowAtFirst(Limits):
    """Broker that is slow with its first acknowledgement."""

    def refusal(self, topic: str, payload: bytes) -> int | None:
        self.acknowledged_after_s = SLOW_S if self.acknowledged_after_s == FAST_S else 0.0
        return super().refusal(topic, payload)


FAST_S = Limits().acknowledged_after_s

SLOW_S = 1.1


def test_a_broker_that_takes_its_time_is_named_until_the_radio_sleeps_no_more(
    cure: Cure, stand_in: StandIn, tmp_path: Path
) -> None:
    awake = tmp_path / "awake"
    stand_in("iw", f"[ \"$*\" = 'dev wlan0 set power_save off' ] && touch {awake}")
    with StrictBroker(SlowAtFirst()) as broker:

        def no_longer_slow() -> None:
            broker.limits = Limits() if awake.exists() else SlowAtFirst()

        finding = cure.by_command(
            Fault.BROKER_SLOW, lambda: checked(broker, tmp_path), then=no_longer_slow
        )

    seconds, of = finding.words.split(maxsplit=1)
    assert float(seconds) >= SLOW_S
    assert of == "s until a message is acknowledged"
    assert "power_save off" in str(finding)


@pytest.mark.parametrize(
    ("code", "fault", "words"),
    [
        (0x01, Fault.BROKER_OLD, 'mqtt.version = "3.1.1"'),
        (0x84, Fault.BROKER_OLD, 'mqtt.version = "3.1.1"'),
        (0x85, Fault.CLIENT_ID_REFUSED, "set another chair.id"),
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


@pytest.mark.parametrize(
    ("code", "fault", "asks"),
    [
        (0x85, Fault.CLIENT_ID_REFUSED, "or allow the id in the broker's settings"),
        (0x89, Fault.BROKER_BUSY, "its limit of connections"),
        (0x8A, Fault.BROKER_REFUSES, "see the reason, and the broker's log"),
    ],
)
def test_a_refusal_is_named_until_the_broker_lets_the_chair_in(
    cure: Cure, tmp_path: Path, code: int, fault: Fault, asks: str
) -> None:
    with StrictBroker(Limits(connack=code)) as broker:

        def let_in() -> None:
            broker.limits = Limits()

        cure.by_hand(
            fault,
            lambda: checked(broker, tmp_path),
            asks,
            let_in,
            uncovers=[Fault.NOT_ANNOUNCED],
        )


def test_another_server_that_the_broker_names_is_the_fix(cure: Cure, tmp_path: Path) -> None:
    address, other = own_address(), own_address()
    moved = Limits(connack=0x9C, server_reference=other)
    with (
        StrictBroker(moved, address=address, port=1883),
        StrictBroker(address=other, port=1883),
    ):
        cure.by_settings(
            Fault.BROKER_ELSEWHERE,
            check_broker,
            installed(tmp_path, mqtt=MqttSettings(host=address)),
            uncovers=[Fault.NOT_ANNOUNCED],
        )


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_a_broker_that_speaks_only_the_other_version_is_named(
    cure: Cure, version: str, tmp_path: Path
) -> None:
    other = "3.1.1" if version == "5" else "5"
    with StrictBroker(Limits(hangs_up_on=version)) as broker:
        mqtt = MqttSettings(host=LOOPBACK, port=broker.port, version=version)  # type: ignore[arg-type]
        finding = cure.by_settings(
            Fault.BROKER_OLD,
            check_broker,
            installed(tmp_path, mqtt=mqtt),
            uncovers=[Fault.NOT_ANNOUNCED],
        )

    assert finding.fix == f'mqtt.version = "{other}"'
