"""Replays of load cells: how many conversions they simulate, and how long a seat is occupied."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from unsit.assembly.cells import PINNED_CONVERSIONS, SimulatedSeat, until_decided
from unsit.assembly.chair import LogSink, RunningChair
from unsit.assembly.simulation import pins_on
from unsit.core.inputs import Finish
from unsit.core.instant import Instant
from unsit.runtime.clock import Act, VirtualClock
from unsit.runtime.record import Record, Recorder
from unsit.settings.model import SeatSettings, Settings
from unsit_firmware.recording import GRAMS, Columns

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
CORNERS = ("left_front", "right_front", "left_back", "right_back")
CELLS: dict[int, tuple[str, ...]] = {1: (), 2: ("left", "right"), 4: CORNERS}

Row = tuple[timedelta, tuple[float, ...]]


def replayed(
    places: tuple[str, ...], rows: Sequence[Row], settings: Settings | None = None
) -> tuple[list[Record], list[int]]:
    """Replay rows in grams that each last until the next; return records and frames by cell."""
    settings = settings or Settings()
    records: list[Record] = []

    def world() -> Iterator[tuple[Instant, Act]]:
        for at, loads in rows:
            yield at, lambda loads=loads: seat.put(loads)  # type: ignore[misc]

    def finish() -> None:
        chair.decider.feed(Finish())
        chair.loop.stop()

    clock = VirtualClock(START, world(), at_end=finish)
    seat = SimulatedSeat(settings, Columns(GRAMS, places), clock, until_decided, PINNED_CONVERSIONS)
    sink = LogSink(Recorder("test", clock.wall), records.append)
    chair = RunningChair(settings, clock, pins_on(clock), sink.keep, sink.publish, seat.make)
    counters = [converter.counters for converter in seat._cells.converters]
    try:
        chair.start()
        chair.loop.run()
    finally:
        chair.close()
    return records, [counter.frames for counter in counters]


@pytest.mark.parametrize("number", CELLS)
def test_a_row_takes_as_few_conversions_of_each_cell_whatever_the_number_of_cells(
    number: int,
) -> None:
    chance = random.Random(number)
    rows = [
        (timedelta(minutes=nth), tuple(chance.choice([0, 20_000, 60_000]) for _ in range(number)))
        for nth in range(60)
    ]

    _, frames = replayed(CELLS[number], rows)

    assert len(frames) == number
    assert max(frames) < 90 * len(rows)


def test_a_load_that_rests_for_days_is_read_where_the_scale_decides_alone() -> None:
    rows = [
        (timedelta(0), (0.0,)),
        (timedelta(minutes=1), (75_000.0,)),
        (timedelta(days=9), (0.0,)),
    ]

    _, [frames] = replayed((), rows)

    assert frames < 200


@pytest.mark.parametrize("places", CELLS.values())
def test_a_load_of_days_is_occupied_no_longer_than_is_plausible(places: tuple[str, ...]) -> None:
    number = max(len(places), 1)
    hour = timedelta(hours=1)
    settings = Settings(seat=SeatSettings(kind="load_cell", max_plausible_bout=4 * hour))
    loads = [(0, 0), (1, 20_000), (72, 0), (73, 75_000), (74, 0), (75, 0)]
    rows = [(nth * hour, (grams / number,) * number) for nth, grams in loads]

    records, _ = replayed(places, rows, settings)

    kinds = ("bout_started", "sensor_fault", "sensor_recovered", "bout_ended", "stood_up")
    found = [
        (record["type"], round((datetime.fromisoformat(record["at"]) - START) / hour, 1))
        for record in records
        if record["type"] in kinds
    ]
    assert found == [
        ("bout_started", 1),
        ("sensor_fault", 5),
        ("sensor_recovered", 72),
        ("bout_ended", 72),
        ("bout_started", 73),
        ("stood_up", 74),
        ("bout_ended", 74),
    ]
