"""Wire list of each build: every wire with its ends, colour and length."""

from dataclasses import dataclass

from wiring import circuit, plan
from wiring.bridge import FOUR
from wiring.circuit import HEADER
from wiring.plan import Plan, Role

JUMPER_CM, CABLE_CM = 20, 100
"""Length of the jumper wires, and of the cable from the seat to the box under it."""

COLOURS = {
    Role.FIVE_VOLTS: "red",
    Role.THREE_VOLTS: "orange",
    Role.GROUND: "black",
    Role.SIGNAL: "blue",
    Role.CLOCK: "green",
}
"""Colours of the wires in the pictures."""


@dataclass(frozen=True)
class Lead:
    """Wire of a build, between two terminals of its circuit.

    wire: reference of the parts list, ``joint`` for two legs that are soldered together, or
    ``own`` for a wire that its part brings. centimetres: length, 0 for a joint or a wire that
    the part brings.
    """

    start: str
    end: str
    wire: str
    colour: str = ""
    centimetres: int = 0


def leads(build: str) -> list[Lead]:
    """Return the wires of a build, a name of its parts list."""
    chair = dict(circuit.builds())[build]
    wirings = (plan.mat() if build == "mat" else plan.nau7802(), plan.buzzer_module())
    found = [lead for wiring in wirings for lead in _jumpers(wiring)]
    if build == "mat":
        found.append(Lead("R5.1", "C1.1", "joint"))
        for start, end, colour in (("R5.2", "S1.1", "blue"), ("C1.2", "S1.2", "black")):
            found.append(Lead(start, end, "W1", colour, CABLE_CM))
        return found
    if build == "single-cell":
        for net in FOUR.terminals:
            platform, board = sorted(chair.nets[net])
            found.append(Lead(board, platform, "own", platform.partition(".")[2]))
        return found
    for net, [(cell, _)] in FOUR.terminals.items():
        found.append(Lead(f"U1.{net}", f"LC2-{cell}.red", "W3", "any", CABLE_CM))
    for (a, colour), (b, other) in FOUR.links:
        found.append(Lead(f"LC2-{a}.{colour}", f"LC2-{b}.{other}", "joint"))
    return found


def _jumpers(wiring: Plan) -> list[Lead]:
    """Return the jumper wires of a plan, each to the first part on its wire."""
    behind = circuit.inside(wiring).wires
    return [
        Lead(
            f"{HEADER}.{wire.pin.number}",
            behind[wire.terminal][0],
            "W2",
            COLOURS[wire.role],
            JUMPER_CM,
        )
        for wire in wiring.in_order
    ]
