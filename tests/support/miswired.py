"""Seats on half-bridge cells with wires exchanged, and what ``unsit calibrate`` says of each.

Every seat is calibrated by the terminal session itself, on simulated cells, in virtual time. The
tables of the build guide and the tests come from the same outcomes.
"""

import io
import random
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, product

from support.circuit import cells, exchanged, net, resistance, signal, turned, wires
from unsit.assembly.recording import CellReader
from unsit.cli.calibrate import Session
from unsit.core.weighing.balance import POSITIONS
from unsit.core.weighing.calibration import CORNERS, Calibration, CalibrationRefused, nominal
from unsit.errors import UnavailableError
from unsit.runtime.clock import VirtualClock, World
from unsit_firmware.simulation.cells import SimulatedCells
from wiring.bridge import FOUR, MINUS, ONE, TWO, Bridge, Sleeve

TERMINALS = ("E+", f"E{MINUS}", "A+", f"A{MINUS}")

STRAIN_PER_KG = -0.001 / 50
"""Relative change of a half for each kg on a cell of 50 kg and 1 mV/V. The white half shrinks, so
that the pictured wiring reads positive."""

COUNTS = 2**23 * 256
"""Counts for a signal of the whole supply at gain 128."""

IMBALANCE = 0.0005
"""Standard deviation of a half's resistance at no load."""

KNOWN_KG, PERSON_KG = 20.0, 75.0

TOWARDS_CORNER = 0.6
"""Place of the weight in the corner test on the way from the middle (0) to the cell (1)."""

START = datetime(2026, 1, 5, 9, tzinfo=UTC)

Point = tuple[float, float]


@dataclass(frozen=True)
class Seat:
    """Seat on half bridges.

    title: in the table. names: of the converters, as in ``load_cell.cells``. bridges: the bridge of
    each converter. places: position of each half bridge, by converter and number. read_by: the
    converter that reads each bridge, if they are exchanged. is_whole: a bought cell, in which no
    wires but the four of the bridge can be exchanged.
    """

    title: str
    names: tuple[str, ...]
    bridges: tuple[Bridge, ...]
    places: tuple[Mapping[int, str], ...]
    read_by: tuple[int, ...] = ()
    imbalance: Mapping[tuple[int, Sleeve], float] = field(default_factory=dict)
    is_whole: bool = False

    def loads(self, kg: float, point: Point) -> list[dict[int, float]]:
        """Return the load of each half bridge in kg for a weight at a point of a stiff plate."""
        everywhere = [place for each in self.places for place in each.values()]
        whole = sum(_nearness(place, point) for place in everywhere)
        return [
            {cell: kg * _nearness(place, point) / whole for cell, place in each.items()}
            for each in self.places
        ]

    def counts(self, kg: float, point: Point) -> list[float]:
        """Return the counts of each converter, without noise or limits."""
        found = []
        for nth, (bridge, loads) in enumerate(
            zip(self.bridges, self.loads(kg, point), strict=True)
        ):
            strains = {cell: load * STRAIN_PER_KG for cell, load in loads.items()}
            balance = {wire: by for (where, wire), by in self.imbalance.items() if where == nth}
            found.append(signal(net(bridge, strains, balance)) * COUNTS)
        order = self.read_by or range(len(found))
        return [found[nth] for nth in order]

    def with_bridge(self, nth: int, bridge: Bridge) -> "Seat":
        """Return the seat with another bridge at a converter."""
        bridges = (*self.bridges[:nth], bridge, *self.bridges[nth + 1 :])
        return replace(self, bridges=bridges)

    def with_imbalance(self, seed: int) -> "Seat":
        """Return the seat with halves that differ a little, as those of real cells do."""
        chance = random.Random(seed)
        halves = [
            (nth, wire)
            for nth, bridge in enumerate(self.bridges)
            for wire in wires(bridge)
            if wire[1] != "red"
        ]
        return replace(self, imbalance={half: chance.gauss(0, IMBALANCE) for half in halves})


def _nearness(place: str, point: Point) -> float:
    across, along = POSITIONS.get(place, (0.0, 0.0))
    return (1 + across * point[0]) * (1 + along * point[1])


RING = {1: "left_front", 2: "right_front", 3: "right_back", 4: "left_back"}
"""Places of the cells of a ring, in the order of its picture."""

SEATS = (
    Seat("four in a ring", ("seat",), (FOUR,), (RING,)),
    Seat("two in one bridge", ("seat",), (TWO,), ({1: "left", 2: "right"},)),
    Seat(
        "two bridges of two",
        ("left", "right"),
        (TWO, TWO),
        ({1: "left_front", 2: "left_back"}, {1: "right_front", 2: "right_back"}),
    ),
    Seat("one", ("seat",), (ONE,), ({1: "seat"},)),
    Seat("two, a converter each", ("left", "right"), (ONE, ONE), ({1: "left"}, {1: "right"})),
    Seat("four, a converter each", CORNERS, (ONE,) * 4, tuple({1: corner} for corner in CORNERS)),
    Seat("a full bridge", ("seat",), (FOUR,), (dict.fromkeys(RING, "seat"),), is_whole=True),
)


