"""What the tests of the hardware package share: simulated pins, and programs that run on them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware.buzzers import PIN, Timers
from unsit_firmware import ActiveBuzzer, PassiveBuzzer
from unsit_firmware.simulation import SimulatedPins


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a recording is to be."""
    return tmp_path / "chair.csv"


@pytest.fixture
def pins() -> Iterator[SimulatedPins]:
    """Simulated pins with nobody at them."""
    pins = SimulatedPins(environment={})
    yield pins
    pins.close()


@pytest.fixture
def run_on_simulated_pins(tmp_path: Path) -> Callable[..., str]:
    """Runs a program in a process of its own, on simulated pins; gives what it printed.

    Anything on standard error, a warning too, is a failure.
    """

    def run(program: str, **environment: str) -> str:
        ended = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            env=os.environ | {"GPIOZERO_PIN_FACTORY": "unsit_sim"} | environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        return ended.stdout

    return run


@pytest.fixture
def restless_threads() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


@pytest.fixture
def timers() -> Timers:
    """Timers whose time is up when the test says so."""
    return Timers()


@pytest.fixture
def buzzer(pins: SimulatedPins, timers: Timers) -> Iterator[ActiveBuzzer]:
    """An active buzzer on such timers."""
    with ActiveBuzzer(PIN, timer=timers, pin_factory=pins) as buzzer:
        yield buzzer


@pytest.fixture
def piezo(pins: SimulatedPins, timers: Timers) -> Iterator[PassiveBuzzer]:
    """A passive one."""
    with PassiveBuzzer(PIN, timer=timers, pin_factory=pins) as piezo:
        yield piezo
