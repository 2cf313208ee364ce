"""The generated recordings, by name, each with the truth behind it.

``make(name, seed)`` returns one, ``write`` puts it into a folder.
"""

import gzip
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

from recordings import cells, mat, person, sitters
from recordings.cells import COUNTS_PER_KG, Seat, Wiring
from recordings.mat import Mat
from recordings.person import DAY, HOUR, MINUTE, SECOND, Habits, Stay

MONDAY = datetime(2026, 1, 5)
SPRING, AUTUMN = datetime(2026, 3, 28), datetime(2026, 10, 24)
"""The days before those of 23 and 25 hours in Central Europe."""

PERFECT, USUAL = Mat(), Wiring()
CORNERS = ("left_front", "right_front", "left_back", "right_back")

Row = tuple[int, str]
"""Milliseconds from the midnight of the first day, and the values as they are written."""


@dataclass(frozen=True, slots=True)
class Zone:
    """The offset in which times are written, in minutes; from ``steps_at`` on, in ms, another."""

    offset: int
    steps_at: int | None = None
    then: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """A generated recording.

    name: of its file; one that ends in ``.gz`` is compressed. about: what is in it.
    columns: the header without ``ts``. midnight: the beginning of the first day, local.
    zone: None for times without an offset.
    stays: when the person really sat.
    faults: what a chair must find wrong with the sensor, in order: the reason, and in ms when it
        begins. A chair may date it up to 20 s later, when it has seen enough.
    calibration: of the cells, as a chair keeps it; None for the usual cells.
    """

    name: str
    about: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    stays: Sequence[Stay]
    midnight: datetime = MONDAY
    zone: Zone | None = None
    faults: tuple[tuple[str, int], ...] = ()
    calibration: dict[str, object] | None = None

    @property
    def is_load(self) -> bool:
        """The rows are loads on cells, and not a contact."""
        return self.columns != ("contact",)

    def text(self) -> str:
        """Return the whole file."""
        lines = [",".join(("ts", *self.columns))]
        lines += [f"{self.written(at)},{values}" for at, values in self.rows]
        return "\n".join(lines) + "\n"

    def date(self, at: int) -> datetime:
        """Return the date of an instant, with an offset if the rows have one."""
        if self.zone is None:
            return self.midnight + timedelta(milliseconds=at)
        stepped = self.zone.steps_at is not None and at >= self.zone.steps_at
        first = timezone(timedelta(minutes=self.zone.offset))
        date = self.midnight.replace(tzinfo=first) + timedelta(milliseconds=at)
        return date.astimezone(timezone(timedelta(minutes=self.zone.then))) if stepped else date

    def written(self, at: int) -> str:
        """Return an instant as the rows have it: to the second where that is exact."""
        return self.date(at).isoformat(timespec="milliseconds" if at % SECOND else "seconds")


Recipe = Callable[[random.Random], Made]
RECIPES: dict[str, Recipe] = {}


def make(name: str, seed: int = 1) -> Made:
    """Return the recording of a name. Raises KeyError for an unknown name."""
    return RECIPES[name](random.Random(f"{name} {seed}"))


def write(made: Made, folder: Path) -> Path:
    """Write a recording, and its calibration as ``NAME.cells.json`` if it has one."""
    file = folder / made.name
    text = made.text().encode()
    file.write_bytes(gzip.compress(text, mtime=0) if file.suffix == ".gz" else text)
    if made.calibration is not None:
        calibration = json.dumps(made.calibration, indent=2) + "\n"
        (folder / f"{made.name}.cells.json").write_text(calibration, encoding="utf-8")
    return file


def found(file: Path, folder: Path) -> Path:
    """Return a file that is there, or write the generated recording of that name into a folder.

    Raises FileNotFoundError for a name that is neither.
    """
    if file.exists():
        return file
    if str(file) not in RECIPES:
        raise FileNotFoundError(f"{file} is no file and no generated recording")
    return write(make(str(file)), folder)


def _recipe(name: str) -> Callable[[Recipe], Recipe]:
    def add(recipe: Recipe) -> Recipe:
        RECIPES[name] = recipe
        return recipe

    return add


