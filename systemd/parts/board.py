"""Lines of config.txt and kernel modules that chairs need, for board.sh.

usage: board.py CONFIG_TXT SETTINGS...

Prints the block for config.txt, each line with its reason after a tab; a line ``module NAME``
stands for a kernel module. What config.txt says outside the block already is left out.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from unsit.settings.load import load
from unsit.settings.model import Settings

BEGIN, END = "# unsit begin", "# unsit end"
"""Beginnings of the lines around the block; board.sh has them too."""

I2C, SPI = "dtparam=i2c_arm=on", "dtparam=spi=on"

SECOND_BUSES = {
    ("nau7802", "3"): ("dtoverlay=i2c-gpio,bus=3", "switches on the second I2C bus"),
    ("hx711_spi", "1.0"): ("dtoverlay=spi1-1cs,cs0_pin=16", "switches on the second SPI bus"),
}
"""Line and reason for the second converter of a kind, with the pins of hardware/wiring.md."""

FIRST_BUSES = {
    # line: (converter, pins of the bus, reason)
    I2C: ("nau7802", {2, 3}, "switches on I2C, for load cells on a NAU7802"),
    SPI: ("hx711_spi", {7, 8, 9, 10, 11}, "switches on SPI, for load cells on an HX711"),
}


def main(config: str, *files: str) -> None:
    """Print what the chairs with these files of settings need."""
    chairs = [load(file, []).settings for file in files]
    said = effective_lines(Path(config).read_text(encoding="utf-8", errors="replace"))
    for line, reason in dict(wanted(chairs, said)).items():
        if line not in said:
            print(f"{line}\t{reason}")


def effective_lines(text: str) -> set[str]:
    """Return the lines outside the block that hold on every Pi: those below no other filter."""
    lines, is_for_all, is_ours = set(), True, False
    for line in (line.strip() for line in text.splitlines()):
        is_ours = line.startswith(BEGIN) or (is_ours and not line.startswith(END))
        if is_ours or line.startswith("#"):
            continue
        if line.startswith("["):
            is_for_all = line.lower() == "[all]"
        elif is_for_all and line:
            lines.add(line.replace(" ", ""))
    return lines


def wanted(chairs: list[Settings], said: set[str]) -> Iterator[tuple[str, str]]:
    """Yield each line with its reason; a bus that a person has switched off stays off."""
    for chair in chairs:
        buzzer = chair.buzzer
        if buzzer.kind != "none":
            level = "dl" if buzzer.active_high else "dh"
            yield f"gpio={buzzer.pin}=op,{level}", "keeps the buzzer silent while the Pi starts"
    taken = {pin for chair in chairs for pin in chair.pins().values()}
    for line, (converter, pins, reason) in FIRST_BUSES.items():
        is_needed = any(converter in converters_of(chair) for chair in chairs)
        is_off = line.replace("=on", "=off") in said
        if is_needed or not (taken & pins or is_off):
            yield line, reason
            if line == I2C:
                yield "module i2c-dev", "makes the files of the I2C buses"
    for chair in chairs:
        for place in chair.load_cell.wired_at if chair.seat.kind == "load_cell" else ():
            second = SECOND_BUSES.get((chair.load_cell.converter, place.partition(":")[0]))
            if second is not None:
                yield second


def converters_of(chair: Settings) -> set[str]:
    """Return the kind of converter of a chair on load cells."""
    return {chair.load_cell.converter} if chair.seat.kind == "load_cell" else set()


if __name__ == "__main__":
    main(*sys.argv[1:])
