"""Occupancy: the decision whether a load is a person.

Two limits above the load that rests on the seat give hysteresis; a minimum excludes cats, coats and
bags. With the defaults and a bag of 2 kg on the seat, 15 kg are a person (10 kg above the bag, but
15 kg or more). A person of 70 kg makes it 72 kg, and has stood up at 16 kg (20 % of 70 kg above the
bag, but 5 kg or more).

Levels alone lose a person whose cells have climbed meanwhile, and take a suitcase for a person. Two
more rules end the time on the seat:

- a fall of most of the person within seconds, after which what is left, or is put in place within
  seconds, lies still (``_watch_fall``, ``_sit_down``)
- a light load that was as still as the empty seat for an hour (``_watch_stillness``)

In both cases the load that is left rests on the seat from then on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from unsit.core.instant import ZERO, Instant
from unsit.core.weighing.filters import REMEMBERED_FOR, Noise, Recent, Window

FADES_IN = timedelta(seconds=60)
"""Time constant with which the person's load follows a smaller load."""

RELEASED_AT = 0.2
"""Share of the person's load below which the person has stood up; the rest is drift of the zero.
Leaning on armrests or a table takes off less than a third (Nag 2008)."""

TOO_LIGHT_FOR = timedelta(seconds=10)
"""Time below the minimum load after which the person has stood up."""

LEARNED_AFTER = timedelta(seconds=60)
"""Least time on the seat after which the person's load is learned."""

LEARNING_RATE = 0.25

FALL_SHARE = 0.5
"""Share of the person that goes within ``filters.REMEMBERED_FOR`` when the person leaves."""

FALL_UNDONE_SHARE = 0.2
"""Share of a fall by which the load comes back when the person did not leave."""

STILL_FOR = timedelta(seconds=5)
"""Time for which a load that is left, or has just come, lies still if it is a thing."""

FALL_GIVEN_UP_AFTER = timedelta(seconds=30)
ARRIVAL_GIVEN_UP_AFTER = timedelta(seconds=10)
MOVING_READINGS = 6
"""Time after a fall, or after an arrival, and number of readings, from which a load that still
moves is a person."""

UNCERTAIN_READINGS = 3
"""Readings after a fall from which the person may have left."""

ARRIVAL_KG = 1.0
"""Least rise of the load within 5 s by which somebody sits down, or comes back after wrong readings
that looked like a stand-up. Noise and drift cause less."""

REPLACED_WITHIN = timedelta(seconds=15)
"""Time in which a person who has left puts a thing on the seat."""

REMAINS_NOISE = 3.0
STILL_MIN_KG = 0.02
REMAINS_STILL_KG = 0.1
"""Spread of the window below which what is left lies still: a multiple of the noise within this
range of kg, and the largest while the noise is not known. A person who has just shifted most of the
weight to the feet or the armrests trembles by more."""

HOUR = timedelta(hours=1)
CLIMB_KG_PER_HOUR = 15.0
"""Climb of the worst cells, which is no movement of a body."""

THING_BELOW_KG = 30.0
"""Load up to which a still load is a thing. Heavier things are rare on a chair, and an adult who is
taken for a thing gets no reminder, so heavier loads are left to ``max_plausible_bout``."""

THING_AFTER = HOUR
"""Time of stillness after which a light load is a thing."""

STILL_BLOCK = timedelta(minutes=10)
STILL_READINGS = 20
"""Least time and number of readings over which the spread is averaged and compared with noise."""

MOVED_KG = 0.3
"""Distance from its slow mean at which a load has moved; no thing moves, and cells that climb by
15 kg an hour lie 0.25 kg from theirs."""

SLOW_MEAN_OVER = timedelta(minutes=1)

