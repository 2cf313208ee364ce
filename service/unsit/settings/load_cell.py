"""The settings of load cells."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from unsit.settings.duration import Duration
from unsit.settings.fields import HOUR, MINUTE, SECOND, Number, duration, setting
from unsit.settings.passing import After

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
    return tuple(part.strip() for part in text.split(","))


def _are_cells(text: str) -> str:
    names = _split(text)
    if names != ("seat",) and not (1 < len(names) == len(set(names)) and set(names) <= PLACES):
        raise ValueError(f"expected seat, or two or more of {', '.join(sorted(PLACES))}")
    return text


def _are_places(text: str) -> str:
    if text and len(set(_split(text))) < len(_split(text)):
        raise ValueError("expected a place of its own for each cell")
    return text


def _is_gain(gain: int) -> int:
    if gain not in (128, 64, 32):
        raise ValueError("expected 128, 64 or 32")
    return gain


def _is_rate(rate: int) -> int:
    if rate not in (10, 80):
        raise ValueError("expected 10 or 80 conversions a second")
    return rate


@dataclass(frozen=True, kw_only=True)
class LoadCellSettings:
    """Load cells under the seat.

    Raises ValueError for cells and places that do not go together.
    """

    converter: Literal["hx711_spi", "hx711", "nau7802", "iio"] = setting(
        "hx711_spi",
        "What reads the cells: an HX711 on an SPI bus of its own, an HX711 on two pins, a NAU7802 "
        "on I2C, or the kernel.",
    )
    cells: Annotated[str, After(_are_cells)] = setting(
        "seat",
        "The cells: seat for one; several by where they are, such as left,right or "
        "left_front,right_front,left_back,right_back.",
    )
    at: Annotated[str, After(_are_places)] = setting(
        "",
        "Where each cell's converter is, in the order of the cells: data:clock pins of an HX711 "
        "(5:6), bus.device of SPI (0.0), bus or bus:input of I2C (1), number of the IIO device "
        "(0). Empty: the one in brackets.",
    )
    gain: Annotated[Number, After(_is_gain)] = setting(
        128, "Amplification; 32 is input B of an HX711."
    )
    rate: Annotated[Number, After(_is_rate)] = setting(
        10, "Conversions a second, as the board is wired."
    )
    sit_load: float = setting(
        10.0, "kg more than lies on the seat anyway that are a person.", ge=1, le=100
    )
    stand_load: float = setting(
        5.0, "kg more than lies on the seat anyway that are none any more.", ge=0.5, le=100
    )
    least_load: float = setting(
        15.0, "kg below which nothing is a person: not a cat, a bag or a coat.", ge=1, le=100
    )
    limits: Literal["kg", "sitter"] = setting(
        "kg", "sitter: instead of sit_load and stand_load 25 % and 12 % of who usually sits there."
    )
    lean_limit: float = setting(
        0.3, "How far off the middle is leaning, of 1; needs two cells.", ge=0.05, le=1
    )
    lean_after: Duration = duration(MINUTE, SECOND, HOUR, "How long that must last.")
    publish_load: bool = setting(
        False, "true to have the load on the seat in the state; it is not a body weight."
    )
    calibration: str | None = setting(
        None,
        "The file that unsit calibrate writes; by default load_cells.json in the directory of "
        "state.",
    )

    def __post_init__(self) -> None:
        if self.stand_load >= self.sit_load:
            raise ValueError(
                f"load_cell.stand_load {self.stand_load:g} is not below load_cell.sit_load "
                f"{self.sit_load:g}; between the two nothing changes"
            )
        if len(self.wired_at) != len(self.names):
            raise ValueError(
                f"load_cell.at names {len(self.wired_at)} converter(s) for {len(self.names)} "
                "cell(s); expected one for each"
            )
        for where in self.wired_at:
            if not re.fullmatch(_AT[self.converter], where):
                raise ValueError(
                    f"load_cell.at {where!r} is no place of {self.converter}; expected the like "
                    f"of {_DEFAULT_AT[self.converter]}"
                )

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each cell."""
        return _split(self.cells)

    @property
    def wired_at(self) -> tuple[str, ...]:
        """Where each cell's converter is."""
        return _split(self.at or _DEFAULT_AT[self.converter])

    @property
    def input_and_gain(self) -> str:
        """The HX711's input and gain, as ``A128``."""
        return f"{'B' if self.gain == 32 else 'A'}{self.gain}"

    def pins(self) -> dict[str, int]:
        """The pins that converters hang on, by what uses them."""
        if self.converter != "hx711":
            return {}
        pairs = [where.split(":") for where in self.wired_at]
        return {
            f"load_cell.at {wire} {nth}": int(number)
            for nth, pair in enumerate(pairs, start=1)
            for wire, number in zip(("data", "clock"), pair, strict=True)
        }
