"""Bridge of half-bridge cells as a network of resistors, and its resistances and signal."""

from collections.abc import Mapping
from dataclasses import replace

from wiring.bridge import MINUS, Bridge, Sleeve

HALF = 1000.0
"""Resistance of one half of a body scale's cell in ohm."""

NO_CONNECTION = 1e-12
"""Conductance in siemens below which a node has no connection."""

Net = list[tuple[str, str, float]]


def net(bridge: Bridge, loads: Mapping[int, float], balance: Mapping[Sleeve, float] = {}) -> Net:
    """Return the resistors of a bridge with their nodes.

    loads: relative growth of a cell's white half, and shrinkage of its black half, by cell.
    balance: relative deviation of a half at no load, by its outer wire.
    """
    node = _nodes(bridge)
    halves = [
        (cell, side, sign) for cell in cells(bridge) for side, sign in (("white", 1), ("black", -1))
    ]
    return [
        (
            node[cell, "red"],
            node[cell, side],
            HALF * (1 + sign * loads.get(cell, 0.0) + balance.get((cell, side), 0.0)),
        )
        for cell, side, sign in halves
    ] + [(one, other, HALF) for one, other in bridge.resistors]


def cells(bridge: Bridge) -> list[int]:
    """Return the numbers of the cells."""
    return sorted({cell for cell, _ in _nodes(bridge)})


def wires(bridge: Bridge) -> list[Sleeve]:
    """Return all wires of the cells."""
    return sorted(_nodes(bridge))


def exchanged(bridge: Bridge, wires: Mapping[Sleeve, Sleeve]) -> Bridge:
    """Return the bridge in which each of these wires is where another one belongs."""

    def moved(wire: Sleeve) -> Sleeve:
        return wires.get(wire, wire)

    return replace(
        bridge,
        terminals={name: tuple(map(moved, ends)) for name, ends in bridge.terminals.items()},
        links=tuple((moved(one), moved(other)) for one, other in bridge.links),
    )


def turned(bridge: Bridge, one: str, other: str) -> Bridge:
    """Return the bridge with two terminals of the converter's board exchanged."""
    names = {one: other, other: one}
    return replace(
        bridge,
        terminals={names.get(name, name): ends for name, ends in bridge.terminals.items()},
        resistors=tuple((names.get(a, a), names.get(b, b)) for a, b in bridge.resistors),
    )


def _nodes(bridge: Bridge) -> dict[Sleeve, str]:
    ends = {wire: name for name, wires in bridge.terminals.items() for wire in wires}
    ends |= {wire: f"link {nth}" for nth, link in enumerate(bridge.links) for wire in link}
    return ends


def resistance(halves: Net, one: str, other: str) -> float:
    """Return the resistance between two nodes in ohm."""
    volts = _solve(halves, fixed={other: 0.0}, currents={one: 1.0})
    return volts[one]


def signal(halves: Net) -> float:
    """Return the voltage from A- to A+ as a share of the supply from E- to E+."""
    volts = _solve(halves, fixed={"E+": 1.0, f"E{MINUS}": 0.0}, currents={})
    return volts["A+"] - volts[f"A{MINUS}"]


def _solve(
    halves: Net, fixed: Mapping[str, float], currents: Mapping[str, float]
) -> dict[str, float]:
    """Return the voltage of each node, by Gauss's elimination of Kirchhoff's equations."""
    free = sorted({node for one, other, _ in halves for node in (one, other)} - fixed.keys())
    place = {node: nth for nth, node in enumerate(free)}
    rows = [[0.0] * len(free) + [currents.get(node, 0.0)] for node in free]
    for one, other, ohms in halves:
        for node, beyond in ((one, other), (other, one)):
            if node == beyond or node not in place:
                continue
            row = rows[place[node]]
            row[place[node]] += 1 / ohms
            if beyond in place:
                row[place[beyond]] -= 1 / ohms
            else:
                row[-1] += fixed[beyond] / ohms
    # Kirchhoff's matrix needs no pivoting: its diagonal is the largest of each row.
    floating = {nth for nth in range(len(free)) if not _eliminate(rows, nth)}
    found = {
        node: 0.0 if nth in floating else rows[nth][-1] / rows[nth][nth]
        for node, nth in place.items()
    }
    return found | dict(fixed)


def _eliminate(rows: list[list[float]], nth: int) -> bool:
    """Remove a voltage from all other equations; return False for a node without a connection."""
    if abs(rows[nth][nth]) < NO_CONNECTION:
        return False
    for other, row in enumerate(rows):
        if other != nth:
            factor = row[nth] / rows[nth][nth]
            rows[other] = [a - factor * b for a, b in zip(row, rows[nth], strict=True)]
    return True
