"""Long-term statistics of a living Home Assistant, over both nights in which clocks are set.

The service runs through generated days in scaled time, and what it publishes is sent to a Home
Assistant whose wall clock is set to the instant of each message. Home Assistant is restarted on
some days, and compiles the statistics of what it has recorded. ``UNSIT_STATISTICS_DAYS`` is the
number of days around each of the two nights (``make statistics`` takes 9); without it the
tests are skipped.
"""

import json
import os
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from support.fake_wall_clock import FakeWallClock, NoWallClockError, compile_wall_clock
from support.fixtures import missing
from support.ha_fixture import RESTART_WARNINGS
from support.live_chair import ROOT, LiveChair
from support.mosquitto import LOOPBACK, Mosquitto, Watcher
from support.real_home_assistant import RealHome, missing_installation
from unsit.homeassistant.discovery import Description, discovery, discovery_topic
from unsit.mqtt.topics import Topics
from unsit.runtime.clock import ScaledClock
from unsit.settings.hours import HoursSettings

DAYS = int(os.environ.get("UNSIT_STATISTICS_DAYS", "0"))
SEED = int(os.environ.get("UNSIT_SEED", "1"))

pytestmark = [
    pytest.mark.homeassistant,
    pytest.mark.skipif(DAYS == 0, reason="takes many minutes; run it with: make statistics"),
]

ZONE = "Europe/Berlin"
BERLIN = ZoneInfo(ZONE)
NIGHTS = (date(2027, 3, 28), date(2027, 10, 31))
"""Days of 23 and of 25 hours."""

BY_DAY, BY_NIGHT = 10_000.0, 50_000.0
"""Speeds of the clock while somebody may sit, and while nobody does."""

SEATED = "sensor.test_chair_seated_today"
RESTARTS_A_MESSAGE = 0.02
TOLERANCE_H = 1.1 / 60
LIFE_TIMEOUT_S = 1800.0
COMPILE_TIMEOUT_S = 300.0
"""Home Assistant compiles what it has missed in pieces of five minutes."""

START_LEAD = timedelta(minutes=30)
"""Home Assistant starts before the days, so that its clock is never set back."""

AFTER_MIDNIGHT = timedelta(minutes=30)
AWAKE = timedelta(minutes=30)
"""Time before an edge from which the clock is slow."""

TOTALS = ("seated_today_s", "today_since")
"""Keys of the state on which the statistics depend."""

Message = tuple[datetime, dict[str, Any]]


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """Return a time of a day in Berlin, in UTC."""
    return datetime.combine(day, time(hour, minute), BERLIN).astimezone(UTC)


@dataclass
class Days:
    """Generated days of a person: bouts on workdays, and one in the middle of the peculiar night.

    stretches: times on the seat in UTC, in order; breaks between them are of five minutes or more.
    """

    first: date
    last: date
    night: date
    draw: random.Random
    stretches: list[tuple[datetime, datetime]] = field(default_factory=list)

    def __post_init__(self) -> None:
        day = self.first
        while day <= self.last:
            if day == self.night:
                self._sit(local(day, 1, 10), 170)
            at = local(day, 8, self.draw.randrange(60))
            while at < local(day, 17):
                at = self._sit(at, self.draw.randrange(10, 75)) + timedelta(
                    minutes=self.draw.randrange(5, 60)
                )
            day += timedelta(days=1)

    def _sit(self, at: datetime, minutes: int) -> datetime:
        ended = at + timedelta(minutes=minutes)
        self.stretches.append((at, ended))
        return ended

    @property
    def dates(self) -> list[date]:
        return [self.first + timedelta(n) for n in range((self.last - self.first).days + 1)]


class Life:
    """Service that lives through days in scaled time, and what it publishes.

    measured: the times on the seat as they became.
    """

    def __init__(self, broker: Mosquitto, days: Days) -> None:
        self.measured: list[list[datetime]] = []
        self._edges = [edge for stretch in days.stretches for edge in stretch]
        self._end = local(days.last + timedelta(days=1), 0) + AFTER_MIDNIGHT
        self._over = threading.Event()
        self._watcher = Watcher(broker, f"{ROOT}/state")
        self._chair = LiveChair(
            speed=BY_NIGHT,
            start=local(days.first, 0, 1),
            mqtt={"host": LOOPBACK, "port": broker.port},
            hours=HoursSettings(timezone=ZONE),
        )

    def messages(self) -> list[Message]:
        """Live through the days; return the state messages."""
        self._chair.service.loop.call(self._sleep)
        assert self._over.wait(LIFE_TIMEOUT_S), "the days do not end"
        self._chair.stop()
        midnight = self._end - AFTER_MIDNIGHT
        self._watcher.wait(f"{ROOT}/state", lambda state: date_of(state) >= midnight)
        self._watcher.close()
        states = self._watcher.on(f"{ROOT}/state")
        return [(date_of(state), state) for state in states]

    def _sleep(self) -> None:
        """Let time pass quickly until the next edge is near."""
        self._clock.set_speed(BY_NIGHT)
        self._at((self._edges[0] - AWAKE) if self._edges else self._end, self._wake)

    def _wake(self) -> None:
        self._clock.set_speed(BY_DAY)
        if self._edges:
            self._at(self._edges[0], self._move)
        else:
            self._over.set()

    def _move(self) -> None:
        """Sit down or rise, and note the real instant of that."""
        del self._edges[0]
        now = self._clock.wall(self._clock.now()).astimezone(UTC)
        seated = len(self._edges) % 2 == 1
        self._chair.seat.set(seated)
        self.measured.append([now]) if seated else self.measured[-1].append(now)
        if seated or (self._edges and self._edges[0] - now < 2 * AWAKE):
            self._at(self._edges[0], self._move)
        else:
            self._sleep()

    @property
    def _clock(self) -> ScaledClock:
        clock = self._chair.service.loop.clock
        assert isinstance(clock, ScaledClock)
        return clock

    def _at(self, when: datetime, act: Callable[[], None]) -> None:
        clock = self._clock
        self._chair.service.loop.at(clock.now() + (when - clock.wall(clock.now())), act)


