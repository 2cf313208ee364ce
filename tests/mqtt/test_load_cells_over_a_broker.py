"""A chair on load cells against a real mosquitto: its state, its commands, what it keeps quiet."""

from pathlib import Path
from typing import Any

import pytest

from livechair import ROOT
from mosquitto import Mosquitto, Watcher
from mqtt.chair_program import chair_on

pytestmark = pytest.mark.broker

STATE, EVENT, LOG = f"{ROOT}/state", f"{ROOT}/event", f"{ROOT}/log"


def test_the_state_says_nothing_of_the_load_unless_it_is_asked_for(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with chair_on(broker, tmp_path) as chair:
        chair.say("grams\n75000\n")
        state = watcher.wait(STATE, lambda state: state["occupied"])

    assert state["load_kg"] is None
    assert state["sensor_fault"] is None
    assert state["leaning"] is None
    assert state["shifts"] is None


def test_the_load_is_in_the_state_where_it_was_asked_for(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with chair_on(broker, tmp_path, "load_cell.publish_load=true") as chair:
        chair.say("grams\n75000\n")
        state = watcher.wait(STATE, lambda state: state["occupied"])

    assert state["load_kg"] == pytest.approx(75, abs=0.2)


def ask_until(watcher: Watcher, command: str, payload: str, kind: str) -> Any:
    """Sends a command until it is met; in the first seconds there are too few readings."""
    answers = (kind, "command_rejected")
    while True:
        watcher.publish(f"{ROOT}/command/{command}", payload)
        answer = watcher.wait(EVENT, lambda content: content["type"] in answers)
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
        tared = ask_until(watcher, "tare", "", "seat_tared")
        chair.say("12000\n")
        calibrated = ask_until(watcher, "calibrate", "10", "seat_calibrated")

    assert tared["noise_kg"] < 0.1
    assert calibrated["weight_kg"] == 10


def test_a_tare_with_somebody_on_the_seat_is_refused_with_why(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with chair_on(broker, tmp_path) as chair:
        chair.say("grams\n75000\n")
        watcher.wait(STATE, lambda state: state["occupied"])
        watcher.publish(f"{ROOT}/command/tare", "")
        refusal = watcher.event(EVENT, "command_rejected")

    assert refusal["command"] == "tare"
    assert refusal["why"] == "somebody is on the seat; empty it first"


def test_a_chair_on_a_mat_has_nothing_to_tare(
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
