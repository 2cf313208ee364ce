"""Clocks: live, scaled and virtual time, wall time of a zone, and steps of the wall clock.

Durations come from the monotonic clock alone; the wall clock only names instants.
"""

import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from datetime import time as time_of_day
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from unsit.core.events import ClockStepped
from unsit.core.instant import ZERO, Instant

BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")
"""File of the kernel with an id that is new after each reboot."""

LOCAL_ZONE_FILE = Path("/etc/localtime")
"""Link to the file of the machine's time zone."""

ZONES = Path("/usr/share/zoneinfo")
"""Folder of the time zones that ``TZ`` names."""

WAIT_MAX = timedelta(hours=1)
"""Longest wait without a wake-up."""

READING_TIME_MAX = timedelta(microseconds=100)
"""Time within which two clocks must be read to count as read at one moment."""

READINGS_MAX = 5
"""Readings of both clocks after which the fastest one is used."""

CLOCK_JITTER = timedelta(milliseconds=100)
"""Difference that may come from reading two clocks one after the other on a busy machine.

A larger one is a step: time synchronisation that slews the wall clock slews the monotonic clock
with it.
"""

CLOCK_STEP_MIN = timedelta(seconds=1)
"""Smallest step of the wall clock that is reported."""

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)

Act = Callable[[], object]

Inbox = SimpleQueue[Act]
"""Calls that other threads ask for, in order."""

World = Iterator[tuple[Instant, Act]]
"""Acts of the simulated world with their instants, in order of time."""


class ReadableClock(Protocol):
    """Clock that can be read."""

    @property
    def epoch(self) -> str:
        """Name of the clock's origin; two clocks with the same name have the same origin."""

    def now(self) -> Instant:
        """Return the monotonic time since the clock's origin."""

    def wall(self, at: Instant) -> datetime:
        """Return the date of an instant by the wall clock of now, with the local offset."""


class Clock(ReadableClock, Protocol):
    """Source of time for the loop."""

    def real_now(self) -> timedelta:
        """Return real time, which a scaled clock does not change."""

    def at_real(self, real: timedelta) -> Instant:
        """Return the first instant of this clock at which a real time has passed."""

    def slept_since(self) -> Instant | None:
        """Return when the machine fell asleep, if it has slept since the last call."""

    def next_act(self, inbox: Inbox, until: Instant | None) -> Act | None:
        """Wait for the next act and return it, or return None when ``until`` has come.

        Without ``until`` it may return None at any time.
        """


class LiveClock:
    """Clock of real time. The wall clock may be set at any moment; durations do not change.

    Its time goes on while the machine sleeps (suspend), as the wall clock's does: a hold of an hour
    ends in an hour, midnight stays where it is, and a sleep is no step of the wall clock. The
    kernel stamps edges by a clock that stands still in sleep; only their ages are used, which are
    the same on both. Waits stand still too, so a sleep is noticed at the next call: at the first
    edge, or within a minute of being awake.

    with_sleep: returns the time since the boot. without_sleep: the same, but for sleep.
    """

    def __init__(
        self,
        with_sleep: Callable[[], timedelta] | None = None,
        without_sleep: Callable[[], timedelta] | None = None,
    ) -> None:
        self.epoch = _boot_id()
        self._with_sleep = with_sleep or _boot_time
        self._without_sleep = without_sleep or real_time
        self._slept = max(self._time_asleep() for _ in range(READINGS_MAX))

    def now(self) -> Instant:
        """Return the time since the boot, with the time that the machine slept."""
        return self._with_sleep()

    def wall(self, at: Instant) -> datetime:
        """Return the date of an instant by the wall clock of now, with the local offset."""
        return (_date_of_origin(self._with_sleep) + at).astimezone()

    def slept_since(self) -> Instant | None:
        """Return when the machine fell asleep, if it has slept since the last call.

        When it awoke is not known; it is taken to have slept until now.
        """
        slept = self._time_asleep()
        by, self._slept = slept - self._slept, max(slept, self._slept)
        return self.now() - by if by >= CLOCK_STEP_MIN else None

    def _time_asleep(self) -> timedelta:
        """Return the time asleep since the boot, or less if the machine stalls in between."""
        return self._with_sleep() - self._without_sleep()

    def real_now(self) -> timedelta:
        """Return real time, which is that of this clock."""
        return self.now()

    def at_real(self, real: timedelta) -> Instant:
        """Return the instant of this clock at a real time."""
        return real

    def next_act(self, inbox: Inbox, until: Instant | None) -> Act | None:
        """Wait for another thread or for ``until``, without waking up in between."""
        return _wait(inbox, WAIT_MAX if until is None else until - self.now())


