"""Electrical rules of a circuit, and a program that applies them to every chair.

SKiDL knows loose ends, drivers and inputs without a driver, but no volts, currents or levels at the
start, and brings some twenty packages with it (numpy and matplotlib among them). So the rules are
here. ``python -m wiring.rules`` prints what breaks one, and ends with 1 then.
"""

import sys
from collections.abc import Callable, Iterator

from wiring import limits
from wiring.circuit import HEADER, Circuit, Kind, Terminal, chairs

Found = Iterator[str]

DRIVERS = (Kind.SUPPLY, Kind.GROUND, Kind.OUTPUT)

RAIL_MILLIAMPERES = {"3.3 V": limits.PINS_MILLIAMPERES, "5 V": limits.USB_MILLIAMPERES}
"""Greatest current in mA that the parts may take from a supply."""


def no_loose_end(chair: Circuit) -> Found:
    """Find terminals without a net, and nets that join fewer than two parts."""
    for part in chair.parts.values():
        for terminal in part.terminals:
            if chair.net_of(terminal.at) is None:
                yield f"{terminal.at} is connected to nothing"
    for net in chair.nets:
        if len({terminal.part for terminal in chair.terminals(net)}) < 2:
            yield f"{net} has one end"


def one_driver(chair: Circuit) -> Found:
    """Find nets with two outputs, two supplies of different voltage, or a supply on ground."""
    for net in chair.nets:
        drivers = {}
        for terminal in chair.terminals(net):
            if terminal.kind is Kind.OUTPUT:
                drivers[terminal.at] = terminal
            elif terminal.kind in DRIVERS:
                drivers[f"{terminal.kind} {terminal.volts}"] = terminal
        if len(drivers) > 1:
            ends = ", ".join(sorted(terminal.at for terminal in drivers.values()))
            yield f"{net} has more than one driver: {ends}"


def no_terminal_in_two_nets(chair: Circuit) -> Found:
    """Find terminals that two nets share."""
    seen: dict[str, str] = {}
    for net, places in chair.nets.items():
        for at in sorted(places):
            if at in seen:
                yield f"{at} is in {seen[at]} and in {net}"
            seen[at] = net


def defined_level(chair: Circuit) -> Found:
    """Find inputs and buses that nothing drives or pulls to a level."""
    for net in chair.nets:
        for terminal in chair.terminals(net):
            if terminal.kind in (Kind.INPUT, Kind.BUS) and not _is_defined(chair, net):
                yield f"{terminal.at} on {net} has no defined level"


def _is_defined(chair: Circuit, net: str) -> bool:
    reached = chair.terminals(net) + [
        terminal
        for other in _within_direct_current(chair, net)
        for terminal in chair.terminals(other)
    ]
    return any(terminal.kind in DRIVERS or terminal.pull for terminal in reached)


def _within_direct_current(chair: Circuit, net: str) -> set[str]:
    """Return the nets that direct current reaches from a net through passive parts."""
    reached, waiting = {net}, [net]
    while waiting:
        here = waiting.pop()
        for terminal in chair.terminals(here):
            part = chair.parts[terminal.part]
            for pair in part.across:
                if terminal.name in pair:
                    [other] = set(pair) - {terminal.name}
                    beyond = chair.net_of(f"{part.reference}.{other}")
                    if beyond is not None and beyond not in reached:
                        reached.add(beyond)
                        waiting.append(beyond)
    return reached - {net}


def no_voltage_above_its_limit(chair: Circuit) -> Found:
    """Find terminals that get more volts than they withstand, above all pins with 5 V."""
    for net in chair.nets:
        terminals = chair.terminals(net)
        volts = max((terminal.volts or 0.0 for terminal in terminals), default=0.0)
        for terminal in terminals:
            if terminal.withstands is not None and volts > terminal.withstands:
                yield f"{terminal.at} gets {volts:g} V; it withstands {terminal.withstands:g} V"


def power_arrives(chair: Circuit) -> Found:
    """Find parts whose power terminal is not on a supply, or whose ground is not on ground."""
    for net in chair.nets:
        terminals = chair.terminals(net)
        is_ground = any(t.part == HEADER and t.kind is Kind.GROUND for t in terminals)
        has_supply = any(t.kind is Kind.SUPPLY for t in terminals)
        for terminal in terminals:
            if terminal.kind is Kind.POWER and not has_supply:
                yield f"{terminal.at} is on {net}, which is no supply"
            if (
                terminal.kind is Kind.GROUND
                and terminal.name != "E\N{MINUS SIGN}"
                and not is_ground
            ):
                yield f"{terminal.at} is on {net}, which is not ground"


