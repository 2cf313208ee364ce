"""The bit-banged HX711 on a real kernel with a model of the chip; run by kernel/test_load_cells.py.

The guest's clock pulses are longer than the 50 us that a real chip allows, so the limit is lifted
here; the model accepts them, unless its power-down is switched on.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from support.gpio_benches import gpiod
from support.mosquitto import until
from unsit_firmware.converters import Reading
from unsit_firmware.converters.hx711 import HX711, Channel
from unsit_firmware.pins import machine_pins

DATA, CLOCK = 5, 6
PARAMETER = "/sys/module/gpio_sim/parameters/hx711_"
SLOW_KERNEL = 0.01
TIMEOUT_S = 60.0


def model(**figures: int) -> None:
    """Set parameters of the kernel's model."""
    for name, value in figures.items():
        Path(f"{PARAMETER}{name}").write_text(str(value))


def figure(name: str) -> int:
    return int(Path(f"{PARAMETER}{name}").read_text())


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Yield the pins of the back end in ``UNSIT_TEST_PINS``."""
    if os.environ.get("UNSIT_TEST_PINS") == "gpiod":
        bench = gpiod(monkeypatch)
        yield bench.pins
        bench.close()
    else:
        yield machine_pins()


@pytest.fixture
def driver(pins: object) -> Iterator[HX711]:
    model(value=0, period_ms=100, pd_us=0, dead=0)
    model(sck=CLOCK, dout=DATA)
    with HX711(DATA, CLOCK, longest_pulse=SLOW_KERNEL, pin_factory=pins) as driver:
        yield driver
    model(sck=-1, dout=-1, pd_us=0, dead=0)


def next_reading(driver: HX711) -> Reading:
    """Return the next reading; poll every 2 ms, since the one core also makes the conversions."""
    end = monotonic() + TIMEOUT_S
    while monotonic() < end:
        outcome = driver.read()
        if isinstance(outcome, Reading):
            return outcome
        sleep(0.002)
    raise AssertionError(f"no reading came; the counters are {driver.counters}")


def read_until(driver: HX711, condition: Callable[[], bool], what: str) -> None:
    """Read until a condition is true."""
    until(lambda: bool(driver.read()) and condition(), what)


@pytest.mark.parametrize("value", [0, 1, -2, 123_456, -654_321, 8_388_606, -8_388_607])
def test_it_reads_the_right_value_with_its_sign(driver: HX711, value: int) -> None:
    model(value=value)
    next_reading(driver)
    next_reading(driver)
    next_reading(driver)

    assert next_reading(driver).raw == value


@pytest.mark.parametrize("period_ms", [100, 50])
def test_it_reads_each_conversion_once_but_for_those_that_it_refuses(
    driver: HX711, period_ms: int
) -> None:
    """The model begins a conversion when the last was read, one or two ticks of 10 ms late.

    At 100 ms it gives fewer than ten a second, at 50 ms more. A busy machine delays some frames,
    and each of these is followed by half a second of settling.
    """
    model(period_ms=period_ms)
    next_reading(driver)
    conversions, refused = figure("conversions"), driver.counters.rejected
    for _ in range(30):
        next_reading(driver)

    lost = (driver.counters.rejected - refused) * (1 + 500 // period_ms)
    assert 30 <= figure("conversions") - conversions <= 31 + lost


@pytest.mark.parametrize("channel", Channel)
def test_it_chooses_the_channel_by_its_pulses(pins: object, channel: Channel) -> None:
    model(value=1, period_ms=100, pd_us=0, dead=0)
    model(sck=CLOCK, dout=DATA)
    with HX711(DATA, CLOCK, channel=channel, longest_pulse=SLOW_KERNEL, pin_factory=pins) as driver:
        for _ in range(3):
            next_reading(driver)
        read_until(driver, lambda: figure("pulses") == channel.value, "the pulses")


def test_readings_go_on_after_a_power_down(driver: HX711) -> None:
    model(value=42)
    next_reading(driver)
    before = figure("powerdowns")
    model(pd_us=60)
    read_until(driver, lambda: figure("powerdowns") > before, "a power-down")
    model(pd_us=0, value=-77)

    for _ in range(3):
        next_reading(driver)
    assert next_reading(driver).raw == -77


def test_the_guards_of_a_real_chip_refuse_what_this_kernel_clocks_too_slowly(pins: object) -> None:
    model(value=42, period_ms=100, pd_us=60, dead=0)
    model(sck=CLOCK, dout=DATA)
    with HX711(DATA, CLOCK, pin_factory=pins) as driver:
        counters = driver.counters
        read_until(driver, lambda: counters.rejected + counters.frames >= 3, "frames")
        assert driver.raw in (None, 42)


def test_a_dead_wire_is_not_ready_and_comes_back(driver: HX711) -> None:
    model(value=7)
    next_reading(driver)
    model(dead=1)
    before = driver.counters.timeouts
    read_until(driver, lambda: driver.counters.timeouts > before + 40, "time-outs")
    model(dead=0)

    for _ in range(3):
        next_reading(driver)
    assert driver.raw == 7
