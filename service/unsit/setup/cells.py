"""Questions about the seat: find its converters, try them, and find the side of each cell.

Only what answers is offered. Converters on buses and on the pins of the settings are read first;
the person then presses each corner of the seat, and the converter that reads most of it is there.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from statistics import fmean
from typing import Literal, cast

from unsit.assembly.cells import Converter, raw_of, saturated_words
from unsit.assembly.devices import PinError
from unsit.assembly.recording import CellReader
from unsit.checkup.machine import Machine
from unsit.checkup.pins import holder_of, is_undriven, pin_words
from unsit.core.instant import Instant
from unsit.core.weighing.balance import POSITIONS
from unsit.core.weighing.calibration import CORNERS, NOMINAL_COUNTS_PER_KG, readable
from unsit.core.weighing.faults import Missing, Raw, counts_of
from unsit.settings.load_cell import LoadCellSettings
from unsit.setup.questions import AGAIN, BY_HAND, LEAVE, Draft, SetupContext, find_mat

MAT, LOAD_CELL = "mat", "load_cell"

ConverterName = Literal["nau7802", "hx711_spi", "hx711", "iio"]

NAMES: dict[str, str] = {
    "nau7802": "NAU7802",
    "hx711_spi": "HX711",
    "hx711": "HX711",
    "iio": "converter of the kernel",
}
"""Converters, the recommended one first."""

FIRST_PAIR = "5:6"
"""Pins of the first HX711 in hardware/wiring.md."""

KEEP, NAME, OTHER = "keep", "name", "other"

ANSWERS_WITHIN = timedelta(seconds=3.2)
"""Time for a converter to start (1 s for each kind) and to give readings."""

READINGS_WANTED = 8

FELT_KG = 0.5
"""Least change by a hand on the seat, in kg on nominal cells."""

CLEAR_SHARE = 0.4
"""Least part of the larger coordinate at which a cell is at that side too."""

LEAST_OFF_MIDDLE = 0.15
"""Least distance of a cell from the middle, of 1, for its side to be clear."""


@dataclass
class Search:
    """Converters that answer, by kind, in the order of their places, and what was seen of all."""

    places: dict[str, list[str]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        """Kinds of converters that answer, the recommended one first."""
        return [kind for kind in NAMES if self.places.get(kind)]

    def add(self, kind: str, place: str, raws: Sequence[Raw]) -> None:
        """Note the readings of a converter."""
        counts = counts_of(raws)
        where = place_words(kind, place)
        if len(counts) >= READINGS_WANTED // 2:
            self.places.setdefault(kind, []).append(place)
            self.seen.append(f"{NAMES[kind]} at {where}: answers, {fmean(counts):.0f} counts")
        elif Missing.SATURATED in raws:
            self.places.setdefault(kind, []).append(place)
            self.seen.append(f"{NAMES[kind]} at {where}: answers at the end of its range")
        else:
            missing = [raw for raw in raws if isinstance(raw, Missing)]
            reason = missing[-1].value if missing else Missing.SILENT.value
            self.seen.append(f"{NAMES[kind]} at {where}: {reason}")


def place_words(kind: str, place: str) -> str:
    """Return the place of a converter in words."""
    match kind:
        case "nau7802":
            bus, _, number = place.partition(":")
            return f"I2C bus {bus}" + (f", input {number}" if number else "")
        case "hx711_spi":
            return f"SPI {place}"
        case "hx711":
            data, clock = map(int, place.split(":"))
            return f"{pin_words(data)} for data and {pin_words(clock)} for the clock"
    return f"IIO device {place}"


# Search


def find_converters(draft: Draft, context: SetupContext) -> Search:
    """Read every converter that may be on a bus, or on the pins of the settings."""
    found = Search()
    opened: dict[tuple[str, str], Converter] = {}
    with ExitStack() as stack:
        for kind, place in _candidates(draft, context, found):
            try:
                [converter] = context.bench.open(_single(draft, kind, place), context.pins)
            except PinError as error:
                found.seen.append(f"{NAMES[kind]} at {place_words(kind, place)}: {error}")
            else:
                opened[kind, place] = stack.enter_context(closing(converter))
        taken = take(_reader(list(opened.values()), context), len(opened))
    for (kind, place), raws in zip(opened, taken, strict=True):
        found.add(kind, place, raws)
    return found


def _candidates(draft: Draft, context: SetupContext, found: Search) -> Iterator[tuple[str, str]]:
    """Yield kind and place of each converter that may be there."""
    before = draft.cells()
    given = before.wired_at if draft.is_chosen("load_cell.converter") else ()
    inputs = {place.partition(":")[0]: place for place in given}
    for bus in _numbers(context.machine, "/dev/i2c-*"):
        place = inputs.get(bus, bus) if before.converter == "nau7802" else bus
        yield "nau7802", place
    # One SPI controller has one data wire, whatever its chip selects.
    controllers = {place.partition(".")[0]: place for place in given if "." in place}
    for place in _numbers(context.machine, "/dev/spidev*"):
        controllers.setdefault(place.partition(".")[0], place)
    yield from (("hx711_spi", place) for place in controllers.values())
    for number in _numbers(context.machine, "/sys/bus/iio/devices/iio:device*"):
        yield "iio", number
    pairs = given if before.converter == "hx711" else ()
    for pair in dict.fromkeys((*pairs, FIRST_PAIR)):
        if _is_driven(pair, draft, context):
            yield "hx711", pair
        elif pair in pairs:
            found.seen.append(f"{NAMES['hx711']} at {place_words('hx711', pair)}: nothing drives")


def _numbers(machine: Machine, pattern: str) -> list[str]:
    """Return what follows the name in the files of a pattern, such as ``0.1``, in order."""
    prefix = pattern.rpartition("/")[2].removesuffix("*")
    names = [file.name.removeprefix(prefix) for file in machine.root.glob(pattern.lstrip("/"))]
    numbered = [name for name in names if re.fullmatch(r"[0-9]+(\.[0-9]+)?", name)]
    return sorted(numbered, key=lambda name: [int(part) for part in name.split(".")])


def _is_driven(pair: str, draft: Draft, context: SetupContext) -> bool:
    """Return whether the data pin of a pair is free and something drives it.

    Only then are pulses put on the clock pin: something else may be wired to it.
    """
    data, clock = map(int, pair.split(":"))
    pins, taken = context.pins, draft.taken_pins(but="load_cell.at")
    if pins is None or {data, clock} & taken:
        return False
    if holder_of(data, pins) is not None or holder_of(clock, pins) is not None:
        return False
    with suppress(PinError):
        return not is_undriven("load_cell.at", data, pins)
    return False


def _single(draft: Draft, kind: str, place: str) -> LoadCellSettings:
    converter = cast("ConverterName", kind)
    return replace(draft.before.load_cell, converter=converter, at=place, cells="seat")


def _reader(converters: list[Converter], context: SetupContext) -> CellReader:
    return CellReader(converters, context.bench.clock())


def take(reader: CellReader, converters: int) -> list[list[Raw]]:
    """Return the readings of each converter until all gave eight, for 3.2 s at most."""
    taken: list[list[Raw]] = [[] for _ in range(converters)]
    begun = reader.loop.clock.now()

    def note(raws: Sequence[Raw], at: Instant) -> None:
        for readings, raw in zip(taken, raws, strict=True):
            readings.append(raw)
        enough = all(len(counts_of(readings)) >= READINGS_WANTED for readings in taken)
        if enough or at - begun >= ANSWERS_WITHIN:
            reader.loop.stop()

    if converters:
        reader.read(note)
        reader.loop.run()
    return taken


# Questions


def ask_seat(draft: Draft, context: SetupContext) -> None:
    """Ask for the kind of sensor, and find it."""
    context.prompts.say("Looking for converters of load cells ...")
    found = find_converters(draft, context)
    for line in found.seen:
        context.prompts.say(f"  {line}")
    if not found.seen:
        context.prompts.say("  none: no bus is switched on, and nothing drives the pins.")
    kind = draft.now("seat.kind")
    if not draft.is_chosen("seat.kind") and found.kinds:
        kind = LOAD_CELL
    kind = context.prompts.ask("What is under the cushion?", kind, (MAT, LOAD_CELL))
    if kind == LOAD_CELL:
        _ask_cells(found, draft, context)
    else:
        draft.answer(seat__kind=MAT)
        find_mat(draft, context)


def _ask_cells(found: Search, draft: Draft, context: SetupContext) -> None:
    """Ask which converters read the cells, and where each cell is."""
    while True:
        choice = _ask_kind(found, draft, context)
        if choice == LEAVE:
            draft.answer(seat__kind=LOAD_CELL)
            return
        if choice == MAT:
            draft.answer(seat__kind=MAT)
            find_mat(draft, context)
            return
        if choice == AGAIN:
            found = find_converters(draft, context)
            for line in found.seen:
                context.prompts.say(f"  {line}")
            continue
        places = found.places.get(choice, [])
        if choice == BY_HAND:
            choice, places = "hx711", _ask_pairs(draft, context)
        if places and _ask_sides(choice, places, draft, context):
            return


def _ask_kind(found: Search, draft: Draft, context: SetupContext) -> str:
    """Ask which of the converters that answer read the cells."""
    configured = draft.cells()
    is_chosen = draft.is_chosen("load_cell.converter")
    if is_chosen:
        lost = set(configured.wired_at) - set(found.places.get(configured.converter, ()))
        for place in sorted(lost):
            where = place_words(configured.converter, place)
            context.prompts.say(f"The {NAMES[configured.converter]} at {where} does not answer.")
    by_hand = () if context.pins is None else (BY_HAND,)
    if not found.kinds:
        context.prompts.say(
            "No converter answers. Check its supply and its wires, and that its bus is switched "
            "on: hardware/wiring.md has the line for each. An HX711 on two pins: answer pin."
        )
        return context.prompts.ask(
            "Look again, name the pins, choose a mat, or leave it?",
            AGAIN,
            (AGAIN, *by_hand, MAT, LEAVE),
        )
    default = found.kinds[0]
    if is_chosen and configured.converter in found.kinds:
        default = configured.converter
    question = "Which converter reads them? (pin: an HX711 on two pins)"
    return context.prompts.ask(question, default, (*found.kinds, *by_hand, AGAIN, LEAVE))


def _ask_pairs(draft: Draft, context: SetupContext) -> list[str]:
    """Ask for the pins of HX711s, one after the other, and keep those that answer."""
    pairs: list[str] = []
    taken = draft.taken_pins(but="load_cell.at")
    while True:
        used = taken | {int(pin) for pair in pairs for pin in pair.split(":")}
        data = context.ask_pin("The pin of its data wire (DOUT or DAT)", None, used)
        if data is None:
            return pairs
        clock = context.ask_pin("The pin of its clock (PD_SCK or CLK)", None, used | {data})
        if clock is None:
            return pairs
        found = Search()
        try:
            with _opened([_single(draft, "hx711", f"{data}:{clock}")], context) as converters:
                [raws] = take(_reader(converters, context), 1)
        except PinError as error:
            context.prompts.say(str(error))
            continue
        found.add("hx711", f"{data}:{clock}", raws)
        context.prompts.say(f"{found.seen[0]}.")
        pairs += found.places.get("hx711", [])
        if pairs and not context.prompts.confirm("Is there another one?", default=False):
            return pairs


# Sides


Change = Mapping[str, Sequence[float]]
"""Change of each converter in counts, by the corner that is pressed."""


def _ask_sides(kind: str, places: list[str], draft: Draft, context: SetupContext) -> bool:
    """Find the cell of each converter by pressing the seat; return False to choose again."""
    before = draft.cells()
    is_same = before.converter == kind and set(before.wired_at) == set(places)
    if is_same and draft.is_chosen("load_cell.converter") and len(places) > 1:
        sides = zip(before.names, before.wired_at, strict=True)
        words = ", ".join(f"{readable(name)} {place_words(kind, at)}" for name, at in sides)
        question = f"These are in the settings: {words}. Keep that, or find the sides again?"
        if context.prompts.ask(question, KEEP, (KEEP, AGAIN)) == KEEP:
            return True
    settings = [_single(draft, kind, place) for place in places]
    with _opened(settings, context) as converters:
        while True:
            names = _find_names(kind, places, converters, context)
            if names is not None:
                break
            choice = _ask_again(len(places), context)
            if choice == NAME:
                names = _ask_names(kind, places, context)
                break
            if choice != AGAIN:
                return False
    found = dict(zip(names, places, strict=True))
    ordered = {name: found[name] for name in ("seat", *POSITIONS) if name in found}
    draft.answer(
        seat__kind=LOAD_CELL,
        load_cell__converter=kind,
        load_cell__cells=",".join(ordered),
        load_cell__at=",".join(ordered.values()),
    )
    for name, place in ordered.items():
        where = "the whole seat" if len(names) == 1 else readable(name)
        context.prompts.say(f"The {NAMES[kind]} at {place_words(kind, place)} reads {where}.")
    return True


@contextmanager
def _opened(
    settings: Iterable[LoadCellSettings], context: SetupContext
) -> Iterator[list[Converter]]:
    """Open the converters of several settings for a ``with`` block."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(closing(converter))
            for one in settings
            for converter in context.bench.open(one, context.pins)
        ]