def _of_mat(
    name: str,
    about: str,
    chance: random.Random,
    stays: Sequence[Stay],
    imperfect: Mat = PERFECT,
    *,
    begin: int = 8 * HOUR,
    end: int | None = None,
    midnight: datetime = MONDAY,
    zone: Zone | None = None,
    faults: tuple[tuple[str, int], ...] = (),
) -> Made:
    """Return a recording of a mat; by default it ends an hour after the last stand-up."""
    until = stays[-1].up + HOUR if end is None else end
    rows = [(at, str(int(on))) for at, on in mat.rows(stays, imperfect, chance, begin, until)]
    return Made(name, about, ("contact",), rows, stays, midnight, zone, faults)


@_recipe("office-week.csv")
def _office_week(chance: random.Random) -> Made:
    about = "five working days on a perfect mat, to the second"
    stays = person.week(chance)
    return _of_mat("office-week.csv", about, chance, stays, Mat(resolution_ms=SECOND))


@_recipe("home-week.csv.gz")
def _home_week(chance: random.Random) -> Made:
    about = "seven days on one seat at home, to the millisecond, compressed"
    stays = person.week(chance, Habits(sit_min=40), at_home=True)
    return _of_mat("home-week.csv.gz", about, chance, stays, begin=6 * HOUR)


@_recipe("bouncing.csv")
def _bouncing(chance: random.Random) -> Made:
    about = "two working days on a contact that bounces at most edges"
    days = [*person.office_day(chance), *person.shifted(person.office_day(chance), DAY)]
    return _of_mat("bouncing.csv", about, chance, days, Mat(bounce=0.8))


@_recipe("chatter.csv")
def _chatter(chance: random.Random) -> Made:
    about = "a working day on a contact that opens under the person, and bounces"
    worn = Mat(chatter_per_hour=40, bounce=0.3)
    return _of_mat("chatter.csv", about, chance, person.office_day(chance), worn)


@_recipe("pulses.csv")
def _pulses(chance: random.Random) -> Made:
    about = "a morning at home on a worn mat that closes for seconds at movements alone"
    worn = Mat(pulses=True, resolution_ms=SECOND)
    stays = [stay for stay in person.home_day(chance) if stay.up < 12 * HOUR]
    return _of_mat("pulses.csv", about, chance, stays, worn, begin=6 * HOUR)


@_recipe("flapping.csv")
def _flapping(chance: random.Random) -> Made:
    about = "a working day with a wire that is loose twice, for two minutes each"
    loose = (mat.minutes(10.1 * 60, 10.1 * 60 + 2), mat.minutes(15.2 * 60, 15.2 * 60 + 2))
    faults = tuple(("flapping", begin) for begin, _ in loose)
    flaps = Mat(flapping=loose)
    stays = person.office_day(chance)
    return _of_mat("flapping.csv", about, chance, stays, flaps, faults=faults)


@_recipe("stuck.csv")
def _stuck(chance: random.Random) -> Made:
    about = "two working days between which the contact stays closed, for twenty hours"
    days = [*person.office_day(chance), *person.shifted(person.office_day(chance), DAY)]
    evening = 16 * HOUR
    stuck = Mat(stuck=((evening, evening + 20 * HOUR),))
    whole = [stay for stay in days if stay.up <= evening or stay.down >= evening + 20 * HOUR]
    faults = (("stuck", evening + 16 * HOUR),)
    return _of_mat("stuck.csv", about, chance, whole, stuck, faults=faults)


@_recipe("missed-edges.csv")
def _missed_edges(chance: random.Random) -> Made:
    about = "three working days; one edge in ten is missed, the level is re-read every 10 min"
    days = [
        stay for nth in range(3) for stay in person.shifted(person.office_day(chance), nth * DAY)
    ]
    lossy = Mat(missed=0.1, reread_s=600)
    return _of_mat("missed-edges.csv", about, chance, days, lossy)


@_recipe("limits.csv")
def _limits(chance: random.Random) -> Made:
    about = "stays and gaps of exactly the dwells, min_break and move_after, and 1 ms beside them"
    limits = [2 * SECOND, 5 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 30 * MINUTE]
    return _of_mat("limits.csv", about, chance, person.at_limits(limits))


@_recipe("night.csv")
def _night(chance: random.Random) -> Made:
    about = "a shift over the midnight of the year's end in Nepal, on the seat at both ends"
    stays = person.shifted(person.office_day(chance), 12 * HOUR)
    begin, end = stays[0].down + MINUTE, stays[-1].up - MINUTE
    midnight = datetime(2026, 12, 31)
    zone = Zone(345)
    return _of_mat(
        "night.csv", about, chance, stays, begin=begin, end=end, midnight=midnight, zone=zone
    )


