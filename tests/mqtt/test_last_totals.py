"""Totals of a day: the last message before midnight has them to the second."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.live_chair import ROOT, LiveChair
from support.mosquitto import LOOPBACK, Mosquitto, Watcher
from unsit.settings.hours import HoursSettings
from unsit.settings.model import SeatSettings

pytestmark = pytest.mark.broker

STATE = f"{ROOT}/state"
EVENING = datetime(2026, 3, 2, 23, 59, 15, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)


def test_the_day_ends_with_exact_totals_although_somebody_sits(
    broker: Mosquitto, watcher: Watcher
) -> None:
    chair = LiveChair(
        speed=10,
        start=EVENING,
        mqtt={"host": LOOPBACK, "port": broker.port},
        seat=SeatSettings(sit_dwell=timedelta(0), stand_dwell=timedelta(0)),
        hours=HoursSettings(timezone="UTC"),
    )
    try:
        watcher.wait(STATE)
        chair.seat.set(True)
        after = watcher.wait(STATE, lambda state: state["at"] > "2026-03-03")
    finally:
        chair.stop()

    states: list[dict[str, Any]] = watcher.on(STATE)
    last = [state for state in states if state["today_since"] < "2026-03-03"][-1]
    seated = MIDNIGHT - datetime.fromisoformat(last["sitting_since"])
    assert last["seated_today_s"] == last["longest_bout_today_s"] == seated // timedelta(seconds=1)
    assert after["today_since"] == "2026-03-03T00:00:00.000+00:00"
    assert after["seated_today_s"] == 0
