"""The same device classes on each back end of gpiozero that this process can run.

Without a chip these are the simulated pins, gpiozero's mock and RPi.GPIO's back end over fake-rpi.
``test_on_a_fake_chip.py`` and ``qa/kernel`` run this module on a chip too, with gpiod
and lgpio.
"""

from collections.abc import Callable, Iterator

import pytest
from gpiozero import LED, Device, DigitalInputDevice, GPIOPinInUse, PinFixedPull, PinSetInput

from support.gpio_benches import BENCHES, BUTTON, BUZZER, MAT, WIRED_BENCHES, Bench
from unsit_firmware import ActiveBuzzer, Beep, Contact, PassiveBuzzer, PressureMat, PushButton


@pytest.fixture(params=BENCHES)
def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench: Bench = request.param(monkeypatch)
    yield bench
    bench.close()


@pytest.fixture(params=WIRED_BENCHES)
def wired_bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench: Bench = request.param(monkeypatch)
    yield bench
    bench.close()


class HeldTimer:
    """Timer that expires when the test lets it."""

    def __init__(self, held: "list[HeldTimer]", callback: Callable[[], None]) -> None:
        self._held = held
        self.callback = callback

    def start(self) -> None:
        self._held.append(self)

    def cancel(self) -> None:
        self._held.remove(self)


class HeldTimers:
    """Timer factory that keeps the running timers."""

    def __init__(self) -> None:
        self.held: list[HeldTimer] = []

    def __call__(self, delay: float, callback: Callable[[], None]) -> HeldTimer:
        assert delay > 0
        return HeldTimer(self.held, callback)

    def next(self) -> None:
        self.held.pop().callback()


@pytest.fixture
def timers() -> HeldTimers:
    return HeldTimers()


def test_a_mat_reads_an_empty_seat_at_the_start(bench: Bench) -> None:
    with PressureMat(MAT, when_changed=bench.record_edge, pin_factory=bench.pins) as mat:
        assert not mat.pressed
    assert bench.edges == []


def test_a_mat_reports_sitting_down_and_standing_up(bench: Bench) -> None:
    with PressureMat(MAT, when_changed=bench.record_edge, pin_factory=bench.pins) as mat:
        for n, pressed in enumerate((True, False, True), start=1):
            bench.connect(MAT, pressed)
            bench.expect(*[True, False, True][:n])
            assert mat.pressed is pressed
    assert all(0 <= age < 1 for _, age in bench.edges)


def test_a_mat_pressed_before_the_start_is_read_and_reported_as_no_edge(
    wired_bench: Bench,
) -> None:
    wired_bench.connect(MAT, True)
    bench = wired_bench
    with PressureMat(MAT, when_changed=bench.record_edge, pin_factory=bench.pins) as mat:
        assert mat.pressed
        assert wired_bench.edges == []
        wired_bench.connect(MAT, False)
        wired_bench.expect(False)


def test_a_normally_closed_mat_is_pressed_when_it_opens(bench: Bench) -> None:
    with PressureMat(
        MAT, normally_closed=True, when_changed=bench.record_edge, pin_factory=bench.pins
    ) as mat:
        bench.connect(MAT, True)
        bench.expect(False)
        assert not mat.pressed
        bench.connect(MAT, False)
        bench.expect(False, True)
        assert mat.pressed


def test_a_lost_edge_is_found_by_reading_again(bench: Bench) -> None:
    with PressureMat(MAT, when_changed=bench.record_edge, pin_factory=bench.pins) as mat:
        handler, mat.pin.when_changed = mat.pin.when_changed, None
        bench.connect(MAT, True)
        mat.pin.when_changed = handler
        assert bench.edges == []
        mat.reread()
        assert bench.levels == [True]
        assert mat.missed_edges == 1
        bench.connect(MAT, False)
        bench.expect(True, False)


def test_a_closed_mat_reports_nothing_and_its_pin_serves_another_device(bench: Bench) -> None:
    mat = PressureMat(MAT, when_changed=bench.record_edge, pin_factory=bench.pins)
    with pytest.raises(GPIOPinInUse):
        PressureMat(MAT, pin_factory=bench.pins)
    mat.close()
    bench.connect(MAT, True)
    bench.connect(MAT, False)
    assert bench.edges == []
    with ActiveBuzzer(MAT, pin_factory=bench.pins) as buzzer:
        buzzer.on()
        assert bench.is_high(MAT)


def test_a_button_reports_presses_and_asks_for_its_debounce(bench: Bench) -> None:
    with PushButton(BUTTON, when_changed=bench.record_edge, pin_factory=bench.pins) as button:
        assert button.pin.bounce == 0.03
        bench.connect(BUTTON, True)
        bench.expect(True)
        bench.connect(BUTTON, False)
        bench.expect(True, False)


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
        PressureMat(MAT, when_changed=bench.record_edge, pin_factory=bench.pins),
        Contact(BUTTON, when_changed=bench.record_edge, pin_factory=bench.pins),
        ActiveBuzzer(BUZZER, timer=timers, pin_factory=bench.pins),
    ]
    bench.connect(MAT, True)
    devices[2].play("long")
    bench.connect(BUTTON, True)
    bench.expect(True, True)
    assert bench.is_high(BUZZER)
    for device in devices:
        device.close()
    assert not bench.is_high(BUZZER)


def test_the_device_decides_which_level_is_active(bench: Bench) -> None:
    with DigitalInputDevice(MAT, pull_up=None, active_state=False, pin_factory=bench.pins) as low:
        bench.connect(MAT, True)
        assert low.is_active
    with LED(BUZZER, active_high=False, initial_value=True, pin_factory=bench.pins) as lamp:
        assert not bench.is_high(BUZZER)
        lamp.off()
        assert bench.is_high(BUZZER)


def test_a_pin_refuses_operations_of_the_other_function(bench: Bench) -> None:
    mat, buzzer = bench.pins.pin(MAT), bench.pins.pin(BUZZER)
    mat.function, buzzer.function = "input", "output"
    with pytest.raises(PinSetInput):
        mat.state = 1
    with pytest.raises(PinFixedPull):
        buzzer.pull = "up"


def test_a_pin_with_a_resistor_on_the_board_has_no_other_pull(bench: Bench) -> None:
    with pytest.raises(PinFixedPull):
        DigitalInputDevice(2, pull_up=False, pin_factory=bench.pins)
    with DigitalInputDevice(2, pull_up=True, pin_factory=bench.pins) as device:
        assert device.pull_up