@_recipe("ends-in-dwell.csv")
def _ends_in_dwell(chance: random.Random) -> Made:
    about = "a working day whose recording ends a second after the last stand-up"
    stays = person.office_day(chance)
    return _of_mat("ends-in-dwell.csv", about, chance, stays, end=stays[-1].up + SECOND)


@_recipe("spring.csv")
def _spring(chance: random.Random) -> Made:
    about = "a weekend at home over the night that lacks an hour, with offsets"
    return _weekend("spring.csv", about, chance, SPRING, Zone(60, 26 * HOUR, 120))


@_recipe("autumn.csv")
def _autumn(chance: random.Random) -> Made:
    about = "a weekend at home over the night that has an hour twice, with offsets"
    return _weekend("autumn.csv", about, chance, AUTUMN, Zone(120, 27 * HOUR, 60))


def _weekend(name: str, about: str, chance: random.Random, first: datetime, zone: Zone) -> Made:
    """Return two days at home and a night between them of which some is spent on the seat."""
    night = [Stay(at, at + 40 * MINUTE) for at in range(24 * HOUR, 29 * HOUR, 50 * MINUTE)]
    sunday = person.shifted(person.home_day(chance), DAY)
    stays = [*person.home_day(chance), *night, *sunday]
    return _of_mat(name, about, chance, stays, begin=6 * HOUR, midnight=first, zone=zone)


@_recipe("nobody.csv")
def _nobody(chance: random.Random) -> Made:
    about = "a day on which nobody sits, and the level is said again"
    empty = Mat(reread_s=3600)
    return _of_mat("nobody.csv", about, chance, [], empty, begin=0, end=DAY)


CLEAR = Habits(gap_free=(55, 65))
"""Nobody is away for about a minute, the ``min_break`` of the tests."""


def _of_cells(
    name: str,
    about: str,
    chance: random.Random,
    seat: Seat,
    end: float,
    wiring: Wiring = USUAL,
    *,
    stays: Sequence[tuple[float, float]] = (),
    every: float = 0.4,
    places: tuple[str, ...] = (),
    faults: tuple[tuple[str, float], ...] = (),
    calibration: dict[str, object] | None = None,
) -> Made:
    """Return a series of readings in counts that begins at nine; times are seconds from there."""
    begin = 9 * HOUR
    times = [nth * every for nth in range(round(end / every) + 1)]
    rows = [
        (begin + round(at * SECOND), ",".join(map(str, counts)))
        for at, counts in cells.readings(seat, wiring, chance, times)
    ]
    columns = tuple(f"raw_{place}" for place in places) or ("raw",)
    truth = [Stay(begin + round(down * SECOND), begin + round(up * SECOND)) for down, up in stays]
    found = tuple((reason, begin + round(at * SECOND)) for reason, at in faults)
    return Made(name, about, columns, rows, truth, faults=found, calibration=calibration)


def _sat_on(seat: Seat, stays: Sequence[tuple[float, float]], kg: float, rest: float = 0) -> Seat:
    """Put a person on a seat for these stays; rest: kg that lie on it anyway."""
    for down, up in stays:
        seat.at(down, kg + rest).at(up, rest)
    return seat


HOUR_OF_STAYS = ((60.0, 700.0), (730.0, 1500.0), (1700.0, 2400.0), (2520.0, 3300.0))


@_recipe("cell.csv")
def _cell(chance: random.Random) -> Made:
    about = "one cell for an hour: a person of 75 kg, noise and creep"
    seat = _sat_on(Seat(), HOUR_OF_STAYS, 75)
    return _of_cells("cell.csv", about, chance, seat, 3500, stays=HOUR_OF_STAYS, every=1.0)


@_recipe("cell-fast.csv")
def _cell_fast(chance: random.Random) -> Made:
    about = "one cell at ten readings a second, for six minutes"
    stays = ((20.0, 120.0), (135.0, 300.0))
    seat = _sat_on(Seat(), stays, 62)
    return _of_cells("cell-fast.csv", about, chance, seat, 360, stays=stays, every=0.1)


@_recipe("cell-drift.csv")
def _cell_drift(chance: random.Random) -> Made:
    about = "one cell whose zero drifts by 3 kg in two hours of coming and going, a row in 2 s"
    stays = [(at + 300.0, at + 1200.0) for at in range(0, 7200, 1440)]
    seat = _sat_on(Seat(drift=lambda seconds: 3 * seconds / 7200), stays, 55)
    return _of_cells("cell-drift.csv", about, chance, seat, 7200, stays=stays, every=2.0)


