"""Real HX711 series: their noise and their corrupted rows make nobody sit down or stand up."""

import csv
import gzip
import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from statistics import median

import pytest

from sitter import Edge, Seat, Told, Weighing, near
from timeline import sec
from unsit.core.inputs import Pressed, Released
from unsit.core.rules import Rules
from unsit.core.weighing.calibration import NOMINAL_COUNTS_PER_KG as PER_KG

LOADS = [0.0, 12.0, 45.0, 75.0, 120.0]
RULES = Rules(sit_dwell=sec(0), stand_dwell=sec(0), min_break=sec(60))


def series(folder: Path) -> dict[str, list[float]]:
    """Every column of counts or grams in a folder of recordings, by name."""
    found: dict[str, list[float]] = {}
    for file in sorted(folder.glob("*.csv.gz")):
        with gzip.open(file, "rt") as lines:
            for row in csv.DictReader(lines):
                for column in ("raw_avg20", "grams"):
                    if column in row:
                        found.setdefault(f"{file.name} {column}", []).append(float(row[column]))
    return found


@pytest.fixture(scope="module")
def real(recordings: Path) -> dict[str, list[float]]:
    """Every series, as counts around nothing: grams of small cells as if they were counts."""
    found = series(recordings / "hx711_static_5kg") | series(recordings / "hx711_pi_4corner")
    assert len(found) >= 3
    counts = {name: 232.6 if "static" not in name and "grams" in name else 1.0 for name in found}
    return {
        name: [(value - median(values)) * counts[name] for value in values]
        for name, values in found.items()
    }


@pytest.mark.parametrize("pace", [33.5, 5.0, 1.0, 0.4, 0.1])
@pytest.mark.parametrize("kg", LOADS)
def test_no_row_of_a_constant_load_is_an_edge(
    real: dict[str, list[float]], kg: float, pace: float
) -> None:
    for name, values in real.items():
        weighing = Weighing()
        for nth, value in enumerate(values):
            weighing.read((round(value + kg * PER_KG, 2),), nth * pace)
        seated = [(True, 0.0)] if kg > 15 else []
        assert weighing.edges == seated, name
        assert weighing.others == [], name


def sits(file: Path, days: float) -> list[tuple[float, bool]]:
    """The edges of a real sitting pattern, seconds from the first, the first days of it."""
    with file.open() as lines:
        rows = [
            (datetime.fromisoformat(r["ts"]), r["contact"] == "1") for r in csv.DictReader(lines)
        ]
    edges = [((at - rows[0][0]).total_seconds(), on) for at, on in rows]
    return [(at, on) for at, on in edges if at < days * 86400]


def replayed(values: list[float]) -> Iterator[float]:
    """A real noise, again and again."""
    while True:
        yield from values


@pytest.mark.parametrize("kg", [45.0, 75.0, 120.0])
def test_every_bout_of_a_real_pattern_is_found_within_3_seconds_and_none_invented(
    recordings: Path, real: dict[str, list[float]], kg: float
) -> None:
    pattern = sits(recordings / "activpal_lyden" / "sit_7_1_edges.csv", days=0.6)
    last = pattern[-1][0]
    true: list[Edge] = []
    chance = random.Random(7)
    name = next(name for name in real if "raw" in name)
    noise = replayed(real[name])
    seat = Seat(
        noise=0,
        drift=lambda seconds: 0.04 * kg * seconds / last,
        real=lambda: next(noise),
    )
    for at, on in pattern:
        seat.at(100 + at, kg * chance.uniform(0.9, 1.0) if on else 0)
        true.append((on, 100 + at))

    weighing = Weighing().weigh(seat, 0, last + 300)

    assert len(true) > 40
    assert near(weighing.edges, true, 3)
    assert weighing.others == []
    assert len(weighing.bouts(RULES, last + 300)) == len(weighing_of(true).bouts(RULES, last + 300))


def weighing_of(edges: list[Edge]) -> Weighing:
    """What a sensor without any error would have told."""
    told = [Told(Pressed() if on else Released(), at, at) for on, at in edges]
    return Weighing(everything=told)
