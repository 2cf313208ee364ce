"""A machine on which the service is started and killed, in virtual time that goes on meanwhile."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from unsit.assembly.memory import open_state
from unsit.assembly.service import Service
from unsit.assembly.simulation import pins_on, seat_on
from unsit.core.instant import ZERO, Instant
from unsit.core.programme import Programme
from unsit.runtime.clock import Act, Inbox
from unsit.settings.model import ChairSettings, SeatSettings, Settings
from unsit.settings.mqtt import MqttSettings

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SETTINGS = Settings(
    chair=ChairSettings(id="test-chair"),
    mqtt=MqttSettings(host="none"),
    seat=SeatSettings(sit_dwell=ZERO, stand_dwell=ZERO),
)

Script = Sequence[tuple[timedelta, Callable[[], object]]]
"""What happens, and how long after the start of the service."""


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


class KilledError(Exception):
    """What ends a service that says nothing any more."""


class MachineClock:
    """Virtual time over several services; the machine may be rebooted and its clock set.

    until: when the service is killed.
    """

    def __init__(self) -> None:
        self.epoch = "one"
        self.date = NOON
        self.until = ZERO
        self._now = ZERO

    def now(self) -> Instant:
        return self._now

    def wall(self, at: Instant) -> datetime:
        return self.date - (self._now - at)

    def take(self, inbox: Inbox, until: Instant | None) -> Act | None:
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
        """Takes up where another clock was."""
        self._now, self.date = now, date

    def reboot(self, lapse: timedelta, *, told: timedelta) -> None:
        """Off for a while; the clock on the wall says that it was another while."""
        self.epoch += " and another"
        self._now = minutes(0.5)
        self.date += told
        self.until = self._now


class Machine:
    """A chair whose service is started and killed, and what it told.

    settings: of the chair. programme: its exercises, none if left out. clock: of the machine.
    seated: whether somebody sits. beeps: how often the buzzer began a pattern.
    """

    def __init__(
        self,
        state: Path,
        settings: Settings = SETTINGS,
        programme: Programme | None = None,
        clock: MachineClock | None = None,
    ) -> None:
        self.clock = clock or MachineClock()
        self.told: list[dict[str, Any]] = []
        self.seated = False
        self.beeps = 0
        self.file = state
        self._settings = settings
        self._programme = programme

    def run(
        self,
        lapse: timedelta,
        *,
        sits: bool | None = None,
        sits_at_first: bool | None = None,
        script: Script = (),
        watch: Callable[[str], None] | None = None,
    ) -> None:
        """Starts the service, and kills it after a while.

        sits: who changes the seat when the service has started, None for nobody.
        watch: told of every statement that the state file executes, before it does.
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
            self._hear,
            state=state,
            version="0",
            programme=self._programme,
        )
        self.clock.until = self.clock.now() + lapse
        if sits is not None:
            service.loop.call(self.sit, sits)
        for after, act in script:
            service.loop.at(self.clock.now() + after, act)
        with suppress(KilledError):
            service.run()

    def sit(self, seated: bool) -> None:
        """Somebody sits down, or rises."""
        self.seated = seated
        self._seat.set(seated)

    def seated_today(self) -> int:
        """What the last service adds up to, as its state has it."""
        return int(self.service._state()["seated_today_s"])

    def types(self) -> list[str]:
        return [record["type"] for record in self.told]

    def _hear(self, record: dict[str, Any]) -> None:
        self.told.append(record)
        buzzer = self.service.devices.buzzer
        self.beeps += (
            record["type"].startswith("move_") and buzzer is not None and buzzer.is_playing
        )
