"""A NAU7802 on an I2C bus: 24 bits, its own supply for the cells, no timing to get wrong.

Registers and numbers are those of the data sheet "NAU7802 24-Bit Dual-Channel ADC", Nuvoton,
revision 1.7.
"""

import time
from enum import Enum
from typing import Any

from unsit_firmware.converters.reading import (
    Closing,
    Reading,
    Tallied,
    Tally,
    Ticks,
    Trouble,
    checked,
)
from unsit_firmware.errors import PinError

ADDRESS = 0x2A
"""The only one that the chip has."""

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
POWERS_UP_WITHIN = 0.5
"""Seconds that a step of the start may take (0.2 ms and 344 ms at 10 conversions a second are
given) before the start is begun anew."""


class _Stage(Enum):
    OFF = "off"
    POWERING_UP = "powering up"
    CALIBRATING = "calibrating"
    RUNNING = "running"


class NAU7802(Tallied, Closing):
    """A NAU7802 that reads one of its two inputs.

    bus: the number in /dev/i2c-<bus>. channel: 1 (default) or 2. gain: 1 to 128, a power of two.
    rate: conversions a second: 10, 20, 40, 80 or 320. smbus: an opened bus as in smbus2.

    The first second gives ``Trouble.SETTLING``; a chip that has lost its power is started anew.
    Raises PinError for a bus that is not there, ValueError for a figure that the chip has not.
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
        self._tally = Tally(ticks)

    @property
    def closed(self) -> bool:
        """Whether the bus was given back."""
        return self._smbus is None

    def read(self) -> Reading | Trouble:
        """The newest conversion, or why there is none; returns at once."""
        try:
            raw = self._read()
        except OSError:
            self._stage = _Stage.OFF
            raw = Trouble.UNREACHABLE
        return self._tally.count(raw)

    def close(self) -> None:
        """Puts the chip to sleep and gives the bus back."""
        smbus, self._smbus = self._smbus, None
        if smbus is None:
            return
        try:
            smbus.write_byte_data(ADDRESS, PU_CTRL, 0)
        except OSError:
            pass  # a chip that is gone is asleep
        finally:
            smbus.close()

    def _read(self) -> int | Trouble:
        match self._stage:
            case _Stage.OFF:
                self._power_up()
            case _Stage.POWERING_UP:
                self._finish_power_up()
            case _Stage.CALIBRATING:
                self._finish_calibration()
            case _Stage.RUNNING:
                return self._convert()
        return Trouble.SETTLING

    def _power_up(self) -> None:
        self._put(PU_CTRL, REGISTER_RESET)
        self._put(PU_CTRL, POWER_DIGITAL)
        self._enter(_Stage.POWERING_UP)

    def _finish_power_up(self) -> None:
        if self._get(PU_CTRL) & POWERED:
            self._set_up()
        elif self._ticks() - self._since >= POWERS_UP_WITHIN:
            self._enter(_Stage.OFF)

    def _set_up(self) -> None:
        """Supply of 3.0 V for the cells from the chip's own regulator, gain, rate, channel."""
        self._put(CTRL1, SUPPLY_3_0_V | GAINS[self._gain])
        self._put(ADC, CHOPPER_OFF)
        self._put(POWER, BYPASS_CAPACITOR if self._channel == 1 else 0)
        self._put(PU_CTRL, POWER_DIGITAL | POWER_ANALOG | CYCLE_START | INNER_SUPPLY)
        self._put(CTRL2, self._ctrl2() | CALIBRATE)
        self._enter(_Stage.CALIBRATING)

    def _finish_calibration(self) -> None:
        control = self._get(CTRL2)
        if control & CALIBRATE and self._ticks() - self._since < POWERS_UP_WITHIN:
            return
        if control & (CALIBRATE | CALIBRATION_FAILED):
            self._enter(_Stage.OFF)
            return
        self._settled_at = self._ticks() + SETTLING_CONVERSIONS / self._rate
        self._enter(_Stage.RUNNING)

    def _convert(self) -> int | Trouble:
        power = self._get(PU_CTRL)
        if power & RUNNING != RUNNING or self._get(CTRL2) & 0xF0 != self._ctrl2():
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

    def _get(self, register: int) -> int:
        value: int = self._smbus.read_byte_data(ADDRESS, register)
        return value

    def _put(self, register: int, value: int) -> None:
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
