"""Simulated pins with unchanged gpiozero programs."""

import gzip
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gpiozero import LED, PWMLED, Button, Buzzer, DigitalInputDevice, TonalBuzzer
from gpiozero.tones import Tone

from unsit_firmware.simulation.pins import SimulatedContact, SimulatedPins

PIN = 17

TIMEOUT_S = 60.0

RunProgram = Callable[..., str]

BUTTON_PROGRAM = """
import queue
from gpiozero import Button

seen = queue.SimpleQueue()
button = Button({pin})
button.when_pressed = lambda: seen.put("pressed")
button.when_released = lambda: seen.put("released")
print("pressed" if button.is_pressed else "open", "at the start")
for _ in range(4):
    print(seen.get(timeout=60))
"""

PRESSES = "open at the start\npressed\nreleased\npressed\nreleased\n"


def test_a_plain_gpiozero_program_sees_the_presses_of_a_script(
    run_on_simulated_pins: RunProgram,
) -> None:
    printed = run_on_simulated_pins(
        BUTTON_PROGRAM.format(pin=17),
        UNSIT_SIM_SCRIPT="stand 1h, sit 6m, stand 6m, sit 6m, stand 1h",
        UNSIT_SIM_SPEED="7200",
    )
    assert printed == PRESSES


def test_a_plain_gpiozero_program_sees_the_presses_of_a_recording_at_another_pin(
    run_on_simulated_pins: RunProgram, tmp_path: Path
) -> None:
    rows = "ts,contact\n2026-01-05T09:00:00,0\n2026-01-05T10:00:00,1\n2026-01-05T10:06:00,0\n"
    rows += "2026-01-05T10:12:00,1\n2026-01-05T10:18:00,0\n"
    (tmp_path / "morning.csv.gz").write_bytes(gzip.compress(rows.encode()))
    printed = run_on_simulated_pins(
        BUTTON_PROGRAM.format(pin=23),
        UNSIT_SIM_RECORDING="morning.csv.gz",
        UNSIT_SIM_PIN="23",
        UNSIT_SIM_SPEED="7.2e3",
    )
    assert printed == PRESSES


def test_an_led_goes_on_and_off(pins: SimulatedPins) -> None:
    with LED(PIN, pin_factory=pins) as led:
        led.on()
        assert pins.pin(PIN).state == 1
        led.toggle()
        assert pins.pin(PIN).state == 0
        led.blink(on_time=0.001, off_time=0.001, n=3, background=False)
        assert not led.is_lit


def test_a_pwm_led_has_every_brightness(pins: SimulatedPins) -> None:
    with PWMLED(PIN, pin_factory=pins) as led:
        led.value = 0.25
        assert (pins.pin(PIN).state, pins.pin(PIN).frequency) == (0.25, 100)
        led.off()
        assert pins.pin(PIN).state == 0


def test_gpiozero_s_buzzer_sounds(pins: SimulatedPins) -> None:
    with Buzzer(PIN, active_high=False, pin_factory=pins) as buzzer:
        assert pins.pin(PIN).state == 1
        buzzer.on()
        assert pins.pin(PIN).state == 0
        buzzer.beep(on_time=0.001, off_time=0.001, n=2, background=False)
        assert pins.pin(PIN).state == 1


def test_gpiozero_s_tonal_buzzer_plays_a_tone(pins: SimulatedPins) -> None:
    with TonalBuzzer(PIN, pin_factory=pins) as buzzer:
        buzzer.play(Tone("A4"))
        assert (pins.pin(PIN).frequency, pins.pin(PIN).state) == (440.0, 0.5)
        buzzer.stop()
        assert (pins.pin(PIN).frequency, pins.pin(PIN).state) == (None, 0.0)


def test_gpiozero_s_button_is_pressed_and_released(pins: SimulatedPins) -> None:
    contact = SimulatedContact(pins.pin(PIN))
    with Button(PIN, pin_factory=pins) as button:
        contact.set(True)
        assert button.wait_for_press(0)
        assert button.is_pressed
        contact.set(False)
        assert button.wait_for_release(0)


def test_a_held_button_is_held(pins: SimulatedPins) -> None:
    held = threading.Event()
    with Button(PIN, hold_time=0.01, pin_factory=pins) as button:
        button.when_held = held.set
        pins.pin(PIN).connect(False)
        assert held.wait(TIMEOUT_S)


