"""Exercises over a real mosquitto: offered, paced on an empty seat, and counted."""

import pytest

from support.live_chair import ROOT, LiveChair, every
from support.mosquitto import LOOPBACK, Mosquitto, Watcher
from support.timeline import exercise, sec
from unsit.core.programme import Dose, Programme
from unsit.settings.model import SeatSettings, SittingSettings

pytestmark = pytest.mark.broker

STATE, LOG, EVENT = f"{ROOT}/state", f"{ROOT}/log", f"{ROOT}/event"
SQUAT = exercise("squat", Dose(1, sec(0.5), get_ready=sec(0.2)), 2)
LONG = exercise("long", Dose(1, sec(3600)), 1)


def chair_on(broker: Mosquitto) -> LiveChair:
    return LiveChair(
        None,
        mqtt={"host": LOOPBACK, "port": broker.port},
        programme=Programme((SQUAT, LONG)),
        seat=SeatSettings(sit_dwell=every(0.05), stand_dwell=every(0.05)),
        sitting=SittingSettings(move_after=every(1), min_break=every(60)),
    )


def test_the_exercise_comes_with_the_reminder_is_offered_at_the_stand_up_and_is_paced_on_request(
    broker: Mosquitto, watcher: Watcher
) -> None:
    chair = chair_on(broker)
    try:
        chair.seat.set(True)
        due = watcher.event(LOG, "move_due")
        assert (due["exercise"], due["exercise_name"]) == ("squat", "the squat")
        chair.seat.set(False)
        assert watcher.event(LOG, "exercise_due")["steps"] == ["do it"]
        offered = watcher.wait(STATE, lambda state: state["exercise_offered"])
        assert offered["exercise_offered"] == "the squat"
        while not chair.buzzer_changes.empty():  # changes of the reminder
            chair.buzzer_changes.get()

        watcher.publish(f"{ROOT}/command/exercise_pace", "PRESS")
        chair.wait_for_buzzer(True)
        assert watcher.event(LOG, "exercise_done")["paced"] is True
        done = watcher.wait(STATE, lambda state: state["exercises_done_today"])
        assert (done["exercises_done_today"], done["exercises_owed_today"]) == (1, 2)
    finally:
        chair.stop()


def test_an_exercise_is_paced_stopped_and_finished_by_its_id_and_an_unknown_id_is_rejected(
    broker: Mosquitto, watcher: Watcher
) -> None:
    chair = chair_on(broker)
    try:
        watcher.wait(STATE)
        watcher.publish(f"{ROOT}/command/exercise_pace", "long")
        assert watcher.event(LOG, "exercise_started")["lasts_s"] == 3600
        paced = watcher.wait(STATE, lambda state: state["exercise_paced"])
        assert paced["exercise_stage"] == "hold"
        watcher.publish(f"{ROOT}/command/exercise_pace", "OFF")
        assert watcher.event(LOG, "exercise_stopped")["reason"] == "command"
        watcher.publish(f"{ROOT}/command/exercise_done", "long")
        assert watcher.event(LOG, "exercise_done")["exercise"] == "long"
        watcher.publish(f"{ROOT}/command/exercise_done", "sofa")
        assert "there are squat, long" in watcher.event(EVENT, "command_rejected")["why"]
    finally:
        chair.stop()
