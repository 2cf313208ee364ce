"""A chair on load cells against a real mosquitto: its state, its commands, what it keeps quiet."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from livechair import ROOT
from mosquitto import Mosquitto, Watcher

pytestmark = pytest.mark.broker

STATE, EVENT, LOG = f"{ROOT}/state", f"{ROOT}/event", f"{ROOT}/log"


@contextmanager
def chair_on(
    broker: Mosquitto, state_dir: object, *rows: str, **settings: str
) -> Iterator[subprocess.Popen[str]]:
    """A chair on simulated cells that carry these rows."""
    options = [f"{key.replace('__', '.')}={value}" for key, value in settings.items()]
    flags = [part for option in options for part in ("--set", option)]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "unsit", "run", "--simulate", "-"),
            *("--state-dir", str(state_dir), "--set", f"mqtt.port={broker.port}"),
            *("--set", "chair.id=test-chair", *flags),
        ],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"UNSIT_SEAT__SIT_DWELL": "0"},
    )
    say(process, *rows)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def say(process: subprocess.Popen[str], *rows: str) -> None:
    assert process.stdin is not None
    process.stdin.write("".join(f"{row}\n" for row in rows))
    process.stdin.flush()


def test_the_state_says_nothing_of_the_load_unless_it_is_asked_for(
    broker: Mosquitto, watcher: Watcher, tmp_path: object
) -> None:
    with chair_on(broker, tmp_path, "grams", "75000"):
        state = watcher.wait(STATE, lambda state: state["occupied"])

    assert state["load_kg"] is None
    assert state["sensor_fault"] is None
    assert state["leaning"] is None
    assert state["shifts"] is None


def test_the_load_is_in_the_state_where_it_was_asked_for(
    broker: Mosquitto, watcher: Watcher, tmp_path: object
) -> None:
    with chair_on(broker, tmp_path, "grams", "75000", load_cell__publish_load="true"):
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
    broker: Mosquitto, watcher: Watcher, tmp_path: object
) -> None:
    rows = ("grams", "60000")
    with chair_on(broker, tmp_path, *rows, seat__stand_dwell="0") as chair:
        watcher.wait(STATE, lambda state: state["occupied"])
        say(chair, "2000")
        watcher.wait(STATE, lambda state: not state["occupied"])
        tared = ask_until(watcher, "tare", "", "seat_tared")
        say(chair, "12000")
        calibrated = ask_until(watcher, "calibrate", "10", "seat_calibrated")

    assert tared["noise_kg"] < 0.1
    assert calibrated["weight_kg"] == 10


def test_a_tare_with_somebody_on_the_seat_is_refused_with_why(
    broker: Mosquitto, watcher: Watcher, tmp_path: object
) -> None:
    with chair_on(broker, tmp_path, "grams", "75000"):
        watcher.wait(STATE, lambda state: state["occupied"])
        watcher.publish(f"{ROOT}/command/tare", "")
        refusal = watcher.event(EVENT, "command_rejected")

    assert refusal["command"] == "tare"
    assert refusal["why"] == "somebody is on the seat; empty it first"


def test_a_chair_on_a_mat_has_nothing_to_tare(
    broker: Mosquitto, watcher: Watcher, tmp_path: object
) -> None:
    with chair_on(broker, tmp_path, "contact", "1"):
        watcher.wait(STATE, lambda state: state["occupied"])
        watcher.publish(f"{ROOT}/command/tare", "")
        refusal = watcher.event(EVENT, "command_rejected")

    assert refusal["why"] == "this chair has no load cells"


def test_leaning_is_in_the_state(broker: Mosquitto, watcher: Watcher, tmp_path: object) -> None:
    rows = ("grams_left,grams_right", "60000,15000")
    with chair_on(broker, tmp_path, *rows, load_cell__lean_after="1s"):
        assert watcher.event(LOG, "leaning_started")["side"] == "left"
        assert watcher.wait(STATE, lambda state: state["leaning"])["leaning"] == "left"
