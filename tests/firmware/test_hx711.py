"""HX711 on pins and on SPI with a bit-exact model of the chip: no wrong reading passes."""

import random
from collections.abc import Callable

import pytest
from gpiozero import GPIOPinInUse

from support.hx711_bench import Bench, on_pins, on_spi
from unsit_firmware.converters import Reading, Trouble
from unsit_firmware.converters.hx711 import HX711, Channel
from unsit_firmware.simulation.cells import GAINS, Defect
from unsit_firmware.simulation.pins import SimulatedPins

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
    """In some frames a conversion ends, so that the end of the frame is not valid."""
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
def test_all_ones_are_refused_since_a_wire_without_a_chip_reads_so(make: Make) -> None:
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
def test_each_broken_wire_has_its_own_trouble_and_a_repaired_one_reads_again(
    make: Make, defect: Defect, trouble: Trouble
) -> None:
    bench = make().settle()
    bench.chip.defect = defect

    broken = {bench.read() for _ in range(8)}
    bench.chip.defect = None

    assert broken == {trouble}
    assert bench.settle().driver.raw is not None


@BOTH
def test_wrong_bits_are_refused_and_on_spi_none_passes(
    make: Make,
) -> None:
    """On pins a wrong bit among the 24 cannot be detected; on SPI it can."""
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
def test_after_a_pulse_that_may_have_put_the_chip_to_sleep_it_settles_again(
    length: float,
) -> None:
    bench = on_pins().settle()
    bench.cell.set_raw(300_000)
    assert isinstance(bench.driver, HX711)
    delay_program(bench, length, at_operation=20)

    assert bench.read() is Trouble.SLOW_CLOCK
    after = [bench.read() for _ in range(20)]
    readings = [one.raw for one in after if isinstance(one, Reading)]
    assert set(readings) == {300_000}
    assert isinstance(after[0], Reading) is (length <= 60e-6)
    assert len(readings) >= 8


def delay_program(bench: Bench, seconds: float, at_operation: int) -> None:
    """Delay the program once while the clock is high."""
    clock = bench.chip.clock
    seen = 0

    def slow(high: bool) -> None:
        nonlocal seen
        clock(high)
        seen += 1
        if seen == at_operation * 2 + 1:
            bench.time.wait(seconds)

    bench.chip.clock = slow  # type: ignore[method-assign]


def test_after_a_power_down_the_channel_is_selected_again_before_a_reading() -> None:
    bench = on_pins(channel=Channel.A64).settle()
    bench.cell.set_raw(400_000)
    delay_program(bench, 0.002, at_operation=3)

    readings = {one.raw for one in (bench.read() for _ in range(40)) if isinstance(one, Reading)}

    assert bench.chip.figures.power_downs == 1
    assert readings == {200_000}


def test_the_pins_are_reserved_and_released_and_can_be_closed_twice() -> None:
    bench = on_pins()
    driver, pins = bench.driver, bench.driver.pin_factory  # type: ignore[union-attr]
    with pytest.raises(GPIOPinInUse):
        HX711(5, 6, pin_factory=pins)
    driver.close()
    driver.close()

    assert driver.closed
    HX711(5, 6, pin_factory=pins).close()


def test_a_pin_that_is_in_use_leaves_the_other_free() -> None:
    pins = SimulatedPins()
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


def test_a_bus_without_an_answer_is_unreachable_and_reads_again_later() -> None:
    bench = on_spi().settle()
    assert bench.spi is not None
    bench.spi.broken = True
    broken = bench.read()
    bench.spi.broken = False

    assert broken is Trouble.UNREACHABLE
    assert isinstance(bench.read(), Reading)


def test_a_chip_is_reset_after_several_refused_frames() -> None:
    bench = on_spi().settle()
    bench.chip.bit_errors = 0.5
    for _ in range(30):
        bench.read()
    bench.chip.bit_errors = 0.0

    assert bench.chip.figures.power_downs >= 2
    assert isinstance(bench.settle().driver.raw, int)


def test_the_bus_is_released_once() -> None:
    bench = on_spi()
    bench.driver.close()
    bench.driver.close()

    assert bench.driver.closed
    assert bench.spi is not None
    assert bench.spi.closed
