"""Picture of the chair with the default settings."""

from wiring import parts, plan
from wiring.board import PAINTS, Point, Strip, run
from wiring.pictures import begin
from wiring.plan import Plan
from wiring.svg import Picture


def default_chair() -> Picture:
    """Draw a mat and a buzzer module on one header."""
    mat, buzzer = plan.mat(), plan.buzzer_module()
    wiring = Plan("chair", "", (*mat.wires, *buzzer.wires))
    notes = ["All that the default settings need: five wires."]
    strip = Strip(left=140, leftward=frozenset(wire.pin.number for wire in mat.wires))
    words = "The mat lies at the left of the header, the buzzer module at its right."
    picture, at = begin(wiring, "Mat and buzzer module", words, notes, strip)
    _mat(picture, mat, at)
    _buzzer(picture, buzzer, at)
    return picture


def _mat(picture: Picture, mat: Plan, at: dict[str, Point]) -> None:
    parts.mat_pad(picture, (12, 300), (116, 110))
    for wire, x in zip(mat.in_order, (28.0, 44.0), strict=True):
        start = at[wire.terminal]
        run(picture, [start, (x, start[1]), (x, 300)], PAINTS[wire.role].wire)
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
