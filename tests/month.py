"""A month of one wearer's sitting, replayed through the chair, and what it does to that person.

The recording is that of an activPAL, which a person wore on the thigh for a week: sitting or lying,
or neither. Its seven whole days are cut to 07:00-23:00, since its nights are one long lying, and
chained four times, each on its own weekday. The wearer had no chair that asked for anything: what
is counted is what somebody gets who never heeds it.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

from unsit.assembly.simulation import Recording, replay
from unsit.runtime.record import Record
from unsit.settings.hours import HoursSettings
from unsit.settings.model import Settings
from unsit_firmware.simulation import SimulatedPins

WEARER = "activpal_lyden/sit_7_1_edges.csv"
FIRST, DAYS, WEEKS = date(2012, 6, 8), 7, 4
UP, DOWN = time(7), time(23)
OFFICE = ((time(9), time(12, 30)), (time(13, 30), time(18)))

Stretch = tuple[datetime, datetime]

WORKDAY = "09:00-12:30, 13:30-18:00"
OFFICE_HOURS = HoursSettings(
    monday=WORKDAY,
    tuesday=WORKDAY,
    wednesday=WORKDAY,
    thursday=WORKDAY,
    friday=WORKDAY,
    saturday="",
    sunday="",
)
CHAIRS = {
    "as it comes": Settings(),
    "in office hours": Settings(hours=OFFICE_HOURS),
}
ONE_SOUND = timedelta(seconds=2)
"""Pulses of the buzzer that are no further apart are one sound."""


@dataclass
class Lived:
    """What the month was like.

    stretches: the times on the seat. in_office: the chair keeps office hours. sounds: when each
    began, on the pin. pulse: when the last pulse began, None before it.
    """

    stretches: Sequence[Stretch]
    in_office: bool
    records: list[Record] = field(default_factory=list)
    sounds: list[datetime] = field(default_factory=list)
    pulse: datetime | None = None

    def hear(self, at: datetime) -> None:
        """Takes a pulse of the buzzer's pin."""
        if self.pulse is None or at - self.pulse > ONE_SOUND:
            self.sounds.append(at)
        self.pulse = at

    def of(self, *kinds: str) -> list[datetime]:
        """When there were events of some kinds."""
        return [naive(one["at"]) for one in self.records if one["type"] in kinds]

    @property
    def spacings(self) -> list[float]:
        """Seconds between sounds of one day."""
        pairs = pairwise(self.sounds)
        return [(b - a).total_seconds() for a, b in pairs if a.date() == b.date()]

    @property
    def too_near(self) -> int:
        """Sounds less than a minute after the one before."""
        return sum(one < 60 for one in self.spacings)

    @property
    def on_an_empty_seat(self) -> int:
        """Sounds that began while nobody sat, as the recording has it."""
        return sum(not any(a <= one < b for a, b in self.stretches) for one in self.sounds)

    @property
    def outside_hours(self) -> int:
        """Sounds outside the hours that the chair keeps."""
        return self.in_office and sum(not in_office_hours(one) for one in self.sounds)

    def most_on_a_day(self, moments: Sequence[datetime]) -> int:
        """How many there were on the day that had the most."""
        days = [one.date() for one in moments]
        return max((days.count(day) for day in set(days)), default=0)


def in_office_hours(at: datetime) -> bool:
    """Whether somebody works at that time."""
    return at.weekday() < 5 and any(start <= at.time() < end for start, end in OFFICE)


def naive(text: str) -> datetime:
    """A date as the recording has it."""
    return datetime.fromisoformat(text).replace(tzinfo=None)


def month_of(recordings: Path) -> list[Stretch]:
    """The times on the seat of the whole month."""
    week = list(_stretches(recordings / WEARER))
    moved = (
        (start + nth * timedelta(weeks=1), end + nth * timedelta(weeks=1))
        for nth in range(WEEKS)
        for start, end in _whole_days(week)
    )
    return list(moved)


def _stretches(file: Path) -> Iterator[Stretch]:
    with file.open(newline="", encoding="utf-8") as text:
        rows = [(datetime.fromisoformat(row["ts"]), row["contact"]) for row in csv.DictReader(text)]
    for (start, level), (end, _) in pairwise(rows):
        if level == "1":
            yield start, end


def _whole_days(stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    for nth in range(DAYS):
        day = FIRST + timedelta(days=nth)
        up, down = datetime.combine(day, UP), datetime.combine(day, DOWN)
        cut = ((max(start, up), min(end, down)) for start, end in stretches)
        yield from ((start, end) for start, end in cut if start < end)


def live(stretches: Sequence[Stretch], settings: Settings, folder: Path) -> Lived:
    """The month with a chair of these settings; folder: where the recording may be written."""
    file = folder / "month.csv"
    rows = [f"{start.isoformat()},1\n{end.isoformat()},0\n" for start, end in stretches]
    file.write_text("ts,contact\n" + "".join(rows), encoding="utf-8")
    recording = Recording(str(file))
    extent = recording.check()
    lived = Lived(stretches, in_office=settings.hours == OFFICE_HOURS)

    def watch(pins: SimulatedPins) -> None:
        watch_pulses(pins, settings.buzzer.pin, lambda at: lived.hear(stretches[0][0] + at))

    replay(settings, extent, recording.moves(), lived.records.append, watch)
    return lived


def watch_pulses(pins: SimulatedPins, number: int, heard: Callable[[timedelta], None]) -> None:
    """Has each rise of a pin told, with the time since the start."""
    pin = pins.pin(number)

    class WatchedPin(type(pin)):  # type: ignore[misc]  # a pin that tells when it changes
        def _change_state(self, value: float) -> bool:
            changed = bool(super()._change_state(value))
            if changed and value:
                heard(timedelta(seconds=self.factory.ticks()))
            return changed

    pin.__class__ = WatchedPin


def table(lives: dict[str, Lived]) -> str:
    """The month for people, a column for each chair."""
    days = DAYS * WEEKS
    rows = ["| | " + " | ".join(lives) + " |", "|---|" + "---:|" * len(lives)]
    for what, figure in _FIGURES.items():
        rows.append(f"| {what} | " + " | ".join(figure(one, days) for one in lives.values()) + " |")
    return "\n".join(rows)


def _reminders(lived: Lived) -> list[datetime]:
    return lived.of("move_due", "move_reminder")


_FIGURES: dict[str, Callable[[Lived, int], str]] = {
    "hours on the seat a day": lambda one, days: (
        f"{sum((b - a).total_seconds() for a, b in one.stretches) / 3600 / days:.1f}"
    ),
    "calls to move a day": lambda one, days: f"{len(one.of('move_due')) / days:.1f}",
    "reminders a day, the call included": lambda one, days: f"{len(_reminders(one)) / days:.1f}",
    "the same on the worst day": lambda one, days: f"{one.most_on_a_day(_reminders(one))}",
    "sounds a day, soft ticks included": lambda one, days: f"{len(one.sounds) / days:.1f}",
    "minutes between sounds, median": lambda one, days: f"{median(one.spacings) / 60:.1f}",
    "minutes between sounds, least": lambda one, days: f"{min(one.spacings) / 60:.1f}",
    "bouts given up on, in four weeks": lambda one, days: f"{len(one.of('gave_up'))}",
    "sounds within 60 s of another": lambda one, days: f"{one.too_near}",
    "sounds on an empty seat": lambda one, days: f"{one.on_an_empty_seat}",
    "sounds outside the hours": lambda one, days: f"{one.outside_hours:d}",
}