class ScaledClock:
    """Clock whose monotonic time and wall clock both run ``speed`` times as fast as real time.

    speed: seconds of this clock in a real second, more than 0.
    start: first date of the wall clock, with an offset. Default: the real date.
    """

    def __init__(self, speed: float, start: datetime | None = None) -> None:
        since = real_time()
        self._pace = since, ZERO, speed  # one value, so that other threads read it whole
        self._start = start or datetime.now(UTC)
        self.epoch = f"{_boot_id()} at {since} with {self._start.isoformat()}, {speed}"

    def now(self) -> Instant:
        """Return the scaled time since this clock was made."""
        return self._at(real_time())

    def real_now(self) -> timedelta:
        """Return real time."""
        return real_time()

    def at_real(self, real: timedelta) -> Instant:
        """Return the instant of this clock after a real time, if the speed stays as it is."""
        return self._at(real) + MICROSECOND

    def wall(self, at: Instant) -> datetime:
        """Return the start date plus scaled time."""
        return (self._start + at).astimezone()

    def slept_since(self) -> None:
        """Return None, because this clock stands still while the machine sleeps."""

    def next_act(self, inbox: Inbox, until: Instant | None) -> Act | None:
        """Wait for another thread or for ``until``."""
        _, _, speed = self._pace
        wait = WAIT_MAX if until is None else (until - self.now()) / speed
        return _wait(inbox, wait)

    def set_speed(self, speed: float) -> None:
        """Change the speed from now on. Call it from the loop's own thread only."""
        real = real_time()
        self._pace = real, self._at(real), speed

    def _at(self, real: timedelta) -> Instant:
        since, then, speed = self._pace
        return then + (real - since) * speed


class VirtualClock:
    """Clock that stands still while there is an act to call, and jumps when there is none.

    start: the date of instant zero. A date without an offset is local time, and every date then
        gets the offset that holds on its day.
    world: the acts to come. At one instant they come before the deadlines of that instant.
    at_end: called when the world has run out; ``now`` is then its last instant.
    """

    epoch = "virtual"

    def __init__(self, start: datetime, world: World, at_end: Act) -> None:
        self._now = ZERO
        self._start = start
        self._world = world
        self._at_end = at_end
        self._next = next(world, None)

    def now(self) -> Instant:
        """Return the virtual time since the start."""
        return self._now

    def wall(self, at: Instant) -> datetime:
        """Return the start date plus virtual time, without any daylight saving step."""
        date = self._start + at
        if date.tzinfo is not None:
            return date
        return date.replace(tzinfo=timezone(date.astimezone().utcoffset() or ZERO))

    def real_now(self) -> timedelta:
        """Return real time, which is that of this clock."""
        return self.now()

    def at_real(self, real: timedelta) -> Instant:
        """Return the instant of this clock at a real time."""
        return real

    def slept_since(self) -> None:
        """Return None, because virtual time knows no sleep."""

    def next_act(self, inbox: Inbox, until: Instant | None) -> Act | None:
        """Return the next act; jump to its instant, or to ``until`` if that is earlier."""
        if not inbox.empty():
            return inbox.get_nowait()
        if self._next is None:
            return None if until is not None and until <= self._now else self._at_end
        at, act = self._next
        if until is not None and until < at:
            self._now = until
            return None
        self._now = at
        self._next = next(self._world, None)
        return act


