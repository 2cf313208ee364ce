"""The same device classes on each back end that runs without a Raspberry Pi.

RPi.GPIO itself needs the chip. Its stand-in is fake-rpi, which answers every call but remembers
nothing; what the real library does and gpiozero relies on is added here.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import fake_rpi
import pytest
from gpiozero import Device, GPIOPinInUse
from gpiozero.pins.mock import MockFactory, MockPWMPin

from unsit_firmware import ActiveBuzzer, Beep, Contact, PassiveBuzzer, PressureMat, PushButton
from unsit_firmware.simulation import SimulatedPins

MAT, BUZZER, BUTTON = 17, 18, 27
ZERO_2_W = 0x902120


@dataclass
class Channel:
    """What the chip and the library know of one pin."""

    function: int = fake_rpi.RPi.GPIO.IN
    pull: int = fake_rpi.RPi.GPIO.PUD_OFF
    wire: int | None = None
    output: int = 0
    callback: Callable[[int], None] | None = None
    wave: "Wave | None" = None

    @property
    def level(self) -> int:
        if self.wave is not None:
            return int(self.wave.duty > 0)
        if self.function == fake_rpi.RPi.GPIO.OUT:
            return self.output
        if self.wire is not None:
            return self.wire
        return int(self.pull == fake_rpi.RPi.GPIO.PUD_UP)


@dataclass
class Wave:
    """The software PWM of one pin."""

    frequency: float
    duty: float = 0.0


class RememberingGPIO(fake_rpi.RPi._GPIO):  # type: ignore[misc]  # fake-rpi carries no types
    """fake-rpi's GPIO with a memory, edges and RPi.GPIO's refusals."""

    def __init__(self) -> None:
        super().__init__()
        self.channels = [Channel() for _ in range(28)]
        gpio = self

        class PWM:
            def __init__(self, channel: int, frequency: float) -> None:
                if gpio.channels[channel].function != gpio.OUT:
                    raise RuntimeError("You must setup() the GPIO channel as an output first")
                self.wave = gpio.channels[channel].wave = Wave(frequency)
                self.stop = lambda: gpio.stop_wave(channel)

            def start(self, duty: float) -> None:
                self.wave.duty = duty / 100

            ChangeDutyCycle = start

            def ChangeFrequency(self, frequency: float) -> None:  # noqa: N802  # RPi.GPIO's name
                self.wave.frequency = frequency

        self.PWM = PWM

    def setup(
        self, channel: int, direction: int, pull_up_down: int = 20, initial: int | None = None
    ) -> None:
        """As in RPi.GPIO, the pull is the third argument; fake-rpi has it in the fourth place."""
        pin = self.channels[channel]
        pin.function, pin.pull = direction, pull_up_down
        pin.output = pin.output if initial is None else int(initial)

    def gpio_function(self, channel: int) -> int:
        return self.channels[channel].function

    def input(self, channel: int) -> int:
        return self.channels[channel].level

    def output(self, channel: int, state: int) -> None:
        if self.channels[channel].function != self.OUT:
            raise RuntimeError("The GPIO channel has not been set up as an OUTPUT")
        self.channels[channel].output = int(state)

    def set_input(self, channel: int, value: int | None) -> None:
        """Wires the pin high, low or to nothing, and reports the edge if there is one."""
        pin = self.channels[channel]
        before = pin.level
        pin.wire = value
        if pin.level != before and pin.callback is not None:
            pin.callback(channel)

    def add_event_detect(
        self, channel: int, edge: int, callback: Callable[[int], None], bouncetime: int = -666
    ) -> None:
        if self.channels[channel].callback is not None:
            raise RuntimeError("Conflicting edge detection already enabled for this GPIO channel")
        if bouncetime <= 0 and bouncetime != -666:
            raise ValueError("Bouncetime must be greater than 0")
        assert edge == self.BOTH
        self.channels[channel].callback = callback

    def remove_event_detect(self, channel: int) -> None:
        self.channels[channel].callback = None

    def stop_wave(self, channel: int) -> None:
        self.channels[channel].wave = None

    def cleanup(self, channel: int | None = None) -> None:
        for number in range(28) if channel is None else [channel]:
            self.channels[number] = Channel(wire=self.channels[number].wire)


@dataclass
class Bench:
    """A back end, and hands at its pins.

    connect: wires a pin to ground, or to nothing. wave: the frequency and duty at a pin.
    """

    pins: Any
    connect: Callable[[int, bool], None]
    is_high: Callable[[int], bool]
    wave: Callable[[int], tuple[float, float]]
    heard: list[tuple[bool, float]] = field(default_factory=list)

    def hear(self, pressed: bool, age: float) -> None:
        self.heard.append((pressed, age))

    @property
    def levels(self) -> list[bool]:
        return [pressed for pressed, _ in self.heard]


def simulated_pins(_: pytest.MonkeyPatch) -> Bench:
    pins = SimulatedPins(environment={})

    def connect(number: int, to_ground: bool) -> None:
        pins.pin(number).connect(False if to_ground else None)

    return Bench(pins, connect, lambda number: bool(pins.pin(number).state), _wave_of(pins))


def gpiozero_s_mock(_: pytest.MonkeyPatch) -> Bench:
    pins = MockFactory(pin_class=MockPWMPin)

    def connect(number: int, to_ground: bool) -> None:
        pin = pins.pin(number)
        pin.drive_low() if to_ground else pin.drive_high()

    return Bench(pins, connect, lambda number: bool(pins.pin(number).state), _wave_of(pins))


def _wave_of(pins: Any) -> Callable[[int], tuple[float, float]]:
    return lambda number: (pins.pin(number).frequency, pins.pin(number).state)


def rpi_gpio(monkeypatch: pytest.MonkeyPatch) -> Bench:
    fake_rpi.toggle_print(False)
    gpio = RememberingGPIO()
    package = ModuleType("RPi")
    monkeypatch.setattr(package, "GPIO", gpio, raising=False)
    monkeypatch.setitem(sys.modules, "RPi", package)
    monkeypatch.setitem(sys.modules, "RPi.GPIO", gpio)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.rpigpio", raising=False)
    monkeypatch.setattr("gpiozero.pins.local.get_pi_revision", lambda: ZERO_2_W)
    pins = importlib.import_module("gpiozero.pins.rpigpio").RPiGPIOFactory()
    del sys.modules["gpiozero.pins.rpigpio"]  # it has bound this GPIO for good

    def connect(number: int, to_ground: bool) -> None:
        gpio.set_input(number, 0 if to_ground else None)

    def wave(number: int) -> tuple[float, float]:
        wave = gpio.channels[number].wave
        assert wave is not None
        return wave.frequency, wave.duty

    return Bench(pins, connect, lambda number: bool(gpio.channels[number].level), wave)


@pytest.fixture(params=[simulated_pins, gpiozero_s_mock, rpi_gpio])
def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench: Bench = request.param(monkeypatch)
    yield bench
    bench.pins.close()


@pytest.fixture(params=[simulated_pins, rpi_gpio])
def wired_bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A bench where a wire is there before the device; gpiozero's mock lets the pull win."""
    bench: Bench = request.param(monkeypatch)
    yield bench
    bench.pins.close()


