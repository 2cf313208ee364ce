"""Simulated people: when they sit, in days and weeks.

All times are whole milliseconds, counted from the midnight at which a recording's first day begins.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, log

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True, order=True)
class Stay:
    """One uninterrupted time on the seat, from sit-down to stand-up."""

    down: int
    up: int


@dataclass(frozen=True, slots=True)
class Habits:
    """Habits of a person at a desk: how long and how often they sit.

    sit_min: median length of a stay in minutes; lengths are log-normal with the spread sit_spread.
    longest_min: no stay is longer, in minutes.
    short_gaps: share of the stand-ups that last 5 to 60 s. In recordings of people it is a quarter
        to a half.
    gap_free: no stand-up lasts between these two, in seconds, so that a sensor that is a second
        late never turns a gap into a break.
    """

    sit_min: float = 18.0
    sit_spread: float = 0.9
    longest_min: float = 150.0
    short_gaps: float = 0.35
    gap_free: tuple[float, float] = (0.0, 0.0)


def office_day(chance: random.Random, habits: Habits = Habits()) -> list[Stay]:
    """Return the stays of a working day: 09:00 to 17:30, give or take, with a lunch."""
    arrives = _between(chance, 8.5 * HOUR, 9.3 * HOUR)
    leaves = _between(chance, 16.7 * HOUR, 18.3 * HOUR)
    lunch = _between(chance, 11.8 * HOUR, 13.0 * HOUR)
    lunch_ends = lunch + _between(chance, 25 * MINUTE, 60 * MINUTE)
    morning = _sit_through(chance, habits, arrives, lunch)
    return [*morning, *_sit_through(chance, habits, lunch_ends, leaves)]


def home_day(chance: random.Random, habits: Habits = Habits(sit_min=40)) -> list[Stay]:
    """Return the stays of a day at home, 07:00 to 23:00, most of it on one seat or another."""
    wakes = _between(chance, 7.0 * HOUR, 7.8 * HOUR)
    sleeps = _between(chance, 22.0 * HOUR, 22.9 * HOUR)
    return list(_sit_through(chance, habits, wakes, sleeps))


def week(
    chance: random.Random,
    habits: Habits = Habits(),
    *,
    at_home: bool = False,
) -> list[Stay]:
    """Return a week that begins on a Monday: five working days, or seven days at home."""
    days = 7 if at_home else 5
    day_of = home_day if at_home else office_day
    return [
        Stay(nth * DAY + stay.down, nth * DAY + stay.up)
        for nth in range(days)
        for stay in day_of(chance, habits)
    ]


def shifted(stays: Sequence[Stay], by: int) -> list[Stay]:
    """Return the stays, so many milliseconds later."""
    return [Stay(stay.down + by, stay.up + by) for stay in stays]


def at_limits(limits: Sequence[int]) -> list[Stay]:
    """Return stays and gaps that last exactly a limit, a millisecond less, and one more.

    Each limit in milliseconds is tried as a gap between two long stays, as a stay between two long
    gaps, and as a gap after a stay of the same length.
    """
    stays: list[Stay] = []
    at = 9 * HOUR
    for limit in limits:
        for length in (limit - 1, limit, limit + 1):
            stays += [
                Stay(at, at + 10 * MINUTE),
                Stay(at + 10 * MINUTE + length, at + 20 * MINUTE + length),
            ]
            at += 20 * MINUTE + length + 10 * MINUTE
            stays += [Stay(at, at + length), Stay(at + 2 * length, at + 2 * length + HOUR)]
            at += 2 * length + HOUR + 10 * MINUTE
    return stays


def _sit_through(chance: random.Random, habits: Habits, begins: int, ends: int) -> Iterator[Stay]:
    at = begins
    while at < ends - MINUTE:
        minutes = exp(chance.gauss(log(habits.sit_min), habits.sit_spread))
        up = min(at + round(max(0.3, min(minutes, habits.longest_min)) * MINUTE), ends)
        yield Stay(at, up)
        at = up + _time_off(chance, habits)


def _time_off(chance: random.Random, habits: Habits) -> int:
    if chance.random() < habits.short_gaps:
        off = _between(chance, 5 * SECOND, 60 * SECOND)
    else:
        off = round(exp(chance.gauss(log(4), 0.8)) * MINUTE)
    least, most = (round(limit * SECOND) for limit in habits.gap_free)
    return most + off - least if least < off < most else max(off, 5 * SECOND)


def _between(chance: random.Random, least: float, most: float) -> int:
    return round(chance.uniform(least, most))
