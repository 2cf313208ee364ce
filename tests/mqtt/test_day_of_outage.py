"""A day without the broker: the buzzer misses nothing, and everything arrives in order."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from livechair import ROOT, LiveChair
from machine import SETTINGS, Machine, minutes
from mosquitto import LOOPBACK, Mosquitto, Watcher, free_port
from unsit.settings.mqtt import MqttSettings

DAY = minutes(24 * 60)
BOUTS = [(minutes(at), minutes(at + length)) for at in range(1, 1400, 47) for length in (41,)]
"""Thirty bouts, each of which becomes due and gets two more reminders."""


@pytest.mark.broker
def test_after_a_day_of_outage_every_event_arrives_in_order_with_its_true_time(
    stopped_broker: Mosquitto, tmp_path: Path
) -> None:
    machine = Machine(
        tmp_path, replace(SETTINGS, mqtt=MqttSettings(host=LOOPBACK, port=free_port()))
    )
    begun = machine.clock.date
    sits = [(at, lambda: machine.sit(True)) for at, _ in BOUTS]
    rises = [(at, lambda: machine.sit(False)) for _, at in BOUTS]
    machine.run(DAY, script=[*sits, *rises])
    told = machine.told
    due = [datetime.fromisoformat(one["at"]) for one in told if one["type"] == "move_due"]
    assert due == [begun + at + minutes(30) for at, _ in BOUTS]
    assert machine.beeps == 3 * len(BOUTS)

    stopped_broker.start()
    watcher = Watcher(stopped_broker)
    chair = LiveChair(tmp_path, mqtt={"host": LOOPBACK, "port": stopped_broker.port})
    arrived = [watcher.wait(f"{ROOT}/log") for _ in told]
    chair.stop()
    watcher.close()

    assert arrived == told
    assert [one["seq"] for one in arrived] == list(range(1, len(told) + 1))
