"""The section hours of the settings: working hours, quiet hours and days off."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Annotated, Any

from unsit.runtime.clock import DAY
from unsit.runtime.schedule import Range, Week
from unsit.settings.values import Validation, parsable_by, parse_time, setting, split_list

_RANGE = re.compile(r"(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)")
_EXPECTED = "expected ranges like 09:00-12:30, 13:30-18:00, or nothing for none"
_DAY_MIN = 24 * 60


def parse_ranges(text: str) -> tuple[Range, ...]:
    """Parse ranges of wall time, such as ``09:00-12:30, 13:30-18:00``.

    A range that ends before it starts, such as ``22:00-07:00``, ends on the next day.
    Raises ValueError with what is expected.
    """
    return tuple(map(_parse_range, split_list(text)))


def parse_days(text: str) -> tuple[tuple[date, date], ...]:
    """Parse days, such as ``2026-12-24, 2027-08-01..2027-08-14``, to first and last of each span.

    Raises ValueError with what is expected.
    """
    return tuple(map(_parse_span, split_list(text)))


def _parse_range(text: str) -> Range:
    found = _RANGE.fullmatch(text)
    if found is None:
        raise ValueError(f"read {text!r}; {_EXPECTED}")
    hour, minute, end_hour, end_minute = map(int, found.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if start >= _DAY_MIN or end > _DAY_MIN or start == end:
        raise ValueError(f"read {text!r}; expected two times from 00:00 to 24:00 that differ")
    overnight = DAY if end < start else timedelta(0)
    return Range(timedelta(minutes=start), timedelta(minutes=end) + overnight)


def _parse_span(text: str) -> tuple[date, date]:
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


def _zone(name: str) -> tzinfo:
    """Return a time zone; a chair that names none does not import the module."""
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def _check_zone(name: str | None) -> str | None:
    if name is None:
        return None
    try:
        return str(_zone(name))
    except KeyError:  # a name in the right form
        raise ValueError(_missing_zone()) from None
    except (ValueError, OSError):
        raise ValueError("expected a time zone like Europe/Berlin") from None


def _missing_zone() -> str:
    """Return why a zone is missing, and the package that has it."""
    from zoneinfo import available_timezones

    if not available_timezones():
        return "this machine has no data of time zones; sudo apt install tzdata"
    return (
        "this machine knows no such time zone; expected one like Europe/Berlin, or a former name "
        "such as US/Pacific, which from Debian 13 on needs: sudo apt install tzdata-legacy"
    )


Ranges = Annotated[str, parsable_by(parse_ranges)]
Days = Annotated[str, parsable_by(parse_days)]


def _weekday(name: str) -> Any:
    return setting(
        "00:00-24:00", f"The ranges of time in which the chair may sound on {name}; empty: never."
    )


@dataclass(frozen=True, kw_only=True)
class HoursSettings:
    """Hours in which the chair may sound; outside of them it is silent, and bouts still count."""

    monday: Ranges = _weekday("Mondays")
    tuesday: Ranges = _weekday("Tuesdays")
    wednesday: Ranges = _weekday("Wednesdays")
    thursday: Ranges = _weekday("Thursdays")
    friday: Ranges = _weekday("Fridays")
    saturday: Ranges = _weekday("Saturdays")
    sunday: Ranges = _weekday("Sundays")
    quiet: Ranges = setting(
        "",
        "Ranges of time in which the chair is silent on every day, such as 22:00-07:00. They "
        "override the ranges of the weekdays.",
    )
    silent_before: Annotated[str | None, parsable_by(parse_time)] = setting(
        None,
        "The time of day, such as 09:00, before which the chair is silent on every day. By default "
        "there is none. A command over MQTT can change it.",
    )
    silent_after: Annotated[str | None, parsable_by(parse_time)] = setting(
        None,
        "The time of day, such as 17:30, from which on the chair is silent on every day. By "
        "default there is none. A command over MQTT can change it.",
    )
    days_off: Days = setting(
        "", "Days on which the chair is silent, such as 2026-12-24, 2027-08-01..2027-08-14."
    )
    timezone: Annotated[str | None, Validation(_check_zone)] = setting(
        None,
        "The time zone of these times and of midnight, such as Europe/Berlin. By default the "
        "machine's.",
    )

    def check(self) -> None:
        """Raise ValueError for a working day that ends before it begins."""
        before, after = self.silent_before, self.silent_after
        if before is not None and after is not None and parse_time(before) >= parse_time(after):
            raise ValueError(
                f"hours.silent_before is {before} and hours.silent_after is {after}; expected the "
                "earlier time in hours.silent_before"
            )

    def week(self) -> Week:
        """Return the parsed hours."""
        days = (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday)
        return Week(
            days=tuple(parse_ranges(day) for day in (*days, self.saturday, self.sunday)),
            quiet=(*parse_ranges(self.quiet), *self._outer_hours()),
            off=parse_days(self.days_off),
            zone=None if self.timezone is None else _zone(self.timezone),
        )

    def _outer_hours(self) -> Iterator[Range]:
        """Yield the parts of every day before and after the working day."""
        if self.silent_before is not None and (begins := _since_midnight(self.silent_before)):
            yield Range(timedelta(0), begins)
        if self.silent_after is not None and (ends := _since_midnight(self.silent_after)):
            yield Range(ends, DAY)


def _since_midnight(of_day: str) -> timedelta:
    at = parse_time(of_day)
    return timedelta(hours=at.hour, minutes=at.minute)
