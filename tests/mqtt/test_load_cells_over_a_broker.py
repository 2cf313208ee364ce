"""Chair on load cells and a real mosquitto: its state and its commands."""

from pathlib import Path
from typing import Any

import pytest

from support.chair_program import chair_on
from support.live_chair import ROOT
from support.mosquitto import Mosquitto, Watcher

pytestmark = pytest.mark.broker

STATE, EVENT, LOG = f"{ROOT}/state", f"{ROOT}/event", f"{ROOT}/log"


def test_the_state_has_no_load_by_default(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with chair_on(broker, tmp_path) as chair:
        chair.say("grams\n75000\n")
        state = watcher.wait(STATE, lambda state: state["occupied"])

    assert state["load_kg"] is None
    assert state["sensor_fault"] is None
    assert state["leaning"] is None
    assert state["shifts"] is None


def test_the_load_is_in_the_state_if_it_is_to_be_published(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with chair_on(broker, tmp_path, "load_cell.publish_load=true") as chair:
        chair.say("grams\n75000\n")
        state = watcher.wait(STATE, lambda state: state["occupied"])

    assert state["load_kg"] == pytest.approx(75, abs=0.2)


def send_until(watcher: Watcher, command: str, payload: str, kind: str) -> Any:
    """Send a command until it is accepted; in the first seconds there are too few readings.

    Only a few commands in a second are answered.
    """
    answers = (kind, "command_rejected")
    while True:
        watcher.publish(f"{ROOT}/command/{command}", payload)
        try:
            answer = watcher.wait(EVENT, lambda content: content["type"] in answers, within=0.5)
        except AssertionError:
            continue
        if answer["type"] == kind:
            return answer
        words = ("wait a few seconds", "scatter", "heavier")
        assert any(word in answer["why"] for word in words), answer


def test_tare_and_a_known_weight_are_commands(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with chair_on(broker, tmp_path, "seat.stand_dwell=0") as chair:
        chair.say("grams\n60000\n")
        watcher.wait(STATE, lambda state: state["occupied"])
        chair.say("2000\n")
        watcher.wait(STATE, lambda state: not state["occupied"])
        tared = send_until(watcher, "tare", "", "seat_tared")
        chair.say("12000\n")
        calibrated = send_until(watcher, "calibrate", "10", "seat_calibrated")

    assert tared["noise_kg"] < 0.1
    assert calibrated["weight_kg"] == 10


def test_a_tare_with_a_person_on_the_seat_is_refused_with_the_reason(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with chair_on(broker, tmp_path) as chair:
        chair.say("grams\n75000\n")
        watcher.wait(STATE, lambda state: state["occupied"])
        watcher.publish(f"{ROOT}/command/tare", "")
        refusal = watcher.event(EVENT, "command_rejected")

    assert refusal["command"] == "tare"
    assert refusal["why"] == (
        "somebody is on the seat; empty it first, or tare with the payload force if it is empty"
    )


def test_a_known_weight_at_each_corner_names_a_cell_that_is_wired_wrongly(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    loads = {"left_front": "16000,4000", "right_front": "4000,16000"}
    loads |= {"left_back": "11500,4000", "right_back": "4000,16000"}
    with chair_on(broker, tmp_path, "seat.sit_dwell=0", "seat.stand_dwell=0") as chair:
        chair.say("grams_left,grams_right\n")
        for corner, grams in loads.items():
            chair.say("0,0\n")
            watcher.wait(STATE, lambda state: not state["occupied"])
            chair.say(f"{grams}\n")
            watcher.wait(STATE, lambda state: state["occupied"])
            weighed = send_until(watcher, "calibrate", f"20 {corner}", "seat_corner_weighed")

    assert weighed["missing"] == []
    assert weighed["wrong"].startswith("left back")


def test_a_chair_on_a_mat_refuses_to_tare(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with chair_on(broker, tmp_path) as chair:
        chair.say("contact\n1\n")
        watcher.wait(STATE, lambda state: state["occupied"])
        watcher.publish(f"{ROOT}/command/tare", "")
        refusal = watcher.event(EVENT, "command_rejected")

    assert refusal["why"] == "this chair has no load cells"


def test_leaning_is_in_the_state(broker: Mosquitto, watcher: Watcher, tmp_path: Path) -> None:
    with chair_on(broker, tmp_path, "load_cell.lean_after=1s") as chair:
        chair.say("grams_left,grams_right\n60000,15000\n")
        assert watcher.event(LOG, "leaning_started")["side"] == "left"
        assert watcher.wait(STATE, lambda state: state["leaning"])["leaning"] == "left"
