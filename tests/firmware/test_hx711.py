"""The HX711 on pins and on SPI, bit for bit on a model of the chip: no wrong one gets through."""

import random
from collections.abc import Callable

import pytest
from gpiozero import GPIOPinInUse

from bench_hx711 import Bench, on_pins, on_spi
from unsit_firmware.converters.hx711 import HX711
from unsit_firmware.converters.hx711_frame import Channel
from unsit_firmware.converters.reading import Reading, Trouble
from unsit_firmware.hx711_chip import Defect
from unsit_firmware.simulated_cells import GAINS
from unsit_firmware.simulation import SimulatedPins

Make = Callable[..., Bench]
BOTH = pytest.mark.parametrize("make", [on_pins, on_spi])


def raw_of(outcome: Reading | Trouble) -> int:
    assert isinstance(outcome, Reading), outcome
    return outcome.raw


@BOTH
@pytest.mark.parametrize("value", [0, 1, -2, 8_388_606, -8_388_607, 123_456, -654_321, 0x555555])
def test_a_conversion_is_read_with_its_sign_and_every_bit(make: Make, value: int) -> None:
    bench = make().settle()
    bench.cell.set_raw(value)

    assert raw_of(bench.read()) == value
    assert bench.driver.raw == value


@BOTH
def test_thousands_of_conversions_are_read_exactly(make: Make) -> None:
    """Now and then a conversion ends within a frame, whose end is then not to be believed."""
    bench, chance = make().settle(), random.Random(1)
    wrong = []
    for _ in range(3000):
        value = chance.randint(-8_388_607, 8_388_606)
        bench.cell.set_raw(value)
        outcome = bench.read()
        if isinstance(outcome, Reading) and outcome.raw != value:
            wrong.append((outcome, value))

    assert wrong == []
    assert bench.driver.counters.rejected <= 5


@BOTH
@pytest.mark.parametrize("channel", Channel)
def test_every_channel_is_read_with_its_gain_from_the_first_reading_on(
    make: Make, channel: Channel
) -> None:
    bench = make(channel=channel)
    bench.cell.set_raw(400_000)

    bench.settle()

    assert bench.driver.raw == 400_000 * GAINS[channel]
    assert raw_of(bench.read()) == 400_000 * GAINS[channel]


@BOTH
def test_the_converter_settles_before_its_first_reading(make: Make) -> None:
    bench = make()
    outcomes = [bench.read() for _ in range(15)]

    first = next(nth for nth, one in enumerate(outcomes) if isinstance(one, Reading))
    assert set(outcomes[:first]) <= {Trouble.NOT_READY, Trouble.SETTLING}
    assert 0.5 <= first * 0.1 <= 1.5


@BOTH
def test_no_conversion_is_read_twice(make: Make) -> None:
    bench = make().settle()

    assert bench.driver.read() is Trouble.NOT_READY
    assert bench.driver.counters.timeouts > 0


@BOTH
def test_80_conversions_a_second_are_read(make: Make) -> None:
    bench = make(rate=80)
    for _ in range(80):
        bench.time.wait(1 / 80)
        bench.driver.read()

    assert bench.driver.counters.frames > 60


@BOTH
@pytest.mark.parametrize("value", [9e6, -9e6, 8_388_607, -8_388_608])
def test_a_converter_at_the_end_of_its_range_is_saturated(make: Make, value: float) -> None:
    bench = make().settle()
    bench.cell.set_raw(value)

    assert bench.read() is Trouble.SATURATED


@BOTH
def test_all_ones_are_what_a_wire_without_a_chip_reads_as(make: Make) -> None:
    bench = make().settle()
    bench.cell.set_raw(-1)

    assert bench.read() is Trouble.CORRUPTED


@BOTH
@pytest.mark.parametrize(
    ("defect", "trouble"),
    [
        (Defect.CUT, Trouble.NOT_READY),
        (Defect.DATA_LOW, Trouble.DATA_LOW),
        (Defect.UNPOWERED, Trouble.DATA_LOW),
    ],
)
def test_a_broken_wire_is_told_apart_and_comes_back(
    make: Make, defect: Defect, trouble: Trouble
) -> None:
    bench = make().settle()
    bench.chip.defect = defect

    broken = {bench.read() for _ in range(8)}
    bench.chip.defect = None

    assert broken == {trouble}
    assert bench.settle().driver.raw is not None