class HeldTimer:
    """A timer whose time is up when the test says so."""

    def __init__(self, held: "list[HeldTimer]", act: Callable[[], None]) -> None:
        self._held = held
        self.act = act

    def start(self) -> None:
        self._held.append(self)

    def cancel(self) -> None:
        self._held.remove(self)


class HeldTimers:
    """Makes the timers and has those that run."""

    def __init__(self) -> None:
        self.held: list[HeldTimer] = []

    def __call__(self, delay: float, act: Callable[[], None]) -> HeldTimer:
        assert delay > 0
        return HeldTimer(self.held, act)

    def next(self) -> None:
        self.held.pop().act()


@pytest.fixture
def timers() -> HeldTimers:
    return HeldTimers()


def test_a_mat_reads_an_empty_seat_at_the_start(bench: Bench) -> None:
    with PressureMat(MAT, when_changed=bench.hear, pin_factory=bench.pins) as mat:
        assert not mat.pressed
    assert bench.heard == []


def test_a_mat_reports_sitting_down_and_standing_up(bench: Bench) -> None:
    with PressureMat(MAT, when_changed=bench.hear, pin_factory=bench.pins) as mat:
        for pressed in (True, False, True):
            bench.connect(MAT, pressed)
            assert mat.pressed is pressed
    assert bench.levels == [True, False, True]
    assert all(0 <= age < 1 for _, age in bench.heard)


def test_a_mat_pressed_before_the_start_is_read_and_reported_as_no_edge(
    wired_bench: Bench,
) -> None:
    wired_bench.connect(MAT, True)
    with PressureMat(MAT, when_changed=wired_bench.hear, pin_factory=wired_bench.pins) as mat:
        assert mat.pressed
        assert wired_bench.heard == []
        wired_bench.connect(MAT, False)
    assert wired_bench.levels == [False]


def test_a_normally_closed_mat_is_pressed_when_it_opens(bench: Bench) -> None:
    with PressureMat(
        MAT, normally_closed=True, when_changed=bench.hear, pin_factory=bench.pins
    ) as mat:
        bench.connect(MAT, True)
        assert not mat.pressed
        bench.connect(MAT, False)
        assert mat.pressed
    assert bench.levels == [False, True]