@dataclass(frozen=True)
class Exchange:
    """Seat with two wires exchanged.

    what: the two wires, without the number of the cell. wrong: places of the half bridges, or names
    of the converters, whose wires are exchanged; none for those of a single converter.
    """

    seat: Seat
    what: str
    wrong: tuple[str, ...] = ()


def exchanges_in_cells(seat: Seat) -> Iterator[Exchange]:
    """Yield the seat with each two wires of each half bridge exchanged."""
    for nth, bridge in enumerate(seat.bridges if not seat.is_whole else ()):
        for cell in cells(bridge):
            for one, other in (("white", "black"), ("red", "white"), ("red", "black")):
                pair = {(cell, one): (cell, other), (cell, other): (cell, one)}
                wrong = seat.with_bridge(nth, exchanged(bridge, pair))
                what = "white and black" if one == "white" else "red and another wire"
                yield Exchange(wrong, f"{what} of a cell", (seat.places[nth][cell],))


def exchanges_between_cells(seat: Seat) -> Iterator[Exchange]:
    """Yield the seat with each two wires of different half bridges of one bridge exchanged."""
    for nth, bridge in enumerate(seat.bridges):
        for one, other in combinations(wires(bridge), 2):
            if one[0] != other[0]:
                places = (seat.places[nth][one[0]], seat.places[nth][other[0]])
                wrong = seat.with_bridge(nth, exchanged(bridge, {one: other, other: one}))
                yield Exchange(wrong, "wires of two cells", places)


def exchanges_at_converters(seat: Seat) -> Iterator[Exchange]:
    """Yield the seat with each two wires of each converter, and each two converters, exchanged."""
    for nth, bridge in enumerate(seat.bridges):
        for one, other in combinations(TERMINALS, 2):
            same = one[0] == other[0]
            what = f"E+ and E{MINUS}, or A+ and A{MINUS}" if same else "an E and an A"
            wrong = seat.names[nth : nth + 1] if len(seat.names) > 1 else ()
            yield Exchange(seat.with_bridge(nth, turned(bridge, one, other)), what, wrong)
    for first, second in combinations(range(len(seat.names)), 2):
        order = list(range(len(seat.names)))
        order[first], order[second] = second, first
        names = (seat.names[first], seat.names[second])
        yield Exchange(replace(seat, read_by=tuple(order)), "two converters", names)


@dataclass(frozen=True)
class Outcome:
    """Result of a calibration by questions.

    calibration: None if it was refused. words: the refusal, or all output. saturated: the converter
    gave no readings at the end of its range.
    """

    calibration: Calibration | None
    words: str
    saturated: bool = False

    def posture_spread(self, seat: Seat) -> float:
        """Return the largest difference between the readings of a person over each corner.

        It is a share of their mean. No posture reads more or less than the corners.
        """
        assert self.calibration is not None
        readings = [
            sum(self.calibration.loads(seat.counts(PERSON_KG, POSITIONS[corner])))
            for corner in CORNERS
        ]
        return (max(readings) - min(readings)) * len(readings) / abs(sum(readings))


def calibrate(seat: Seat, *, towards_corner: float = TOWARDS_CORNER) -> Outcome:
    """Calibrate a seat by questions with the known weight where the questions ask for it."""
    clock = VirtualClock(START, _hours(), lambda: None)
    simulated = SimulatedCells(len(seat.names), lambda: clock.now().total_seconds(), pinned=0)

    def answer(question: str) -> str:
        point, kg, text = _asked(question, towards_corner)
        simulated.set_raw(seat.counts(kg, point))
        return text

    reader = CellReader(simulated.converters, clock, seat.names)
    session = Session(reader, seat.names, least=15.0, ask=answer)
    output = io.StringIO()
    try:
        with redirect_stdout(output):
            calibration = session.by_questions(nominal(len(seat.names)))
    except CalibrationRefused as error:
        return Outcome(None, str(error))
    except UnavailableError as error:
        return Outcome(None, str(error), saturated="saturated" in str(error))
    finally:
        reader.close()
    return Outcome(calibration, output.getvalue())


def _asked(question: str, towards_corner: float) -> tuple[Point, float, str]:
    """Return where the question wants the weight, its kg, and the answer."""
    for corner in CORNERS:
        if f"{corner.replace('_', ' ')} corner" in question:
            return _towards(corner, towards_corner), KNOWN_KG, ""
    if "a known weight in the middle" in question:
        return (0, 0), KNOWN_KG, f"{KNOWN_KG:g}"
    return (0, 0), 0.0, ""


