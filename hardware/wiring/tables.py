"""Tables of the hardware pages for ``make docs``, narrow enough for a phone."""

import csv
from pathlib import Path

from wiring import plan
from wiring.limits import limits
from wiring.plan import Plan, Role, Wire
from wiring.power import BANKS, SUPPLIES, hours

PARTS = Path(__file__).parents[1] / "parts"
BUILDS = {"mat": "mat", "single-cell": "one cell", "four-cells": "four cells"}
PRICE = "price_eur_2026_11"


def rows(build: str) -> list[dict[str, str]]:
    """Return the parts list of a build, a name in ``BUILDS``."""
    with (PARTS / f"{build}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cost(build: str) -> float:
    """Return the approximate price of the needed parts in euro."""
    needed = (row for row in rows(build) if row["needed"] == "yes")
    return sum(int(row["quantity"]) * float(row[PRICE]) for row in needed)


def shopping_list(build: str) -> str:
    """Return the needed parts of a build, one line each."""
    return "\n".join(_line(row) for row in rows(build) if row["needed"] == "yes")


def options_list() -> str:
    """Return the optional parts of all builds, one line each."""
    options = {row["reference"]: row for build in BUILDS for row in rows(build)}
    return "\n".join(_line(row) for row in options.values() if row["needed"] != "yes")


def _line(row: dict[str, str]) -> str:
    count = int(row["quantity"])
    price = count * float(row[PRICE])
    number = "" if row["part_number"] == "generic" else f" ({_number(row['part_number'])})"
    other = "" if row["substitute"] == "none" else f" Or: {row['substitute']}."
    return f"- **{row['reference']}** {count} x {row['part']}{number}, {price:g} EUR.{other}"


def _number(part_number: str) -> str:
    folder = part_number.removeprefix("hardware/")
    return part_number if folder == part_number else f"[{folder}](../{folder}/README.md)"


def builds_table() -> str:
    """Return the table of builds and their prices."""
    lines = ["| build | parts list | about |", "|---|---|---:|"]
    for build, name in BUILDS.items():
        lines.append(f"| {name} | [{build}.csv](parts/{build}.csv) | {cost(build):.0f} EUR |")
    return "\n".join(lines)


def pins_table() -> str:
    """Return the table of the pins of mat, buzzer, button and LED."""
    lines = ["| part | setting | BCM | header pins |", "|---|---|---:|---|"]
    for wiring in (plan.mat(), plan.buzzer_module(), plan.button(), plan.led()):
        [signal] = [wire for wire in wiring.wires if wire.role is Role.SIGNAL]
        pins = ", ".join([f"**{signal.pin.number}**", *_others(wiring)])
        lines.append(f"| {wiring.part} | `{wiring.setting}` | {signal.pin.bcm} | {pins} |")
    return "\n".join(lines)


def _others(wiring: Plan) -> list[str]:
    roles = (Role.GROUND, Role.THREE_VOLTS, Role.FIVE_VOLTS)
    return [f"{wire.role.value} {wire.pin.number}" for wire in wiring.wires if wire.role in roles]


def converters_table() -> str:
    """Return the table of the wires of each converter of load cells."""
    lines = ["| `load_cell.converter` | `.at` | header pins |", "|---|---|---|"]
    for name, where, wiring in (
        ("nau7802", "1", plan.nau7802()),
        ("nau7802", "3", plan.nau7802(3)),
        ("hx711_spi", "0.0", plan.hx711_spi()),
        ("hx711_spi", "1.0", plan.hx711_spi(1)),
        ("hx711", _place(plan.hx711_pins()), plan.hx711_pins()),
    ):
        pins = ", ".join(f"{wire.terminal} {wire.pin.number}" for wire in wiring.wires)
        lines.append(f"| `{name}` | `{where}` | {pins} |")
    return "\n".join(lines)


def _place(wiring: Plan) -> str:
    return ":".join(str(wire.pin.bcm) for wire in _signals(wiring))


def _signals(wiring: Plan) -> list[Wire]:
    return [wire for wire in wiring.wires if wire.role in (Role.SIGNAL, Role.CLOCK)]


def shorts_table() -> str:
    """Return the table of the signal pins that must not be connected to a supply, by seat."""
    lines = ["| seat | signal pins, with the buzzer's |", "|---|---|"]
    buzzer = _signals(plan.buzzer_module())
    for make in plan.SEATS:
        numbers = sorted(wire.pin.number for wire in [*_signals(make()), *buzzer])
        lines.append(f"| {make().part} | {', '.join(map(str, numbers))} |")
    return "\n".join(lines)


def limits_table() -> str:
    """Return the table of the computed limits."""
    lines = ["| part | limit | from |", "|---|---|---|"]
    lines += [f"| {row.what} | {row.limit} | {row.calculation} |" for row in limits()]
    return "\n".join(lines)


def run_times_table() -> str:
    """Return the table of run times of power banks."""
    heads = [f"{bank:,} mAh" for bank in BANKS]
    lines = [f"| Pi | mA | {' | '.join(heads)} |", f"|---|---:|{'---:|' * len(BANKS)}"]
    for supply in SUPPLIES:
        times = " | ".join(f"{hours(bank, supply.milliamperes):.0f} h" for bank in BANKS)
        lines.append(f"| {supply.board} | {supply.milliamperes} | {times} |")
    return "\n".join(lines)