@dataclass(frozen=True, slots=True)
class WallTime:
    """Wall time of a zone: what its clocks show, and when they show it.

    zone: the time zone, None for that of the machine.

    A moment is a date in UTC. Clocks that are set skip some times and show others twice:

    - A time that they show twice means the first of the two.
    - A time that they skip means the moment at which they would have shown it without being set:
      02:30, in the night in which 02:00 to 03:00 is skipped, is the moment at which they show
      03:30.
    - A day begins at the first moment at which they show its date or a later one. So each moment
      belongs to one day, and no day begins twice, whatever happens at midnight. A day that is
      skipped has no length.

    This is computed from offsets of moments alone, which every Python knows, instead of the
    conversion of local times, which takes a skipped time an hour early before Python 3.12.
    """

    zone: tzinfo | None = None

    def shown(self, at: datetime) -> datetime:
        """Return what the clocks show at a moment, with their offset.

        The zone itself is left out: Python compares and subtracts dates of one zone by what is
        shown, and finds a date that comes twice equal to none of another zone.
        """
        return at.astimezone(timezone(self._offset(at)))

    def moment(self, shown: datetime) -> datetime:
        """Return the moment at which the clocks show a date without an offset, in UTC."""
        first, second, is_skipped = self._readings(shown)
        return first if is_skipped else min(first, second)

    def moments(self, shown: datetime) -> tuple[datetime, ...]:
        """Return all moments at which the clocks show a date; one if they skip it."""
        first, second, is_skipped = self._readings(shown)
        return (first,) if is_skipped else tuple(sorted({first, second}))

    def midnight(self, day: date) -> datetime:
        """Return the moment at which a day begins, in UTC."""
        first, second, is_skipped = self._readings(datetime.combine(day, time_of_day.min))
        if not is_skipped:
            return min(first, second)
        before, after = sorted((first, second))  # the clocks are set in between
        while after - before > CLOCK_STEP_MIN:
            middle = before + (after - before) // CLOCK_STEP_MIN // 2 * CLOCK_STEP_MIN
            if self.shown(middle).date() < day:
                before = middle
            else:
                after = middle
        return after

    def day(self, at: datetime) -> date:
        """Return the day that a moment belongs to.

        The clocks show its date, or the one before it if they were set back over midnight.
        """
        day = self.shown(at).date()
        return day + DAY if self.midnight(day + DAY) <= at else day

    def day_end(self, at: datetime) -> datetime:
        """Return the moment at which the next day begins, always after ``at``."""
        day = self.day(at) + DAY
        while (end := self.midnight(day)) <= at:
            day += DAY
        return end

    def _readings(self, shown: datetime) -> tuple[datetime, datetime, bool]:
        """Return the moments of a date by the offsets before and after it; whether both are wrong.

        Clocks are set once in two days at most. If one offset is wrong, both moments are the same.
        """
        as_utc = shown.replace(tzinfo=UTC)
        offsets = (self._offset(as_utc - DAY), self._offset(as_utc + DAY))
        found = [as_utc - offset for offset in offsets]
        right = [
            at for at, offset in zip(found, offsets, strict=True) if self._offset(at) == offset
        ]
        if not right:
            return found[0], found[1], True
        return right[0], right[-1], False

    def _offset(self, at: datetime) -> timedelta:
        return at.astimezone(self.zone).utcoffset() or ZERO


class ZoneWatch:
    """Detector of another time zone of the machine, or of other rules of a zone.

    The C library reads the zone once, and so does Python a named one. A person who sets the zone
    with ``timedatectl``, or an update of the tz database, would be noticed at the next start only.

    named: a time zone of the settings, such as Europe/Berlin, None for none.
    """

    def __init__(self, named: str | None = None) -> None:
        self._named = named
        self._seen = self._look()

    def has_changed(self) -> bool:
        """Return whether zone or rules have changed since the last call; they hold afterwards."""
        seen = self._look()
        if seen == self._seen:
            return False
        self._seen = seen
        _read_zones_again()
        return True

    def _look(self) -> list[tuple[Any, ...]]:
        return [_file_mark(file) for file in (_zone_file(), *_files_of_zone(self._named))]


class Dates:
    """Dates that stay the same until the wall clock is set.

    A clock dates the same instant a little differently each time. These dates do not, so a duration
    is exactly the difference of its two dates.

    zone: time zone of the days, None for that of the machine.
    """

    def __init__(self, clock: ReadableClock, zone: tzinfo | None = None) -> None:
        self._clock = clock
        self._origin = clock.wall(ZERO)
        self._wall_time = WallTime(zone)

    def date(self, at: Instant) -> datetime:
        """Return the date of an instant, with the local offset of that date."""
        return (self._steady_origin() + at).astimezone()

    def midnight(self, now: Instant) -> Instant:
        """Return the beginning of this instant's day, which may lie before the clock's origin."""
        day = self._wall_time.day(self.date(now))
        return self._wall_time.midnight(day) - self._steady_origin()

    def instant(self, date: datetime) -> Instant:
        """Return the instant of a date that has an offset."""
        return date - self._steady_origin()

    def _steady_origin(self) -> datetime:
        origin = self._clock.wall(ZERO).astimezone(UTC)
        if abs(origin - self._origin) >= CLOCK_JITTER:
            self._origin = origin
        return self._origin.astimezone(UTC)


class ClockStepWatch:
    """Detector of steps: compares the wall clock with the monotonic clock at each call."""

    def __init__(self, clock: ReadableClock) -> None:
        self._clock = clock
        self._origin = clock.wall(ZERO)

    def step(self) -> ClockStepped | None:
        """Return the step since the last call, or None if there was none."""
        origin = self._clock.wall(ZERO)
        by = origin - self._origin
        self._origin = origin
        return ClockStepped(self._clock.now(), by) if abs(by) >= CLOCK_STEP_MIN else None

    def mark(self) -> "ClockMark":
        """Return the mark of now by the wall clock of the last call of ``step``."""
        now = self._clock.now()
        return ClockMark(self._clock.epoch, now, self._origin + now)


