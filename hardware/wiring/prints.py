"""Pictures of the printed parts and of the steps in which each build is put together."""

from collections.abc import Sequence

from holder import assembly, drawing
from holder.__main__ import path
from holder.assembly import Placed
from holder.drawing import View
from holder.sizes import number, numbers
from holder.slices import outlines, turned_up
from holder.solid import Solid, read
from wiring.board import INK, Point
from wiring.mounting import Mark, draw_marks, draw_pointer, numbered
from wiring.svg import WIDTH, Picture

FLOOR, WALL, HIGH = "#cfe0d8", "#5f9a82", "#2f6f56"

MARGIN = 44
"""Room for the marks at the right of an exploded view, in units."""

TOP = 46


def assemble_holder() -> Picture:
    """Draw the tray for a Pi Zero with all that goes into it."""
    return _exploded(
        "Holder, step by step",
        assembly.holder("zero"),
        [
            "tray, on its back on the table",
            "Pi, its header towards the open half",
            "four screws M2.5 x 8",
            "buzzer module, its sound towards you",
            "converter board (cells only)",
            "ties around each board and its block",
            "ties around the cables, behind both mouths",
            "cover, its round holes above the buzzer",
            "four screws M2.5 x 8",
            "under the seat: four wood screws 4 x 12",
        ],
        460,
    )


def assemble_mat() -> Picture:
    """Draw a seat with a mat, from the side of the pan to the cushion."""
    return _exploded(
        "Mat, step by step",
        assembly.mat(),
        [
            "seat pan",
            "mat, its middle behind the middle of the seat",
            "cushion",
            "holder, under the pan at the side",
            "power bank, strapped (or 5 V from the wall)",
        ],
        400,
    )


def assemble_foot() -> Picture:
    """Draw a foot with its cell and stop, and the cup that lies above it."""
    return _exploded(
        "One of four feet, step by step",
        assembly.foot(),
        [
            "foot, its opening towards the middle",
            "lock nut M6, pressed in",
            "set screw M6 x 10, from below: the stop",
            "cell, its wires in the opening",
            "two wood screws 4 x 16, into the lower plate",
            "cup with steel disc, on the upper plate",
        ],
        470,
    )


def assemble_four_cells() -> Picture:
    """Draw two plates with four cells."""
    return _exploded(
        "Four cells, step by step",
        assembly.four_cells(),
        [
            "lower plate, drilled",
            "four feet with nut, stop and cell",
            "four bolts M5 x 50 with washers, from below",
            "a nut on each: the bolts stand firm",
            "four cups with discs, on the upper plate",
            "upper plate, its holes over the bolts",
            "washer and lock nut: 2 mm of play",
            "strap the lower plate, then fix the cushion",
        ],
        430,
    )


def assemble_one_cell() -> Picture:
    """Draw two plates with a platform cell and its corner stops."""
    return _exploded(
        "One cell, step by step",
        assembly.one_cell(),
        [
            "lower plate, drilled",
            "spacer, below the end with the cable",
            "cell, two bolts M8 x 30 from below",
            "four T-nuts M8, driven in from below",
            "four bolts M8 x 60 with a nut: corner stops",
            "spacer, on the other end",
            "upper plate, two bolts M8 x 30 from above",
            "strap the lower plate, then fix the cushion",
        ],
        400,
    )


def _exploded(title: str, parts: Sequence[Placed], meanings: Sequence[str], tall: float) -> Picture:
    """Draw parts drawn apart, with a mark for each step.

    meanings: of the steps, in their order. tall: greatest height of the drawing in units.
    """
    solids = [part.solid(apart=1) for part in parts]
    left, right, top, bottom = View(1).bounds(solids)
    scale = min((WIDTH - MARGIN - 22) / (right - left), tall / (bottom - top))
    view = View(
        scale,
        10 + (WIDTH - MARGIN - 22 - scale * (right - left)) / 2 - scale * left,
        TOP - scale * top,
    )
    height = scale * (bottom - top)
    anchors = [_anchor(view, parts, solids, nth) for nth, _ in enumerate(meanings, start=1)]
    marks: list[Mark] = list(zip(_spread(anchors, TOP + height), meanings, strict=True))
    picture = numbered(title, marks, TOP + height + 24)
    coloured = [(solid, part.paint) for part, solid in zip(parts, solids, strict=True)]
    picture.begin(fill_rule="evenodd", stroke_width=0.5, stroke_linejoin="round")
    for shape in drawing.draw(coloured, view):
        picture.shape("path", d=shape.line, fill=shape.fill, stroke=shape.stroke)
    picture.end()
    for (at, _), anchor in zip(marks, anchors, strict=True):
        draw_pointer(picture, at, anchor)
    draw_marks(picture, marks)
    return picture


def _anchor(view: View, parts: Sequence[Placed], solids: Sequence[Solid], step: int) -> Point:
    """Return the rightmost corner of the parts of a step, or the lowest if all come from below."""
    own = [(part, solid) for part, solid in zip(parts, solids, strict=True) if part.step == step]
    spots = [view.spot(point) for _, solid in own for corner in solid.triangles for point in corner]
    if len(own) > 2 and all(part.way < 0 for part, _ in own):
        x, y = max(spots, key=lambda spot: spot[1])
        return (x, y - 1)
    x, y = max(spots)
    return (x - 1, y)


