"""NAU7802 on an I2C bus: 24 bits, its own supply for the cells, no critical timing.

Registers and values are from the data sheet "NAU7802 24-Bit Dual-Channel ADC", Nuvoton,
revision 1.7.
"""

import time
from enum import Enum
from typing import Any

from unsit_firmware.converters import (
    Closing,
    Reading,
    ReadingTally,
    Tallied,
    Ticks,
    Trouble,
    checked,
)
from unsit_firmware.errors import PinError

ADDRESS = 0x2A
"""I2C address; the chip has only this one."""

PU_CTRL, CTRL1, CTRL2, ADC_RESULT, ADC, POWER = 0x00, 0x01, 0x02, 0x12, 0x15, 0x1C

REGISTER_RESET, POWER_DIGITAL, POWER_ANALOG, POWERED, CYCLE_START, CYCLE_READY, INNER_SUPPLY = (
    0x01,
    0x02,
    0x04,
    0x08,
    0x10,
    0x20,
    0x80,
)
RUNNING = POWER_DIGITAL | POWER_ANALOG | POWERED | CYCLE_START | INNER_SUPPLY

CALIBRATE, CALIBRATION_FAILED, SECOND_CHANNEL = 0x04, 0x08, 0x80
SUPPLY_3_0_V = 0b101 << 3
CHOPPER_OFF = 0x30
BYPASS_CAPACITOR = 0x80

GAINS = {1: 0, 2: 1, 4: 2, 8: 3, 16: 4, 32: 5, 64: 6, 128: 7}
RATES = {10: 0, 20: 1, 40: 2, 80: 3, 320: 7}

SETTLING_CONVERSIONS = 5
START_STEP_MAX_S = 0.5
"""Time after which an unfinished step of the start is given up and the start begins again.

The data sheet gives 0.2 ms for the power-up and 344 ms for the calibration at 10 conversions a
second.
"""


class _Stage(Enum):
    OFF = "off"
    POWERING_UP = "powering up"
    CALIBRATING = "calibrating"
    RUNNING = "running"


