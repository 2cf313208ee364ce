"""Blueprints and dashboard in a real Home Assistant, with a lamp and a speaker.

``UNSIT_RESTARTS`` is the number of restarts (``make restarts`` does 20); ``UNSIT_SEED`` draws
others.
"""

import json
import logging
import os
import random
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from support.fixtures import missing
from support.ha_fixture import (
    COLOURED_LAMP,
    FIXTURE_WARNINGS,
    IN_A_CALL,
    LAMP,
    RESTART_WARNINGS,
    SPEAKER,
    install_fixture,
    use_blueprints,
)
from support.mosquitto import Watcher
from support.real_home_assistant import ROOT, Chair, RealHome, missing_installation

pytestmark = pytest.mark.homeassistant

LOG = logging.getLogger(__name__)

RESTARTS = int(os.environ.get("UNSIT_RESTARTS", "3"))
SEED = int(os.environ.get("UNSIT_SEED", "1"))

CALL, MEETING = IN_A_CALL[-32:], "meeting"
"""Reasons of the hold of the blueprint, and of the one of somebody else."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHome]:
    """Start a Home Assistant with a lamp, a speaker and all blueprints in use."""
    if (what := missing_installation()) is not None:
        missing(what)
    home = RealHome(tmp_path_factory.mktemp("home"))
    try:
        install_fixture(home)
        announce(home, tmp_path_factory.mktemp("chair"))
        use_blueprints(home)
        yield home
        complaints = [
            line
            for line in home.complaints()
            if not any(words in line for words in (*FIXTURE_WARNINGS, *RESTART_WARNINGS))
        ]
        assert complaints == []
    finally:
        home.down()


def announce(home: RealHome, folder: Path) -> None:
    """Let the chair announce itself once, so that it is a device."""
    chair = Chair(home, folder / "state")
    chair.start()
    home.shows(occupied="off")
    chair.stop()


@pytest.fixture
def chair(home: RealHome, tmp_path: Path) -> Iterator[Chair]:
    """Start a chair that is due after 2 s."""
    settings = ("sitting.move_after=2s", "sitting.min_break=1s", "reminders.repeat_every=1h")
    chair = Chair(home, tmp_path / "state", *settings)
    chair.start()
    home.shows(occupied="off", hold="off")
    yield chair
    chair.stop()


def test_the_dashboard_is_loaded_without_a_warning(home: RealHome) -> None:
    page = json.loads(home.program("api", "WS", "lovelace/config", '{"url_path": "chair-today"}'))

    assert [view["title"] for view in page["views"]] == ["Today"]


LOOKS: dict[str, dict[str, Any]] = {
    "off": {"state": "off", "brightness": None, "hs_color": None},
    "on": {"state": "on", "brightness": 51, "hs_color": None},
    "due": {"state": "on", "brightness": 153, "hs_color": None},
    "green": {"state": "on", "brightness": 102, "hs_color": [120.0, 100.0]},
}


@pytest.mark.parametrize(
    ("lamp", "before", "due"),
    [(LAMP, "off", 153), (LAMP, "on", 153), (COLOURED_LAMP, "green", 255)],
)
def test_the_lamp_is_on_while_it_is_time_to_move_and_is_then_as_it_was(
    home: RealHome, chair: Chair, lamp: str, before: str, due: int
) -> None:
    switch(home, lamp, LOOKS[before])
    home.wait(lambda _: look(home, lamp) == LOOKS[before], "the lamp is as before")
    chair.sits()
    home.wait(lambda _: look(home, lamp)["brightness"] == due, "the lamp is lit")
    chair.rises()
    home.wait(lambda _: look(home, lamp) == LOOKS[before], "the lamp is as it was")


def test_the_speaker_says_that_it_is_time_to_move(home: RealHome, chair: Chair) -> None:
    chair.sits()
    home.wait(
        lambda _: "Time+to+move" in said_by(home, SPEAKER),
        "the speaker says that it is time to move",
    )


def test_a_person_who_is_still_sitting_is_notified_and_the_notification_is_removed(
    home: RealHome, chair: Chair
) -> None:
    chair.sits()
    home.wait(lambda _: "Time to move" in notified(home), "the notification")
    chair.rises()
    home.wait(lambda _: "Time to move" not in notified(home), "it is taken back")


def test_a_call_holds_the_chair_and_ends_no_hold_but_its_own(home: RealHome, chair: Chair) -> None:
    turn(home, "on")
    holds(home, CALL)
    publish(home, f"{ROOT}/command/hold/{MEETING}", "ON")
    holds(home, CALL, MEETING)
    turn(home, "off")
    holds(home, MEETING)
    publish(home, f"{ROOT}/command/hold/{MEETING}", "")
    holds(home)


def test_a_call_that_began_or_ended_while_the_chair_was_away_is_known_at_its_return(
    home: RealHome, chair: Chair
) -> None:
    chair.stop()
    home.shows(hold="unavailable")
    turn(home, "on")
    chair.start()
    home.shows(hold="on")
    chair.stop()
    home.shows(hold="unavailable")
    turn(home, "off")
    chair.start()
    home.shows(hold="off")


class Life:
    """Person at a desk, with calls and a lamp, while this and that restarts."""

    def __init__(self, home: RealHome, chair: Chair, draw: random.Random) -> None:
        self._home = home
        self._chair = chair
        self._draw = draw
        self._seated = False
        self._meeting = False
        self._before = LOOKS["off"]
        switch(home, LAMP, self._before)

    def reach(self, step: str) -> None:
        """Let the person do what leads to a step of the automations."""
        if step == "empty":
            self._rise()
            return
        self._sit()
        if step == "due":
            self._home.shows(move_due="on")
        elif step == "notified":
            self._home.wait(lambda _: bool(notified(self._home)), "a notification")

    def restart(self, what: str) -> None:
        """Restart something, cleanly or not; meanwhile life goes on or not."""
        crash = self._draw.random() < 0.5
        if what == "chair":
            self._chair.kill() if crash else self._chair.stop()
            self._meanwhile(seat=False)
            self._chair.start()
            if self._seated:
                self._chair.sits()
        elif what == "automations":
            file = self._home.run / "config" / "automations.yaml"
            automations = json.loads(file.read_text())
            for automation in automations:
                automation["description"] = f"changed {self._draw.random()}"
            file.write_text(json.dumps(automations))
            self._home.request("/api/services/automation/reload", {})
        else:
            how = ["--crash"] if crash else []
            self._home.program("restart", what, "--half", "stop", *how)
            self._meanwhile(seat=True)
            self._home.restart(what, "--half", "start")

    def live(self) -> None:
        """Let something happen."""
        if self._draw.random() < 0.5:
            self._turn_call()
        if self._draw.random() < 0.5:
            self._meet()

    def settle(self) -> None:
        """Wait until lamp, notification and holds are what the seat and the sources say."""
        what = f"seated: {self._seated}, meeting: {self._meeting}"
        self._home.wait(lambda _: self._agrees(), what)

    def change_lamp(self) -> None:
        """Give the lamp another look, if it is not in use."""
        if not state_message(self._home)["move_due"]:
            self._before = self._draw.choice([LOOKS["on"], LOOKS["off"]])
            switch(self._home, LAMP, self._before)

    def _meanwhile(self, *, seat: bool) -> None:
        if self._draw.random() < 0.5:
            self._rise() if self._seated and seat else self._turn_call()

    def _sit(self) -> None:
        self._seated = True
        self._chair.sits()

    def _rise(self) -> None:
        self._seated = False
        self._chair.rises()

    def _turn_call(self) -> None:
        with suppress(OSError):  # Home Assistant may be away: then it learns nothing of a call
            turn(self._home, "off" if in_a_call(self._home) else "on")

    def _meet(self) -> None:
        self._meeting = not self._meeting
        topic = f"{ROOT}/command/hold/{MEETING}"
        publish(self._home, topic, "ON" if self._meeting else "")

    def _agrees(self) -> bool:
        state = state_message(self._home)
        due = state["move_due"]
        return bool(
            state["occupied"] == self._seated
            and set(state["hold_reasons"]) == self._holders()
            and look(self._home, LAMP) == (LOOKS["due"] if due else self._before)
            and len(notified(self._home)) == due
            and state_message(self._home)["move_due"] == due
        )

    def _holders(self) -> set[str]:
        both = {CALL: in_a_call(self._home), MEETING: self._meeting}
        return {reason for reason, is_on in both.items() if is_on}


def test_after_any_restart_lamp_notification_and_holds_are_what_seat_and_sources_say(
    home: RealHome, chair: Chair
) -> None:
    draw = random.Random(SEED)
    pairs = list(product(("empty", "seated", "due", "notified"), RESTARTED))
    draw.shuffle(pairs)
    chair.stop()
    chair.start("sitting.move_after=6s")
    home.shows(occupied="off")
    life = Life(home, chair, draw)
    for number in range(RESTARTS):
        step, what = pairs[number % len(pairs)]
        LOG.info("restart %d of %d: %s while %s", number + 1, RESTARTS, what, step)
        life.change_lamp()
        life.live()
        life.reach(step)
        life.restart(what)
        life.settle()
        life.live()
        life.settle()
    life.reach("empty")
    life.settle()


RESTARTED = ("ha", "broker", "chair", "automations")


def state_of(home: RealHome, entity: str) -> dict[str, Any]:
    return dict(home.request(f"/api/states/{entity}"))


def switch(home: RealHome, lamp: str, wanted: dict[str, Any]) -> None:
    """Give a lamp a look."""
    data = {key: value for key, value in wanted.items() if value is not None}
    service = f"/api/services/light/turn_{data.pop('state')}"
    home.request(service, {"entity_id": lamp, **data})


def look(home: RealHome, lamp: str) -> dict[str, Any]:
    """Return the look of a lamp."""
    state = state_of(home, lamp)
    keys = ("brightness", "hs_color")
    return {"state": state["state"], **{key: state["attributes"].get(key) for key in keys}}


def said_by(home: RealHome, speaker: str) -> str:
    return str(state_of(home, speaker)["attributes"].get("media_content_id"))


def notified(home: RealHome) -> list[str]:
    told = json.loads(home.program("api", "WS", "persistent_notification/get"))
    return [one["title"] for one in told if one["title"] == "Time to move"]


def state_message(home: RealHome) -> dict[str, Any]:
    """Return the retained state of the chair."""
    watcher = Watcher(home.broker, f"{ROOT}/state")
    try:
        return dict(watcher.wait(f"{ROOT}/state"))
    finally:
        watcher.close()


def publish(home: RealHome, topic: str, payload: str) -> None:
    """Publish a retained message."""
    watcher = Watcher(home.broker, topic)
    try:
        watcher.publish(topic, payload, retain=True)
    finally:
        watcher.close()


def holds(home: RealHome, *reasons: str) -> None:
    """Wait until the chair is held for exactly these reasons."""
    home.wait(
        lambda _: set(state_message(home)["hold_reasons"]) == set(reasons), f"held: {reasons}"
    )


def in_a_call(home: RealHome) -> bool:
    return bool(state_of(home, IN_A_CALL)["state"] == "on")


def turn(home: RealHome, how: str) -> None:
    home.request(f"/api/services/input_boolean/turn_{how}", {"entity_id": IN_A_CALL})
