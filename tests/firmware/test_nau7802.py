"""NAU7802 on a model of chip and bus: start, reads, and restarts."""

import pytest

from support.hx711_bench import Time
from support.nau7802_model import ModelledNAU7802
from unsit_firmware import PinError
from unsit_firmware.converters import Reading, Trouble
from unsit_firmware.converters.nau7802 import NAU7802


class Bench:
    """A chip, and a driver that is read ten times a second."""

    def __init__(self, **arguments: int) -> None:
        self.time = Time()
        self.chip = ModelledNAU7802(self.time.now, rate=arguments.get("rate", 10))
        self.driver = NAU7802(smbus=self.chip, ticks=self.time.now, **arguments)

    def read(self) -> Reading | Trouble:
        self.time.wait(0.1)
        return self.driver.read()

    def settle(self) -> "Bench":
        for _ in range(60):
            if isinstance(self.read(), Reading):
                return self
        raise AssertionError("the driver never settled")


@pytest.mark.parametrize("value", [0, 1, -1, 8_388_606, -8_388_607, 123_456])
def test_a_conversion_is_read_with_its_sign(value: int) -> None:
    bench = Bench().settle()
    bench.chip.counts = value

    outcome = bench.read()

    assert isinstance(outcome, Reading)
    assert outcome.raw == bench.driver.raw == value


def test_it_is_configured_by_its_arguments() -> None:
    bench = Bench(channel=2, gain=64, rate=80).settle()

    assert bench.chip.registers[0x01] & 0b111 == 6
    assert bench.chip.registers[0x02] == 0x80 | 3 << 4
    assert bench.chip.registers[0x00] & 0x96 == 0x96


def test_it_settles_in_a_second_and_a_half() -> None:
    bench = Bench()
    outcomes = [bench.read() for _ in range(15)]

    assert isinstance(outcomes[-1], Reading)
    assert outcomes[0] is Trouble.SETTLING


def test_no_conversion_is_read_twice() -> None:
    bench = Bench().settle()

    assert bench.driver.read() is Trouble.NOT_READY


def test_a_failed_calibration_is_repeated() -> None:
    bench = Bench()
    bench.chip.failing = 2

    assert bench.settle().driver.counters.frames == 1


@pytest.mark.parametrize("value", [8_388_607, -8_388_608])
def test_the_end_of_the_range_is_saturated(value: int) -> None:
    bench = Bench().settle()
    bench.chip.counts = value

    assert bench.read() is Trouble.SATURATED


def test_a_missing_chip_is_unreachable_and_starts_again_when_it_answers() -> None:
    bench = Bench().settle()
    bench.chip.absent = True
    gone = [bench.read() for _ in range(3)]
    bench.chip.absent = False
    bench.chip.lose_power()

    assert gone == [Trouble.UNREACHABLE] * 3
    assert bench.read() is Trouble.SETTLING
    assert bench.settle().driver.counters.timeouts >= 3


def test_a_chip_that_lost_its_power_between_two_reads_is_started_again() -> None:
    bench = Bench().settle()
    bench.chip.lose_power()

    assert bench.read() is Trouble.SETTLING
    bench.settle()


def test_the_start_of_a_chip_that_never_powers_up_is_repeated() -> None:
    bench = Bench()
    bench.chip._powered = lambda: False  # type: ignore[method-assign]  # a dead regulator
    assert {bench.read() for _ in range(50)} == {Trouble.SETTLING}


def test_close_powers_the_chip_down_and_releases_the_bus_once() -> None:
    bench = Bench().settle()
    bench.driver.close()
    bench.driver.close()

    assert bench.driver.closed
    assert bench.chip.closed
    assert bench.chip.registers[0x00] == 0


@pytest.mark.parametrize("arguments", [{"channel": 3}, {"gain": 3}, {"rate": 100}])
def test_an_argument_that_the_chip_does_not_have_is_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="expected channel 1 or 2, gain 1, 2, 4"):
        Bench(**arguments)


def test_a_missing_bus_is_an_error_with_the_fix() -> None:
    with pytest.raises(PinError, match=r"python3-smbus2|dtparam=i2c_arm=on"):
        NAU7802(bus=99)
