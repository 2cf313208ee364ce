"""A day without the broker: all reminders sound, and all events arrive in order later."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.live_chair import ROOT, LiveChair
from support.mosquitto import LOOPBACK, Mosquitto, Watcher, free_port
from support.restarted_machine import SETTINGS, Machine, minutes
from unsit.settings.model import MqttSettings

DAY = minutes(24 * 60)
BOUTS = [(minutes(at), minutes(at + length)) for at in range(1, 1400, 47) for length in (41,)]
"""Thirty bouts, each with three reminders."""


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
    told = machine.records
    due = [datetime.fromisoformat(one["at"]) for one in told if one["type"] == "move_due"]
    assert due == [begun + at + minutes(30) for at, _ in BOUTS]
    assert machine.beeps == 3 * len(BOUTS)

    stopped_broker.start()
    watcher = Watcher(stopped_broker)
    chair = LiveChair(tmp_path, mqtt={"host": LOOPBACK, "port": stopped_broker.port})
    arrived = [watcher.wait(f"{ROOT}/log") for _ in told]
    chair.stop()
    watcher.close()

    marks = {one.pop("numbered_since") for one in arrived}  # only on log
    assert arrived == told
    assert len(marks) == 1
    assert [one["seq"] for one in arrived] == list(range(1, len(told) + 1))


@pytest.mark.broker
@pytest.mark.parametrize("behind", [timedelta(days=1), timedelta(seconds=5), timedelta(0)])
def test_after_a_reboot_no_old_event_is_news_however_far_the_clock_is_behind(
    behind: timedelta, stopped_broker: Mosquitto, tmp_path: Path
) -> None:
    machine = Machine(
        tmp_path, replace(SETTINGS, mqtt=MqttSettings(host=LOOPBACK, port=free_port()))
    )
    lapse = minutes(4)
    machine.clock.date = datetime.now(UTC) + behind - lapse
    moves = [(timedelta(seconds=14 * n), lambda n=n: machine.sit(n % 2 == 0)) for n in range(16)]
    machine.run(lapse, script=moves)
    told = [one["id"] for one in machine.records]
    assert len(told) >= 17

    stopped_broker.start()
    watcher = Watcher(stopped_broker)
    chair = LiveChair(tmp_path, mqtt={"host": LOOPBACK, "port": stopped_broker.port})
    news = watcher.event(f"{ROOT}/event", "service_started")
    watcher.wait(f"{ROOT}/log", lambda one: one["id"] == news["id"])
    chair.stop()
    watcher.close()

    assert [one["id"] for one in watcher.on(f"{ROOT}/log")][: len(told)] == told
    assert {one["id"] for one in watcher.on(f"{ROOT}/event")}.isdisjoint(told)
