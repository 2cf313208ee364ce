"""Writes every picture into ``hardware/pictures``."""

from collections.abc import Callable
from pathlib import Path

from wiring import cells, mounting, pictures, prints, sounds, whole
from wiring.svg import Picture

FOLDER = Path(__file__).parents[1] / "pictures"

PICTURES: dict[str, Callable[[], Picture]] = {
    "header": pictures.whole_header,
    "chair": whole.default_chair,
    "mat": pictures.mat,
    "buzzer-module": sounds.module,
    "buzzer-transistor": sounds.transistor,
    "buzzer-piezo": sounds.piezo,
    "button": pictures.button,
    "led": pictures.led,
    "nau7802": cells.nau7802,
    "hx711-spi": cells.hx711_spi,
    "hx711-pins": cells.hx711_pins,
    "cells-four": cells.four_cells,
    "cells-two": cells.two_cells,
    "cell-single": cells.single_cell,
    "under-the-seat": mounting.under_the_seat,
    "sandwich": mounting.sandwich,
    "tray": prints.tray,
    "foot": prints.foot,
}
"""Each picture by the name of its file."""


def write() -> None:
    """Makes all pictures anew."""
    FOLDER.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        (FOLDER / f"{name}.svg").write_text(str(draw()), encoding="utf-8")


if __name__ == "__main__":
    write()
