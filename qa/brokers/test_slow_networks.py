"""A broker two seconds away: forget and check wait for its answers."""

from pathlib import Path

import pytest

from support.planted_faults import installed
from support.program import here
from support.strict_broker import LOOPBACK, Limits, StrictBroker
from unsit.checkup.broker import check_broker
from unsit.settings.model import MqttSettings

pytestmark = pytest.mark.broker

ROOT = "unsit/test-chair"
CONFIG = "homeassistant/device/unsit_test-chair/config"
ROUND_TRIP_S = 2.0


def with_chair(broker: StrictBroker, availability: bytes) -> None:
    broker.retained[CONFIG] = broker.retained[f"{ROOT}/state"] = b"{}"
    broker.retained[f"{ROOT}/availability"] = availability


def forget(broker: StrictBroker, state: Path) -> tuple[int | str | None, str]:
    settings = [f"mqtt.host={LOOPBACK}", f"mqtt.port={broker.port}", "chair.id=test-chair"]
    options = [part for setting in settings for part in ("--set", setting)]
    ended = here("forget", "--state-dir", str(state), *options)
    return ended.code, ended.out + ended.err


def test_a_chair_is_seen_and_forgotten_completely(tmp_path: Path) -> None:
    with StrictBroker(Limits(round_trip_s=ROUND_TRIP_S)) as broker:
        with_chair(broker, b"online")
        code, output = forget(broker, tmp_path)
        assert code != 0
        assert "says online" in output

        with_chair(broker, b"offline")
        code, output = forget(broker, tmp_path)
        assert (code, output.count("removed")) == (0, 3)
        assert broker.retained == {}


def test_a_check_names_no_failure(tmp_path: Path) -> None:
    with StrictBroker(Limits(round_trip_s=ROUND_TRIP_S)) as broker:
        with_chair(broker, b"offline")
        settings = MqttSettings(host=LOOPBACK, port=broker.port)
        findings = list(check_broker(installed(tmp_path, mqtt=settings)))

    named = {finding.fault for finding in findings if finding.verdict == "fail"}
    assert named == set(), findings