class NAU7802(Tallied, Closing):
    """A NAU7802 that reads one of its two inputs.

    bus: the number in ``/dev/i2c-<bus>``. Default 1.
    channel: input, 1 (default) or 2.
    gain: a power of two, 1 to 128. Default 128.
    rate: conversions a second: 10 (default), 20, 40, 80 or 320.
    smbus: an open bus as in smbus2. Default: a new ``smbus2.SMBus``.
    ticks: a monotonic clock in seconds.

    Reads give ``Trouble.SETTLING`` for about the first second. A chip that has lost its power is
    started again.

    Raises PinError if the bus does not exist, may not be opened or smbus2 is not installed, and
    ValueError for a channel, gain or rate that the chip does not have.
    """

    def __init__(
        self,
        bus: int = 1,
        *,
        channel: int = 1,
        gain: int = 128,
        rate: int = 10,
        smbus: Any = None,
        ticks: Ticks = time.monotonic,
    ) -> None:
        if channel not in (1, 2) or gain not in GAINS or rate not in RATES:
            raise ValueError(
                f"channel {channel}, gain {gain}, rate {rate}: expected channel 1 or 2, gain "
                f"{', '.join(map(str, GAINS))}, rate {', '.join(map(str, RATES))}"
            )
        self._smbus = _open(bus) if smbus is None else smbus
        self._ticks = ticks
        self._channel, self._gain, self._rate = channel, gain, rate
        self._stage, self._since, self._settled_at = _Stage.OFF, 0.0, 0.0
        self._tally = ReadingTally(ticks)

    @property
    def closed(self) -> bool:
        """True after ``close``."""
        return self._smbus is None

    def read(self) -> Reading | Trouble:
        """Return the newest conversion, or the reason why there is none, without waiting."""
        try:
            raw = self._read()
        except OSError:
            self._stage = _Stage.OFF
            raw = Trouble.UNREACHABLE
        return self._tally.count(raw)

    def close(self) -> None:
        """Power the chip down and release the bus."""
        smbus, self._smbus = self._smbus, None
        if smbus is None:
            return
        try:
            smbus.write_byte_data(ADDRESS, PU_CTRL, 0)
        except OSError:
            pass  # a chip without power needs no power-down
        finally:
            smbus.close()

    def _read(self) -> int | Trouble:
        match self._stage:
            case _Stage.OFF:
                self._power_up()
            case _Stage.POWERING_UP:
                self._await_power_up()
            case _Stage.CALIBRATING:
                self._await_calibration()
            case _Stage.RUNNING:
                return self._read_conversion()
        return Trouble.SETTLING

    def _power_up(self) -> None:
        self._write_register(PU_CTRL, REGISTER_RESET)
        self._write_register(PU_CTRL, POWER_DIGITAL)
        self._enter(_Stage.POWERING_UP)

    def _await_power_up(self) -> None:
        if self._read_register(PU_CTRL) & POWERED:
            self._configure()
        elif self._ticks() - self._since >= START_STEP_MAX_S:
            self._enter(_Stage.OFF)

    def _configure(self) -> None:
        """Set the 3.0 V supply of the cells, gain, rate and channel, and start the calibration."""
        self._write_register(CTRL1, SUPPLY_3_0_V | GAINS[self._gain])
        self._write_register(ADC, CHOPPER_OFF)
        self._write_register(POWER, BYPASS_CAPACITOR if self._channel == 1 else 0)
        self._write_register(PU_CTRL, POWER_DIGITAL | POWER_ANALOG | CYCLE_START | INNER_SUPPLY)
        self._write_register(CTRL2, self._ctrl2() | CALIBRATE)
        self._enter(_Stage.CALIBRATING)

    def _await_calibration(self) -> None:
        control = self._read_register(CTRL2)
        if control & CALIBRATE and self._ticks() - self._since < START_STEP_MAX_S:
            return
        if control & (CALIBRATE | CALIBRATION_FAILED):
            self._enter(_Stage.OFF)
            return
        self._settled_at = self._ticks() + SETTLING_CONVERSIONS / self._rate
        self._enter(_Stage.RUNNING)

    def _read_conversion(self) -> int | Trouble:
        power = self._read_register(PU_CTRL)
        if power & RUNNING != RUNNING or self._read_register(CTRL2) & 0xF0 != self._ctrl2():
            self._enter(_Stage.OFF)
            return Trouble.SETTLING
        if not power & CYCLE_READY:
            return Trouble.NOT_READY
        high, middle, low = self._smbus.read_i2c_block_data(ADDRESS, ADC_RESULT, 3)
        if self._ticks() < self._settled_at:
            return Trouble.SETTLING
        raw = high << 16 | middle << 8 | low
        return checked(raw - 2**24 if raw & 2**23 else raw)

    def _ctrl2(self) -> int:
        return RATES[self._rate] << 4 | (SECOND_CHANNEL if self._channel == 2 else 0)

    def _enter(self, stage: _Stage) -> None:
        self._stage, self._since = stage, self._ticks()

    def _read_register(self, register: int) -> int:
        value: int = self._smbus.read_byte_data(ADDRESS, register)
        return value

    def _write_register(self, register: int, value: int) -> None:
        self._smbus.write_byte_data(ADDRESS, register, value)


def _open(bus: int) -> Any:
    try:
        from smbus2 import SMBus  # type: ignore[import-not-found]
    except ImportError:
        raise PinError(
            "smbus2 is not installed; install it: sudo apt install python3-smbus2"
        ) from None
    try:
        return SMBus(bus)
    except OSError as error:
        raise PinError(
            f"/dev/i2c-{bus} cannot be used: {error.strerror}; expected I2C switched on "
            "(dtparam=i2c_arm=on) and this user in the group i2c"
        ) from error
