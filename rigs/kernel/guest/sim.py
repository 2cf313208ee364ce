#!/usr/bin/env python3
"""Drive the simulated GPIO header from inside the guest.

sim pull LINE up|down            level that the outside world puts on an input
sim value LINE                   print the level of a line, 0 or 1
sim wait LINE 0|1 [SECONDS]      wait for a level; exit 1 if it does not come (default 5 s)
sim persist 0|1                  a released output keeps its level (1, default) or not (0)
sim hx711 DATA CLOCK             connect the HX711 model to two lines; -1 -1 removes it
sim hx711-set NAME=NUMBER...     value, period_ms, pd_us, dead
sim hx711-show                   print all figures of the model
"""

import sys
import time
from pathlib import Path

PARAMETERS = Path("/sys/module/gpio_sim/parameters")
CHIPS = Path("/sys/bus/gpio/devices")
LAST_LINE_OF_A_HEADER = "sim_gpio27"


def header() -> Path:
    """Return the folder of the simulated chip that has a Pi's header, as told by its size."""
    for chip in sorted(CHIPS.glob("gpiochip*")):
        if (chip / LAST_LINE_OF_A_HEADER).is_dir():
            return chip
    raise SystemExit("sim: there is no simulated chip with a header")


def line(number: str) -> Path:
    """Return the folder of a line."""
    return header() / f"sim_gpio{int(number)}"


def pull(number: str, level: str) -> None:
    """Set the level that the outside world puts on a line."""
    (line(number) / "pull").write_text({"up": "pull-up", "down": "pull-down"}[level])


def value(number: str) -> int:
    """Return the level of a line."""
    return int((line(number) / "value").read_text())


def wait(number: str, level: str, seconds: str = "5") -> int:
    """Wait until a line has a level; return the exit status."""
    end = time.monotonic() + float(seconds)
    while value(number) != int(level):
        if time.monotonic() > end:
            return 1
        time.sleep(0.002)
    return 0


def set_hx711(figures: dict[str, str]) -> None:
    """Set figures of the HX711 model."""
    for name, figure in figures.items():
        (PARAMETERS / f"hx711_{name}").write_text(figure)


def main(arguments: list[str]) -> int:
    """Run one command; return the exit status."""
    match arguments:
        case ["pull", number, ("up" | "down") as level]:
            pull(number, level)
        case ["value", number]:
            print(value(number))
        case ["wait", number, level]:
            return wait(number, level)
        case ["wait", number, level, seconds]:
            return wait(number, level, seconds)
        case ["persist", ("0" | "1") as kept]:
            (PARAMETERS / "persist_outputs").write_text(kept)
        case ["hx711", data, clock]:
            set_hx711({"sck": clock, "dout": data})
        case ["hx711-set", *pairs]:
            set_hx711(dict(pair.split("=", 1) for pair in pairs))
        case ["hx711-show"]:
            for parameter in sorted(PARAMETERS.glob("hx711_*")):
                print(parameter.name.removeprefix("hx711_"), parameter.read_text().strip())
        case ["-h" | "--help"]:
            print(__doc__)
        case _:
            print(__doc__, file=sys.stderr)
            return 64
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
