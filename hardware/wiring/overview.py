"""Picture of the chair with the default settings."""

from wiring import parts, plan
from wiring.board import PAINTS, Point, Strip, joint, run
from wiring.pictures import begin
from wiring.plan import Plan, Role
from wiring.svg import Picture


def default_chair() -> Picture:
    """Draw a mat and a buzzer module on one header."""
    mat, buzzer = plan.mat(), plan.buzzer_module()
    wiring = Plan("chair", "", (*mat.wires, *buzzer.wires))
    notes = [
        "All that the default settings need: five wires,",
        "and R5 and C1 against static electricity.",
    ]
    strip = Strip(left=140, leftward=frozenset(wire.pin.number for wire in mat.wires))
    words = (
        "The mat lies at the left of the header, with R5 between it and its pin, and C1 from the "
        "pin to ground; the buzzer module lies at the right."
    )
    picture, at = begin(wiring, "Mat and buzzer module", words, notes, strip)
    _mat(picture, mat, at)
    _buzzer(picture, buzzer, at)
    return picture


def _mat(picture: Picture, mat: Plan, at: dict[str, Point]) -> None:
    ground, signal = at["C1 and other wire"], at["C1 and R5"]
    blue, black = PAINTS[Role.SIGNAL].wire, PAINTS[Role.GROUND].wire
    parts.mat_pad(picture, (12, 300), (116, 110))
    left, right = parts.capacitor(picture, (38, 222))
    run(picture, [ground, (22, ground[1]), (22, 300)], black)
    run(picture, [(22, 222), left], black)
    run(picture, [signal, (54, signal[1]), (54, 240)], blue)
    run(picture, [right, (54, 222)], blue)
    parts.resistor(picture, (54, 260), upright=True)
    run(picture, [(54, 280), (54, 300)], blue)
    joint(picture, (22, 222))
    joint(picture, (54, 222), blue)
    picture.text(64, 226, "C1", "b")
    picture.text(88, 226, "100 nF")
    picture.text(68, 264, "R5", "b")
    picture.text(92, 264, "1 k\N{GREEK CAPITAL LETTER OMEGA}")
    picture.text(70, 432, "mat", "b c")
    picture.text(70, 449, "either way round", "c note")


def _buzzer(picture: Picture, buzzer: Plan, at: dict[str, Point]) -> None:
    parts.circuit_board(picture, (236, 300), (114, 110))
    parts.buzzer(picture, (293, 376), 27)
    picture.text(293, 432, "buzzer module", "b c")
    ways = ((338.0, 270.0, 338.0), (324.0, 270.0, 293.0), (310.0, 250.0, 254.0))
    for wire, (out, turn, x) in zip(buzzer.in_order, ways, strict=True):
        start = at[wire.terminal]
        bends = [(out, start[1]), (out, turn), (x, turn)]
        run(picture, [start, *bends, (x, 316)], PAINTS[wire.role].wire)
        parts.terminal(picture, (x, 316))
        picture.text(x, 338, wire.terminal.split(" or ")[0], "b c")
