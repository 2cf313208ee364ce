"""Pictures of the buzzers."""

from wiring import parts, plan
from wiring.board import PAINTS, Point, joint, run
from wiring.pictures import BLACK, BLUE, begin
from wiring.plan import Role
from wiring.svg import Picture

OHM = "\N{GREEK CAPITAL LETTER OMEGA}"
MINUS = "\N{MINUS SIGN}"
RED = PAINTS[Role.FIVE_VOLTS].wire


def module() -> Picture:
    """Draw a buzzer module with its own transistor."""
    notes = [
        "Names on boards differ: + is also VCC, S is also",
        f"I/O or SIG, {MINUS} is also GND.",
    ]
    wiring = plan.buzzer_module()
    words = "The board is an active buzzer with a transistor of its own."
    picture, at = begin(wiring, "Buzzer module", words, notes)
    parts.circuit_board(picture, (206, 136), (142, 108))
    parts.buzzer(picture, (302, 190), 34)
    picture.text(277, 126, "buzzer module", "b c")
    for wire, y in zip(wiring.in_order, (162, 192, 214), strict=True):
        end = (218, y)
        start = at[wire.terminal]
        bend = [] if start[1] == y else [(190.0, start[1]), (190.0, float(y))]
        run(picture, [start, *bend, end], PAINTS[wire.role].wire)
        parts.terminal(picture, end, wire.terminal.split(" or ")[0])
    return picture


def transistor() -> Picture:
    """Draw a bare 5 V buzzer behind an NPN transistor."""
    notes = [
        "D1 only for a magnetic buzzer, or if you cannot",
        "tell; its stripe towards +. R2 keeps the buzzer",
        "silent while nothing drives the pin.",
    ]
    words = (
        "The pin drives the base of the NPN transistor Q1 through R1, 1 kilo-ohm; R2, 10 kilo-ohm, "
        "goes from base to emitter. The emitter goes to ground, the collector to the minus of the "
        "buzzer, the plus of the buzzer to 5 V. The diode D1 lies across a magnetic buzzer, its "
        "stripe at the plus. Legs, flat face to you: 2N3904 and PN2222A emitter, base, collector; "
        "BC547 collector, base, emitter."
    )
    wiring = plan.buzzer_transistor()
    picture, at = begin(wiring, "Bare 5 V buzzer", words, notes)
    _load(picture, at["buzzer +"])
    _switch(picture, at["R1, base"], at["emitter"])
    _legs(picture)
    return picture


def _load(picture: Picture, supply: Point) -> None:
    run(picture, [supply, (292, supply[1]), (292, 110)], RED)
    run(picture, [(236, supply[1]), (236, 132)], RED)
    run(picture, [(292, 170), (292, 276)], BLUE)
    run(picture, [(236, 148), (236, 210), (292, 210)], BLUE)
    parts.diode(picture, (236, 140))
    parts.buzzer(picture, (292, 140), 30)
    joint(picture, (236, supply[1]), RED)
    joint(picture, (292, 210), BLUE)
    picture.text(304, 106, "+", "b")
    picture.text(304, 186, MINUS, "b")
    picture.text(326, 145, "BZ2", "b")
    picture.text(221, 137, "D1", "b e")
    picture.text(221, 154, "1N4148", "e")


def _switch(picture: Picture, signal: Point, ground: Point) -> None:
    base, _, emitter = parts.npn(picture, (284, 300))
    run(picture, [signal, (200, signal[1]), (200, 300), (206, 300)], BLUE)
    run(picture, [(244, 300), base], BLUE)
    run(picture, [(252, 300), (252, 327)], BLUE)
    run(picture, [ground, (182, ground[1]), (182, 384), (emitter[0], 384), emitter], BLACK)
    run(picture, [(252, 363), (252, 384)], BLACK)
    parts.resistor(picture, (225, 300))
    parts.resistor(picture, (252, 346), upright=True)
    joint(picture, (252, 300), BLUE)
    joint(picture, (252, 384))
    picture.text(225, 270, "R1", "b c")
    picture.text(225, 287, f"1 k{OHM}", "c")
    picture.text(238, 342, "R2", "b e")
    picture.text(238, 359, f"10 k{OHM}", "e")
    picture.text(314, 305, "Q1", "b")


def _legs(picture: Picture) -> None:
    picture.text(264, 413, "legs, flat face to you", "c note")
    parts.to92(picture, (222, 440), "EBC")
    parts.to92(picture, (312, 440), "CBE")
    picture.text(222, 502, "2N3904", "c")
    picture.text(222, 519, "PN2222A", "c")
    picture.text(312, 502, "BC547", "c")


def piezo() -> Picture:
    """Draw a passive piezo disc."""
    notes = ["buzzer.kind = passive. Piezo only: a small", "loudspeaker draws too much for a pin."]
    words = "R3, 330 ohm, lies between the pin and the middle of the disc; its rim goes to ground."
    picture, at = begin(plan.buzzer_piezo(), "Passive piezo disc", words, notes)
    start, end = at["R3, disc"], at["disc"]
    parts.piezo(picture, (292, 262))
    run(picture, [start, (204, start[1])], BLUE)
    parts.resistor(picture, (224, start[1]))
    run(picture, [(244, start[1]), (292, start[1]), (292, 246)], BLUE)
    run(picture, [end, (186, end[1]), (186, 326), (292, 326), (292, 300)], BLACK)
    picture.text(224, start[1] - 31, "R3", "b c")
    picture.text(224, start[1] - 14, f"330 {OHM}", "c")
    picture.text(292, 350, "piezo disc", "b c")
    return picture