@dataclass(frozen=True, slots=True)
class ClockMark:
    """One moment on both clocks.

    epoch: name of the monotonic clock's origin, another one after a reboot.
    at: the moment on the monotonic clock. date: the same moment on the wall clock.
    """

    epoch: str
    at: Instant
    date: datetime

    @classmethod
    def of(cls, clock: ReadableClock) -> "ClockMark":
        """Return the mark of this moment."""
        now = clock.now()
        return cls(clock.epoch, now, clock.wall(now))

    def document(self) -> dict[str, Any]:
        """Return the mark as JSON for the state file."""
        at = self.at // MICROSECOND
        return {"epoch": self.epoch, "at": at, "date": self.date.isoformat()}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "ClockMark":
        """Return the mark from its document.

        Raises KeyError, TypeError or ValueError for anything else.
        """
        date = datetime.fromisoformat(document["date"])
        if date.tzinfo is None:
            raise ValueError(f"read {document['date']!r}; expected a date with an offset")
        return cls(str(document["epoch"]), int(document["at"]) * MICROSECOND, date)


class ClockTranslation:
    """Translation of instants that a previous run saved to the clock of this run.

    mark: a moment of the previous run. known: its last known moment; ignored if it is of another
        epoch or earlier than the mark.
    offset: what to add to a saved instant.
    down_since: the last known moment of the previous run, on this run's clock.
    down_since_wall: the same moment by the wall clock, which may be after now if that clock is
        wrong; None if the monotonic clock is the same as before.

    Within one epoch instants are unchanged, even if the wall clock was set. After a reboot the wall
    clock gives the downtime. If it shows a time before the last known moment, it is wrong; then the
    downtime is taken to be the uptime of this machine, which is the least that it can be.
    """

    def __init__(self, mark: ClockMark, known: ClockMark, clock: ReadableClock) -> None:
        last = known if known.epoch == mark.epoch and known.at > mark.at else mark
        now = clock.now()
        is_reboot = last.epoch != clock.epoch
        downtime = clock.wall(now) - last.date if is_reboot else now - last.at
        self.down_since_wall: Instant | None = now - downtime if is_reboot else None
        if downtime < ZERO:
            downtime = max(now, ZERO)
        self.down_since = now - downtime
        self.offset = self.down_since - last.at


def _zone_file() -> Path | None:
    """Return the file of the machine's time zone, None if the zone is in no file; see tzset(3)."""
    name = os.environ.get("TZ")
    if name is None:
        return LOCAL_ZONE_FILE
    return Path(os.environ.get("TZDIR", ZONES), name.removeprefix(":")) if name else None


def _files_of_zone(name: str | None) -> list[Path]:
    if name is None:
        return []
    from zoneinfo import TZPATH

    return [Path(folder, name) for folder in TZPATH]


def _file_mark(file: Path | None) -> tuple[Any, ...]:
    """Return what changes if a file is written, replaced or linked to another one."""
    if file is None:
        return ()
    try:
        found = file.stat()
        return (os.path.realpath(file), found.st_dev, found.st_ino, found.st_mtime_ns)
    except (OSError, ValueError):
        return ()


def _read_zones_again() -> None:
    """Make the C library and Python read the files of all zones again."""
    name = os.environ.get("TZ")
    if name is not None:  # the library reads a file again only if its name has changed
        os.environ["TZ"] = "UTC0"
        time.tzset()
        os.environ["TZ"] = name
    time.tzset()
    if zones := sys.modules.get("zoneinfo"):
        zones.ZoneInfo.clear_cache()


def real_time() -> timedelta:
    """Return the kernel's monotonic time, which stands still while the machine sleeps."""
    return timedelta(microseconds=time.monotonic_ns() // 1000)


def _boot_time() -> timedelta:
    """Return the time since the boot, with the time that the machine slept."""
    return timedelta(microseconds=time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000)


def _boot_id() -> str:
    """Return the id of this boot, or a random one if the kernel gives none."""
    try:
        return BOOT_ID_FILE.read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid.uuid4())


def _date_of_origin(now: Callable[[], timedelta]) -> datetime:
    """Return the date of the monotonic clock's zero.

    The two clocks are read one after the other, and a delay in between makes the date wrong by its
    length. The reading is repeated until it is fast enough.
    """
    readings: list[tuple[timedelta, datetime]] = []
    while len(readings) < READINGS_MAX:
        before = now()
        date = datetime.now(UTC)
        took = now() - before
        readings.append((took, date - before))
        if took <= READING_TIME_MAX:
            break
    return min(readings)[1]


def _wait(inbox: Inbox, longest: timedelta) -> Act | None:
    try:
        if longest <= ZERO:
            return inbox.get_nowait()
        return inbox.get(timeout=min(longest, WAIT_MAX).total_seconds())
    except Empty:
        return None