def silent_at_the_start(chair: Circuit) -> Found:
    """Find parts that sound or light up while nothing sets their pin, such as at the start."""
    for net in chair.nets:
        for terminal in chair.terminals(net):
            if terminal.silent is None:
                continue
            pulls = {
                other.pull
                for name in (net, *_within_direct_current(chair, net))
                for other in chair.terminals(name)
                if other.kind is Kind.OUTPUT and other.part == HEADER
            }
            if pulls != {terminal.silent}:
                yield f"{terminal.at} is not kept {terminal.silent.value} while the Pi starts"


def current_of_each_pin(chair: Circuit) -> Found:
    """Find outputs of the header that supply more than a pin may, alone or all together."""
    total = 0.0
    for net in chair.nets:
        outputs = [t for t in chair.terminals(net) if t.part == HEADER and t.kind is Kind.OUTPUT]
        for output in outputs:
            nets = (net, *_within_direct_current(chair, net))
            current = sum(t.draws for t in _loads(chair, nets))
            total += current
            if current > limits.PIN_MILLIAMPERES:
                limit = f"{limits.PIN_MILLIAMPERES:g} mA"
                yield f"{output.at} supplies {current:.1f} mA; a pin supplies at most {limit}"
    if total > limits.PINS_MILLIAMPERES:
        yield f"the pins supply {total:.1f} mA; together at most {limits.PINS_MILLIAMPERES:g} mA"


def _loads(chair: Circuit, nets: tuple[str, ...]) -> list[Terminal]:
    return [t for net in nets for t in chair.terminals(net) if t.kind is Kind.INPUT and t.draws]


def current_of_each_supply(chair: Circuit) -> Found:
    """Find supplies of the header from which the parts take too much."""
    for net, limit in RAIL_MILLIAMPERES.items():
        if net in chair.nets:
            taken = [t for t in chair.terminals(net) if t.kind is Kind.POWER]
            current = sum(t.draws + _fed_by(chair, t.part) for t in taken)
            if current > limit:
                yield f"{net} supplies {current:.1f} mA; at most {limit:g} mA"


def _fed_by(chair: Circuit, board: str) -> float:
    """Return the current in mA that a board passes on to its cells."""
    feeds = [t for t in chair.parts[board].terminals if t.kind is Kind.SUPPLY]
    nets = [net for feed in feeds if (net := chair.net_of(feed.at)) is not None]
    return sum(t.draws for net in nets for t in chair.terminals(net) if t.part != board)


def decoupled(chair: Circuit) -> Found:
    """Find parts with a supply and no capacitor between it and ground."""
    for net in chair.nets:
        terminals = chair.terminals(net)
        for terminal in terminals:
            part = chair.parts[terminal.part]
            if terminal.kind is not Kind.POWER or part.is_decoupled or part.is_coil:
                continue
            near = {other.part for other in terminals if other.part.startswith("C")}
            if not any(chair.net_of(f"{capacitor}.2") == "ground" for capacitor in near):
                yield f"{terminal.at} has no capacitor to ground"


def diode_across_a_coil(chair: Circuit) -> Found:
    """Find coils without a diode, or with one the wrong way round."""
    for part in chair.parts.values():
        if part.is_coil:
            plus, minus = (chair.net_of(terminal.at) for terminal in part.terminals)
            diodes = [d for d in chair.parts if d.startswith("D")]
            nets = [(chair.net_of(f"{d}.K"), chair.net_of(f"{d}.A")) for d in diodes]
            if (plus, minus) not in nets:
                yield f"{part.reference} has no diode across it, cathode at +"


def resistor_before_a_cable(chair: Circuit) -> Found:
    """Find pins that are joined to a part outside the box without a resistor between."""
    for net in chair.nets:
        terminals = chair.terminals(net)
        pins = [t for t in terminals if t.part == HEADER and t.withstands is not None]
        for pin in pins:
            for other in terminals:
                if chair.parts[other.part].is_on_cable:
                    yield f"{pin.at} is on the cable of {other.part} without a resistor"


RULES: tuple[Callable[[Circuit], Found], ...] = (
    no_loose_end,
    one_driver,
    no_terminal_in_two_nets,
    defined_level,
    no_voltage_above_its_limit,
    power_arrives,
    silent_at_the_start,
    current_of_each_pin,
    current_of_each_supply,
    decoupled,
    diode_across_a_coil,
    resistor_before_a_cable,
)
"""Every rule."""


def errors(chair: Circuit) -> list[str]:
    """Return what breaks a rule in a circuit, one line each; an empty list if nothing does."""
    return [f"{rule.__name__}: {line}" for rule in RULES for line in rule(chair)]


def main() -> int:
    """Print the errors of every chair; return the exit code."""
    found = [f"{name}: {line}" for name, chair in chairs() for line in errors(chair)]
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
