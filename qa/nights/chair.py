"""``python -m nights.chair STATE``: a chair whose person obeys standard input.

A line of input is ``sit`` or ``rise``. A line of output is a time of the monotonic clock in seconds
and what happened: ``ready``, ``buzzer 1``, ``buzzer 0``, the type of an event, or at the end each
stall of the machine with its length in s. The wall clock is that of ``rigs/clock``; the monotonic
clock is the real one.
"""

import os
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

from support.stalls import StallProbe
from unsit.assembly.memory import open_state
from unsit.assembly.service import Service
from unsit.assembly.simulation import pins_on, seat_on
from unsit.cli.process import on_crash, on_stop
from unsit.core.instant import ZERO
from unsit.runtime.clock import LiveClock
from unsit.settings.hours import HoursSettings
from unsit.settings.model import (
    BuzzerSettings,
    ChairSettings,
    MqttSettings,
    SeatSettings,
    Settings,
    SittingSettings,
)
from unsit_firmware.simulation.pins import SimulatedContact, SimulatedPin

BUZZER_PIN = 18
MOVE_AFTER_S = 4.0
MIN_BREAK_S = 1.5

PATTERN: Final = "insistent"
"""Four beeps of 0.5 s with pauses of 0.25 s."""


class WatchedPin(SimulatedPin):
    """Simulated pin that prints each change of the buzzer's level."""

    def _change_state(self, value: float) -> bool:
        has_changed = bool(super()._change_state(value))
        if has_changed and self.info.name == f"GPIO{BUZZER_PIN}" and self.function == "output":
            say(f"buzzer {int(value)}")
        return has_changed


def say(what: str) -> None:
    """Print what happens now."""
    sys.stdout.write(f"{time.monotonic():.6f} {what}\n")
    sys.stdout.flush()


def settings() -> Settings:
    """Return the settings of a chair that is due after seconds."""
    return Settings(
        chair=ChairSettings(id="night"),
        mqtt=MqttSettings(host="none"),
        seat=SeatSettings(sit_dwell=ZERO, stand_dwell=ZERO),
        buzzer=BuzzerSettings(pin=BUZZER_PIN, pattern=PATTERN),
        sitting=SittingSettings(
            move_after=timedelta(seconds=MOVE_AFTER_S), min_break=timedelta(seconds=MIN_BREAK_S)
        ),
        hours=HoursSettings(timezone=os.environ.get("NAMED_ZONE")),
    )


def obey(seat: SimulatedContact) -> None:
    """Let the person do what standard input says."""
    for line in sys.stdin:
        seat.set(line.strip() == "sit")


def main() -> None:
    """Run the chair until SIGTERM."""
    clock = LiveClock()
    pins = pins_on(clock)
    pins.pin_class = WatchedPin
    seat = seat_on(pins, settings())
    service = Service(
        settings(),
        clock,
        pins,
        lambda record: say(record["type"]),
        state=open_state(Path(sys.argv[1])),
        version="0",
    )
    on_stop(service.stop)
    on_crash(service.loop.fail)
    threading.Thread(target=obey, args=(seat,), daemon=True).start()
    service.loop.call(say, "ready")
    with StallProbe() as probe:
        service.run()
    for began, length in probe.stalls:
        sys.stdout.write(f"{began:.6f} stall {length:.6f}\n")


if __name__ == "__main__":
    main()
