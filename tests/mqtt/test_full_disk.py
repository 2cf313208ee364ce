"""Service on a disk that becomes full, or is full or read-only at the start."""

import subprocess
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest

from support.live_chair import ROOT, LiveChair
from support.mosquitto import LOOPBACK, Mosquitto, Watcher
from unsit.settings.model import SeatSettings, SittingSettings

NO_DWELL = SeatSettings(sit_dwell=timedelta(0), stand_dwell=timedelta(0))
SHORT = SittingSettings(move_after=timedelta(seconds=60), min_break=timedelta(seconds=60))


@pytest.mark.broker
def test_the_chair_goes_on_reports_the_fault_and_returns_to_the_disk(
    small_disk: Path, broker: Mosquitto, watcher: Watcher
) -> None:
    mqtt = {"host": LOOPBACK, "port": broker.port}
    chair = LiveChair(small_disk, speed=60.0, mqtt=mqtt, seat=NO_DWELL, sitting=SHORT)
    watcher.wait(f"{ROOT}/state", lambda state: state["storage_fault"] is None)
    filler = small_disk / "film.mp4"
    with pytest.raises(OSError, match="No space"):
        filler.write_bytes(bytes(2_000_000))

    chair.seat.set(True)
    chair.wait_for_buzzer(True)
    full = watcher.wait(f"{ROOT}/state", lambda state: state["storage_fault"] is not None)
    assert "database or disk is full" in full["storage_fault"]
    assert watcher.event(f"{ROOT}/log", "move_due")

    filler.unlink()
    watcher.wait(f"{ROOT}/state", lambda state: state["storage_fault"] is None)
    last = chair.service.recorder.seq
    chair.stop()

    again = LiveChair(small_disk, mqtt=mqtt, seat=NO_DWELL, sitting=SHORT)
    assert again.wait("service_started")["seq"] > last
    again.stop()


@pytest.mark.broker
def test_a_disk_that_is_full_at_the_start_is_read(
    small_disk: Path, broker: Mosquitto, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    mqtt = {"host": LOOPBACK, "port": broker.port}
    chair = LiveChair(small_disk, mqtt=mqtt, seat=NO_DWELL)
    watcher.wait(f"{ROOT}/state")
    watcher.publish(f"{ROOT}/command/move_after", "1m")
    watcher.wait(f"{ROOT}/state", lambda state: state["move_after_s"] == 60)
    last = chair.wait("service_started")["seq"]
    chair.stop()
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    with pytest.raises(OSError, match="No space"):
        (small_disk / "film.mp4").write_bytes(bytes(2_000_000))

    chair = LiveChair(small_disk, mqtt=mqtt, seat=NO_DWELL)

    state = watcher.wait(f"{ROOT}/state", lambda state: state["storage_fault"] is not None)
    assert state["move_after_s"] == 60
    assert chair.wait("service_started")["seq"] > last
    chair.stop()


@pytest.mark.broker
def test_on_a_read_only_disk_the_chair_works_with_its_saved_state(
    small_disk: Path, broker: Mosquitto, watcher: Watcher
) -> None:
    mqtt = {"host": LOOPBACK, "port": broker.port}
    chair = LiveChair(small_disk, mqtt=mqtt, seat=NO_DWELL)
    watcher.wait(f"{ROOT}/state")
    watcher.publish(f"{ROOT}/command/move_after", "1m")
    watcher.wait(f"{ROOT}/state", lambda state: state["move_after_s"] == 60)
    last = chair.wait("service_started")["seq"]
    chair.stop()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)

    chair = LiveChair(small_disk, speed=60.0, mqtt=mqtt, seat=NO_DWELL)
    state = watcher.wait(f"{ROOT}/state", lambda state: state["storage_fault"] is not None)
    assert state["move_after_s"] == 60
    assert chair.wait("service_started")["seq"] > last
    chair.seat.set(True)
    chair.wait_for_buzzer(True)
    chair.stop()
