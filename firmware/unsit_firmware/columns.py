"""The columns of a recording: a contact, or the load on one cell or several."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from unsit_firmware.person import Level

PLACES = (
    "left",
    "right",
    "front",
    "back",
    "left_front",
    "right_front",
    "left_back",
    "right_back",
)
"""Where one cell of several is, as the person on the seat sees it."""

CONTACT, GRAMS, RAW = "contact", "grams", "raw"

JUMP = {GRAMS: 2_000.0, RAW: 20_000.0}
"""A change on a cell by more than this, 2 kg, is of a body and not of noise."""

_LEVELS = {"0": False, "1": True}


@dataclass(frozen=True, slots=True)
class Columns:
    """What the rows hold behind their time.

    kind: contact (1 pressed, 0 released), grams, or raw (counts of the converter).
    places: where each cell is, see ``PLACES``; empty for a contact and for a single cell.
    """

    kind: str = CONTACT
    places: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The header without ``ts``."""
        return [f"{self.kind}_{place}" for place in self.places] or [self.kind]

    @property
    def is_load(self) -> bool:
        """The rows are loads, and not of a contact."""
        return self.kind != CONTACT

    def level(self, cells: Sequence[str]) -> Level:
        """The values of a row. Raises ValueError with what was read and what is expected."""
        if not self.is_load:
            return _pressed(cells[0])
        return tuple(_number(name, text) for name, text in zip(self.names, cells, strict=True))

    def is_jump(self, before: Level | None, level: Level) -> bool:
        """Whether a body has come, gone or moved on the cells between two rows."""
        if not isinstance(before, tuple) or not isinstance(level, tuple):
            return False
        most = JUMP[self.kind]
        return any(abs(now - then) > most for now, then in zip(level, before, strict=True))


EXPECTED = "ts,contact or ts,grams or ts,raw (several cells: raw_left,raw_right)"


def columns_of(names: Sequence[str]) -> Columns | None:
    """The columns that a header without ``ts`` names, None for one that nobody knows."""
    for kind in (CONTACT, GRAMS, RAW):
        if list(names) == [kind]:
            return Columns(kind)
    kind = names[0].partition("_")[0] if names else ""
    places = tuple(name.removeprefix(f"{kind}_") for name in names)
    known = len(places) > 1 and len(set(places)) == len(places) and set(places) <= set(PLACES)
    if kind not in JUMP or not known or list(names) != Columns(kind, places).names:
        return None
    return Columns(kind, places)


def _pressed(text: str) -> bool:
    try:
        return _LEVELS[text]
    except KeyError:
        raise ValueError(
            f"contact {shown(text)} is not a level; expected 1 (pressed) or 0 (released)"
        ) from None


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value) or abs(value) > 1e9:
        raise ValueError(f"{name} {shown(text)} is not a load; expected a number such as 81250")
    return value


def shown(text: str) -> str:
    """A value as it was read, short enough and safe for one line."""
    return repr(text if len(text) <= 40 else text[:40] + "…")