@pytest.mark.parametrize("pull_up", [True, False])
@pytest.mark.parametrize("wire", [True, False])
def test_a_wire_wins_over_the_pull_whichever_comes_first(
    pull_up: bool, wire: bool, pins: SimulatedPins
) -> None:
    pin = pins.pin(PIN)
    pin.connect(wire)
    with DigitalInputDevice(PIN, pull_up=pull_up, pin_factory=pins):
        assert bool(pin.state) is wire
        pin.connect(None)
        assert bool(pin.state) is pull_up
        pin.connect(wire)
        assert bool(pin.state) is wire
        pin.pull = "down" if pull_up else "up"
        assert bool(pin.state) is wire


@pytest.mark.parametrize("pull", ["up", "down"])
def test_a_pin_that_is_connected_to_nothing_follows_its_pull(
    pull: str, pins: SimulatedPins
) -> None:
    pin = pins.pin(PIN)
    pin.pull = pull
    assert bool(pin.state) is (pull == "up")


def test_a_floating_pin_that_loses_its_wire_keeps_its_level(pins: SimulatedPins) -> None:
    pin = pins.pin(PIN)
    pin.connect(True)
    pin.connect(None)
    assert pin.state


def test_driving_a_pin_as_gpiozero_s_mock_does_is_weaker_than_a_wire(pins: SimulatedPins) -> None:
    pin = pins.pin(PIN)
    pin.drive_high()
    assert pin.state
    pin.connect(False)
    pin.drive_high()
    assert not pin.state
    pin.connect(True)
    pin.drive_low()
    assert pin.state
    pin.connect(None)
    pin.drive_low()
    assert not pin.state


@pytest.mark.parametrize("wire", [True, False])
def test_a_wire_at_an_output_takes_effect_when_that_becomes_an_input(
    wire: bool, pins: SimulatedPins
) -> None:
    pin = pins.pin(PIN)
    with LED(PIN, initial_value=not wire, pin_factory=pins):
        pin.connect(wire)
        assert bool(pin.state) is not wire
    assert pin.function == "input"
    assert bool(pin.state) is wire


def test_each_edge_is_one_call_and_the_same_level_again_is_none(pins: SimulatedPins) -> None:
    pin = pins.pin(PIN)
    pin.pull = "up"
    seen: list[bool] = []

    def changed(_: float, level: float) -> None:
        seen.append(bool(level))

    pin.when_changed = changed
    for wire in (False, False, None, True, None, False):
        pin.connect(wire)
    assert seen == [False, True, False]


def test_the_memory_of_a_pin_does_not_grow_with_its_edges(pins: SimulatedPins) -> None:
    pin = pins.pin(PIN)
    with DigitalInputDevice(PIN, pull_up=True, pin_factory=pins), LED(27, pin_factory=pins) as led:
        edges = 10_000
        tracemalloc.start()
        try:
            _blink(pin, led, 100)
            before, _ = tracemalloc.get_traced_memory()
            _blink(pin, led, edges)
            after, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert after - before < edges  # bytes; gpiozero's mock keeps more than 100 for an edge


def _blink(pin: Any, led: LED, edges: int) -> None:
    for _ in range(edges // 2):
        pin.connect(False)
        led.on()
        pin.connect(None)
        led.off()


def test_ticks_come_from_the_given_clock() -> None:
    now = [100.0]
    pins = SimulatedPins(lambda: now[0])
    with Button(PIN, pin_factory=pins) as button:
        now[0] = 150.0
        pins.pin(PIN).connect(False)
        now[0] = 157.5
        assert pins.ticks() == 157.5
        assert button.active_time == 7.5


def test_edges_are_stamped_by_the_given_clock() -> None:
    now = iter(float(tick) for tick in range(1000))
    pins = SimulatedPins(lambda: next(now))
    seen: list[float] = []

    def stamped(ticks: float, _: bool) -> None:
        seen.append(ticks)

    pins.pin(PIN).when_changed = stamped
    for wire in (True, False):
        pins.pin(PIN).connect(wire)
    assert seen == [0.0, 1.0]


def test_ticks_are_monotonic_time_by_default(pins: SimulatedPins) -> None:
    before = time.monotonic()
    assert before <= pins.ticks() <= time.monotonic()


@pytest.mark.parametrize("normally_closed", [False, True])
def test_a_contact_connects_its_pin_to_ground_or_to_nothing(
    normally_closed: bool, pins: SimulatedPins
) -> None:
    pin = pins.pin(PIN)
    contact = SimulatedContact(pin, normally_closed=normally_closed)
    pin.pull = "up"
    assert bool(pin.state) is not normally_closed
    contact.set(True)
    assert bool(pin.state) is normally_closed
    pin.pull = "down"
    assert not pin.state
