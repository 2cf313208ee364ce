"""Fixtures for the tests of the hardware package: simulated pins, and programs on them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.buzzer_timers import PIN, Timers
from unsit_firmware import ActiveBuzzer, PassiveBuzzer
from unsit_firmware.simulation.pins import SimulatedPins


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the path of a recording to be written."""
    return tmp_path / "chair.csv"


@pytest.fixture
def pins() -> Iterator[SimulatedPins]:
    """Yield simulated pins without a person."""
    pins = SimulatedPins()
    yield pins
    pins.close()


@pytest.fixture
def run_on_simulated_pins(tmp_path: Path) -> Callable[..., str]:
    """Return a function that runs a program on simulated pins and returns its output.

    Any output on standard error fails the test, also a warning.
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
def fast_thread_switches() -> Iterator[None]:
    """Make the interpreter switch between threads as often as possible."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


@pytest.fixture
def timers() -> Timers:
    """Return timers that expire when the test lets them."""
    return Timers()


@pytest.fixture
def buzzer(pins: SimulatedPins, timers: Timers) -> Iterator[ActiveBuzzer]:
    """Yield an active buzzer on such timers."""
    with ActiveBuzzer(PIN, timer=timers, pin_factory=pins) as buzzer:
        yield buzzer


@pytest.fixture
def piezo(pins: SimulatedPins, timers: Timers) -> Iterator[PassiveBuzzer]:
    """Yield a passive buzzer on such timers."""
    with PassiveBuzzer(PIN, timer=timers, pin_factory=pins) as piezo:
        yield piezo
