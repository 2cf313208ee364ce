"""Measures: the formulas of the literature, computed a second way, and what is refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from math import log
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.examples import examples
from support.replayed import of_type, records_of, replayed
from support.sample_history import BERLIN, MemoryHistory, person, write_history
from unsit.history.derived import BoutFlags
from unsit.history.store import open_history
from unsit.report.days import Day, Moment, Period, days, moment, reader
from unsit.report.measures import (
    ALPHA_MIN_S,
    BOUTS_MIN,
    COMPARED_DAYS_MIN,
    SHAPE_BOUTS_MIN,
    Measure,
    Reason,
    Tally,
    alpha,
    gini,
    hours_with_a_stand,
    verdict,
    w50,
)
from unsit.runtime.clock import WallTime
from unsit.words import languages, words_of

MONDAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 9, tzinfo=BERLIN)
MINUTE = timedelta(minutes=1)
RECORDINGS = (
    "activpal_lyden/sit_7_1_edges.csv",
    "activpal_lyden/sit_7_2_edges.csv",
    "activpal_palkitchen/sit_Test1-EventsEx_edges.csv",
    "activpal_palkitchen/sit_Test_Events_edges.csv",
    "office-week.csv",
    "home-week.csv.gz",
)

lengths = st.lists(st.integers(1, 20_000_000).map(lambda ms: ms / 1000), min_size=1, max_size=60)


def same(one: float | None, other: float) -> bool:
    """Return whether two values agree to 1e-9."""
    return one is not None and abs(one - other) <= 1e-9 * max(1.0, abs(other))


# The formulas of Chastin and Granat (2010), in another way than the code


def gini_by_pairs(values: Sequence[float]) -> float:
    """Return the mean difference of all pairs, divided by twice the mean."""
    exact = [Fraction(value) for value in values]
    differences = sum(abs(one - other) for one in exact for other in exact)
    return float(differences / (2 * len(exact) * sum(exact)))


def alpha_by_likelihood(values: Sequence[float]) -> float:
    """Return where the likelihood of a power law is highest, by bisection of its slope."""
    logs = [log(value) - log(ALPHA_MIN_S) for value in values]
    low, high = 1.0, 1e9
    for _ in range(200):
        middle = (low + high) / 2
        slope = len(logs) / (middle - 1) - sum(logs)
        low, high = (middle, high) if slope > 0 else (low, middle)
    return low


def w50_by_search(values: Sequence[float]) -> float:
    """Return the least length for which the bouts up to it hold half of the time."""
    exact = [Fraction(value) for value in values]
    half = sum(exact) / 2
    return float(min(one for one in exact if sum(other for other in exact if other <= one) >= half))


def median_by_position(values: Sequence[float]) -> float:
    """Return the middle value, or the mean of the two in the middle."""
    ordered = sorted(values)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return (low + high) / 2


@given(lengths)
@examples(200)
def test_gini_is_half_of_the_relative_mean_difference(values: list[float]) -> None:
    assert same(gini(values), gini_by_pairs(values))


@given(lengths)
@examples(200)
def test_alpha_is_where_the_likelihood_is_highest(values: list[float]) -> None:
    above = [ALPHA_MIN_S + value for value in values]
    exponent = alpha(above)
    assert exponent is not None
    assert abs(exponent - alpha_by_likelihood(above)) <= 1e-9 * exponent


@given(lengths)
@examples(200)
def test_bouts_up_to_w50_hold_half_of_the_time(values: list[float]) -> None:
    assert w50(values) == w50_by_search(values)


def test_limits_of_the_formulas_belong_to_them() -> None:
    assert w50([1.0, 1.0, 2.0]) == 1.0  # the two short ones hold exactly half
    history = MemoryHistory()
    for number in range(SHAPE_BOUTS_MIN):
        history.sit(NINE + 10 * number * MINUTE, 1 if number == 0 else 5)
    assert by_key(tally_of(history, MONDAY, MONDAY))["alpha"].refused is None
    history = MemoryHistory()
    history.sit(NINE, 30)
    assert tally_of(history, MONDAY, MONDAY).seated_long_ms == 30 * 60_000


def test_exercises_are_planned_for_the_days_with_sitting() -> None:
    history = MemoryHistory()
    history.sit(NINE, 30)
    history.exercises.append(Moment(history.bouts[0].end, 60))
    done = by_key(tally_of(history, MONDAY, MONDAY + timedelta(days=6)))["exercises_done"]
    assert (done.value, done.of) == (1, 5)


def test_equal_bouts_have_a_gini_index_of_0_and_bouts_of_the_minimum_no_alpha() -> None:
    assert gini([600.0] * 40) == pytest.approx(0)
    assert gini([0.0] * 40) is None
    assert alpha([ALPHA_MIN_S] * 40) is None


# A whole history


def tally_of(history: MemoryHistory, first: date, last: date, move_after_s: float = 1800) -> Tally:
    """Return the totals of days of a history in memory."""
    tally = Tally(move_after_s, 5)
    for day in days_of(history, first, last):
        tally.add(day)
    return tally


def days_of(history: MemoryHistory, first: date, last: date) -> list[Day]:
    """Return days of a history in memory."""
    return list(days(history.read, Period("all", first, last), WallTime(BERLIN)))


def by_key(tally: Tally) -> dict[str, Measure]:
    """Return all measures by their key."""
    return {measure.key: measure for measure in tally.measures()}


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_measures_of_a_recording_are_those_of_the_formulas(
    recording: Path, tmp_path: Path
) -> None:
    records, _ = records_of(replayed(recording, (0, 0)))
    ended = of_type(records, "bout_ended")
    values = [record["duration_s"] for record in ended]
    with open_history(write_history(tmp_path, records)) as history:
        first, last = (moment(at).date() for at in history.extent() or (0, 0))
        period = Period("all", first - timedelta(days=1), last + timedelta(days=1))
        tally = Tally(1800)
        for day in days(reader(history), period, WallTime(None)):
            tally.add(day)
    found = by_key(tally)
    assert found["bouts"].value == len(values)
    assert same(found["longest_s"].value, max(values))
    assert same(found["seated_s"].value, sum(record["seated_s"] for record in ended))
    assert same(found["median_s"].value, median_by_position(values))
    assert same(found["w50_s"].value, w50_by_search(values))
    long = [value for value in values if value >= 1800]
    assert found["prolonged"].value == len(long)
    assert same(found["prolonged_share"].value, sum(long) / sum(values))
    breaks = sum(not (record.get("open") or record.get("cut")) for record in ended)
    hours = sum(record["seated_s"] for record in ended) / 3600
    assert same(found["breaks_per_seated_hour"].value, breaks / hours)
    above = [value for value in values if value >= ALPHA_MIN_S]
    if len(values) < SHAPE_BOUTS_MIN:
        assert (found["gini"].value, found["gini"].refused) == (None, "few_bouts_for_shape")
    else:
        assert same(found["gini"].value, gini_by_pairs(values))
    if len(above) < SHAPE_BOUTS_MIN:
        assert (found["alpha"].value, found["alpha"].refused) == (None, "few_bouts_for_shape")
    else:
        assert same(found["alpha"].value, alpha_by_likelihood(above))
    assert found["due"].value == len(of_type(records, "move_due"))


def test_every_measure_of_an_empty_period_has_no_value_or_0() -> None:
    for measure in Tally(1800).measures():
        assert measure.value in (None, 0), measure.key
        assert (measure.value is None) == (measure.refused is not None), measure.key


@pytest.mark.parametrize(
    ("bouts", "refused"),
    [
        (BOUTS_MIN - 1, {"median_s": "few_bouts", "w50_s": "few_bouts"}),
        (SHAPE_BOUTS_MIN - 1, {"gini": "few_bouts_for_shape", "alpha": "few_bouts_for_shape"}),
        (SHAPE_BOUTS_MIN, {}),
    ],
)
def test_a_measure_that_few_bouts_make_meaningless_is_refused_with_its_reason(
    bouts: int, refused: dict[str, str]
) -> None:
    history = MemoryHistory()
    for number in range(bouts):
        history.sit(NINE + 10 * number * MINUTE, 5 + number / 10)
    found = by_key(tally_of(history, MONDAY, MONDAY))
    reasons = {key: one.refused for key, one in found.items() if key in refused}
    assert reasons == refused
    if not refused:
        assert found["gini"].value is not None
        assert found["alpha"].value is not None


def test_bouts_under_a_minute_do_not_count_for_alpha() -> None:
    history = MemoryHistory()
    for number in range(SHAPE_BOUTS_MIN):
        history.sit(NINE + 10 * number * MINUTE, 0.9 if number == 0 else 5)
    found = by_key(tally_of(history, MONDAY, MONDAY))
    assert found["alpha"].refused == "few_bouts_for_shape"
    assert found["gini"].refused is None


def test_a_bout_whose_end_is_not_known_is_no_break_and_no_answer() -> None:
    history = MemoryHistory()
    history.sit(NINE, 40)
    history.sit(NINE + 60 * MINUTE, 40)
    history.bouts[1] = replace(history.bouts[1], flags=BoutFlags.CUT)
    tally = tally_of(history, MONDAY, MONDAY)
    assert (tally.breaks, tally.due, tally.answerable) == (1, 2, 1)


def test_an_answer_within_5_min_counts_and_a_later_one_does_not() -> None:
    history = MemoryHistory()
    history.sit(NINE, 35)
    history.sit(NINE + 60 * MINUTE, 35.01)
    found = by_key(tally_of(history, MONDAY, MONDAY))
    assert (found["answered"].value, found["answered"].of) == (1, 2)
    assert found["response_s"].value == pytest.approx(300.3)


def test_bouts_up_to_the_call_follow_the_setting() -> None:
    history = MemoryHistory()
    for number, minutes in enumerate((10, 25, 35, 50)):
        history.sit(NINE + 60 * number * MINUTE, minutes)
    found = by_key(tally_of(history, MONDAY, MONDAY, move_after_s=50 * 60))
    assert (found["prolonged"].value, found["over_move_after"].value) == (2, 1)
    assert found["over_move_after_share"].value == pytest.approx(50 / 120)


def test_an_hour_with_a_minute_off_the_seat_has_a_stand() -> None:
    history = MemoryHistory()
    history.sit(NINE, 59.5)  # up at 9:59:30, half a minute in this hour
    history.sit(NINE + 61 * MINUTE, 90)  # from 10:01 to 11:31
    [day] = days_of(history, MONDAY, MONDAY)
    assert hours_with_a_stand(day) == (3, 2)  # not 9, but 10 and 11


def test_unknown_time_is_no_stand() -> None:
    history = MemoryHistory()
    history.sit(NINE, 30)
    history.lose(NINE + 30 * MINUTE, NINE + timedelta(hours=15))
    [day] = days_of(history, MONDAY, MONDAY)
    assert hours_with_a_stand(day) == (1, 0)


def test_unknown_time_within_a_bout_does_not_lengthen_it() -> None:
    history = MemoryHistory()
    history.sit(NINE, 20, 10, 20)
    history.lose(NINE + 20 * MINUTE, NINE + 30 * MINUTE)
    assert tally_of(history, MONDAY, MONDAY).lengths_s == [2400]


@given(st.integers(1, 1000), st.lists(st.integers(0, 27), max_size=4))
@examples(40)
def test_totals_of_parts_add_up_to_those_of_the_whole(seed: int, cuts: list[int]) -> None:
    first = date(2026, 10, 12)  # the clocks are set back on 25 October
    history = person(first, first + timedelta(days=27), seed)
    bounds = sorted({0, *cuts, 28})
    whole, merged = tally_of(history, first, first + timedelta(days=27)), Tally(1800, 5)
    for start, end in pairwise(bounds):
        part = first + timedelta(days=start), first + timedelta(days=end - 1)
        merged.merge(tally_of(history, *part))
    assert merged.measures() == whole.measures()
    assert whole.seated_ms == sum(one.end - one.start for one in history.stretches)
    assert whole.seated_ms == sum(bout.seated for bout in history.bouts)
    assert len(whole.lengths_s) == len(history.bouts)
    assert sum(whole.time_by_length_s) == pytest.approx(sum(whole.lengths_s))
    assert sum(whole.response_classes()) == whole.answerable


@pytest.mark.parametrize(
    ("now", "before", "days_seated", "expected"),
    [
        (120.0, 100.0, (5, 5), "more"),
        (80.0, 100.0, (5, 5), "less"),
        (104.0, 100.0, (5, 5), "neither"),
        (0.0, 0.0, (5, 5), "neither"),
        (120.0, 100.0, (5, COMPARED_DAYS_MIN - 1), None),
        (None, 100.0, (5, 5), None),
    ],
)
def test_periods_are_compared_only_with_enough_days_and_a_change_that_matters(
    now: float | None, before: float, days_seated: tuple[int, int], expected: str | None
) -> None:
    new, old = (Measure("one", value, "s", "less") for value in (now, before))
    assert verdict(new, old, days_seated) == expected


@pytest.mark.parametrize("language", languages())
def test_every_measure_and_every_reason_has_its_texts(language: str) -> None:
    sections = words_of(language).sections
    keys = {measure.key for measure in Tally(1800).measures()}
    assert (
        keys == set(sections["measures"]) == set(sections["definitions"]) == set(sections["hints"])
    )
    assert len(set(sections["measures"].values())) == len(keys)
    assert set(get_args(Reason)) <= set(sections["report"])


def test_a_part_is_compared_by_its_share() -> None:
    now, before = Measure("one", 10, "number", of=20), Measure("one", 30, "number", of=90)
    assert verdict(now, before, (5, 5)) == "more"
    assert now.rate == 0.5
