"""The history of a running service: with and without a broker, over restarts, and switched off."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from support.history_records import START
from support.live_chair import ROOT, LiveChair
from support.mosquitto import LOOPBACK, Mosquitto, Watcher
from support.program import Program
from support.restarted_machine import SETTINGS, minutes
from unsit.history.shelving import Shelf
from unsit.history.store import open_history
from unsit.mqtt.outbox import Outbox
from unsit.runtime.record import NUMBERED_SINCE, Record
from unsit.runtime.state_file import StateFile
from unsit.settings.model import HISTORY_FILE, SittingSettings

SHORT = SittingSettings(move_after=minutes(1), min_break=minutes(1))


def chair_in(folder: Path, **more: Any) -> LiveChair:
    shelf = Shelf(folder / HISTORY_FILE, timedelta(days=99), lambda: START)
    return LiveChair(folder, speed=60.0, seat=SETTINGS.seat, sitting=SHORT, shelf=shelf, **more)


def sit_for_a_bout(chair: LiveChair) -> None:
    chair.seat.set(True)
    chair.wait("move_due")
    chair.seat.set(False)
    chair.wait("bout_ended")


def kept(folder: Path) -> list[Record]:
    with open_history(folder / HISTORY_FILE) as history:
        return list(history.records())


def waiting(folder: Path) -> tuple[int, int]:
    """Return how many events wait for the broker, and how many for the history."""
    state = StateFile(folder / "state.sqlite")
    outbox = Outbox(state, shelves=True)
    state.close()
    return len(outbox), outbox.unshelved


@pytest.mark.program
def test_without_a_broker_every_event_of_every_run_is_kept(tmp_path: Path) -> None:
    for _ in range(2):
        chair = chair_in(tmp_path)
        sit_for_a_bout(chair)
        chair.stop()
    last = chair.service.recorder.seq
    assert [one["seq"] for one in kept(tmp_path)] == list(range(1, last + 1))
    assert waiting(tmp_path) == (0, 0)
    with open_history(tmp_path / HISTORY_FILE) as history:
        first, end = history.extent() or (0, 0)
        assert len(history.bouts(first, end)) == 2


@pytest.mark.broker
def test_what_is_kept_is_what_was_published(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    chair = chair_in(tmp_path, mqtt={"host": LOOPBACK, "port": broker.port})
    sit_for_a_bout(chair)
    chair.stop()
    watcher.event(f"{ROOT}/log", "service_stopped")
    messages = watcher.on(f"{ROOT}/log")
    marks = {message.pop(NUMBERED_SINCE) for message in messages}  # of the counter, no fact
    assert kept(tmp_path) == messages
    assert len(marks) == 1
    assert waiting(tmp_path) == (0, 0)


@pytest.mark.broker
def test_what_the_broker_has_not_got_is_kept_and_still_waits_for_it(
    broker: Mosquitto, tmp_path: Path
) -> None:
    mqtt = {"host": LOOPBACK, "port": broker.port}
    broker.stop()
    chair = chair_in(tmp_path, mqtt=mqtt)
    sit_for_a_bout(chair)
    chair.stop()
    last = chair.service.recorder.seq
    assert [one["seq"] for one in kept(tmp_path)] == list(range(1, last + 1))
    assert waiting(tmp_path) == (last, 0)


def test_a_history_that_is_switched_off_makes_no_file(tmp_path: Path) -> None:
    settings = ("--set", "mqtt.host=none", "--set", "history.keep=off")
    options = ("--simulate", "-", "--state-dir", str(tmp_path))
    with Program("run", *options, *settings) as service:
        service.wait_for("has started")
        service.stop()
    assert not (tmp_path / HISTORY_FILE).exists()
    assert waiting(tmp_path) == (0, 0)
