"""A month of one person's sitting, replayed through the chair, and its sounds.

The recording comes from an activPAL that a person wore on the thigh for a week; it distinguishes
sitting or lying from everything else. Its seven whole days are cut to 07:00-23:00, since the person
lies at night, and repeated four times, each on its own weekday. The wearer had no such chair, so
the counts are those of a person who ignores every call. A simulated person has such a month too.
"""

import csv
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

from recordings import person
from unsit.assembly.simulation import Recording, replay
from unsit.runtime.record import Record
from unsit.settings.hours import HoursSettings
from unsit.settings.model import Settings
from unsit_firmware.simulation.pins import SimulatedPins

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
    "at all hours": Settings(),
    "in office hours": Settings(hours=OFFICE_HOURS),
}
ONE_SOUND = timedelta(seconds=2)
"""Longest pause between pulses of the buzzer within one sound."""


@dataclass
class ReplayedMonth:
    """A replayed month.

    stretches: times on the seat. in_office: the chair has office hours. sounds: start of each
    sound on the buzzer's pin. pulse: start of the last pulse, None before the first.
    """

    stretches: Sequence[Stretch]
    in_office: bool
    records: list[Record] = field(default_factory=list)
    sounds: list[datetime] = field(default_factory=list)
    pulse: datetime | None = None

    def add_pulse(self, at: datetime) -> None:
        """Add a pulse of the buzzer's pin."""
        if self.pulse is None or at - self.pulse > ONE_SOUND:
            self.sounds.append(at)
        self.pulse = at

    def of(self, *kinds: str) -> list[datetime]:
        """Return the times of events of some types."""
        return [naive(record["at"]) for record in self.records if record["type"] in kinds]

    @property
    def spacings(self) -> list[float]:
        """Seconds between successive sounds of a day."""
        pairs = pairwise(self.sounds)
        return [(b - a).total_seconds() for a, b in pairs if a.date() == b.date()]

    @property
    def too_near(self) -> int:
        """Number of sounds less than 60 s after the previous one."""
        return sum(seconds < 60 for seconds in self.spacings)

    @property
    def on_an_empty_seat(self) -> int:
        """Number of sounds that began on an empty seat, according to the recording."""
        return sum(not any(a <= at < b for a, b in self.stretches) for at in self.sounds)

    @property
    def outside_hours(self) -> int:
        """Number of sounds outside the chair's hours."""
        return self.in_office and sum(not in_office_hours(at) for at in self.sounds)

    def most_on_a_day(self, moments: Sequence[datetime]) -> int:
        """Return the largest number of moments on a day."""
        days = [moment.date() for moment in moments]
        return max((days.count(day) for day in set(days)), default=0)


def in_office_hours(at: datetime) -> bool:
    """Return whether a time is within office hours."""
    return at.weekday() < 5 and any(start <= at.time() < end for start, end in OFFICE)


def naive(text: str) -> datetime:
    """Return a date without its time zone, as in the recording."""
    return datetime.fromisoformat(text).replace(tzinfo=None)


def month_of(recordings: Path) -> list[Stretch]:
    """Return the times on the seat of the whole month."""
    week = list(_stretches(recordings / WEARER))
    moved = (
        (start + nth * timedelta(weeks=1), end + nth * timedelta(weeks=1))
        for nth in range(WEEKS)
        for start, end in _whole_days(week)
    )
    return list(moved)


def generated_month(seed: int = 1) -> list[Stretch]:
    """Return the times on the seat of a simulated person at home, in the same four weeks."""
    chance, midnight = random.Random(f"month {seed}"), datetime.combine(FIRST, time())
    stays = [
        stay
        for week in range(WEEKS)
        for stay in person.shifted(person.week(chance, at_home=True), week * DAYS * person.DAY)
    ]
    return [
        (
            midnight + timedelta(milliseconds=stay.down),
            midnight + timedelta(milliseconds=stay.up),
        )
        for stay in stays
    ]


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


def replay_month(stretches: Sequence[Stretch], settings: Settings, folder: Path) -> ReplayedMonth:
    """Replay the month with a chair of these settings; ``folder`` is for temporary files."""
    file = folder / "month.csv"
    rows = [f"{start.isoformat()},1\n{end.isoformat()},0\n" for start, end in stretches]
    file.write_text("ts,contact\n" + "".join(rows), encoding="utf-8")
    recording = Recording(str(file))
    extent = recording.check()
    month = ReplayedMonth(stretches, in_office=settings.hours == OFFICE_HOURS)

    def watch(pins: SimulatedPins) -> None:
        watch_pulses(pins, settings.buzzer.pin, lambda at: month.add_pulse(stretches[0][0] + at))

    replay(settings, extent, recording.moves(), month.records.append, watch)
    return month


def watch_pulses(pins: SimulatedPins, number: int, on_rise: Callable[[timedelta], None]) -> None:
    """Call ``on_rise`` at each rising edge of a pin, with the time since the start."""
    pin = pins.pin(number)

    class WatchedPin(type(pin)):  # type: ignore[misc]  # gpiozero's pins have no types
        def _change_state(self, value: float) -> bool:
            changed = bool(super()._change_state(value))
            if changed and value:
                on_rise(timedelta(seconds=self.factory.ticks()))
            return changed

    pin.__class__ = WatchedPin


def table(months: dict[str, ReplayedMonth]) -> str:
    """Return the figures of the month as a Markdown table with a column for each chair."""
    days = DAYS * WEEKS
    rows = ["| | " + " | ".join(months) + " |", "|---|" + "---:|" * len(months)]
    for name, figure in _FIGURES.items():
        rows.append(
            f"| {name} | " + " | ".join(figure(month, days) for month in months.values()) + " |"
        )
    return "\n".join(rows)


def _reminders(month: ReplayedMonth) -> list[datetime]:
    return month.of("move_due", "move_reminder")


_FIGURES: dict[str, Callable[[ReplayedMonth, int], str]] = {
    "hours on the seat a day": lambda month, days: (
        f"{sum((b - a).total_seconds() for a, b in month.stretches) / 3600 / days:.1f}"
    ),
    "calls to move a day": lambda month, days: f"{len(month.of('move_due')) / days:.1f}",
    "reminders a day, the call included": lambda month, days: (
        f"{len(_reminders(month)) / days:.1f}"
    ),
    "the same on the worst day": lambda month, days: f"{month.most_on_a_day(_reminders(month))}",
    "sounds a day, soft ticks included": lambda month, days: f"{len(month.sounds) / days:.1f}",
    "minutes between sounds, median": lambda month, days: f"{median(month.spacings) / 60:.1f}",
    "minutes between sounds, least": lambda month, days: f"{min(month.spacings) / 60:.1f}",
    "bouts given up on, in four weeks": lambda month, days: f"{len(month.of('gave_up'))}",
    "sounds within 60 s of another": lambda month, days: f"{month.too_near}",
    "sounds on an empty seat": lambda month, days: f"{month.on_an_empty_seat}",
    "sounds outside the hours": lambda month, days: f"{month.outside_hours:d}",
}
