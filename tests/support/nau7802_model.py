"""Register model of the NAU7802 behind an I2C bus, with the interface of smbus2."""

from collections.abc import Callable

ADDRESS = 0x2A
POWER_UP_S, CALIBRATION_S = 0.0002, 0.344


class ModelledNAU7802:
    """The chip and its bus, in the time of a clock that the test sets.

    counts: result of each conversion. absent: True if the chip does not answer.
    failing: number of the next calibrations that fail.
    """

    def __init__(self, now: Callable[[], float], rate: int = 10) -> None:
        self.counts = 0
        self.absent = False
        self.failing = 0
        self.closed = False
        self._now, self._rate = now, rate
        self.lose_power()

    def lose_power(self) -> None:
        """Reset all registers to their state after power-on."""
        self.registers = dict.fromkeys(range(0x20), 0)
        self._powered_at: float | None = None
        self._calibrated_at: float | None = None
        self._converts_from: float | None = None
        self._taken = 0

    def write_byte_data(self, address: int, register: int, value: int) -> None:
        self._answer(address)
        if register == 0x00:
            self._power(value)
        elif register == 0x02 and value & 0x04:
            assert self.registers[0x00] & 0x04, "calibrated without the analog part"
            self._calibrated_at = self._now() + CALIBRATION_S
        self.registers[register] = value

    def read_byte_data(self, address: int, register: int) -> int:
        self._answer(address)
        value = self.registers[register]
        if register == 0x00:
            return value | self._powered() << 3 | self._ready() << 5
        if register == 0x02:
            return self._calibration(value)
        return value

    def read_i2c_block_data(self, address: int, register: int, length: int) -> list[int]:
        self._answer(address)
        assert (register, length) == (0x12, 3)
        self._taken = self._conversions()
        return list((self.counts & 0xFFFFFF).to_bytes(3, "big"))

    def close(self) -> None:
        self.closed = True

    def _answer(self, address: int) -> None:
        if self.absent or address != ADDRESS:
            raise OSError(121, "Remote I/O error")

    def _power(self, value: int) -> None:
        if value & 0x01:
            self.lose_power()
        if value & 0x02 and self._powered_at is None:
            self._powered_at = self._now() + POWER_UP_S
        if value & 0x10 and self._converts_from is None:
            self._converts_from = self._now()

    def _powered(self) -> bool:
        return self._powered_at is not None and self._now() >= self._powered_at

    def _calibration(self, value: int) -> int:
        if self._calibrated_at is None or self._now() < self._calibrated_at:
            return value
        if self.failing:
            self.failing -= 1
            return value & ~0x04 | 0x08
        self.registers[0x02] &= ~0x04
        return self.registers[0x02]

    def _conversions(self) -> int:
        if self._converts_from is None:
            return 0
        return int((self._now() - self._converts_from) * self._rate)

    def _ready(self) -> bool:
        return self._conversions() > self._taken
