"""Holds over a real mosquitto: from topics of others, and by time of day."""

from typing import Any

import pytest

from support.live_chair import ROOT, LiveChair, every
from support.mosquitto import LOOPBACK, Mosquitto, Watcher
from unsit.settings.hours import HoursSettings
from unsit.settings.model import HoldSettings, SeatSettings, SittingSettings

pytestmark = pytest.mark.broker

STATE, LOG, EVENT = f"{ROOT}/state", f"{ROOT}/log", f"{ROOT}/event"
QUICK: dict[str, Any] = {
    "seat": SeatSettings(sit_dwell=every(0.05), stand_dwell=every(0.05)),
    "sitting": SittingSettings(move_after=every(1), min_break=every(1)),
}


def chair_on(broker: Mosquitto, **sections: Any) -> LiveChair:
    return LiveChair(None, mqtt={"host": LOOPBACK, "port": broker.port}, **(QUICK | sections))


def test_a_call_from_before_the_start_holds_and_its_end_brings_the_reminder(
    broker: Mosquitto, watcher: Watcher
) -> None:
    watcher.publish("teams/in-call", "true", retain=True)
    chair = chair_on(broker, hold=HoldSettings(topics="teams/in-call"))
    try:
        held = watcher.wait(STATE, lambda state: state["hold"])
        assert held["hold_reasons"] == ["teams/in-call"]
        assert held["hold_until"] is not None

        chair.seat.set(True)
        assert watcher.event(LOG, "move_due")["silent"] is True
        watcher.publish("teams/in-call", "false", retain=True)
        assert watcher.event(LOG, "hold_ended")["reason"] == "teams/in-call"
        assert watcher.event(LOG, "move_reminder")["silent"] is False
        chair.wait_for_buzzer(True)
    finally:
        chair.stop()
        watcher.publish("teams/in-call", "", retain=True)


def test_a_time_of_day_holds_until_the_wall_clock_shows_it(
    broker: Mosquitto, watcher: Watcher
) -> None:
    chair = chair_on(broker, hours=HoursSettings(timezone="UTC"))
    try:
        watcher.wait(STATE)
        watcher.publish(f"{ROOT}/command/hold", "12:34")

        held = watcher.wait(STATE, lambda state: state["hold"])
        assert held["hold_reasons"] == ["command"]
        assert ":34:00.000" in held["hold_until"]
        watcher.publish(f"{ROOT}/command/hold", "24:34")
        assert "00:00 to 23:59" in watcher.event(EVENT, "command_rejected")["why"]
    finally:
        chair.stop()


def test_a_chair_outside_its_hours_is_held_and_a_command_can_end_the_hold(
    broker: Mosquitto, watcher: Watcher
) -> None:
    never = dict.fromkeys(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), ""
    )
    chair = chair_on(broker, hours=HoursSettings(**never))
    try:
        assert watcher.wait(STATE, lambda state: state["hold"])["hold_reasons"] == ["hours"]

        watcher.publish(f"{ROOT}/command/hold", "OFF")
        watcher.wait(STATE, lambda state: not state["hold"])
        chair.seat.set(True)
        chair.wait_for_buzzer(True)
    finally:
        chair.stop()
