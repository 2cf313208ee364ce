"""Model of load cells under a seat: loads, noise, drift, creep, corrupted conversions, faults.

Times are seconds from a recording's first row; loads are kilograms.
"""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from unsit_firmware.converters import Reading
from unsit_firmware.converters.hx711 import HX711
from unsit_firmware.simulation.cells import SimulatedCell, wire_hx711
from unsit_firmware.simulation.pins import SimulatedPins

COUNTS_PER_KG = 10_737.0
"""Four half-bridge cells of 50 kg and 1 mV/V at gain 128."""

NOISE = 21.0
"""Counts, standard deviation, of an HX711 at 10 conversions a second."""

RAMP_S = 0.4
"""How long a body takes to put its weight down."""

CREEP_PER_S = 0.001 / 1800
"""Share of the load: 0.1 % in 30 minutes."""

MOST_CREEP_S = 8 * 3600

LARGEST = 2**23 - 1
SMALLEST = -(2**23)
WORD = 2**24

Shares = tuple[float, ...]
Counts = tuple[float, ...]


def doubled(counts: int, chance: random.Random) -> int:
    """Return counts of which one bit was read twice, so that those below it moved down by one."""
    bit = chance.randrange(1, 24)
    word = counts % WORD
    high = word >> bit << bit
    return _signed(high | (word & (1 << bit)) >> 1 | (word & ((1 << bit) - 1)) >> 1)


def shifted(counts: int, chance: random.Random) -> int:
    """Return counts that lack their first one to three bits, as after clock pulses too many."""
    return _signed(counts << chance.randint(1, 3))


def scrambled(counts: int, chance: random.Random) -> int:
    """Return anything a converter can give."""
    return chance.randint(SMALLEST, LARGEST)


CORRUPTIONS = (doubled, shifted, scrambled)


def _signed(word: int) -> int:
    word %= WORD
    return word - WORD if word > LARGEST else word


@dataclass
class Seat:
    """A seat whose load changes at given times.

    cells: how many there are. drift: kg added at a time, in all. fidget_kg: how much the load
    sways while somebody sits, in all, and as much from cell to cell.
    """

    cells: int = 1
    drift: Callable[[float], float] = lambda seconds: 0.0
    fidget_kg: float = 0.0
    _times: list[float] = field(default_factory=lambda: [-1e6])
    _loads: list[float] = field(default_factory=lambda: [0.0])
    _shares: list[Shares] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._shares.append((1 / self.cells,) * self.cells)

    def at(self, seconds: float, kg: float, shares: Shares | None = None) -> "Seat":
        """Set the load from here on, and how it lies on the cells; by default as before."""
        self._times.append(seconds)
        self._loads.append(kg)
        self._shares.append(shares or self._shares[-1])
        return self

    def loads(self, seconds: float, chance: random.Random) -> Shares:
        """Return the load on each cell."""
        nth = bisect_right(self._times, seconds) - 1
        since = seconds - self._times[nth]
        kg, before = self._loads[nth], self._loads[max(nth - 1, 0)]
        total = before + min(since / RAMP_S, 1.0) * (kg - before)
        total += kg * CREEP_PER_S * min(since, MOST_CREEP_S) + self.drift(seconds)
        sways = self.fidget_kg if kg > 20 else 0.0
        total += sways * chance.uniform(-1, 1)
        return tuple(
            share * total + (sways * chance.uniform(-1, 1) if self.cells > 1 else 0.0)
            for share in self._shares[nth]
        )

    @property
    def changes(self) -> list[tuple[float, Shares]]:
        """Changes of the load: the second of each, and the kilograms on each cell from then on."""
        found = zip(self._times[1:], self._loads[1:], self._shares[1:], strict=True)
        return [(at, tuple(kg * share for share in shares)) for at, kg, shares in found]


@dataclass(frozen=True)
class Fault:
    """A time in which a cell is broken.

    kind: saturated (the end of the range), stuck (the same counts again and again), unplugged (the
    input floats: anything), gap (no row), below (far less than nothing).
    """

    kind: str
    begin: float
    end: float
    cell: int = 0


@dataclass(frozen=True)
class Wiring:
    """The cells and their converters.

    zeros, counts_per_kg: of each cell; negative for swapped wires. noise: counts.
    corrupt: share of the conversions that are read wrong. burst: how many in a row.
    """

    zeros: Counts = (0.0,)
    counts_per_kg: Counts = (COUNTS_PER_KG,)
    noise: float = NOISE
    corrupt: float = 0.0
    burst: int = 1
    faults: tuple[Fault, ...] = ()


def readings(
    seat: Seat, wiring: Wiring, chance: random.Random, times: Sequence[float]
) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Yield the counts of every cell at each of these times."""
    wrong = 0
    for at in times:
        faults = {fault.cell: fault for fault in wiring.faults if fault.begin <= at < fault.end}
        if any(fault.kind == "gap" for fault in faults.values()):
            continue
        counts = []
        starts = wiring.corrupt and chance.random() < wiring.corrupt
        wrong = wiring.burst if starts and not wrong else max(wrong - 1, 0)
        for nth, kg in enumerate(seat.loads(at, chance)):
            exact = wiring.zeros[nth] + kg * wiring.counts_per_kg[nth]
            raw = round(exact + chance.gauss(0, wiring.noise))
            if wrong:
                raw = chance.choice(CORRUPTIONS)(raw, chance)
            if nth in faults:
                raw = _broken(faults[nth], raw, chance)
            counts.append(max(SMALLEST, min(LARGEST, raw)))
        yield at, tuple(counts)


def averages(
    chance: random.Random, rows: int, *, of: int = 20, wrong: float = 0.001
) -> list[float]:
    """Return means of so many conversions each of an empty cell, as loggers write them.

    wrong: share of the rows in which five to eight of the conversions are anything.
    """
    found = []
    for _ in range(rows):
        block = [chance.gauss(0, NOISE) for _ in range(of)]
        for nth in range(chance.randint(5, 8) if chance.random() < wrong else 0):
            block[nth] = chance.randint(SMALLEST, LARGEST)
        found.append(sum(block) / of)
    return found


def _broken(fault: Fault, raw: int, chance: random.Random) -> int:
    match fault.kind:
        case "saturated":
            return LARGEST
        case "stuck":
            return 123_456
        case "unplugged":
            return round(chance.gauss(0, 2.0**22))
        case "below":
            return raw - 3_000_000
        case _:
            raise ValueError(f"{fault.kind!r} is not a fault of a cell")


def through_hx711(
    seat: Seat, chance: random.Random, times: Sequence[float], *, bit_errors: float
) -> Iterator[tuple[float, int]]:
    """Yield the counts of a seat of one cell as the HX711 driver reads them, bit by bit.

    The chip is the model of the firmware. A conversion that the driver refuses leaves no row.
    bit_errors: share of the bits that are read wrong.
    """
    data, clock, wakes_up_s = 5, 6, 4.0
    now = 0.0
    pins = SimulatedPins(lambda: now)
    cell = SimulatedCell(seed=chance.randrange(2**32))
    chip = wire_hx711(pins, data, clock, cell)
    driver = HX711(data, clock, nanoseconds=lambda: 0, pin_factory=pins)
    try:
        while now < wakes_up_s:  # the driver throws the first conversions away
            driver.read()
            now += 0.1
        chip.bit_errors = bit_errors
        for at in times:
            now = wakes_up_s + at
            cell.set_kilograms(sum(seat.loads(at, chance)))
            read = driver.read()
            if isinstance(read, Reading):
                yield at, read.raw
    finally:
        driver.close()
        pins.close()
