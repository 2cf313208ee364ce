"""Tests of GpiodFactory on any chip; test_on_a_fake_chip.py runs them."""

import errno
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

from support.gpio_benches import BUTTON, BUZZER, MAT, TIMEOUT_S, Bench, gpiod
from support.mosquitto import until
from unsit_firmware import FirmwareError, PinError, PressureMat
from unsit_firmware.contact import EdgeThreads
from unsit_firmware.libgpiod import GpiodFactory
from unsit_firmware.libgpiod.chip import open_chip


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench = gpiod(monkeypatch)
    yield bench
    bench.close()


def threads(name: str) -> int:
    """Return the number of threads of a name."""
    return sum(thread.name == name for thread in threading.enumerate())


def test_a_callback_that_fails_a_hundred_times_loses_no_edge(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def listener(pressed: bool, age: float) -> None:
        bench.record_edge(pressed, age)
        if len(bench.edges) <= 100:
            raise RuntimeError("an error of the user")

    with PressureMat(MAT, when_changed=listener, pin_factory=bench.pins):
        for number in range(1, 151):
            bench.connect(MAT, number % 2 == 1)
            bench.expect(*(n % 2 == 1 for n in range(1, number + 1)))

    reported = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "an error of the user" in str(reported[0].exc_info)
    assert [record.getMessage().partition("failed")[2] for record in reported] == [
        "; later edges are still received",
        " 10 times: RuntimeError('an error of the user')",
        " 100 times: RuntimeError('an error of the user')",
    ]


def test_an_edge_whose_callback_fails_takes_no_other_edge_with_it(bench: Bench) -> None:
    """The kernel gives several edges at once to a thread that was busy."""
    pin = bench.pins.pin(MAT)
    pin.input_with_pull("up")
    reported: list[int] = []
    busy, go_on = threading.Event(), threading.Event()

    def listener(ticks: float, state: int) -> None:
        busy.set()
        go_on.wait(TIMEOUT_S)
        reported.append(state)
        raise RuntimeError("an error of the user")

    pin.when_changed = listener
    bench.connect(MAT, True)
    assert busy.wait(TIMEOUT_S)
    for to_ground in (False, True, False):
        bench.connect(MAT, to_ground)
        until(lambda: bool(pin.state) is not to_ground, "the pin has the level")  # noqa: B023
    go_on.set()
    until(lambda: len(reported) == 4, "all edges are reported")
    assert reported == [0, 1, 0, 1]


def test_a_failing_callback_of_one_pin_or_of_the_watch_leaves_the_other_pins_alone(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    failures: list[str] = []

    def fail(*_: object) -> None:
        raise SystemExit("an error of the user")

    with (
        PressureMat(MAT, when_changed=bench.record_edge, pin_factory=bench.pins),
        PressureMat(BUTTON, when_changed=fail, pin_factory=bench.pins),
    ):
        EdgeThreads(bench.pins).watch_failures(lambda error: failures.append(str(error)))
        for number in range(1, 21):
            bench.pins.watch.call_soon(fail)
            bench.connect(BUTTON, number % 2 == 1)
            bench.connect(MAT, number % 2 == 1)
            bench.expect(*(n % 2 == 1 for n in range(1, number + 1)))
        until(lambda: len(failures) > 20, "the failures of both kinds are reported")
    assert set(failures) == {"an error of the user"}
    assert len(caplog.records) == 4


def test_a_line_that_the_kernel_removes_ends_no_thread_and_no_other_line(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    failures: list[str] = []
    with (
        PressureMat(MAT, when_changed=bench.record_edge, pin_factory=bench.pins),
        PressureMat(BUTTON, pin_factory=bench.pins) as gone,
    ):
        EdgeThreads(bench.pins).watch_failures(lambda error: failures.append(type(error).__name__))

        def lost() -> list[object]:
            raise OSError(errno.ENODEV, "No such device")

        gone.pin._line.read_edge_events = lost
        bench.connect(BUTTON, True)
        until(lambda: failures == ["LineLostError"], "the lost line is reported")
        bench.connect(MAT, True)
        bench.expect(True)
    assert caplog.text.count("No such device") == 1


def test_an_edge_has_the_time_of_the_edge_and_not_of_the_callback(bench: Bench) -> None:
    reported: list[tuple[float, int]] = []
    first_reported, go_on = threading.Event(), threading.Event()
    pin = bench.pins.pin(MAT)
    pin.input_with_pull("up")

    def listener(ticks: float, state: int) -> None:
        first_reported.set()
        go_on.wait(TIMEOUT_S)
        reported.append((ticks, state))

    pin.when_changed = listener
    bench.connect(MAT, True)
    assert first_reported.wait(TIMEOUT_S)
    bench.connect(MAT, False)
    until(lambda: bool(pin.state), "the wire is high")
    later = bench.pins.ticks()
    go_on.set()
    until(lambda: len(reported) == 2, "both edges are reported")

    assert [state for _, state in reported] == [0, 1]
    assert reported[0][0] <= reported[1][0] <= later


def test_one_thread_receives_the_edges_of_all_pins_and_lives_from_the_first_listener_to_the_close(
    bench: Bench,
) -> None:
    LED(BUZZER, pin_factory=bench.pins)
    assert threads("edges") == 0
    mat = DigitalInputDevice(MAT, pull_up=True, pin_factory=bench.pins)
    button = DigitalInputDevice(BUTTON, pull_up=True, pin_factory=bench.pins)
    for number, device in ((MAT, mat), (BUTTON, button)):
        bench.connect(number, True)
        assert device.wait_for_active(TIMEOUT_S)
    assert threads("edges") == 1
    bench.close()
    bench.close()
    assert threads("edges") == 0


def test_a_closed_pin_is_not_driven_and_can_be_used_again(bench: Bench) -> None:
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


def test_only_the_chosen_edges_are_reported(bench: Bench) -> None:
    reported: list[int] = []
    pin = bench.pins.pin(MAT)
    pin.input_with_pull("up")

    def listener(ticks: float, state: int) -> None:
        reported.append(state)

    pin.edges = "falling"
    pin.when_changed = listener
    for to_ground in (True, False, True):
        bench.connect(MAT, to_ground)
        until(lambda: bool(pin.state) is not to_ground, "the pin has the level")  # noqa: B023
    until(lambda: len(reported) == 2, "both falling edges are reported")
    assert reported == [0, 0]
    pin.when_changed = None
    bench.connect(MAT, False)
    assert pin.edges == "falling"
    assert reported == [0, 0]


def test_a_wave_swings_the_pin_and_ends_with_the_thread_that_made_it(bench: Bench) -> None:
    with PWMOutputDevice(BUZZER, frequency=50, pin_factory=bench.pins) as output:
        assert threads("wave") == 0
        output.value = 0.5
        for level in (True, False, True, False):
            until(lambda: bench.is_high(BUZZER) is level, "the wave changes the level")  # noqa: B023
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


def test_a_line_held_elsewhere_is_an_error_that_names_line_chip_and_fix(bench: Bench) -> None:
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


def test_invalid_values_raise_the_errors_of_gpiozero(bench: Bench) -> None:
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


def test_software_spi_reads_the_level_of_the_wire(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Device, "pin_factory", bench.pins)  # gpiozero's bus uses the default one
    with bench.pins.spi(clock_pin=5, mosi_pin=6, miso_pin=BUTTON, select_pin=19) as bus:
        bench.connect(BUTTON, False)
        assert bus.transfer([0, 0]) == [255, 255]
        bench.connect(BUTTON, True)
        assert bus.transfer([0, 0]) == [0, 0]


def test_the_factory_describes_its_chip(bench: Bench) -> None:
    label = bench.pins.chip.get_info().label
    assert bench.pins.description == f"gpiod on {bench.pins.chip.path} ({label})"


def test_every_error_of_the_chip_is_an_error_of_this_package(tmp_path: Path) -> None:
    with pytest.raises(FirmwareError):
        GpiodFactory(str(tmp_path))
