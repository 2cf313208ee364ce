"""Time zones of this machine's tz database, and when their clocks are set."""

import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

SECOND = timedelta(seconds=1)
FORTNIGHT = timedelta(weeks=2)


@dataclass(frozen=True, slots=True)
class Night:
    """Night in which the clocks of a zone are set. at: the moment, in UTC."""

    zone: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.zone} {self.at:%Y-%m}"


NIGHTS = [
    Night(zone, datetime.fromisoformat(at).astimezone(UTC))
    for zone, at in (
        ("Africa/Cairo", "2026-04-24T00:00+02:00"),
        ("Africa/Cairo", "2026-10-30T00:00+03:00"),
        ("America/Havana", "2026-03-08T00:00-05:00"),
        ("America/Havana", "2026-11-01T01:00-04:00"),
        ("Asia/Beirut", "2026-03-29T00:00+02:00"),
        ("Asia/Beirut", "2026-10-25T00:00+03:00"),
        ("America/Santiago", "2026-04-05T00:00-03:00"),
        ("America/Santiago", "2026-09-06T00:00-04:00"),
        ("Atlantic/Azores", "2026-03-29T00:00-01:00"),
        ("Atlantic/Azores", "2026-10-25T01:00+00:00"),
        ("Australia/Lord_Howe", "2026-04-05T02:00+11:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:00+10:30"),
        ("Pacific/Apia", "2011-12-30T00:00-10:00"),
        ("Europe/Berlin", "2026-03-29T02:00+01:00"),
        ("Europe/Berlin", "2026-10-25T03:00+02:00"),
    )
]
"""Nights in zones whose clocks are set in peculiar ways.

Cairo, Havana, Beirut, Santiago and the Azores skip a midnight and have another one twice; Lord Howe
changes by half an hour, and Apia skipped a whole day.
"""


@dataclass(frozen=True, slots=True)
class Transition:
    """Setting of the clocks. at: the moment, in UTC. before, after: the offsets."""

    at: datetime
    before: timedelta
    after: timedelta

    def shown(self, at: datetime) -> datetime:
        """Return what the clocks show at a moment that is near."""
        offset = self.before if at < self.at else self.after
        return (at + offset).replace(tzinfo=None)

    def moments(self, shown: datetime) -> list[datetime]:
        """Return all moments at which the clocks show a date that is near."""
        moments = {(shown - offset).replace(tzinfo=UTC) for offset in (self.before, self.after)}
        return sorted(at for at in moments if self.shown(at) == shown)


def transitions(name: str, first: datetime, last: datetime) -> Iterator[Transition]:
    """Yield when the clocks of a zone are set, if they stay so for two weeks."""
    zone = zoneinfo.ZoneInfo(name)
    before = _offset(zone, first)
    while first < last:
        following = first + FORTNIGHT
        after = _offset(zone, following)
        if before != after:
            yield Transition(_first_with(zone, before, first, following), before, after)
        first, before = following, after


@cache
def different_zones(first: datetime, last: datetime) -> dict[str, tuple[Transition, ...]]:
    """Return all zones of the database with their transitions; one of those that are the same."""
    zones: dict[object, str] = {}
    for name in sorted(zoneinfo.available_timezones()):
        of_zone = tuple(transitions(name, first, last))
        zones.setdefault(of_zone or _offset(zoneinfo.ZoneInfo(name), first), name)
    return {name: found for found, name in zones.items() if isinstance(found, tuple)}


def _first_with(
    zone: zoneinfo.ZoneInfo, before: timedelta, low: datetime, high: datetime
) -> datetime:
    while high - low > SECOND:
        middle = low + (high - low) // SECOND // 2 * SECOND
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


def _offset(zone: zoneinfo.ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)