def _spread(anchors: Sequence[Point], bottom: float) -> list[Point]:
    """Return places for marks at the right, each as high as its anchor if there is room."""
    order = sorted(range(len(anchors)), key=lambda nth: anchors[nth][1])
    places = [0.0] * len(anchors)
    last = TOP - 24.0
    for nth in order:
        last = places[nth] = max(anchors[nth][1], last + 24)
    last = bottom + 34
    for nth in reversed(order):
        last = places[nth] = min(places[nth], last - 24)
    return [(WIDTH - 18.0, y) for y in places]


def tray() -> Picture:
    """Draw the tray for a Pi Zero from above, without its boards."""
    scale, corner = 3.0, (26, 62)
    wall, gap, floor = number("wall"), number("gap"), number("floor")
    board = numbers("zero_board")
    bay = wall + 2 * gap + board[1]
    places = bay + number("aisle") + number("place_long") / 2
    ear = number("ear")
    depth = bay + number("bay") + wall
    width = board[0] + 2 * gap + 2 * wall

    def spot(x: float, y: float) -> Point:
        return (corner[0] + scale * (x + ear), corner[1] + scale * (depth - y))

    marks: list[Mark] = [
        (spot(wall + gap + board[0] / 2, wall + gap + board[1] / 2), "the Pi on its four posts"),
        (
            spot(wall + number("buzzer_place") + 12, places),
            "block for the buzzer module, with tie tunnels",
        ),
        (spot(wall + number("converter_place") + 12, places), "block for the converter board"),
        (spot(width / 2, bay + number("aisle") / 2), "aisle for cables and jumper wires"),
        (
            spot(wall + number("relief_inset") + 9, bay + number("aisle") / 2),
            "block to tie a cable to, behind each mouth",
        ),
        (spot(-ear / 2, depth - number("ear_inset") - 8), "holes for wood screws into the pan"),
        (spot(-8, number("lug_inset")), "columns for the screws of the cover"),
        (spot(wall + gap + 47.7, -2), "windows for sockets and microSD card"),
    ]
    picture = numbered("Tray, from above", marks, corner[1] + scale * depth + 34)
    _slices(
        picture,
        read(path("tray-zero")),
        (corner[0] + scale * ear, corner[1] + scale * depth),
        scale,
        {
            floor - 0.5: FLOOR,
            floor + number("rest_high") - 0.5: WALL,
            floor + number("rim") - 1: HIGH,
        },
    )
    draw_marks(picture, marks)
    return picture


def foot() -> Picture:
    """Draw a foot with its cell, stop, disc and cup between the plates, cut through the middle."""
    scale, corner = 3.6, (180.0, 166.0)
    apart, thick = number("plates_apart"), 11.0
    lip = number("foot_lip")

    def spot(x: float, z: float) -> Point:
        return (corner[0] + scale * x, corner[1] - scale * z)

    marks: list[Mark] = [
        (spot(-38, apart + thick / 2), "upper plate"),
        (spot(-24, apart - 2), "cup: keeps the button within 1 mm"),
        (spot(24, apart - 1), "steel disc: spreads the load on the wood"),
        (spot(-34, lip + 5), "cell: its frame rests on the lip of the foot"),
        (spot(34, lip - 4), "foot, screwed to the lower plate"),
        (spot(-34, 5), "lock nut M6 in the foot"),
        (spot(7, -thick / 2), "set screw: the stop, turned from below"),
        (spot(-38, -thick / 2), "lower plate"),
    ]
    below = corner[1] + scale * thick + 30
    picture = numbered("Foot and cell, cut open", marks, below)
    hole = number("key_hole") / 2
    for left, right, start, end in (
        (-46, -hole, -thick, 0.0),
        (hole, 46, -thick, 0.0),
        (-46, 46, apart, apart + thick),
    ):
        (x, y), (far, low) = spot(left, end), spot(right, start)
        picture.shape(
            "rect", x=x, y=y, width=far - x, height=low - y, fill=assembly.WOOD, stroke=INK
        )
    for part in assembly.foot():
        if part.part != "wood-screw":
            _slices(picture, turned_up(part.solid()), corner, scale, {0.13: part.paint})
    for at, anchor in (
        (marks[1][0], spot(-14, apart - 2)),
        (marks[2][0], spot(8, apart - 1)),
        (marks[3][0], spot(-12, lip + 1)),
        (marks[4][0], spot(18, lip - 4)),
        (marks[5][0], spot(-4, 5)),
        (marks[6][0], spot(1, 0)),
    ):
        draw_pointer(picture, at, anchor)
    draw_marks(picture, marks)
    return picture


def _slices(
    picture: Picture, solid: Solid, origin: Point, scale: float, cuts: dict[float, str]
) -> None:
    """Draw a solid from above, as slices at the heights in ``cuts`` (mm) with their colours.

    origin: where the origin of the solid lies in the picture.
    """
    for height, colour in cuts.items():
        line = "".join(
            "M"
            + "L".join(f"{origin[0] + x * scale:.1f} {origin[1] - y * scale:.1f}" for x, y in loop)
            + "Z"
            for loop in sorted(outlines(solid, height))
        )
        if line:
            picture.shape(
                "path", d=line, fill=colour, fill_rule="evenodd", stroke=INK, stroke_width=0.8
            )