UNSEEN_AFTER = timedelta(minutes=1)
"""Time between two readings of which no more counts as stillness, since nobody saw the rest."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits in kg.

    sit: load above the resting load that is a person. stand: load above the resting load that is
    no person. least: least load of a person. of_sitter: use 25 % and 12 % of the learned person's
    load as sit and stand, once it is learned.
    """

    sit: float = 10.0
    stand: float = 5.0
    least: float = 15.0
    of_sitter: bool = False


SIT_SHARE, STAND_SHARE = 0.25, 0.12


@dataclass(frozen=True, slots=True)
class Edge:
    """Change of the raw level, and its instant according to the readings."""

    pressed: bool
    since: Instant


@dataclass(slots=True)
class _Remains:
    """A load that is on the seat after a quick change: a person, or a thing that lies still.

    since: instant of the change. readings: number of readings since.
    returned_at: load in kg at which the person has come back.
    """

    since: Instant
    returned_at: float
    readings: int = 0
    still_since: Instant | None = None

    def lie_still(self, window: Window, spread: float, at: Instant) -> bool:
        """Add a reading, and return whether the load has lain still for 5 s.

        spread: largest spread of the window in kg.
        """
        self.readings += 1
        climb = window.span() / HOUR * CLIMB_KG_PER_HOUR
        if window.begin() < self.since or window.spread() > spread + climb:
            self.still_since = None
            return False
        self.still_since = at if self.still_since is None else self.still_since
        return at - self.still_since + window.span() >= STILL_FOR

    def last(self, at: Instant, *, longest: timedelta) -> bool:
        """Return whether the change was long ago."""
        return at - self.since >= longest and self.readings >= MOVING_READINGS


