"""What our pin factory promises, wherever there is a chip; run by test_on_a_fake_chip.py."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from gpiozero import (
    LED,
    Device,
    DigitalInputDevice,
    DigitalOutputDevice,
    PinInvalidBounce,
    PinInvalidEdges,
    PinInvalidFunction,
    PinInvalidPin,
    PinInvalidPull,
    PinInvalidState,
    PinPWMFixedValue,
    PinUnknownPi,
    PWMOutputDevice,
)

from firmware.benches import BUTTON, BUZZER, MAT, PATIENCE, Bench, gpiod
from mosquitto import until
from unsit_firmware import FirmwareError, PinError, PressureMat
from unsit_firmware.libgpiod import GpiodFactory
from unsit_firmware.libgpiod.chip import open_chip


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench = gpiod(monkeypatch)
    yield bench
    bench.close()


def threads(name: str) -> int:
    """How many threads of a name there are."""
    return sum(thread.name == name for thread in threading.enumerate())


def test_a_callback_that_fails_a_hundred_times_loses_no_edge(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def hear(pressed: bool, age: float) -> None:
        bench.hear(pressed, age)
        if len(bench.heard) <= 100:
            raise RuntimeError("the user's own fault")

    with PressureMat(MAT, when_changed=hear, pin_factory=bench.pins):
        for number in range(1, 151):
            bench.connect(MAT, number % 2 == 1)
            bench.expect(*(n % 2 == 1 for n in range(1, number + 1)))

    reported = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(reported) == 100
    assert all("the user's own fault" in str(record.exc_info) for record in reported)


def test_an_edge_has_the_time_at_which_it_was_not_at_which_it_was_told(bench: Bench) -> None:
    told: list[tuple[float, int]] = []
    first_told, go_on = threading.Event(), threading.Event()
    pin = bench.pins.pin(MAT)
    pin.input_with_pull("up")

    def hear(ticks: float, state: int) -> None:
        first_told.set()
        go_on.wait(PATIENCE)
        told.append((ticks, state))

    pin.when_changed = hear
    bench.connect(MAT, True)
    assert first_told.wait(PATIENCE)
    bench.connect(MAT, False)
    until(lambda: bool(pin.state), "the wire is off the ground")
    later = bench.pins.ticks()
    go_on.set()
    until(lambda: len(told) == 2, "both edges are told")

    assert [state for _, state in told] == [0, 1]
    assert told[0][0] <= told[1][0] <= later


def test_one_thread_hears_all_pins_and_lives_from_the_first_listener_to_the_close(
    bench: Bench,
) -> None:
    LED(BUZZER, pin_factory=bench.pins)
    assert threads("edges") == 0
    mat = DigitalInputDevice(MAT, pull_up=True, pin_factory=bench.pins)
    button = DigitalInputDevice(BUTTON, pull_up=True, pin_factory=bench.pins)
    for number, device in ((MAT, mat), (BUTTON, button)):
        bench.connect(number, True)
        assert device.wait_for_active(PATIENCE)
    assert threads("edges") == 1
    bench.close()
    bench.close()
    assert threads("edges") == 0


def test_a_closed_pin_is_driven_by_nobody_and_can_be_used_again(bench: Bench) -> None:
    with DigitalOutputDevice(BUZZER, initial_value=True, pin_factory=bench.pins):
        assert bench.is_high(BUZZER)
    assert not bench.is_high(BUZZER)
    with DigitalOutputDevice(BUZZER, pin_factory=bench.pins) as output:
        output.on()
        assert bench.is_high(BUZZER)


def test_a_closed_factory_leaves_no_output_driven(bench: Bench) -> None:
    lamp = LED(BUZZER, initial_value=True, pin_factory=bench.pins)
    bench.close()
    assert not bench.is_high(BUZZER)
    lamp.close()


def test_only_the_edges_that_are_asked_for_are_told(bench: Bench) -> None:
    told: list[int] = []
    pin = bench.pins.pin(MAT)
    pin.input_with_pull("up")

    def hear(ticks: float, state: int) -> None:
        told.append(state)

    pin.edges = "falling"
    pin.when_changed = hear
    for to_ground in (True, False, True):
        bench.connect(MAT, to_ground)
        until(lambda: bool(pin.state) is not to_ground, "the level is there")  # noqa: B023
    until(lambda: len(told) == 2, "both falls are told")
    assert told == [0, 0]
    pin.when_changed = None
    bench.connect(MAT, False)
    assert pin.edges == "falling"
    assert told == [0, 0]


def test_a_wave_swings_the_pin_and_ends_with_the_thread_that_made_it(bench: Bench) -> None:
    with PWMOutputDevice(BUZZER, frequency=50, pin_factory=bench.pins) as output:
        assert threads("wave") == 0
        output.value = 0.5
        for level in (True, False, True, False):
            until(lambda: bench.is_high(BUZZER) is level, "the pin swings")  # noqa: B023
        assert (output.value, output.frequency, threads("wave")) == (0.5, 50, 1)
        output.value = 1
        assert bench.is_high(BUZZER)
        output.value = 0.25
        output.frequency = 100
        assert (output.value, output.frequency) == (0.25, 100)
        output.value = 0
        assert not bench.is_high(BUZZER)
        output.value = 0.5
        output.frequency = None
        assert not bench.is_high(BUZZER)
    until(lambda: threads("wave") == 0, "the wave's thread ends")


def test_a_line_held_elsewhere_is_an_error_that_names_line_chip_and_mend(bench: Bench) -> None:
    with DigitalOutputDevice(BUZZER, pin_factory=bench.pins):
        chip = open_chip(bench.pins.chip.path)
        bench.pins.chip, ours = chip, bench.pins.chip
        another = type(bench.pins.pin(BUZZER))(bench.pins, bench.pins.pin(BUZZER).info)
        with pytest.raises(PinError, match=rf"^GPIO{BUZZER} on {chip.path} is held by .*gpioinfo"):
            another.output_with_state(False)
        bench.pins.chip = ours
        chip.close()


def test_a_chip_that_is_not_there_is_an_error_that_names_it() -> None:
    with pytest.raises(PinError, match=r"^/dev/gpiochip99 cannot be opened: No such file"):
        GpiodFactory("/dev/gpiochip99")
    with pytest.raises(PinError, match=r"^/dev/null cannot be opened: .*; expected a GPIO chip"):
        GpiodFactory("/dev/null")


def test_what_no_pin_can_do_is_refused_as_gpiozero_does(bench: Bench) -> None:
    pin = bench.pins.pin(MAT)
    with pytest.raises(PinInvalidFunction, match="'spi'"):
        pin.function = "spi"
    pin.function = "input"
    with pytest.raises(PinInvalidPull, match="'sideways'"):
        pin.pull = "sideways"
    with pytest.raises(PinInvalidEdges, match="'blunt'"):
        pin.edges = "blunt"
    for bounce in (-1, 5000):
        with pytest.raises(PinInvalidBounce, match=r"expected 0 to 4295 s"):
            pin.bounce = bounce
    with pytest.raises(PinPWMFixedValue):
        pin.frequency = 100
    pin.function = "output"
    with pytest.raises(PinInvalidState, match=r"0\.5"):
        pin.state = 0.5
    with pytest.raises(PinInvalidPin):
        bench.pins.pin(99)


def test_off_a_raspberry_pi_a_pin_is_a_line_of_the_chip(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_pi() -> int:
        raise PinUnknownPi("no Raspberry Pi")

    monkeypatch.setattr("gpiozero.pins.local.get_pi_revision", no_pi)
    path = bench.pins.chip.path
    bench.close()
    pins = GpiodFactory(path)
    assert pins.board_info.model == pins.chip.get_info().label
    assert pins.pin(MAT) is pins.pin(f"GPIO{MAT}") is pins.pin(str(MAT))
    assert pins.pin(40).info.name == "GPIO40"
    with LED(BUZZER, initial_value=True, pin_factory=pins):
        assert bench.is_high(BUZZER)
    pins.close()


def test_software_spi_reads_what_is_on_the_wire(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Device, "pin_factory", bench.pins)  # gpiozero's bus uses the default one
    with bench.pins.spi(clock_pin=5, mosi_pin=6, miso_pin=BUTTON, select_pin=19) as bus:
        bench.connect(BUTTON, False)
        assert bus.transfer([0, 0]) == [255, 255]
        bench.connect(BUTTON, True)
        assert bus.transfer([0, 0]) == [0, 0]


def test_the_factory_says_which_chip_it_is_on(bench: Bench) -> None:
    label = bench.pins.chip.get_info().label
    assert bench.pins.description == f"gpiod on {bench.pins.chip.path} ({label})"


def test_every_error_of_the_chip_is_an_error_of_this_package(tmp_path: Path) -> None:
    with pytest.raises(FirmwareError):
        GpiodFactory(str(tmp_path))
