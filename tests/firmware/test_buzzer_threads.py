"""Patterns on the default timer thread, and stops from other threads at any time."""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gpiozero import DigitalInputDevice
from gpiozero.pins.mock import MockConnectedPin, MockFactory

from support.buzzer_timers import (
    PIN,
    TIMEOUT_S,
    Timers,
    is_silent,
)
from unsit_firmware import ActiveBuzzer, Beep
from unsit_firmware.simulation.pins import SimulatedPin, SimulatedPins

NextChange = Callable[[], str]


@pytest.fixture
def probe() -> Iterator[tuple[MockFactory, NextChange]]:
    """Mock pins of gpiozero with a second pin wired to the buzzer's, which records its level."""
    pins = MockFactory()
    changes: queue.SimpleQueue[str] = queue.SimpleQueue()
    pins.pin(PIN, pin_class=MockConnectedPin, input_pin=pins.pin(24))
    with DigitalInputDevice(24, pin_factory=pins) as probe:
        probe.when_activated = lambda: changes.put("sound")
        probe.when_deactivated = lambda: changes.put("silence")
        yield pins, lambda: changes.get(timeout=TIMEOUT_S)
    pins.close()


def test_by_default_a_thread_plays_the_pattern_to_its_end(
    probe: tuple[MockFactory, NextChange],
) -> None:
    pins, next_change = probe
    with ActiveBuzzer(PIN, pin_factory=pins) as buzzer:
        buzzer.play((Beep(0.01, 0.01), Beep(0.01, 0.01), Beep(0.01)))
        assert [next_change() for _ in range(6)] == ["sound", "silence"] * 3


def test_the_default_thread_does_not_outlive_a_pattern_that_is_cut_off(
    pins: SimulatedPins,
) -> None:
    others = set(threading.enumerate())
    with ActiveBuzzer(PIN, pin_factory=pins) as buzzer:
        buzzer.play((Beep(3600.0),))
        [timer] = set(threading.enumerate()) - others
        assert timer.daemon
        buzzer.stop()
        assert not buzzer.is_active
        timer.join(TIMEOUT_S)
        assert not timer.is_alive()


def test_a_stop_from_another_thread_while_a_step_is_under_way_ends_in_silence(
    buzzer: ActiveBuzzer, timers: Timers
) -> None:
    for _ in range(100):
        buzzer.play("double")
        timers.next()
        step = threading.Thread(target=timers.expire().callback)
        step.start()
        buzzer.stop()
        step.join(TIMEOUT_S)
        assert is_silent(buzzer, timers)


class InterruptedPin(SimulatedPin):
    """Pin that calls a function just before it goes high."""

    def __init__(self, factory: Any, info: Any) -> None:
        self.just_before: Callable[[], None] | None = None
        super().__init__(factory, info)

    def _set_state(self, value: float) -> None:
        if value and self.just_before is not None:
            self.just_before()
        super()._set_state(value)


@pytest.mark.parametrize("steps_played", [0, 2])
def test_a_stop_just_before_the_pin_goes_high_ends_in_silence(
    steps_played: int, pins: SimulatedPins, timers: Timers
) -> None:
    pin = pins.pin(PIN, pin_class=InterruptedPin)
    with ActiveBuzzer(PIN, timer=timers, pin_factory=pins) as buzzer:
        steps = [lambda: buzzer.play("double"), timers.next, timers.next]
        for step in steps[:steps_played]:
            step()
        stopper = threading.Thread(target=buzzer.stop)

        def interrupt() -> None:
            stopper.start()
            stopper.join(0.2)  # with a correct lock it ends after the step

        pin.just_before = interrupt
        steps[steps_played]()
        stopper.join(TIMEOUT_S)
        assert is_silent(buzzer, timers)


@pytest.mark.usefixtures("fast_thread_switches")
def test_of_two_patterns_started_at_once_one_plays_and_can_be_stopped(
    buzzer: ActiveBuzzer, timers: Timers
) -> None:
    for _ in range(200):
        other = threading.Thread(target=buzzer.play, args=("double",))
        other.start()
        buzzer.play("double")
        other.join(TIMEOUT_S)
        assert buzzer.is_active
        assert len(timers.running) == 1
        buzzer.stop()
        assert is_silent(buzzer, timers)
        timers.made.clear()