class Occupancy:
    """Raw level of a seat, without dwell.

    pressed: a person is on the seat. since: instant from which somebody is, None for an empty seat.
    resting: load in kg that lies on the empty seat. noise: own noise of the cells.
    """

    def __init__(self, limits: Limits, noise: Noise) -> None:
        self.pressed = False
        self.resting = 0.0
        self.since: Instant | None = None
        self._limits = limits
        self._noise = noise
        self._recent = Recent()
        self._stillness = _Stillness(noise)
        self._learned_kg: float | None = None
        self._person_kg = 0.0
        self._risen_kg = self._before_kg = self._previous_kg = 0.0
        self._left = ZERO, 0.0
        self._arrival: _Remains | None = None
        self._fall: _Remains | None = None
        self._light_since: Instant | None = None
        self._last: Instant | None = None

    def weigh(self, window: Window, at: Instant) -> Edge | None:
        """Return the edge after a new reading in the window, if any."""
        median = window.median or 0.0
        passed, self._last = at - (self._last or at), at
        edge = self._judge(window, median, passed, at)
        self._recent.add(median, at)
        self._previous_kg = median  # it may have been wrong for less than the recent past notices
        return edge

    def _judge(self, window: Window, median: float, passed: timedelta, at: Instant) -> Edge | None:
        if not self.pressed:
            self._follow_resting()
            if median < self.sit_limit():
                self._arrival = None
                return None
            risen = median - min(self._recent.least, self._previous_kg)
            if self._arrival is None and risen < ARRIVAL_KG:
                return None  # a load at the limit, which noise or drift lifts over it
            return self._sit_down(window, at)
        self._follow_person(median, passed, at)
        if median <= self._stand_limit():
            return self._stand_up(window.since(self._stand_limit(), above=False), at)
        return (
            self._watch_fall(window, median, at)
            or self._watch_light(median, at)
            or self._watch_stillness(window, median, passed, at)
        )

    def is_contrary(self, load: float) -> bool:
        """Return whether a single reading contradicts the level."""
        if not self.pressed:
            return load >= self.sit_limit()
        has_fallen = self._fall is not None and self._fall.readings >= UNCERTAIN_READINGS
        return has_fallen or load <= self._stand_limit()

    def deadlines(self) -> Iterator[Instant]:
        """Yield the instants at which a reading may change the level though the load rests."""
        if self._light_since is not None:
            yield self._light_since + TOO_LIGHT_FOR

    def presume(self, load: float, at: Instant) -> None:
        """Set the level from one load without an edge, after a fault and at the start."""
        above, since = load - self.resting, self.since
        self._risen_kg = min(self._risen_kg, above) if self.pressed else above
        self._before_kg = self.resting
        self._set_level(load, at, pressed=load >= self.sit_limit())
        if self.pressed and since is not None:
            self.since = since
        self._recent.restart(load, at)
        self._previous_kg = load

    def has_changed(self, load: float) -> bool:
        """Return whether as much as a person who sits down has come or gone within seconds."""
        return abs(load - self._recent.usual) >= self._limits.sit

    def renew(self, at: Instant) -> None:
        """Count the time on the seat from now on."""
        self.since = at if self.pressed else None

    def sit_limit(self) -> float:
        """Return the load in kg from which somebody has sat down.

        More than a person's least load that rests on the seat is a thing or drift, to which a bag
        may still be added; then a person must weigh the least load above it.
        """
        if self.resting >= self._limits.least:
            return self.resting + self._limits.least
        share = self._share(SIT_SHARE)
        more = self._limits.sit if share is None else share
        return max(self.resting + more, self._limits.least)

    def empty_limit(self) -> float:
        """Return the load in kg that an empty seat does not exceed after any person."""
        share = self._share(STAND_SHARE)
        return self.resting + (self._limits.stand if share is None else share)

    def _stand_limit(self) -> float:
        left = self.resting + RELEASED_AT * (self._person_kg - self.resting)
        return max(self.empty_limit(), left)

    def _share(self, share: float) -> float | None:
        if not self._limits.of_sitter or self._learned_kg is None:
            return None
        return share * self._learned_kg

    def _set_level(self, load: float, at: Instant, *, pressed: bool) -> None:
        self.pressed, self.since = pressed, at if pressed else None
        self._person_kg = load
        self._fall = self._arrival = self._light_since = None
        self._stillness.restart(load)

    def _sit_down(self, window: Window, at: Instant) -> Edge | None:
        """Return the sit-down, unless the load is a thing that a person has just put in place."""
        median = window.median or 0.0
        left_at, left_kg = self._left
        if self._arrival is None:
            since = max(window.since(self.sit_limit(), above=True), left_at)
            self._arrival = _Remains(since, self.resting + (1 - FALL_SHARE) * left_kg)
        arrival = self._arrival
        is_light = median < arrival.returned_at
        if is_light and arrival.since - left_at <= REPLACED_WITHIN:
            if arrival.lie_still(window, self._still_spread(), at):
                self.resting, self._arrival = median, None
                return None
            if not arrival.last(at, longest=ARRIVAL_GIVEN_UP_AFTER):
                return None
        self._risen_kg, self._before_kg = 0.0, min(self._recent.least, median)
        self._set_level(median, arrival.since, pressed=True)
        return Edge(pressed=True, since=arrival.since)

    def _stand_up(self, since: Instant, at: Instant) -> Edge:
        if self.since is not None and at - self.since >= LEARNED_AFTER:
            self._learn(self._person_kg - self.resting)
        self._left = since, self._risen_kg
        self._set_level(0.0, at, pressed=False)
        return Edge(pressed=False, since=since)

    def _leave(self, remains: float, since: Instant, at: Instant) -> Edge:
        """Return the stand-up of a person, or of what was none, that leaves a load on the seat."""
        edge = self._stand_up(since, at)
        self.resting = remains
        return edge

    def _learn(self, load: float) -> None:
        known = load if self._learned_kg is None else self._learned_kg
        self._learned_kg = known + LEARNING_RATE * (load - known)

    def _follow_resting(self) -> None:
        """Follow a thing that is taken away sooner than ``Zero`` does; less rests on the seat."""
        most = self._recent.most
        if self.resting >= self._limits.least and most < self.resting - self._limits.stand:
            self.resting = max(most, 0.0)

    def _follow_person(self, median: float, passed: timedelta, at: Instant) -> None:
        fade = min(passed / FADES_IN, 1.0)
        held = min(self._recent.least, median)
        self._person_kg = max(held, self._person_kg + fade * (median - self._person_kg))
        sits_down = self.since is not None and at - self.since <= REMEMBERED_FOR
        before = self._before_kg if sits_down else self._recent.usual
        self._risen_kg = max(self._risen_kg, held - before)

    def _watch_fall(self, window: Window, median: float, at: Instant) -> Edge | None:
        """Return a stand-up if most of the person has gone within seconds, and the rest is still.

        The person's load is the largest quick rise of this stay, which drift does not change, or
        the usual load if the person leans on something.
        """
        if self._fall is None:
            usual = self._recent.usual - self.resting
            fallen = FALL_SHARE * min(self._risen_kg, usual)
            limit = self._recent.usual - fallen
            if fallen >= self._limits.sit and median <= limit:
                since = window.since(limit, above=False)
                self._fall = _Remains(since, limit + FALL_UNDONE_SHARE * fallen)
            return None
        fall = self._fall
        if median >= fall.returned_at:
            self._fall = None
        elif fall.lie_still(window, self._still_spread(), at):
            return self._leave(median, fall.since, at)
        elif fall.last(at, longest=FALL_GIVEN_UP_AFTER):
            self._fall = None
            self._recent.restart(median, at)
        return None

    def _still_spread(self) -> float:
        """Return the largest spread of the window, in kg, under a thing that lies still."""
        noise = self._noise.spread
        if noise is None:
            return REMAINS_STILL_KG
        return min(max(REMAINS_NOISE * noise, STILL_MIN_KG), REMAINS_STILL_KG)

    def _watch_light(self, median: float, at: Instant) -> Edge | None:
        """Return a stand-up if the load has stayed below the minimum: the person left an object."""
        if median >= self._limits.least:
            self._light_since = None
            return None
        self._light_since = at if self._light_since is None else self._light_since
        if at - self._light_since < TOO_LIGHT_FOR:
            return None
        return self._stand_up(self._light_since, at)

    def _watch_stillness(
        self, window: Window, median: float, passed: timedelta, at: Instant
    ) -> Edge | None:
        """Return a stand-up if a light load has been as still as the empty seat for an hour."""
        if self._risen_kg > THING_BELOW_KG:
            return None
        still_for = self._stillness.follow(window.spread(), median, passed)
        return self._leave(median, at, at) if still_for >= THING_AFTER else None


