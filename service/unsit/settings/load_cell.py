"""The section load_cell of the settings: load cells under the seat."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from unsit.settings.values import (
    HOUR,
    MINUTE,
    SECOND,
    Duration,
    Number,
    Validation,
    duration,
    setting,
)

PLACES = frozenset(
    {"left", "right", "front", "back", "left_front", "right_front", "left_back", "right_back"}
)

_DEFAULT_AT = {"hx711": "5:6", "hx711_spi": "0.0", "nau7802": "1", "iio": "0"}
_AT = {
    "hx711": r"([01]?\d|2[0-7]):([01]?\d|2[0-7])",
    "hx711_spi": r"\d{1,2}\.\d{1,2}",
    "nau7802": r"\d{1,2}(:[12])?",
    "iio": r"\d{1,2}(:\d{1,2})?",
}


def _split(text: str) -> tuple[str, ...]:
    """Split at commas and keep empty parts, which are errors here."""
    return tuple(part.strip() for part in text.split(","))


def _check_cells(text: str) -> str:
    names = _split(text)
    if names != ("seat",) and not (1 < len(names) == len(set(names)) and set(names) <= PLACES):
        raise ValueError(f"expected seat, or two or more of {', '.join(sorted(PLACES))}")
    return text


def _check_addresses(text: str) -> str:
    if text and len(set(_split(text))) < len(_split(text)):
        raise ValueError("expected a different place for each cell")
    return text


def _check_gain(gain: int) -> int:
    if gain not in (128, 64, 32):
        raise ValueError("expected 128, 64 or 32")
    return gain


def _check_rate(rate: int) -> int:
    if rate not in (10, 80):
        raise ValueError("expected 10 or 80 conversions a second")
    return rate


@dataclass(frozen=True, kw_only=True)
class LoadCellSettings:
    """Load cells under the seat, and the loads that count as a person.

    Raises ValueError for settings that contradict each other.
    """

    converter: Literal["hx711_spi", "hx711", "nau7802", "iio"] = setting(
        "hx711_spi",
        "The converter of the cells: an HX711 on an SPI bus of its own (hx711_spi) or on two pins "
        "(hx711), a NAU7802 on I2C, or a converter with a driver in the kernel (iio).",
    )
    cells: Annotated[str, Validation(_check_cells)] = setting(
        "seat",
        "The cells: seat for a single one, else their positions, such as left,right or "
        "left_front,right_front,left_back,right_back.",
    )
    at: Annotated[str, Validation(_check_addresses)] = setting(
        "",
        "The place of each cell's converter, in the order of the cells: BCM pins data:clock of an "
        "HX711 (5:6), bus.device of SPI (0.0), bus or bus:input of I2C (1), number of the IIO "
        "device (0). Empty: the place in brackets.",
    )
    gain: Annotated[Number, Validation(_check_gain)] = setting(
        128, "The amplification: 128, 64 or 32. 32 is input B of an HX711."
    )
    rate: Annotated[Number, Validation(_check_rate)] = setting(
        10, "Conversions a second, 10 or 80, as the board is wired."
    )
    sit_load: float = setting(
        10.0,
        "From this load on (kg above what rests on the seat) somebody is sitting.",
        ge=1,
        le=100,
    )
    stand_load: float = setting(
        5.0,
        "Below this load (kg above what rests on the seat) nobody is sitting any more.",
        ge=0.5,
        le=100,
    )
    least_load: float = setting(
        15.0,
        "The least load of a person in kg; anything lighter, such as a cat, a bag or a coat, is "
        "not one.",
        ge=1,
        le=100,
    )
    limits: Literal["kg", "sitter"] = setting(
        "kg",
        "kg: sit_load and stand_load are the limits; sitter: 25 % and 12 % of the usual load of "
        "a person on this seat are.",
    )
    lean_limit: float = setting(
        0.3,
        "A load that is further off the middle than this counts as leaning; 1 is the edge. Needs "
        "two cells or more.",
        ge=0.05,
        le=1,
    )
    lean_after: Duration = duration(
        MINUTE, SECOND, HOUR, "Leaning must last this long to be reported."
    )
    publish_load: bool = setting(
        False,
        "true to publish the load on the seat (kg) in the state. It is not a body weight: the feet "
        "carry a part.",
    )
    calibration: str | None = setting(
        None,
        "The file that unsit calibrate writes. By default load_cells.json in the state directory.",
    )

    def __post_init__(self) -> None:
        if self.stand_load >= self.sit_load:
            raise ValueError(
                f"load_cell.stand_load {self.stand_load:g} is not below load_cell.sit_load "
                f"{self.sit_load:g}; expected less"
            )
        if len(self.wired_at) != len(self.names):
            raise ValueError(
                f"load_cell.at names {len(self.wired_at)} converter(s) for {len(self.names)} "
                "cell(s); expected one for each"
            )
        for where in self.wired_at:
            if not re.fullmatch(_AT[self.converter], where):
                raise ValueError(
                    f"load_cell.at {where!r} is not a place of {self.converter}; expected a form "
                    f"like {_DEFAULT_AT[self.converter]}"
                )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the cells."""
        return _split(self.cells)

    @property
    def wired_at(self) -> tuple[str, ...]:
        """Place of each cell's converter."""
        return _split(self.at or _DEFAULT_AT[self.converter])

    @property
    def input_and_gain(self) -> str:
        """Input and gain of the HX711, such as ``A128``."""
        return f"{'B' if self.gain == 32 else 'A'}{self.gain}"

    def pins(self) -> dict[str, int]:
        """Return the BCM pins of the converters, by their use."""
        if self.converter != "hx711":
            return {}
        pairs = [where.split(":") for where in self.wired_at]
        return {
            f"load_cell.at {wire} {number}": int(bcm)
            for number, pair in enumerate(pairs, start=1)
            for wire, bcm in zip(("data", "clock"), pair, strict=True)
        }
