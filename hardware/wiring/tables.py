"""Tables of the hardware pages for ``make docs``, narrow enough for a phone."""

import csv
import math
from decimal import Decimal
from pathlib import Path

from holder import loads
from holder.sizes import number, numbers
from wiring import plan
from wiring.leads import leads
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


def cost(build: str) -> Decimal:
    """Return the approximate price of the needed parts in euro."""
    needed = (row for row in rows(build) if row["needed"] == "yes")
    return sum((int(row["quantity"]) * Decimal(row[PRICE]) for row in needed), Decimal(0))


def shopping_list(build: str) -> str:
    """Return the needed parts of a build, one line each."""
    return "\n".join(_line(row) for row in rows(build) if row["needed"] == "yes")


def options_list() -> str:
    """Return the optional parts of all builds, one line each."""
    return _lines_of("optional")


def tools_list() -> str:
    """Return the tools of all builds, one line each."""
    return _lines_of("tool")


def _lines_of(needed: str) -> str:
    options = {row["reference"]: row for build in BUILDS for row in rows(build)}
    return "\n".join(_line(row) for row in options.values() if row["needed"] == needed)


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


def leads_table(build: str) -> str:
    """Return the table of the wires of a build."""
    lines = ["| from | to | wire | cm |", "|---|---|---|---:|"]
    for lead in leads(build):
        wire = f"{lead.wire} {lead.colour}".strip()
        length = str(lead.centimetres or "")
        lines.append(f"| {lead.start} | {lead.end} | {wire} | {length} |")
    return "\n".join(lines)


def limits_table() -> str:
    """Return the table of the computed limits."""
    lines = ["| part | limit | from |", "|---|---|---|"]
    lines += [f"| {row.what} | {row.limit} | {row.calculation} |" for row in limits()]
    return "\n".join(lines)


def loads_table() -> str:
    """Return the table of the weights that plates and cells bear, by the side of the plates."""
    side, thick = number("plate_side"), number("plate_thick")
    smallest, largest = numbers("plate_sides")
    lines = [
        "| plates | on the edge, no stop yet | held | for a person of |",
        "|---|---:|---:|---:|",
    ]
    for plate in (smallest, side, largest):
        weighed = f"{math.floor(loads.weighed_on_edge(plate))} kg"
        held = math.floor(min(loads.held_by_feet(plate), loads.held_by_plate(plate, thick)))
        limit = math.floor(loads.limit(plate))
        lines.append(f"| four cells, {plate / 10:g} cm | {weighed} | {held} kg | {limit} kg |")
    held = math.floor(min(loads.held_by_one_cell(), loads.held_by_plate_on_one_cell(side, thick)))
    limit = math.floor(loads.limit_on_one_cell(side))
    lines.append(f"| one cell, {side / 10:g} cm | set by its stops | {held} kg | {limit} kg |")
    return "\n".join(lines)


def holes_table(build: str) -> str:
    """Return the table of the holes in the two plates of a build with cells.

    Lengths are in millimetres, from the front or back edge and from the side.
    """
    lines = ["| hole | plate | from side, front or back |", "|---|---|---|"]
    cell, bolt = number("cell_inset"), numbers("bolt_inset")
    sink, below, above = (f"{number(name):g}" for name in ("sink", "sink_below", "sink_above"))
    if build == "four-cells":
        cell_at, bolt_at = f"{cell:g}, {cell:g}", f"{bolt[0]:g}, {bolt[1]:g}"
        return "\n".join(
            [
                *lines,
                f"| 4 x {number('key_hole'):g}, for the key of the stop | lower | {cell_at} |",
                f"| 4 x {number('bolt_hole'):g}, for the bolts | lower | {bolt_at} |",
                f"| the same, {sink} wide, {below} deep | lower, from below | {bolt_at} |",
                f"| 4 x {number('bolt_room'):g}, around the bolts | upper | {bolt_at} |",
                f"| the same, {sink} wide, {above} deep | upper, from above | {bolt_at} |",
                f"| no hole: the middle of foot and cup | both | {cell_at} |",
            ]
        )
    corner = number("corner_inset")
    length = numbers("platform_cell")[0]
    first, second = numbers("platform_holes")
    middle = f"{length / 2 - first - second:g} and {length / 2 - first:g} from the middle"
    return "\n".join(
        [
            *lines,
            f"| 4 x {numbers('m8_t_nut')[0]:g}, for the T-nuts | lower | {corner:g}, {corner:g} |",
            f"| 2 x {number('m8') + 0.5:g}, for the cell | lower, left half | {middle} |",
            f"| the same, {sink} wide, {below} deep | lower, from below | the same |",
            f"| 2 x {number('m8') + 0.5:g}, for the cell | upper, right half | {middle} |",
            f"| the same, {sink} wide, {below} deep | upper, from above | the same |",
        ]
    )


def run_times_table() -> str:
    """Return the table of run times of power banks."""
    heads = [f"{bank:,} mAh" for bank in BANKS]
    lines = [f"| Pi | mA | {' | '.join(heads)} |", f"|---|---:|{'---:|' * len(BANKS)}"]
    for supply in SUPPLIES:
        times = " | ".join(f"{hours(bank, supply.milliamperes):.0f} h" for bank in BANKS)
        lines.append(f"| {supply.board} | {supply.milliamperes} | {times} |")
    return "\n".join(lines)
