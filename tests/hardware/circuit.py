"""A bridge of half-bridge cells as a net of resistors, and what a meter and a converter see."""

from collections.abc import Mapping

from wiring.bridge import Bridge, Sleeve

HALF = 1000.0
"""Ohm of one half of a cell of a body scale."""

Net = list[tuple[str, str, float]]


def net(bridge: Bridge, loads: Mapping[int, float]) -> Net:
    """The halves of every cell between the nodes that they join.

    loads: by cell, the share by which its white half grows and its black half shrinks.
    """
    node = _nodes(bridge)
    cells = sorted({cell for cell, _ in node})
    return [
        (node[cell, "red"], node[cell, side], HALF * (1 + sign * loads.get(cell, 0.0)))
        for cell in cells
        for side, sign in (("white", 1), ("black", -1))
    ]


def _nodes(bridge: Bridge) -> dict[Sleeve, str]:
    ends = {wire: name for name, wires in bridge.terminals.items() for wire in wires}
    ends |= {wire: f"link {nth}" for nth, link in enumerate(bridge.links) for wire in link}
    return ends


def resistance(halves: Net, one: str, other: str) -> float:
    """What a meter reads between two nodes, in ohm."""
    volts = _solve(halves, fixed={other: 0.0}, currents={one: 1.0})
    return volts[one]


def signal(halves: Net) -> float:
    """A+ against A-, as a share of the supply between E+ and E-."""
    plus, minus = "A+", "A\N{MINUS SIGN}"
    volts = _solve(halves, fixed={"E+": 1.0, "E\N{MINUS SIGN}": 0.0}, currents={})
    return volts[plus] - volts[minus]


def _solve(halves: Net, fixed: dict[str, float], currents: dict[str, float]) -> dict[str, float]:
    """The voltage of each node, by relaxation: each settles between its neighbours."""
    volts = dict.fromkeys({node for one, other, _ in halves for node in (one, other)}, 0.0) | fixed
    for _ in range(2000):
        for node in volts.keys() - fixed.keys():
            flows = [(volts[b if a == node else a], 1 / r) for a, b, r in halves if node in (a, b)]
            pull = sum(volt * share for volt, share in flows) + currents.get(node, 0.0)
            volts[node] = pull / sum(share for _, share in flows)
    return volts
