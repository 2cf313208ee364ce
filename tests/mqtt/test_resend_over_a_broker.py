"""Resends over a real mosquitto: from the history, after a kill of the broker, and forgotten."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from support.history_records import START
from support.live_chair import ROOT, LiveChair
from support.mosquitto import LOOPBACK, Mosquitto, Watcher
from support.restarted_machine import SETTINGS, minutes
from unsit.history.shelving import Shelf
from unsit.history.store import open_to_write
from unsit.settings.model import HISTORY_FILE, SittingSettings

pytestmark = pytest.mark.broker

STATE, LOG, EVENT = f"{ROOT}/state", f"{ROOT}/log", f"{ROOT}/event"


def chair_in(folder: Path, broker: Mosquitto) -> LiveChair:
    return LiveChair(
        folder,
        speed=60.0,
        seat=SETTINGS.seat,
        sitting=SittingSettings(move_after=minutes(1), min_break=minutes(1)),
        mqtt={"host": LOOPBACK, "port": broker.port},
        shelf=Shelf(folder / HISTORY_FILE, timedelta(days=99), lambda: START),
    )


def sit_for_a_bout(chair: LiveChair) -> None:
    chair.seat.set(True)
    chair.wait("move_due")
    chair.seat.set(False)
    chair.wait("bout_ended")


def ask(watcher: Watcher, first: int, last: int, **more: Any) -> None:
    watcher.publish(f"{ROOT}/command/resend", json.dumps({"first": first, "last": last} | more))


def numbered(watcher: Watcher) -> list[dict[str, Any]]:
    return [message for message in watcher.on(LOG) if "seq" in message]


def test_events_of_a_previous_run_come_once_more_as_they_were(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    chair = chair_in(tmp_path, broker)
    sit_for_a_bout(chair)
    chair.stop()
    watcher.event(LOG, "service_stopped")
    before = numbered(watcher)
    last = before[-1]["seq"]
    assert [one["seq"] for one in before] == list(range(1, last + 1))

    chair = chair_in(tmp_path, broker)
    try:
        state = watcher.wait(STATE, lambda state: state["seq"] > last)
        assert state["numbered_since"] == before[0]["numbered_since"], "the same card"
        ask(watcher, 1, last, numbered_since=state["numbered_since"])
        watcher.wait(LOG, lambda one: one["seq"] == last)
        again = [one for one in numbered(watcher) if one["seq"] <= last][last:]
        assert again == before
    finally:
        chair.stop()


def test_forgotten_events_are_named_as_gone(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    chair = chair_in(tmp_path, broker)
    sit_for_a_bout(chair)
    chair.stop()
    file = open_to_write(tmp_path / HISTORY_FILE, 5)
    file.forget(None, None)
    file.close()
    last = watcher.event(LOG, "service_stopped")["seq"]

    chair = chair_in(tmp_path, broker)
    try:
        watcher.wait(STATE, lambda state: state["seq"] > last)
        ask(watcher, 2, last)
        gone = watcher.event(LOG, "events_gone")
        assert (gone["chair"], gone["first"], gone["last"]) == ("test-chair", 2, last)
    finally:
        chair.stop()


def test_a_request_that_cannot_be_served_is_answered_as_any_command(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    chair = chair_in(tmp_path, broker)
    try:
        watcher.wait(STATE)
        for payload, why in (
            ('{"first": 1, "last": 5000}', "at most 1000"),
            ('{"first": 900, "last": 901}', "the last one that happened is"),
            ("x" * 5000, "5000 bytes; expected at most 4096"),
        ):
            watcher.publish(f"{ROOT}/command/resend", payload)
            answer = watcher.event(EVENT, "command_rejected")
            assert answer["command"] == "resend"
            assert why in answer["why"]
    finally:
        chair.stop()
