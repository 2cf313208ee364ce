"""Program that writes every picture, schematic and netlist of the wiring."""

from collections.abc import Callable
from pathlib import Path

from wiring import cells, mounting, overview, pictures, prints, sounds
from wiring.svg import Picture

FOLDER = Path(__file__).parents[1] / "pictures"

PICTURES: dict[str, Callable[[], Picture]] = {
    "header": pictures.whole_header,
    "chair": overview.default_chair,
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
    "assemble-holder": prints.assemble_holder,
    "assemble-mat": prints.assemble_mat,
    "assemble-foot": prints.assemble_foot,
    "assemble-four-cells": prints.assemble_four_cells,
    "assemble-one-cell": prints.assemble_one_cell,
}
"""Functions that draw the pictures, by file name."""


def write() -> None:
    """Draw and write all pictures, and the schematics, whose library only this needs."""
    from wiring import schematic

    FOLDER.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        (FOLDER / f"{name}.svg").write_text(str(draw()), encoding="utf-8")
    schematic.write()


if __name__ == "__main__":
    write()