def _find_names(
    kind: str,
    places: list[str],
    converters: list[Converter],
    context: SetupContext,
) -> list[str] | None:
    """Let the person press the seat; return the name of each converter's cell, None if unclear."""
    reader = _reader(converters, context)
    shown = [place_words(kind, place) for place in places]
    context.prompts.wait("Leave the seat empty, with nothing on it", _look(shown, converters))
    empty = _means(reader, shown, context)
    if empty is None:
        return None
    look = _look(shown, converters, empty)
    corners: dict[str, list[float]] = {}
    for corner in CORNERS if len(places) > 1 else ("seat",):
        where = "middle" if corner == "seat" else f"{readable(corner)} corner"
        as_you_sit = ", left as you sit" if corner == CORNERS[0] else ""
        request = f"Press the {where} of the seat with your hand{as_you_sit}, and keep it pressed"
        context.prompts.wait(request, look)
        pressed = _means(reader, shown, context)
        if pressed is None:
            return None
        corners[corner] = [after - zero for after, zero in zip(pressed, empty, strict=True)]
        if max(map(abs, corners[corner])) < FELT_KG * NOMINAL_COUNTS_PER_KG:
            context.prompts.say(
                "The reading hardly changed: let the seat rest on the cells alone, and check their "
                "wires as in hardware/build.md."
            )
            return None
    if len(places) == 1:
        return ["seat"]
    names = sides_of(corners)
    if names is None:
        context.prompts.say("These readings do not tell where each cell is.")
    return names