def _towards(corner: str, share: float) -> Point:
    across, along = POSITIONS[corner]
    return across * share, along * share


def _hours() -> World:
    for nth in range(10_000):
        yield timedelta(hours=nth), lambda: None


def named_in(words: str) -> set[str]:
    """Return the places that a refusal names as wrong."""
    accused = words.partition(" against ")[0]
    found = set()
    for place in sorted(POSITIONS, key=len, reverse=True):
        shown = place.replace("_", " ")
        if shown in accused:
            found.add(place)
            accused = accused.replace(shown, "")
    return found


def verdict_words(exchange: Exchange, outcome: Outcome) -> str:
    """Return the verdict on an exchange for the table."""
    if outcome.saturated:
        return "refused: `saturated`; the meter names the cell"
    if outcome.calibration is not None:
        spread = 100 * outcome.posture_spread(exchange.seat)
        return f"harmless: all postures read alike ({spread:.0f} %)"
    if exchange.what == "two converters":
        return "refused: the exchange is named"
    return "refused: the cell is named"


def exchanges_tables() -> str:
    """Return a table of all single exchanges for each seat, with like outcomes in one row."""
    tables = []
    for seat in SEATS:
        rows: dict[tuple[str, str, str, str], int] = {}
        for exchange in (*exchanges_in_cells(seat), *exchanges_at_converters(seat)):
            words = verdict_words(exchange, calibrate(exchange.seat))
            key = (exchange.what, *_readings(exchange), words)
            rows[key] = rows.get(key, 0) + 1
        lines = [
            f"| {seat.title} | middle | corners | `unsit calibrate` |",
            "|---|---:|---|---|",
        ]
        for (what, middle, corners, words), ways in rows.items():
            lines.append(f"| {what} ({ways}) | {middle} | {corners} | {words} |")
        tables.append("\n".join(lines))
    return "\n\n".join(tables)


def _readings(exchange: Exchange) -> tuple[str, str]:
    """Return the readings in the middle and at the corners, as shares of the weight."""
    seat = exchange.seat
    empty = seat.counts(0, (0, 0))
    if max(map(abs, empty)) >= 2**23:
        return "none", "none"
    right = next(one for one in SEATS if one.title == seat.title)
    unit = sum(right.counts(KNOWN_KG, (0, 0)))

    def share(point: Point) -> str:
        now = sum(a - b for a, b in zip(seat.counts(KNOWN_KG, point), empty, strict=True))
        return f"{100 * now / unit:.0f}".replace("-0", "0")

    corners = sorted((share(_towards(corner, TOWARDS_CORNER)) for corner in CORNERS), key=float)
    return f"{share((0, 0))} %", f"{', '.join(dict.fromkeys(corners))} %"


def meter_tables() -> str:
    """Return a table for each bridge of its resistances with a red wire exchanged, in kohm."""
    return "\n\n".join(_meter(name, bridge) for name, bridge in (("four", FOUR), ("two", TWO)))


def _meter(name: str, bridge: Bridge) -> str:
    rows: list[tuple[str, Bridge]] = [("nothing", bridge)]
    for cell in cells(bridge):
        for outer in ("white", "black"):
            pair: dict[Sleeve, Sleeve] = {
                (cell, "red"): (cell, outer),
                (cell, outer): (cell, "red"),
            }
            rows.append((f"red and {outer} of cell {cell}", exchanged(bridge, pair)))
    rows.append(("an E and an A at the board", turned(bridge, "E+", "A+")))
    supply, output = (f"{one} to {other}" for one, other in (TERMINALS[:2], TERMINALS[2:]))
    lines = [
        f"| {name} joined: exchanged | {supply} | {output} | largest E to A |",
        "|---|---:|---:|---|",
    ]
    for what, wrong in rows:
        halves = net(wrong, {})
        ohms = {
            (one, other): resistance(halves, one, other)
            for one, other in (TERMINALS[:2], TERMINALS[2:], *product(TERMINALS[:2], TERMINALS[2:]))
        }
        first, second, *mixed = ohms
        largest = [pair for pair in mixed if ohms[pair] > 0.99 * max(ohms[one] for one in mixed)]
        ends = " and ".join(f"{one} {other}" for one, other in largest)
        where = "all" if len(largest) == len(mixed) else ends
        shown = f"{ohms[largest[0]] / 1000:.2f}: {where}"
        row = (f"{ohms[first] / 1000:.2f}", f"{ohms[second] / 1000:.2f}", shown)
        lines.append(f"| {what} | {' | '.join(row)} |")
    return "\n".join(lines)