class _Stillness:
    """Time for which a load has been as still as the empty seat.

    The spread of the window is averaged over blocks of 10 min. The breath of a body, its heart and
    its shifts of weight move the load by tens of grams within seconds.
    """

    def __init__(self, noise: Noise) -> None:
        self._noise = noise
        self.restart(0.0)

    def restart(self, load: float) -> None:
        """Begin again with a load that has just come, or moved."""
        self._still_for = ZERO
        self._slow_mean = load
        self._begin_block()

    def follow(self, spread: float, median: float, passed: timedelta) -> timedelta:
        """Add a reading, and return the time of stillness up to the last block."""
        seen = min(passed, UNSEEN_AFTER)
        if abs(median - self._slow_mean) > MOVED_KG:
            self.restart(median)
        self._slow_mean += min(seen / SLOW_MEAN_OVER, 1.0) * (median - self._slow_mean)
        self._block += seen
        self._spreads += spread
        self._readings += 1
        if self._block >= STILL_BLOCK and self._readings >= STILL_READINGS:
            is_still = self._noise.explains(self._spreads / self._readings)
            self._still_for = self._still_for + self._block if is_still else ZERO
            self._begin_block()
        return self._still_for

    def _begin_block(self) -> None:
        self._block, self._spreads, self._readings = ZERO, 0.0, 0
