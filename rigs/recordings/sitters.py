"""Sitters of many kinds on load cells that are noisy, drift, creep and warm up, with the truth.

``hours(kind, seed)`` draws a day of one kind. The spread of the cells comes from two real series,
of which only these figures are used:

    a 5 kg cell under 3 kg for 107 h (course project CE738, IIT Kanpur, 2024)
        73 counts of noise in a conversion; 8 of 5,374 blocks of 20 conversions held 5 or more
        wrong ones; 0.02 % of the range for each degree; 0.011 % of the range as the standard
        deviation of an hour's drift beside that, 0.06 % as the largest change in an hour
    four cells under a spool, 10,000 readings (GlassOnTin/hx711_4corners_rpi)
        33 counts of noise in a median of conversions

On cells of 200 kg, 0.01 % of the range is 20 g. Creep is that of data sheets, 0.02 to 0.1 % of the
load in 30 minutes, and up to three times that. Times are seconds from the beginning.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp, log, pi, sin

from recordings.cells import (
    COUNTS_PER_KG,
    CREEP_PER_S,
    LARGEST,
    MOST_CREEP_S,
    SMALLEST,
    scrambled,
)
from recordings.person import SECOND, Habits, Stay, home_day

NOISE_COUNTS = 20.0, 150.0
"""Least and largest noise of a conversion; the real series have 33 and 73."""

WRONG_EVERY_S = 1340.0
WRONG_OF_BLOCK = 5, 8
BLOCK_S = 2.0
WRONG_APART_S = 33.0
"""Blocks of wrong conversions: one in 1,340 s of conversions, 5 to 8 of the 20 in two seconds, and
never two in a row of blocks that are 33 s apart."""

RANGE_KG = 200.0
WALK_PER_HOUR = 0.00011 * RANGE_KG
PER_DEGREE = 0.0002 * RANGE_KG
DAY_SWING_DEGREES = 1.0, 6.0
"""Standard deviation of an hour's drift in kg, kg for a degree, and the swing of a room in a day.
"""

WORSE_BY = 1.0, 3.0
"""How much worse the drawn cells are than those of the series, for drift and creep."""

BREATH_HZ = 0.2, 0.35
SHORTEST_GAP_S = 10.0

THING_MAX = 0.3
"""Largest thing that takes a person's place, as a share of the person: most of the load goes, even
from a person who leans on the desk.
"""

LEAD_S = 900.0
"""Time before the first sit-down, in which the seat is empty."""

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Kind:
    """Behaviour of one kind of sitter on the seat.

    kg: load of the body. sit_min: median length of a stay in minutes; the longest has nine hours.
    sway: standard deviation of the trembling, as a share of the load. breath_kg: amplitude of the
    breath. shift_every_s: mean time between two shifts of weight, after which the load is a share
    of the body within shift_to. settle_s: how long sitting down and standing up take.
    lift_every_s: mean time between two rises on the armrests, 1 to 4 s long.
    bounce_hz, bounce_kg: frequency and amplitude of bouncing on a stool.
    bag_kg: a bag that comes and goes while the seat is empty, and may be sat on.
    left_kg: a thing that is put on the seat when the person leaves, and taken away before the next.
    cat_kg: a cat that moves about on the empty seat. heats_kg: climb of the zero by a heater.
    climbs_kg_per_h: climb of the cells all day. swaps: a second person takes over some stays.
    """

    about: str
    kg: Range = (48.0, 95.0)
    sit_min: Range = (4.0, 25.0)
    sway: Range = (0.001, 0.006)
    breath_kg: Range = (0.05, 0.3)
    shift_every_s: Range = (60.0, 600.0)
    shift_to: Range = (0.68, 1.0)
    settle_s: Range = (0.3, 0.8)
    lift_every_s: float = 0.0
    bounce_hz: Range = (0.0, 0.0)
    bounce_kg: Range = (0.0, 0.0)
    bag_kg: Range = (0.0, 0.0)
    left_kg: Range = (0.0, 0.0)
    cat_kg: Range = (0.0, 0.0)
    heats_kg: Range = (0.0, 0.0)
    climbs_kg_per_h: Range = (0.0, 0.0)
    swaps: float = 0.0


KINDS: dict[str, Kind] = {
    "usual": Kind("an adult at a desk"),
    "restless": Kind(
        "never still, leans on desk and armrests",
        sway=(0.01, 0.05),
        shift_every_s=(5, 40),
        lift_every_s=1200,
    ),
    "still": Kind(
        "asleep or absorbed: breath, and a shift in five to forty minutes",
        sway=(0.0002, 0.0006),
        breath_kg=(0.04, 0.12),
        shift_every_s=(300, 2400),
    ),
    "light": Kind("32 to 48 kg, calm", kg=(32, 48), sway=(0.0005, 0.003), breath_kg=(0.04, 0.15)),
    "heavy": Kind("100 to 150 kg", kg=(100, 150)),
    "child": Kind("24 to 34 kg, restless", kg=(24, 34), sway=(0.005, 0.02), shift_every_s=(5, 60)),
    "stool": Kind(
        "bounces at 1.5 to 5 Hz by 6 to 30 kg peak to peak", bounce_hz=(1.5, 5), bounce_kg=(3, 15)
    ),
    "bag": Kind("a bag of 2 to 12 kg comes, goes, and is sat on", bag_kg=(2, 12)),
    "leaves a thing": Kind(
        "puts 3 to 24 kg on the seat while rising or up to ten seconds later", left_kg=(3, 24)
    ),
    "cat": Kind("a cat of 3 to 6 kg moves about on the empty seat", cat_kg=(3, 6)),
    "heater": Kind("a heater under the chair moves the zero by 2 to 8 kg", heats_kg=(2, 8)),
    "climbing cells": Kind(
        "cells that climb by 1 to 15 kg an hour all day, under long stays",
        sit_min=(60, 200),
        climbs_kg_per_h=(1, 15),
    ),
    "armrests": Kind(
        "sits down and rises slowly, pushes up in between",
        settle_s=(1.5, 4),
        lift_every_s=900,
    ),
    "two people": Kind("a second person, also a child, takes the seat at once", swaps=0.3),
}


@dataclass
class Hours:
    """A day on the seat. ``counts`` takes times that never go back.

    stays: when somebody sat, in ms; from the instant at which the seat carries half of the body.
    end: seconds. noise: counts.
    """

    kind: str
    stays: list[Stay]
    end: float
    noise: float
    _chance: random.Random
    _load: "_Course"
    _moves: "_Course"
    _breaths: tuple[float, float]
    _bounces: Sequence[tuple[float, float, float, float]]
    _zero: "_Course"
    _creep: float
    _wrong: list[float] = field(default_factory=list)
    _nth_wrong: int = 0
    _nth_bounce: int = 0

    def kilograms(self, at: float) -> float:
        """Return the load at an instant, without noise."""
        load, since = self._load.at(at)
        sway, _ = self._moves.at(at)
        load += self._zero.at(at)[0] + load * self._creep * min(since, MOST_CREEP_S)
        if sway:
            amplitude, hertz = self._breaths
            load += self._chance.gauss(0, sway) + amplitude * sin(2 * pi * hertz * at)
            load += self._bounce(at)
        return load

    def counts(self, at: float) -> int:
        """Return a conversion at an instant."""
        wrong = self._wrong
        while self._nth_wrong < len(wrong) and wrong[self._nth_wrong] <= at - 0.05:
            self._nth_wrong += 1
        if self._nth_wrong < len(wrong) and wrong[self._nth_wrong] < at + 0.05:
            return scrambled(0, self._chance)
        exact = self.kilograms(at) * COUNTS_PER_KG + self._chance.gauss(0, self.noise)
        return max(SMALLEST, min(LARGEST, round(exact)))

    def _bounce(self, at: float) -> float:
        bounces = self._bounces
        while self._nth_bounce < len(bounces) and bounces[self._nth_bounce][1] < at:
            self._nth_bounce += 1
        if self._nth_bounce == len(bounces) or bounces[self._nth_bounce][0] > at:
            return 0.0
        begin, _, hertz, amplitude = bounces[self._nth_bounce]
        return amplitude * sin(2 * pi * hertz * (at - begin))


class _Course:
    """A value over time: it moves to each new value in a ramp, and rests until the next."""

    def __init__(self, value: float = 0.0) -> None:
        self._times, self._values, self._ramps = [-1e9], [value], [1.0]
        self._nth = 0

    def to(self, at: float, value: float, ramp: float = 0.01) -> None:
        self._times.append(max(at, self._times[-1]))
        self._values.append(value)
        self._ramps.append(max(ramp, 0.01))

    def at(self, at: float) -> tuple[float, float]:
        """Return the value, and for how long it has been on its way or at rest."""
        if self._nth + 1 < len(self._times) and self._times[self._nth + 1] <= at:
            self._nth = bisect_right(self._times, at, self._nth) - 1
        nth = self._nth
        since, value = at - self._times[nth], self._values[nth]
        if since < self._ramps[nth]:
            before = self._values[nth - 1]
            value = before + since / self._ramps[nth] * (value - before)
        return value, since

    def value(self, at: float) -> float:
        """Return the value at any instant, at rest."""
        return self._values[bisect_right(self._times, at) - 1]


def hours(kind: str, seed: int, *, longest_s: float | None = None) -> Hours:
    """Return a day of a kind of sitter; longest_s cuts it short."""
    chance = random.Random(f"hours {kind} {seed}")
    return _Day(KINDS[kind], chance, longest_s).made(kind)


class _Day:
    """Construction of a day."""

    def __init__(self, kind: Kind, chance: random.Random, longest_s: float | None) -> None:
        self._kind, self._chance = kind, chance
        self._load, self._moves = _Course(), _Course()
        self._bounces: list[tuple[float, float, float, float]] = []
        self._stays: list[Stay] = []
        habits = Habits(
            sit_min=chance.uniform(*kind.sit_min), longest_min=540, gap_free=(0, SHORTEST_GAP_S)
        )
        whole = home_day(chance, habits)
        first = whole[0].down / SECOND - LEAD_S
        days = [(stay.down / SECOND - first, stay.up / SECOND - first) for stay in whole]
        self._end = days[-1][1] + LEAD_S if longest_s is None else longest_s
        last = self._end - 60
        self._plan = [(down, min(up, last)) for down, up in days if down < last - 60]
        self._kg = self._draw(kind.kg)
        self._rests = 0.0

    def made(self, kind: str) -> Hours:
        before = 0.0
        for nth, (down, up) in enumerate(self._plan):
            self._be_empty(before, down)
            following = self._plan[nth + 1][0] if nth + 1 < len(self._plan) else self._end
            before = self._sit(down, up, following)
        self._be_empty(before, self._end)
        chance = self._chance
        worse = chance.uniform(*WORSE_BY)
        low, high = NOISE_COUNTS
        return Hours(
            kind,
            self._stays,
            self._end,
            noise=exp(chance.uniform(log(low), log(high))),
            _chance=random.Random(chance.random()),
            _load=self._load,
            _moves=self._moves,
            _breaths=(self._draw(self._kind.breath_kg), chance.uniform(*BREATH_HZ)),
            _bounces=self._bounces,
            _zero=self._drift(worse),
            _creep=CREEP_PER_S * chance.uniform(0.2, 1.0) * worse,
            _wrong=self._wrong(),
        )

    def _draw(self, between: Range) -> float:
        return self._chance.uniform(*between)

    def _sit(self, down: float, up: float, following: float) -> float:
        """Let a person sit, and return when the seat is empty again."""
        kg, chance = self._kg, self._chance
        ramp = min(self._draw(self._kind.settle_s), (up - down) / 4)
        self._load.to(down - ramp / 2, kg + self._rests, ramp)
        self._moves.to(down - ramp / 2, max(kg * self._draw(self._kind.sway), 1e-6))
        at = down + ramp / 2 + 1
        if chance.random() < self._kind.swaps and up - down > 60:
            middle = chance.uniform(down + 20, up - 20)
            at = self._move_about(at, middle, kg)
            kg = self._swap(middle, kg)
            at = middle + 4
        self._move_about(at, up - 3, kg)
        gone = self._rise(up, kg, following)
        self._stays.append(Stay(round(down * SECOND), round(up * SECOND)))
        return gone

    def _move_about(self, at: float, end: float, kg: float) -> float:
        """Shift weight, rise on the armrests and bounce until an instant."""
        kind, chance = self._kind, self._chance
        every, share = self._draw(kind.shift_every_s), 1.0
        at += chance.expovariate(1 / every)
        while at < end - 6:
            lifts = kind.lift_every_s and chance.random() < every / kind.lift_every_s
            bounces = kind.bounce_kg[1] and chance.random() < 0.5
            if lifts:
                self._load.to(at, kg * chance.uniform(0.25, 0.5) + self._rests, 0.5)
                at += chance.uniform(1, 4)
                self._load.to(at, kg * share + self._rests, 0.5)
            elif bounces:
                lasts = min(chance.expovariate(1 / 120) + 2, end - 3 - at)
                hertz, by = self._draw(kind.bounce_hz), self._draw(kind.bounce_kg)
                self._load.to(at, kg + self._rests, 0.5)
                self._bounces.append((at + 0.5, at + lasts, hertz, by))
                at += lasts
            else:
                share = self._draw(kind.shift_to)
                self._load.to(at, kg * share + self._rests, chance.uniform(0.3, 1))
            at += chance.expovariate(1 / every) + 1.5
        return at

    def _swap(self, at: float, kg: float) -> float:
        """Let another person take the seat within 3 s, and return their load."""
        chance = self._chance
        other = chance.uniform(25, 110)
        meanwhile = chance.choice([0.0, chance.uniform(0, 1) * min(kg, other)])
        self._load.to(at, meanwhile + self._rests, 0.5)
        self._load.to(at + chance.uniform(0.6, 3), other + self._rests, 0.5)
        self._moves.to(at + 0.5, other * chance.uniform(0.01, 0.03))
        return other

    def _rise(self, up: float, kg: float, following: float) -> float:
        """Let the person stand up, and return from when the seat is empty."""
        chance = self._chance
        before = self._load.value(up - 2)
        ramp = min(self._draw(self._kind.settle_s), 4.0)
        begin = up - ramp / 2
        thing = self._draw(self._kind.left_kg)
        if thing > THING_MAX * kg or following - up < 30 or chance.random() < 0.5:
            thing = 0.0
        comes = chance.uniform(-1, 10) if thing else 0.0
        together = thing and comes <= ramp / 2
        left = self._rests + (thing if together else 0.0)
        if together:
            self._load.to(begin - 1, before + thing, 0.4)
        self._load.to(begin, left, ramp)
        self._moves.to(up + ramp / 2, 0.0)
        if thing and not together:
            self._load.to(up + comes, self._rests + thing, 0.5)
        if thing:
            goes = chance.uniform(up + 15, following - 8)
            self._load.to(goes, self._rests, 0.5)
            return goes + 1
        return up + ramp

    def _be_empty(self, begin: float, end: float) -> None:
        """Put bags on the empty seat and take them away, or let a cat on it."""
        kind, chance = self._kind, self._chance
        if kind.bag_kg[1] and end - begin > 20:
            at = chance.uniform(begin + 3, end - 14)
            self._rests = 0.0 if self._rests else self._draw(kind.bag_kg)
            self._load.to(at, self._rests, chance.uniform(0.3, 2))
        if kind.cat_kg[1] and end - begin > 60:
            self._play_cat(begin, end)

    def _play_cat(self, begin: float, end: float) -> None:
        chance, kg = self._chance, self._draw(self._kind.cat_kg)
        at, leaves = chance.uniform(begin + 5, end - 40), end - 12
        self._load.to(at, kg, 0.3)
        self._moves.to(at, 0.05 * kg)
        at += chance.expovariate(1 / 60)
        while at < leaves - 5:
            self._load.to(at, kg * chance.uniform(0, 1.8), 0.3)
            at += chance.uniform(0.3, 4)
            self._load.to(at, kg, 0.3)
            at += chance.expovariate(1 / 60)
        self._load.to(leaves, 0.0, 0.3)
        self._moves.to(leaves, 0.0)

    def _drift(self, worse: float) -> _Course:
        """Return the zero: a random walk, the room's temperature, a heater, and a climb."""
        kind, chance = self._kind, self._chance
        swing = worse * PER_DEGREE * chance.uniform(*DAY_SWING_DEGREES) / 2
        phase = chance.uniform(0, 2 * pi)
        climb = self._draw(kind.climbs_kg_per_h) / 3600
        heat, heats = 0.0, self._draw(kind.heats_kg) * chance.choice([-1, 1])
        tau, on = chance.uniform(1200, 3600), False
        walk, zero, at = 0.0, _Course(), 0.0
        while at < self._end:
            walk += chance.gauss(0, WALK_PER_HOUR * worse * (60 / 3600) ** 0.5)
            on = on if chance.random() > 60 / 5400 else not on
            heat += ((heats if on else 0.0) - heat) * 60 / tau
            day = swing * sin(2 * pi * at / 86400 + phase) - swing * sin(phase)
            zero.to(at, walk + day + heat + climb * (at + 60), 60.0)
            at += 60
        return zero

    def _wrong(self) -> list[float]:
        """Return the instants of wrong conversions."""
        chance, at, found = self._chance, 0.0, []
        mean = WRONG_EVERY_S - WRONG_APART_S
        while (at := at + WRONG_APART_S + chance.expovariate(1 / mean)) < self._end:
            number = chance.randint(*WRONG_OF_BLOCK)
            ticks = chance.sample(range(round(BLOCK_S * 10)), number)
            found += sorted(at + tick / 10 for tick in ticks)
        return found