def test_a_lost_edge_is_found_by_reading_again(bench: Bench) -> None:
    with PressureMat(MAT, when_changed=bench.hear, pin_factory=bench.pins) as mat:
        handler, mat.pin.when_changed = mat.pin.when_changed, None
        bench.connect(MAT, True)
        mat.pin.when_changed = handler
        assert bench.heard == []
        mat.reread()
        assert bench.levels == [True]
        assert mat.missed_edges == 1
        bench.connect(MAT, False)
    assert bench.levels == [True, False]


def test_a_closed_mat_reports_nothing_and_its_pin_serves_another_device(bench: Bench) -> None:
    mat = PressureMat(MAT, when_changed=bench.hear, pin_factory=bench.pins)
    with pytest.raises(GPIOPinInUse):
        PressureMat(MAT, pin_factory=bench.pins)
    mat.close()
    bench.connect(MAT, True)
    bench.connect(MAT, False)
    assert bench.heard == []
    with ActiveBuzzer(MAT, pin_factory=bench.pins) as buzzer:
        buzzer.on()
        assert bench.is_high(MAT)


def test_a_button_reports_presses_and_asks_for_its_debounce(bench: Bench) -> None:
    with PushButton(BUTTON, when_changed=bench.hear, pin_factory=bench.pins) as button:
        assert button.pin.bounce == 0.03
        bench.connect(BUTTON, True)
        bench.connect(BUTTON, False)
    assert bench.levels == [True, False]


def test_a_mat_asks_for_no_debounce(bench: Bench) -> None:
    with PressureMat(MAT, pin_factory=bench.pins) as mat:
        assert mat.pin.bounce is None


def test_an_active_buzzer_drives_its_pin_through_a_pattern(
    bench: Bench, timers: HeldTimers
) -> None:
    with ActiveBuzzer(BUZZER, timer=timers, pin_factory=bench.pins) as buzzer:
        seen = [bench.is_high(BUZZER)]
        buzzer.play("double")
        while timers.held:
            seen.append(bench.is_high(BUZZER))
            timers.next()
        assert seen == [False, True, False, True]
        assert not bench.is_high(BUZZER)


def test_an_active_low_buzzer_drives_its_pin_the_other_way_round(
    bench: Bench, timers: HeldTimers
) -> None:
    with ActiveBuzzer(BUZZER, active_high=False, timer=timers, pin_factory=bench.pins) as buzzer:
        assert bench.is_high(BUZZER)
        buzzer.play("long")
        assert not bench.is_high(BUZZER)
        buzzer.stop()
        assert bench.is_high(BUZZER)


def test_a_passive_buzzer_gives_its_pin_the_tones_of_the_pattern(
    bench: Bench, timers: HeldTimers
) -> None:
    with PassiveBuzzer(BUZZER, timer=timers, pin_factory=bench.pins) as piezo:
        piezo.play((Beep(0.2, 0.1, 2000.0), Beep(0.2, 0.0, 2400.0)))
        assert bench.wave(BUZZER) == (2000.0, 0.5)
        timers.next()
        assert bench.wave(BUZZER)[1] == 0.0
        timers.next()
        assert bench.wave(BUZZER) == (2400.0, 0.5)
        piezo.stop()
        assert bench.wave(BUZZER)[1] == 0.0
        assert timers.held == []


@pytest.mark.parametrize("kind", [ActiveBuzzer, PassiveBuzzer])
def test_a_buzzer_closed_in_the_middle_leaves_its_pin_low_and_free(
    kind: type[ActiveBuzzer | PassiveBuzzer], bench: Bench, timers: HeldTimers
) -> None:
    buzzer = kind(BUZZER, timer=timers, pin_factory=bench.pins)
    buzzer.play("long")
    assert buzzer.is_active
    buzzer.close()
    buzzer.close()
    assert not bench.is_high(BUZZER)
    assert timers.held == []
    with ActiveBuzzer(BUZZER, pin_factory=bench.pins) as buzzer:
        assert not buzzer.is_active


def test_mat_button_and_buzzer_work_side_by_side(bench: Bench, timers: HeldTimers) -> None:
    devices: list[Device] = [
        PressureMat(MAT, when_changed=bench.hear, pin_factory=bench.pins),
        Contact(BUTTON, when_changed=bench.hear, pin_factory=bench.pins),
        ActiveBuzzer(BUZZER, timer=timers, pin_factory=bench.pins),
    ]
    bench.connect(MAT, True)
    devices[2].play("long")
    bench.connect(BUTTON, True)
    assert bench.levels == [True, True]
    assert bench.is_high(BUZZER)
    for device in devices:
        device.close()
    assert not bench.is_high(BUZZER)
