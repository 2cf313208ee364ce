"""The settings of working hours, quiet hours and days off."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Annotated, Any

from unsit.runtime.week import DAY, Range, Week
from unsit.settings.fields import setting
from unsit.settings.parsing import parts
from unsit.settings.passing import After

_RANGE = re.compile(r"(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)")
_EXPECTED = "expected ranges like 09:00-12:30, 13:30-18:00, or nothing for none"
_MOST = 24 * 60


def parse_ranges(text: str) -> tuple[Range, ...]:
    """Ranges of wall time: ``09:00-12:30, 13:30-18:00``; one that ends earlier goes on overnight.

    Raises ValueError with what is expected.
    """
    return tuple(map(_range, parts(text)))


def parse_days(text: str) -> tuple[tuple[date, date], ...]:
    """Days: ``2026-12-24, 2027-08-01..2027-08-14``, first and last of each stretch.

    Raises ValueError with what is expected.
    """
    return tuple(map(_stretch, parts(text)))


def _range(text: str) -> Range:
    found = _RANGE.fullmatch(text)
    if found is None:
        raise ValueError(f"read {text!r}; {_EXPECTED}")
    hour, minute, end_hour, end_minute = map(int, found.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if start >= _MOST or end > _MOST or start == end:
        raise ValueError(f"read {text!r}; expected two times from 00:00 to 24:00 that differ")
    overnight = DAY if end < start else timedelta(0)
    return Range(timedelta(minutes=start), timedelta(minutes=end) + overnight)


def _stretch(text: str) -> tuple[date, date]:
    first, _, last = text.partition("..")
    try:
        days = date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip())
    except ValueError:
        raise ValueError(
            f"read {text!r}; expected days like 2026-12-24 or 2027-08-01..2027-08-14"
        ) from None
    if days[0] > days[1]:
        raise ValueError(f"read {text!r}; expected the earlier day first")
    return days


def _checked(parse: Callable[[str], object]) -> Callable[[str], str]:
    def check(text: str) -> str:
        parse(text)
        return text

    return check


def _zone(name: str) -> tzinfo:
    """A time zone; the module is for those who name one."""
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def _is_a_zone(name: str | None) -> str | None:
    try:
        return name if name is None else str(_zone(name))
    except (ValueError, OSError, KeyError):
        raise ValueError("expected a time zone like Europe/Berlin") from None


Ranges = Annotated[str, After(_checked(parse_ranges))]
Days = Annotated[str, After(_checked(parse_days))]


def _weekday(name: str) -> Any:
    return setting(
        "00:00-24:00", f"When the chair may sound on {name}; several ranges, or nothing for never."
    )


@dataclass(frozen=True, kw_only=True)
class HoursSettings:
    """When the chair may sound; outside it holds, and the bout still counts."""

    monday: Ranges = _weekday("Mondays")
    tuesday: Ranges = _weekday("Tuesdays")
    wednesday: Ranges = _weekday("Wednesdays")
    thursday: Ranges = _weekday("Thursdays")
    friday: Ranges = _weekday("Fridays")
    saturday: Ranges = _weekday("Saturdays")
    sunday: Ranges = _weekday("Sundays")
    quiet: Ranges = setting(
        "", "When it may not on any day, such as 22:00-07:00; it goes before the days' own hours."
    )
    days_off: Days = setting(
        "", "Days on which it may not at all, such as 2026-12-24, 2027-08-01..2027-08-14."
    )
    timezone: Annotated[str | None, After(_is_a_zone)] = setting(
        None, "Where these times are meant, such as Europe/Berlin; by default where the machine is."
    )

    def week(self) -> Week:
        """The same, worked out."""
        days = (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday)
        return Week(
            days=tuple(parse_ranges(day) for day in (*days, self.saturday, self.sunday)),
            quiet=parse_ranges(self.quiet),
            off=parse_days(self.days_off),
            zone=None if self.timezone is None else _zone(self.timezone),
        )