@_recipe("cell-corrupted.csv.gz")
def _cell_corrupted(chance: random.Random) -> Made:
    about = "one cell of whose conversions some are doubled, shifted or scrambled, up to two a time"
    seat = _sat_on(Seat(), HOUR_OF_STAYS, 75)
    wiring = Wiring(zeros=(84_000.0,), corrupt=0.01, burst=2)
    return _of_cells(
        "cell-corrupted.csv.gz",
        about,
        chance,
        seat,
        3500,
        wiring,
        stays=HOUR_OF_STAYS,
        every=1.0,
        calibration=_calibration({"seat": (84_000.0, COUNTS_PER_KG)}),
    )


@_recipe("cell-fidget.csv")
def _cell_fidget(chance: random.Random) -> Made:
    about = "one cell under a person who never sits still and leans on the desk"
    seat = Seat(fidget_kg=4.0)
    for down, up in HOUR_OF_STAYS:
        seat.at(down, 80)
        at = down + 20
        while at < up - 20:
            seat.at(at, 80 * chance.uniform(0.68, 1.0))
            at += chance.uniform(5, 60)
        seat.at(up, 0)
    return _of_cells("cell-fidget.csv", about, chance, seat, 3500, stays=HOUR_OF_STAYS, every=1.0)


@_recipe("cell-bag.csv")
def _cell_bag(chance: random.Random) -> Made:
    about = "one cell: a bag of 12 kg comes, a person sits on it twice, the bag goes"
    stays = ((700.0, 1500.0), (1600.0, 2700.0))
    seat = Seat().at(60, 12)
    _sat_on(seat, stays, 60, rest=12).at(3000, 0)
    return _of_cells("cell-bag.csv", about, chance, seat, 3300, stays=stays, every=1.0)


@_recipe("cell-cat.csv")
def _cell_cat(chance: random.Random) -> Made:
    about = "one cell: a cat of 5 kg that turns around for most of an hour; nobody sits"
    seat = Seat().at(60, 5)
    for minute in range(2, 50):
        at = minute * 60 + chance.uniform(0, 30)
        seat.at(at, chance.uniform(0, 9)).at(at + chance.uniform(0.2, 4), 5)
    return _of_cells("cell-cat.csv", about, chance, seat.at(3060, 0), 3400, every=1.0)


@_recipe("cell-broken.csv")
def _cell_broken(chance: random.Random) -> Made:
    about = "one cell that saturates, sticks, floats and weighs far less than nothing, in turn"
    stays = [(10.0, 250.0)]
    seat = _sat_on(Seat(), stays, 75)
    broken = [("saturated", 40), ("stuck", 90), ("unplugged", 140), ("below", 190)]
    wiring = Wiring(faults=tuple(cells.Fault(kind, at, at + 20) for kind, at in broken))
    known = {"unplugged": "flapping", "below": "drifting"}
    faults = tuple((known.get(kind, kind), float(at)) for kind, at in broken)
    return _of_cells(
        "cell-broken.csv", about, chance, seat, 340, wiring, stays=stays, every=0.1, faults=faults
    )


@_recipe("cell-wires.csv")
def _cell_wires(chance: random.Random) -> Made:
    about = "one cell through the driver of an HX711 whose data wire is read wrong at times"
    stays = ((20.0, 200.0), (260.0, 500.0))
    seat = _sat_on(Seat(), stays, 75)
    times = [nth * 0.4 for nth in range(1400)]
    begin = 9 * HOUR
    read = cells.through_hx711(seat, chance, times, bit_errors=0.001)
    rows = [(begin + round(at * SECOND), str(raw)) for at, raw in read]
    truth = [Stay(begin + round(a * SECOND), begin + round(b * SECOND)) for a, b in stays]
    return Made("cell-wires.csv", about, ("raw",), rows, truth)


@_recipe("cell-gaps.csv")
def _cell_gaps(chance: random.Random) -> Made:
    about = "one cell of which no row came for seconds or minutes, while somebody sat and not"
    gaps = ((400, 408), (900, 1020), (1560, 1566), (2000, 2300), (3340, 3400))
    wiring = Wiring(faults=tuple(cells.Fault("gap", begin, end) for begin, end in gaps))
    seat = _sat_on(Seat(), HOUR_OF_STAYS, 90)
    return _of_cells(
        "cell-gaps.csv", about, chance, seat, 3500, wiring, stays=HOUR_OF_STAYS, every=1.0
    )


