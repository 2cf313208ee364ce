"""A machine on which the service is started and killed, in simulated time."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from unsit.assembly.chair import MakeSeat
from unsit.assembly.memory import open_state
from unsit.assembly.service import Service
from unsit.assembly.simulation import pins_on, seat_on
from unsit.core.instant import ZERO, Instant
from unsit.core.programme import Programme
from unsit.history.shelving import Shelf
from unsit.mqtt.command import CommandReader, CommandRejected
from unsit.runtime.clock import Act, Inbox
from unsit.settings.changes import Sources
from unsit.settings.model import ChairSettings, MqttSettings, SeatSettings, Settings
from unsit.settings.values import parse_duration, parse_time

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SETTINGS = Settings(
    chair=ChairSettings(id="test-chair"),
    mqtt=MqttSettings(host="none"),
    seat=SeatSettings(sit_dwell=ZERO, stand_dwell=ZERO),
)

Script = Sequence[tuple[timedelta, Callable[[], object]]]
"""Actions, and their time after the start of the service."""


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


class KilledError(Exception):
    """End of a killed service, raised where it would wait."""


class MachineClock:
    """Simulated time over several runs of the service, with reboots and corrections of the clock.

    until: instant at which the service is killed.
    """

    def __init__(self) -> None:
        self.epoch = "one"
        self.date = NOON
        self.until = ZERO
        self._now = ZERO
        self._asleep_since: Instant | None = None

    def now(self) -> Instant:
        return self._now

    def wall(self, at: Instant) -> datetime:
        return self.date - (self._now - at)

    def real_now(self) -> timedelta:
        return self._now

    def at_real(self, real: timedelta) -> Instant:
        return real

    def slept_since(self) -> Instant | None:
        since, self._asleep_since = self._asleep_since, None
        return since

    def sleep(self, lapse: timedelta) -> None:
        """Put the machine to sleep for a time; no call is made meanwhile."""
        self._asleep_since = self._now
        self.pass_time(lapse)

    def next_act(self, inbox: Inbox, until: Instant | None) -> Act | None:
        if not inbox.empty():
            return inbox.get_nowait()
        if until is None or until > self.until:
            self.pass_time(self.until - self._now)
            raise KilledError
        self.pass_time(max(until - self._now, ZERO))
        return None

    def pass_time(self, lapse: timedelta) -> None:
        self._now += lapse
        self.date += lapse

    def set(self, now: Instant, date: datetime) -> None:
        """Continue at the time of another clock."""
        self._now, self.date = now, date

    def reboot(self, lapse: timedelta, *, wall: timedelta) -> None:
        """Reboot after a lapse of time; the wall clock moves on by ``wall``, which may differ."""
        self.epoch += " and another"
        self._now = minutes(0.5)
        self.date += wall
        self.until = self._now


class Machine:
    """A chair whose service is started and killed, and the records that it published.

    programme: exercises, none if left out. make_seat: maker of a seat on load cells, None for a
    mat. sources: where the settings come from. shelf: the history, none if left out. records: those
    published.
    seated: a person is on the seat. beeps: number of audible calls and reminders.
    """

    def __init__(
        self,
        state: Path,
        settings: Settings = SETTINGS,
        programme: Programme | None = None,
        clock: MachineClock | None = None,
        make_seat: MakeSeat | None = None,
        sources: Sources | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self.clock = clock or MachineClock()
        self.records: list[dict[str, Any]] = []
        self.seated = False
        self.beeps = 0
        self.file = state
        self._settings = settings
        self._programme = programme
        self._make_seat = make_seat
        self._sources = sources
        self._shelf = shelf

    def run(
        self,
        lapse: timedelta,
        *,
        sits: bool | None = None,
        sits_at_first: bool | None = None,
        script: Script = (),
        watch: Callable[[str], None] | None = None,
    ) -> None:
        """Start the service and kill it after a lapse of time.

        sits: level to which the seat changes right after the start, None for no change.
        sits_at_first: level at the start, if it differs from the last one.
        watch: called with each SQL statement of the state file before it is executed.
        """
        pins = pins_on(self.clock)
        self._seat = seat_on(pins, self._settings)
        self._seat.set(self.seated if sits_at_first is None else sits_at_first)
        state = open_state(self.file)
        state._db.set_trace_callback(watch)
        service = self.service = Service(
            self._settings,
            self.clock,
            pins,
            self._publish,
            state=state,
            version="0",
            make_seat=self._make_seat,
            programme=self._programme,
            sources=self._sources,
            shelf=self._shelf,
        )
        self.clock.until = self.clock.now() + lapse
        if sits is not None:
            service.loop.call(self.sit, sits)
        for after, act in script:
            service.loop.at(self.clock.now() + after, act)
        with suppress(KilledError):
            service.run()

    def sit(self, seated: bool) -> None:
        """Let the person sit down or stand up."""
        self.seated = seated
        self._seat.set(seated)

    def command(self, name: str, payload: str = "") -> str | None:
        """Give the service a command as from the broker; return the reason of a refusal."""
        changes, hours = self.service._memory.changes, self.service.chair.hours
        reader = CommandReader(parse_duration, parse_time, hours.next_time, changes.reset_request)
        try:
            now = self.clock.now()
            request = reader.read(name, payload.encode(), retained=False, now=now)
        except CommandRejected as rejected:
            return str(rejected)
        return self.service._request(request, f"unsit/test-chair/command/{name}")

    def seated_today(self) -> int:
        """Return the seated seconds of the day in the state of the last service."""
        return int(self.service._state()["seated_today_s"])

    def types(self) -> list[str]:
        return [record["type"] for record in self.records]

    def _publish(self, record: dict[str, Any]) -> None:
        self.records.append(record)
        buzzer = self.service.chair.devices.buzzer
        self.beeps += (
            record["type"].startswith("move_") and buzzer is not None and buzzer.is_playing
        )
