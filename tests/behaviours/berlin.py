"""A timeline that begins at a time of day in Berlin, whose clocks are set twice a year."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from timeline import Moment, at, day, outside_hours
from unsit.core.inputs import Calendar
from unsit.settings.hours import HoursSettings

ZONE = ZoneInfo("Europe/Berlin")


class Berlin:
    """Second 0 is a wall time there. hours: settings of the same names."""

    def __init__(self, start: str, **hours: str) -> None:
        self._start = _date(start)
        self._week = HoursSettings(timezone=ZONE.key, **hours).week()

    def at(self, wall: str) -> float:
        """The second at which the clocks first show a wall time."""
        return self._seconds(_date(wall))

    def says(self, wall: str) -> Moment:
        """The calendar says what day it is, and what is outside the hours now or next."""
        now = _date(wall)
        start, end, _ = self._week.day(now)
        said: list[Calendar] = [day(self._seconds(start), self._seconds(end))]
        closed = self._week.next_closed(now)
        if closed is not None:
            said.append(outside_hours(*map(self._seconds, closed)))
        return at(self._seconds(now), *said)

    def _seconds(self, date: datetime) -> float:
        return (date - self._start) / timedelta(seconds=1)


def _date(wall: str) -> datetime:
    """An aware date; UTC underneath, so that differences are true."""
    return datetime.fromisoformat(wall).replace(tzinfo=ZONE).astimezone(ZoneInfo("UTC"))
