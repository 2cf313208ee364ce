"""HX711 series, generated and real: noise and corrupted rows make no edges."""

import csv
import gzip
import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from statistics import median

import pytest

from recordings import cells, person
from support.simulated_person import Edge, Output, Seat, Weighing, near
from support.timeline import sec
from unsit.core.inputs import Pressed, Released
from unsit.core.rules import Rules
from unsit.core.weighing.calibration import NOMINAL_COUNTS_PER_KG as PER_KG

pytestmark = pytest.mark.slow

LOADS = [0.0, 12.0, 45.0, 75.0, 120.0]
RULES = Rules(sit_dwell=sec(0), stand_dwell=sec(0), min_break=sec(60))


def series(folder: Path) -> dict[str, list[float]]:
    """Return every column of counts or grams in a folder of recordings, by name."""
    found: dict[str, list[float]] = {}
    for file in sorted(folder.glob("*.csv.gz")):
        with gzip.open(file, "rt") as lines:
            for row in csv.DictReader(lines):
                for column in ("raw_avg20", "grams"):
                    if column in row:
                        found.setdefault(f"{file.name} {column}", []).append(float(row[column]))
    return found


@pytest.fixture(scope="module", params=["generated", "real"])
def source(request: pytest.FixtureRequest) -> str:
    """Return the origin of the series and of the sitting pattern."""
    return str(request.param)


@pytest.fixture(scope="module")
def noises(source: str, request: pytest.FixtureRequest) -> dict[str, list[float]]:
    """Return every series as counts around zero."""
    if source == "real":
        return real(request.getfixturevalue("recordings"))
    chance = random.Random("noises")
    return {
        "quiet raw": [chance.gauss(0, cells.NOISE) for _ in range(1500)],
        "corrupted raw": cells.averages(chance, 1500, wrong=0.005),
    }


@pytest.fixture(scope="module")
def pattern(source: str, request: pytest.FixtureRequest) -> list[tuple[float, bool]]:
    """Edges in seconds from the first; the person is never up for less than 10 s."""
    if source == "real":
        folder: Path = request.getfixturevalue("recordings")
        return sits(folder / "activpal_lyden" / "sit_7_1_edges.csv", days=0.6)
    habits = person.Habits(sit_min=12, gap_free=(0, 10))
    stays = person.home_day(random.Random("pattern"), habits)
    edges = [(at, on) for stay in stays for at, on in ((stay.down, True), (stay.up, False))]
    return [((at - edges[0][0]) / 1000, on) for at, on in edges]


def real(recordings: Path) -> dict[str, list[float]]:
    """Return every real series; grams of small cells are converted to counts."""
    found = series(recordings / "hx711_static_5kg") | series(recordings / "hx711_pi_4corner")
    assert len(found) >= 3
    counts = {name: 232.6 if "static" not in name and "grams" in name else 1.0 for name in found}
    return {name: around_zero(values, counts[name]) for name, values in found.items()}


def around_zero(values: list[float], counts: float) -> list[float]:
    """Return a series less its median, multiplied by counts."""
    middle = median(values)
    return [(value - middle) * counts for value in values]


@pytest.mark.parametrize("pace", [33.5, 5.0, 1.0, 0.4, 0.1])
@pytest.mark.parametrize("kg", LOADS)
def test_no_row_of_a_constant_load_is_an_edge(
    noises: dict[str, list[float]], kg: float, pace: float
) -> None:
    for name, values in noises.items():
        weighing = Weighing()
        for nth, value in enumerate(values):
            weighing.read((round(value + kg * PER_KG, 2),), nth * pace)
        seated = [(True, 0.0)] if kg > 15 else []
        assert weighing.edges == seated, name
        assert weighing.others == [], name


def sits(file: Path, days: float) -> list[tuple[float, bool]]:
    """Return the edges of the first days of a real sitting pattern, in seconds from the first."""
    with file.open() as lines:
        rows = [
            (datetime.fromisoformat(r["ts"]), r["contact"] == "1") for r in csv.DictReader(lines)
        ]
    edges = [((at - rows[0][0]).total_seconds(), on) for at, on in rows]
    return [(at, on) for at, on in edges if at < days * 86400]


def replayed(values: list[float]) -> Iterator[float]:
    """Repeat a series of noise forever."""
    while True:
        yield from values


@pytest.mark.parametrize("kg", [45.0, 75.0, 120.0])
def test_exactly_the_bouts_of_a_pattern_are_detected_within_3_seconds(
    pattern: list[tuple[float, bool]], noises: dict[str, list[float]], kg: float
) -> None:
    last = pattern[-1][0]
    true: list[Edge] = []
    chance = random.Random(7)
    name = next(name for name in noises if "raw" in name)
    noise = replayed(noises[name])
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
    """Return the output of a sensor without any error."""
    outputs = [Output(Pressed() if on else Released(), at, at) for on, at in edges]
    return Weighing(outputs=outputs)
