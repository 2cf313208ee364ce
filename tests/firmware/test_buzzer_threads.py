"""Patterns that the default thread plays, and stops from other threads at any instant."""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gpiozero import DigitalInputDevice
from gpiozero.pins.mock import MockConnectedPin, MockFactory

from firmware.buzzers import (
    PATIENCE,
    PIN,
    Timers,
    is_silent,
)
from unsit_firmware import ActiveBuzzer, Beep
from unsit_firmware.simulation import SimulatedPin, SimulatedPins

Heard = Callable[[], str]


@pytest.fixture
def ear() -> Iterator[tuple[MockFactory, Heard]]:
    """Pins of gpiozero's with a second pin wired to the buzzer's, and what is heard there."""
    pins = MockFactory()
    heard: queue.SimpleQueue[str] = queue.SimpleQueue()
    pins.pin(PIN, pin_class=MockConnectedPin, input_pin=pins.pin(24))
    with DigitalInputDevice(24, pin_factory=pins) as ear:
        ear.when_activated = lambda: heard.put("sound")
        ear.when_deactivated = lambda: heard.put("silence")
        yield pins, lambda: heard.get(timeout=PATIENCE)
    pins.close()


def test_by_default_a_thread_plays_the_pattern_to_its_end(
    ear: tuple[MockFactory, Heard],
) -> None:
    pins, heard = ear
    with ActiveBuzzer(PIN, pin_factory=pins) as buzzer:
        buzzer.play((Beep(0.01, 0.01), Beep(0.01, 0.01), Beep(0.01)))
        assert [heard() for _ in range(6)] == ["sound", "silence"] * 3


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
        timer.join(PATIENCE)
        assert not timer.is_alive()


def test_a_stop_from_another_thread_while_a_step_is_under_way_ends_in_silence(
    buzzer: ActiveBuzzer, timers: Timers
) -> None:
    for _ in range(100):
        buzzer.play("double")
        timers.next()
        step = threading.Thread(target=timers.up().act)
        step.start()
        buzzer.stop()
        step.join(PATIENCE)
        assert is_silent(buzzer, timers)


class InterruptedPin(SimulatedPin):
    """A pin at which something happens just before it goes high."""

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
        steps_to_come = [lambda: buzzer.play("double"), timers.next, timers.next]
        for step in steps_to_come[:steps_played]:
            step()
        stand_up = threading.Thread(target=buzzer.stop)

        def interrupt() -> None:
            stand_up.start()
            stand_up.join(0.2)  # it cannot end before the step has, if all is well

        pin.just_before = interrupt
        steps_to_come[steps_played]()
        stand_up.join(PATIENCE)
        assert is_silent(buzzer, timers)


@pytest.mark.usefixtures("restless_threads")
def test_of_two_patterns_started_at_once_one_plays_and_can_be_stopped(
    buzzer: ActiveBuzzer, timers: Timers
) -> None:
    for _ in range(200):
        other = threading.Thread(target=buzzer.play, args=("double",))
        other.start()
        buzzer.play("double")
        other.join(PATIENCE)
        assert buzzer.is_active
        assert len(timers.running) == 1
        buzzer.stop()
        assert is_silent(buzzer, timers)
        timers.made.clear()
