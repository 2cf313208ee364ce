"""Service in the process of the test, on simulated pins, in real or scaled time."""

import queue
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from unsit.assembly.memory import open_state
from unsit.assembly.service import Service
from unsit.assembly.simulation import SimulatedContact, pins_on
from unsit.core.programme import Programme
from unsit.history.shelving import Shelf
from unsit.runtime.clock import LiveClock, ScaledClock
from unsit.settings.model import ChairSettings, HomeAssistantSettings, MqttSettings, Settings

TIMEOUT_S = 60.0
ROOT = "unsit/test-chair"

PinChange = tuple[float, bool]


class LiveChair:
    """Service with a contact to press and a buzzer pin to observe.

    sections: sections of the settings. speed, start: see ``ScaledClock``.
    shelf: place of the history, None for no history.
    drops_records: whether the records that are logged from now on are not put into ``records``.
    """

    def __init__(
        self,
        state: Path | None = None,
        *,
        speed: float = 1.0,
        start: datetime | None = None,
        mqtt: dict[str, Any] | None = None,
        programme: Programme | None = None,
        shelf: Shelf | None = None,
        **sections: Any,
    ) -> None:
        self.settings = Settings(
            chair=ChairSettings(id="test-chair"),
            mqtt=MqttSettings(**({"host": "none"} | (mqtt or {}))),
            **({"homeassistant": HomeAssistantSettings(discovery=False)} | sections),
        )
        clock = LiveClock() if speed == 1.0 else ScaledClock(speed, start)
        self.records: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.drops_records = False
        self._pins = pins_on(clock)
        self.seat = SimulatedContact(self._pins.pin(self.settings.seat.pin))
        self.buzzer_changes: queue.SimpleQueue[PinChange] = queue.SimpleQueue()
        self._watch_buzzer()
        self.service = Service(
            self.settings,
            clock,
            self._pins,
            self._log,
            state=open_state(state),
            version="0",
            programme=programme,
            shelf=shelf,
        )
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def buzzer_on(self) -> bool:
        """Level of the buzzer's pin."""
        return bool(self._pins.pin(self.settings.buzzer.pin).state)

    def wait(self, kind: str) -> dict[str, Any]:
        """Return the next record of a type."""
        end = time.monotonic() + TIMEOUT_S
        while (left := end - time.monotonic()) > 0:
            record = self.records.get(timeout=left)
            if record["type"] == kind:
                return record
        raise AssertionError(f"no {kind} in {TIMEOUT_S} s")

    def wait_for_buzzer(self, level: bool) -> float:
        """Return the monotonic time in s at which the buzzer's pin next changes to a level."""
        while True:
            at, changed_to = self.buzzer_changes.get(timeout=TIMEOUT_S)
            if changed_to is level:
                return at

    def stop(self) -> None:
        """Stop the service, and raise the error that it failed with."""
        self.service.stop()
        self._thread.join(TIMEOUT_S)
        assert not self._thread.is_alive(), "the service does not stop"
        if self.failure is not None:
            raise self.failure

    def _log(self, record: dict[str, Any]) -> None:
        if not self.drops_records:
            self.records.put(record)

    def _run(self) -> None:
        try:
            self.service.run()
        except BaseException as error:
            self.failure = error

    def _watch_buzzer(self) -> None:
        changes = self.buzzer_changes
        pin = self._pins.pin(self.settings.buzzer.pin)

        class WatchedPin(type(pin)):  # type: ignore[misc]  # a pin that reports its changes
            def _change_state(self, value: float) -> bool:
                changed = bool(super()._change_state(value))
                if changed:
                    changes.put((time.monotonic(), bool(value)))
                return changed

        pin.__class__ = WatchedPin


def every(seconds: float) -> timedelta:
    """Return a duration for the settings of a test."""
    return timedelta(seconds=seconds)