def _look(
    shown: Sequence[str], converters: Sequence[Converter], empty: Sequence[float] | None = None
) -> Callable[[], str]:
    """Return a function that reads the converters and returns the readings in words.

    empty: counts of the empty seat; without them the counts are shown.
    """
    last: list[float | None] = [None] * len(shown)

    def look() -> str:
        for nth, converter in enumerate(converters):
            raw = raw_of(converter.read())
            if not isinstance(raw, Missing):
                last[nth] = raw
        if empty is None:
            each = (
                f"{where} {'-' if raw is None else f'{raw:.0f}'}"
                for where, raw in zip(shown, last, strict=True)
            )
            return f"counts: {', '.join(each)}"
        known = [zero if raw is None else raw for raw, zero in zip(last, empty, strict=True)]
        return _changes(shown, [raw - zero for raw, zero in zip(known, empty, strict=True)])

    return look


def _changes(shown: Sequence[str], changes: Sequence[float]) -> str:
    """Return changes in words; before the calibration a count has no weight."""
    each = (f"{where} {change:+.0f}" for where, change in zip(shown, changes, strict=True))
    return f"change in counts: {', '.join(each)}"


def _means(reader: CellReader, shown: Sequence[str], context: SetupContext) -> list[float] | None:
    """Return the mean counts of each converter; say which one gives none."""
    means = []
    for where, raws in zip(shown, take(reader, len(shown)), strict=True):
        counts = counts_of(raws)
        if counts:
            means.append(fmean(counts))
        elif Missing.SATURATED in raws:
            context.prompts.say(f"The converter is at its end: {saturated_words([where])}.")
        else:
            context.prompts.say(f"{where} gives no reading any more.")
    return means if len(means) == len(shown) else None


