"""Weights that plates, cells and feet bear, computed from ``sizes.scad``.

All functions return kilograms of a person, or millimetres. A person on the edge has the middle of
the weight ``EDGE`` behind the front edge of the plate and ``LEAN`` to one side; all of the weight
counts, though the legs carry some of it. A person who sits down hard counts ``SUDDEN`` times.
"""

import math

from holder.sizes import number, numbers

GRAVITY = 9.81
"""Newtons for a kilogram."""

SUDDEN = 2.0
"""Force of a weight that is laid on at once, without a fall, in weights (energy of a spring)."""

EDGE, LEAN = 100.0, 40.0
"""Middle of the weight on the edge: behind the front edge, and to one side, in mm (assumed)."""

PATCH = 300.0
"""Side of the area through which a cushion passes the weight on, in mm (assumed)."""

PLYWOOD_STRENGTH = 33.0 * 0.7 / 1.2
"""Bending strength of birch plywood in N/mm2: 33 across the face grain, the weaker way (Handbook
of Finnish Plywood, rounded down), for long loads indoors (0.7) and with the safety factor of
plywood (1.2), both of EN 1995-1-1."""

PLYWOOD_STIFFNESS = 7000.0
"""Modulus of elasticity in N/mm2, across the face grain (the same handbook, rounded down)."""

EDGE_MOMENT = 0.1527 / 0.125
"""Bending of a square plate on its corners at the middle of an edge, in that of a beam
(Timoshenko and Woinowsky-Krieger, Theory of Plates and Shells)."""

PETG_STRENGTH = 45.0 / 2
"""Pressure that printed PETG bears in N/mm2: half its yield strength (makers' sheets)."""

CHAIR = 110.0
"""Weight of a person for which an office chair is tested (EN 1335-2)."""


def share_on_edge(side: float) -> float:
    """Return the share of the weight of a person on the edge on the nearest of four cells.

    side: of the plate.
    """
    span = side - 2 * number("cell_inset")
    forward = side / 2 - EDGE
    return (0.5 + forward / span) * (0.5 + LEAN / span)


def weighed_on_edge(side: float) -> float:
    """Return the weight of a person on the edge up to which no stop is touched."""
    return number("cell_rated") / share_on_edge(side)


def held_by_feet(side: float) -> float:
    """Return the weight of a person who may sit down hard on the edge, by the stop in a foot.

    The cell carries its rated load; its stop presses the rest on the floor of the foot.
    """
    across, hole = numbers("m6_lock_nut")[0], number("m6") + 0.6
    area = across**2 * math.sqrt(3) / 2 - math.pi / 4 * hole**2
    stop = PETG_STRENGTH * area / GRAVITY
    return (number("cell_rated") + stop) / share_on_edge(side) / SUDDEN


def held_by_plate(side: float, thick: float) -> float:
    """Return the weight of a person who may sit down hard in the middle, by the upper plate.

    The plate lies on four cells.
    """
    span = side - 2 * number("cell_inset")
    lever = span / 4 - PATCH / 8
    return _weight(side * thick**2 / 6, EDGE_MOMENT * lever)


def held_by_plate_on_one_cell(side: float, thick: float) -> float:
    """Return the weight of a person who may sit down hard on the edge, by the plate on one cell.

    The plate bends at the edge of the spacer. The width that bears is that of the spacer and, at
    each side, as much as the lever is long (45 degrees).
    """
    spacer = numbers("platform_spacer")[1]
    lever = side / 2 - EDGE - spacer / 2
    width = min(side, spacer + 2 * lever)
    return _weight(width * thick**2 / 6, lever)


def _weight(section: float, lever: float) -> float:
    """Return the weight for a section modulus in mm3 and a lever in mm."""
    return PLYWOOD_STRENGTH * section / (lever * GRAVITY * SUDDEN)


def held_by_one_cell() -> float:
    """Return the weight of a person who may sit down hard, by the rated load of the single cell."""
    return number("platform_rated") / SUDDEN


def bending_at_corner(side: float, thick: float, weight: float) -> float:
    """Return by how much the upper plate on one cell goes down above a corner stop.

    The weight lies in the middle. Only the plate bends; the travel of the cell is not in it.
    """
    arm = PATCH / 2 - numbers("platform_spacer")[1] / 2
    stiff = PLYWOOD_STIFFNESS * side * thick**3 / 12
    line = weight * GRAVITY / PATCH
    beyond = math.sqrt(2) * (side / 2 - number("corner_inset")) - PATCH / 2
    return line * arm**4 / (8 * stiff) + line * arm**3 / (6 * stiff) * beyond


def cell_travel(beam: float) -> float:
    """Return how far a half-bridge cell is bent by its rated load, which no maker says.

    beam: free length of the part that bends. Both ends of it stay parallel; its strain follows from
    the output of the cell, with two gauges of factor 2 in a bridge of four.
    """
    strain = number("cell_output") / 1000
    return strain * beam**2 / (3 * numbers("cell_frame")[0])


def limit(side: float) -> float:
    """Return the weight of a person for two plates on four cells, at most that of a chair."""
    thick = number("plate_thick")
    return min(held_by_feet(side), held_by_plate(side, thick), CHAIR)


def limit_on_one_cell(side: float) -> float:
    """Return the weight of a person for two plates on one cell, at most that of a chair."""
    thick = number("plate_thick")
    return min(held_by_one_cell(), held_by_plate_on_one_cell(side, thick), CHAIR)