@BOTH
def test_wrong_bits_in_the_wire_are_never_let_through_twice_as_often_as_they_can_be(
    make: Make,
) -> None:
    """On pins a wrong bit among the 24 cannot be told from a right one; on SPI it can."""
    bench = make().settle()
    bench.cell.set_raw(200_000)
    bench.chip.bit_errors = 0.002
    outcomes = [bench.read() for _ in range(3000)]

    wrong = [one for one in outcomes if isinstance(one, Reading) and one.raw != 200_000]
    assert bench.driver.counters.rejected > 0
    if bench.spi is not None:
        assert wrong == []


# On pins.


@pytest.mark.parametrize("length", [51e-6, 61e-6, 0.002])
def test_a_pulse_that_may_have_put_the_chip_to_sleep_is_refused_and_waited_out(
    length: float,
) -> None:
    bench = on_pins().settle()
    bench.cell.set_raw(300_000)
    assert isinstance(bench.driver, HX711)
    hold_up(bench, length, at_operation=20)

    assert bench.read() is Trouble.SLOW_CLOCK
    after = [bench.read() for _ in range(20)]
    readings = [one.raw for one in after if isinstance(one, Reading)]
    assert set(readings) == {300_000}
    assert isinstance(after[0], Reading) is (length <= 60e-6)
    assert len(readings) >= 8


def hold_up(bench: Bench, seconds: float, at_operation: int) -> None:
    """Holds the program up once while the clock is high."""
    clock = bench.chip.clock
    seen = 0

    def slow(high: bool) -> None:
        nonlocal seen
        clock(high)
        seen += 1
        if seen == at_operation * 2 + 1:
            bench.time.wait(seconds)

    bench.chip.clock = slow  # type: ignore[method-assign]


def test_a_power_down_forgets_the_channel_and_no_reading_of_another_is_let_through() -> None:
    bench = on_pins(channel=Channel.A64).settle()
    bench.cell.set_raw(400_000)
    hold_up(bench, 0.002, at_operation=3)

    readings = {one.raw for one in (bench.read() for _ in range(40)) if isinstance(one, Reading)}

    assert bench.chip.figures.power_downs == 1
    assert readings == {200_000}


def test_the_pins_are_reserved_given_back_and_can_be_closed_twice() -> None:
    bench = on_pins()
    driver, pins = bench.driver, bench.driver.pin_factory  # type: ignore[union-attr]
    with pytest.raises(GPIOPinInUse):
        HX711(5, 6, pin_factory=pins)
    driver.close()
    driver.close()

    assert driver.closed
    HX711(5, 6, pin_factory=pins).close()


def test_a_pin_that_is_in_use_leaves_the_other_free() -> None:
    pins = SimulatedPins(environment={})
    first = HX711(5, 6, pin_factory=pins)
    with pytest.raises(GPIOPinInUse):
        HX711(12, 6, pin_factory=pins)
    first.close()

    HX711(12, 6, pin_factory=pins).close()


# On SPI.


def test_every_single_wrong_sample_of_a_frame_is_refused() -> None:
    bench, chance = on_spi().settle(), random.Random(2)
    assert bench.spi is not None
    for sample in list(range(56)) * 20:
        bench.cell.set_raw(chance.randint(-8_388_607, 8_388_606))
        bench.spi.glitch = sample
        refused = bench.read()
        assert refused is Trouble.CORRUPTED or bench.driver.counters.rejected
        assert not isinstance(refused, Reading)
        bench.settle()


def test_pauses_between_bytes_do_no_harm() -> None:
    bench = on_spi()
    assert bench.spi is not None
    bench.spi._pause = 0.0004
    bench.cell.set_raw(-77_777)

    assert bench.settle().driver.raw == -77_777


def test_a_bus_that_does_not_answer_is_unreachable_and_comes_back() -> None:
    bench = on_spi().settle()
    assert bench.spi is not None
    bench.spi.broken = True
    broken = bench.read()
    bench.spi.broken = False

    assert broken is Trouble.UNREACHABLE
    assert isinstance(bench.read(), Reading)


def test_a_chip_whose_frames_are_refused_again_and_again_is_woken_anew() -> None:
    bench = on_spi().settle()
    bench.chip.bit_errors = 0.5
    for _ in range(30):
        bench.read()
    bench.chip.bit_errors = 0.0

    assert bench.chip.figures.power_downs >= 2
    assert isinstance(bench.settle().driver.raw, int)


def test_the_bus_is_given_back_once() -> None:
    bench = on_spi()
    bench.driver.close()
    bench.driver.close()

    assert bench.driver.closed
    assert bench.spi is not None
    assert bench.spi.closed