def sides_of(corners: Change) -> list[str] | None:
    """Return the name of each converter's cell, None if the corners do not tell.

    corners: see ``Change``. The signs do not matter: wires may be exchanged, which the calibration
    finds.
    """
    total: dict[str, list[float]] = {}
    for corner, changes in corners.items():
        whole = sum(map(abs, changes))
        total[corner] = [abs(change) / whole for change in changes]
    names = []
    for shares in zip(*total.values(), strict=True):
        weighted = list(zip(total, shares, strict=True))
        x = sum(POSITIONS[corner][0] * share for corner, share in weighted) / sum(shares)
        y = sum(POSITIONS[corner][1] * share for corner, share in weighted) / sum(shares)
        names.append(_name_at(x, y))
    known = [name for name in names if name is not None]
    return known if len(known) == len(names) == len(set(known)) else None


def _name_at(x: float, y: float) -> str | None:
    """Return the name of the cell whose readings have their centre at a point."""
    largest = max(abs(x), abs(y))
    if largest < LEAST_OFF_MIDDLE:
        return None
    across, along = (
        0 if abs(one) < CLEAR_SHARE * largest else (1 if one > 0 else -1) for one in (x, y)
    )
    return {position: name for name, position in POSITIONS.items()}[across, along]


def _ask_again(number: int, context: SetupContext) -> str:
    if number == 1:
        return context.prompts.ask("Try again, or choose another converter?", AGAIN, (AGAIN, OTHER))
    return context.prompts.ask(
        "Press again, name the sides, or choose another converter?", AGAIN, (AGAIN, NAME, OTHER)
    )


def _ask_names(kind: str, places: list[str], context: SetupContext) -> list[str]:
    """Ask for the side of each converter's cell."""
    names: list[str] = []
    for place in places:
        left = tuple(name for name in POSITIONS if name not in names)
        names.append(context.choose(f"Where is the cell of {place_words(kind, place)}?", left))
    return names