@_recipe("cells-two.csv")
def _cells_two(chance: random.Random) -> Made:
    about = "two cells, one with swapped wires: a person leans left, sits upright, leans right"
    stays = ((30.0, 1500.0),)
    seat = Seat(cells=2).at(30, 80).at(200, 80, (0.8, 0.2)).at(500, 80, (0.5, 0.5))
    seat.at(800, 80, (0.25, 0.75)).at(1200, 80, (0.5, 0.5)).at(1500, 0)
    wiring = Wiring(zeros=(-40_000.0, 120_500.0), counts_per_kg=(10_900.0, -10_500.0))
    return _of_cells(
        "cells-two.csv",
        about,
        chance,
        seat,
        1700,
        wiring,
        stays=stays,
        every=1.0,
        places=("left", "right"),
        calibration=_calibration({"left": (-40_000.0, 10_900.0), "right": (120_500.0, -10_500.0)}),
    )


@_recipe("cells-four.csv")
def _cells_four(chance: random.Random) -> Made:
    about = "four cells under a fidgeting person who leans forward; one cell saturates meanwhile"
    stays = ((30.0, 1500.0),)
    forward = (0.42, 0.38, 0.11, 0.09)
    seat = Seat(cells=4, fidget_kg=0.6).at(30, 70).at(300, 70, forward)
    seat.at(700, 70, (0.25,) * 4).at(1500, 0)
    wiring = Wiring(
        zeros=(0.0,) * 4,
        counts_per_kg=(COUNTS_PER_KG,) * 4,
        faults=(cells.Fault("saturated", 1000, 1030, cell=2),),
    )
    return _of_cells(
        "cells-four.csv",
        about,
        chance,
        seat,
        1700,
        wiring,
        stays=stays,
        every=1.0,
        places=CORNERS,
        faults=(("saturated", 1000.0),),
    )


@_recipe("grams-day.csv")
def _grams_day(chance: random.Random) -> Made:
    about = "a working day on one cell, in grams, with a row for each change alone"
    stays = person.office_day(chance, CLEAR)
    rows = [(8 * HOUR, "0")]
    for stay in stays:
        rows += [(stay.down, str(chance.randint(68_000, 74_000))), (stay.up, "0")]
    rows.append((stays[-1].up + HOUR, "0"))
    return Made("grams-day.csv", about, ("grams",), rows, stays)


@_recipe("grams-lean.csv")
def _grams_lean(chance: random.Random) -> Made:
    about = "two cells in grams, a row for each change: a person leans left, and stands up"
    begin = 9 * HOUR
    changes = [(0, "40000,40000"), (60, "70000,10000"), (400, "40000,40000"), (700, "0,0")]
    rows = [(begin + at * SECOND, values) for at, values in [*changes, (1000, "0,0")]]
    stays = [Stay(begin, begin + 700 * SECOND)]
    return Made("grams-lean.csv", about, ("grams_left", "grams_right"), rows, stays)


def _sitter(name: str, kind: str, chance: random.Random) -> Made:
    """Return an hour of a kind of sitter, with a row every two seconds."""
    begin, every, end = 9 * HOUR, 2, 3600
    hour = sitters.hours(kind, chance.randrange(2**32), longest_s=end)
    rows = [(begin + at * SECOND, str(hour.counts(at))) for at in range(0, end, every)]
    about = f"one cell for an hour: {sitters.KINDS[kind].about}"
    return Made(name, about, ("raw",), rows, person.shifted(hour.stays, begin))


for _kind in sitters.KINDS:
    _name = f"sitter-{_kind.replace(' ', '-')}.csv"
    RECIPES[_name] = partial(_sitter, _name, _kind)


def _calibration(of: dict[str, tuple[float, float]]) -> dict[str, object]:
    """Return a calibration as ``unsit calibrate`` writes it: zero and counts per kg of each."""
    measured = {name: {"zero": zero, "counts_per_kg": per} for name, (zero, per) in of.items()}
    return {"cells": measured, "tared": "2026-01-05T08:00:00+01:00"}


MATS = tuple(name for name in RECIPES if not name.startswith(("cell", "grams", "sitter")))
CELLS = tuple(name for name in RECIPES if name.startswith(("cell", "grams")))
SITTERS = tuple(name for name in RECIPES if name.startswith("sitter"))