def date_of(state: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(state["at"])


def seated_hours(day: date, measured: list[list[datetime]]) -> float:
    """Return the hours on the seat of a day, which has 23, 24 or 25 hours."""
    begins, ends = local(day, 0), local(day + timedelta(days=1), 0)
    spans = (min(end, ends) - max(start, begins) for start, end in measured)
    return sum(span.total_seconds() for span in spans if span > timedelta(0)) / 3600


class Later:
    """Home Assistant in the year of the days, whose clock is set to each message."""

    def __init__(self, folder: Path, clock: FakeWallClock, begin: datetime) -> None:
        self._clock = clock
        self._set(begin)
        self.home = RealHome(folder, "--time-zone", ZONE, variables=clock.variables)
        self._watcher = Watcher(self.home.broker, "none")
        chair = Topics("unsit", "test-chair")
        payload = json.dumps(discovery(Description(chair, "Chair", "1")))
        self._watcher.publish(discovery_topic("homeassistant", "test-chair"), payload, retain=True)
        self._watcher.publish(chair.availability, "online", retain=True)

    def receive(self, at: datetime, state: dict[str, Any], *, wait: bool = True) -> None:
        """Set the clock to a message, send it, and wait until its entities show it."""
        self._set(at)
        self._watcher.publish(f"{ROOT}/state", json.dumps(state), retain=True)
        if wait:
            self.home.wait(lambda _: self._shows(state), f"the totals of {state['at']}")

    def restart(self, at: datetime, meanwhile: list[Message]) -> None:
        """Restart at a date; messages that come meanwhile are missed but for the last."""
        self.home.program("restart", "ha", "--half", "stop")
        for when, state in meanwhile:
            self.receive(when, state, wait=False)
        self._set(meanwhile[-1][0] if meanwhile else at)
        self.home.restart("ha", "--half", "start")

    def changes(self, days: Days) -> list[float]:
        """Return the hours on the seat on each day, as Home Assistant's statistics have them."""
        query = {
            "start_time": local(days.first, 0).isoformat(),
            "end_time": local(days.last + timedelta(days=1), 0).isoformat(),
            "statistic_ids": [SEATED],
            "period": "day",
            "types": ["change"],
        }
        request = "recorder/statistics_during_period"
        found = json.loads(self.home.program("api", "WS", request, json.dumps(query)))
        return [row["change"] or 0.0 for row in found.get(SEATED, [])]

    def _shows(self, state: dict[str, Any]) -> bool:
        shown = self.home.request(f"/api/states/{SEATED}")
        if shown["state"] in ("unknown", "unavailable"):
            return False
        reset = datetime.fromisoformat(shown["attributes"]["last_reset"])
        minutes = float(shown["state"]) * 60
        return bool(
            abs(minutes - state["seated_today_s"] // 60) < 0.1
            and reset == datetime.fromisoformat(state["today_since"])
        )

    def _set(self, to: datetime) -> None:
        self._clock.set(to.timestamp() - real_date().timestamp())


def real_date() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def wall_clock(tmp_path: Path) -> FakeWallClock:
    """Return the wall clock of a Home Assistant."""
    if (what := missing_installation()) is not None:
        missing(what)
    try:
        library = compile_wall_clock(tmp_path / "clock.so")
    except NoWallClockError as why:
        missing(str(why))
    return FakeWallClock(library, tmp_path / "offset")


@pytest.mark.parametrize("night", NIGHTS, ids=["23 hours", "25 hours"])
def test_the_statistics_of_each_day_are_what_the_person_sat_over_restarts_and_a_set_clock(
    night: date, wall_clock: FakeWallClock, broker: Mosquitto, tmp_path: Path
) -> None:
    draw = random.Random(f"{SEED} {night}")
    before = DAYS // 2 + 1
    days = Days(night - timedelta(days=before), night + timedelta(days=DAYS - before), night, draw)
    life = Life(broker, days)
    messages = changed(life.messages())
    later = Later(tmp_path, wall_clock, messages[0][0] - START_LEAD)
    try:
        while messages:
            at, state = messages.pop(0)
            later.receive(at, state)
            if at.astimezone(BERLIN).hour in range(10, 16) and draw.random() < RESTARTS_A_MESSAGE:
                missed = [messages.pop(0) for _ in range(draw.randrange(4)) if len(messages) > 9]
                later.restart(at, missed)
        later.restart(at, [])
        expected = [seated_hours(day, life.measured) for day in days.dates]
        end = monotonic() + COMPILE_TIMEOUT_S
        while not close(compiled := later.changes(days), expected) and monotonic() < end:
            threading.Event().wait(1)
        assert close(compiled, expected), f"seated {expected}, the statistics have {compiled}"
        found = later.home.complaints()
        assert [one for one in found if not any(known in one for known in RESTART_WARNINGS)] == []
    finally:
        later.home.down()


def changed(messages: list[Message]) -> list[Message]:
    """Return the messages in which a total of the statistics differs from the one before."""
    kept: list[Message] = []
    for at, state in messages:
        if not kept or any(state[key] != kept[-1][1][key] for key in TOTALS):
            kept.append((at, state))
    return kept


def close(found: list[float], expected: list[float]) -> bool:
    """Return whether each day is right; the chair publishes full minutes."""
    return len(found) == len(expected) and all(
        abs(one - other) < TOLERANCE_H for one, other in zip(found, expected, strict=True)
    )
