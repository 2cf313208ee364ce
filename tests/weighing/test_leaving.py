"""Leaving a weighed seat and staying on it: falls, climbing cells, things, bouncing, exchanges."""

import random
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from math import pi, sin

import pytest

from support.simulated_person import IDLE, QUICK, Edge, Weighing, near
from unsit.core.inputs import SensorFailed, SensorWorks
from unsit.core.weighing.calibration import NOMINAL_COUNTS_PER_KG as PER_KG
from unsit.core.weighing.calibration import nominal
from unsit.core.weighing.scale import Behaviour, Scale

HOUR = 3600.0
NOISE_KG = 0.01

Load = Callable[[float], float]
"""Load in kg at a second."""


def weigh(
    load: Load,
    end: float,
    *,
    every: float | None = None,
    noise: float = NOISE_KG,
    longest: timedelta | None = None,
) -> Weighing:
    """Weigh a load; every: seconds between readings, None for the pace of the service."""
    chance = random.Random(1)
    weighing = Weighing(Scale(nominal(1, "simulated"), Behaviour(longest=longest)))
    at = 0.0
    while at < end:
        kg = load(at) + chance.gauss(0, noise)
        instant = weighing.read((round(kg * PER_KG),), at)
        at += every or (QUICK if weighing.scale.is_restless(instant) else IDLE)
    return weighing


def between(begin: float, end: float, kg: float, sway: float = 0.0) -> Load:
    """Return a body of some kg on the seat from one second to another; sway: kg."""
    chance = random.Random(2)
    return lambda at: kg + chance.gauss(0, sway) if begin <= at < end else 0.0


def summed(*loads: Load) -> Load:
    return lambda at: sum(load(at) for load in loads)


def assert_found(weighing: Weighing, true: list[Edge], within: float = 3) -> None:
    """Assert that the edges are the true ones and no fault was reported."""
    assert near(weighing.edges, true, within), weighing.edges
    assert weighing.others == []


@pytest.mark.parametrize("every", [QUICK, IDLE])
@pytest.mark.parametrize("peak_to_peak", [6, 16, 30])
@pytest.mark.parametrize("hertz", [1.5, 1.8, 2.5, 3.3, 5.0])
def test_a_body_that_bounces_stays_seated_and_is_no_fault(
    hertz: float, peak_to_peak: float, every: float
) -> None:
    for kg in (40.0, 75.0):
        body = between(20, 140, kg)

        def bouncing(at: float, body: Load = body) -> float:
            bounces = 30 <= at < 130
            return body(at) + (peak_to_peak / 2 * sin(2 * pi * hertz * at) if bounces else 0)

        assert_found(weigh(bouncing, 170, every=every), [(True, 20), (False, 140)])


@pytest.mark.parametrize("every", [10.0, 30.0])
@pytest.mark.parametrize("climb", [1, 2, 3, 8, 15])
@pytest.mark.parametrize("kg", [40.0, 110.0])
def test_a_person_leaves_cells_that_climb_all_day(kg: float, climb: float, every: float) -> None:
    body = between(600, 9 * HOUR, kg)

    weighing = weigh(lambda at: body(at) + climb * at / HOUR, 12 * HOUR, every=every, noise=0.02)

    assert_found(weighing, [(True, 600), (False, 9 * HOUR)], within=every)


def test_a_person_sits_down_again_on_cells_that_have_climbed() -> None:
    body = summed(between(600, 3 * HOUR, 60), between(3 * HOUR + 300, 4 * HOUR, 60))

    weighing = weigh(lambda at: body(at) + 15 * at / HOUR, 5 * HOUR, every=2.0)

    edges = [(True, 600), (False, 3 * HOUR), (True, 3 * HOUR + 300), (False, 4 * HOUR)]
    assert_found(weighing, edges)


@pytest.mark.parametrize("kg", [16.0, 20.0, 29.0])
@pytest.mark.parametrize("noise", [0.002, 0.01, 0.03])
def test_a_light_load_as_still_as_the_empty_seat_is_a_thing_after_an_hour(
    kg: float, noise: float
) -> None:
    thing = between(900, 10 * HOUR, kg)

    weighing = weigh(thing, 11 * HOUR, every=10.0, noise=noise)

    assert_found(weighing, [(True, 900), (False, 900 + HOUR)], within=30)


def test_a_person_on_a_thing_is_found_and_so_is_a_person_after_it() -> None:
    thing = between(100, 2 * HOUR, 20)
    persons = [(1.5 * HOUR, 1.8 * HOUR), (2 * HOUR + 20, 2.1 * HOUR)]
    bodies = [between(begin, end, 60, sway=0.2) for begin, end in persons]

    edges = weigh(summed(thing, *bodies), 2.2 * HOUR, every=1.0).edges

    true = [(on, at) for begin, end in persons for on, at in ((True, begin), (False, end))]
    assert near(edges[2:], true, 3)


@pytest.mark.parametrize("kg", [20.0, 28.0])
@pytest.mark.parametrize(("breath", "noise"), [(0.03, 0.005), (0.05, 0.02), (0.1, 0.03)])
def test_a_light_sleeper_who_only_breathes_stays_a_person(
    kg: float, breath: float, noise: float
) -> None:
    body = between(300, 2 * HOUR, kg)

    def breathing(at: float) -> float:
        return body(at) + (breath * sin(2 * pi * 0.27 * at) if body(at) else 0)

    weighing = weigh(breathing, 2.1 * HOUR, every=1.0, noise=noise)

    assert_found(weighing, [(True, 300), (False, 2 * HOUR)])


@pytest.mark.parametrize("kg", [40.0, 75.0])
def test_a_heavy_load_that_lies_still_is_left_to_the_longest_plausible_time(kg: float) -> None:
    person = between(13 * HOUR, 14 * HOUR, 50)
    load = summed(between(600, 12 * HOUR, kg), person)

    weighing = weigh(load, 15 * HOUR, every=10.0, longest=timedelta(hours=4))

    assert weighing.others == [SensorFailed("stuck"), SensorWorks("stuck", pressed=False)]
    times = [round(at) for given, at in weighing.inputs if given in weighing.others]
    assert times == [round(600 + 4 * HOUR), pytest.approx(12 * HOUR, abs=60)]
    assert near(weighing.edges, [(True, 600), (True, 13 * HOUR), (False, 14 * HOUR)], 10)


@pytest.mark.parametrize("longest", [timedelta(minutes=30), timedelta(hours=16)])
def test_somebody_who_sits_down_ends_the_fault_of_a_seat_that_is_occupied_too_long(
    longest: timedelta,
) -> None:
    seconds = longest.total_seconds()
    chance = random.Random(3)

    def restless_thing(at: float) -> float:
        return 35 + chance.gauss(0, 0.4) + (60 if at > seconds + 600 else 0)

    weighing = weigh(restless_thing, seconds + 900, every=5.0, longest=longest)

    assert weighing.others == [SensorFailed("stuck"), SensorWorks("stuck", pressed=True)]


@pytest.mark.parametrize("share", [0.25, 0.35, 0.5])
@pytest.mark.parametrize("lasts", [1.0, 4.0, 12.0])
def test_a_person_who_rises_on_the_armrests_and_sits_back_never_left(
    share: float, lasts: float
) -> None:
    body, lift = between(60, 300, 75, sway=0.2), between(200, 200 + lasts, 75 * (1 - share), 0.4)

    assert_found(weigh(lambda at: body(at) - lift(at), 330), [(True, 60), (False, 300)])


@pytest.mark.parametrize("begins", [-1.0, 0.0, 1.0, 3.0, 8.0])
@pytest.mark.parametrize("kg", [5.0, 12.0, 17.0, 25.0])
def test_a_thing_that_takes_the_place_of_a_person_is_no_person(kg: float, begins: float) -> None:
    bodies = summed(between(60, 300, 75, sway=0.2), between(600, 800, 75, sway=0.2))
    thing = between(300 + begins, 1000, kg)

    weighing = weigh(summed(bodies, thing), 1200)

    assert_found(weighing, [(True, 60), (False, 300), (True, 600), (False, 800)])


@pytest.mark.parametrize("pause", [0.0, 1.5])
@pytest.mark.parametrize("kg", [25.0, 40.0, 75.0])
def test_a_child_or_an_adult_who_takes_the_place_at_once_is_a_person(
    kg: float, pause: float
) -> None:
    bodies = summed(between(60, 300, 75, sway=0.2), between(300 + pause, 700, kg, sway=0.4))

    edges = weigh(bodies, 800).edges

    assert near([edges[0], edges[-1]], [(True, 60), (False, 700)], 3)
    assert near(edges[1:-1], [(False, 300), (True, 300 + pause)][: len(edges) - 2], 3)


@pytest.mark.parametrize("crosses", [7.0, 8.0, 60.0])
@pytest.mark.parametrize("comes", [8.0, 12.0, 30.0, 600.0])
def test_a_thing_at_the_limit_is_no_person_though_noise_lifts_it_over(
    comes: float, crosses: float
) -> None:
    person, thing = between(60, 600, 50, 0.2), between(600 + comes, 3000, 14.98)
    more = between(600 + comes + crosses, 3000, 0.04)

    weighing = weigh(summed(person, thing, more), 3300, noise=0.003)

    assert_found(weighing, [(True, 60), (False, 600)])


def test_a_thing_on_the_lap_stays_on_the_seat_and_the_person_leaves() -> None:
    load = summed(between(60, 600, 60, sway=0.2), between(200, 2000, 20))

    assert_found(weigh(load, 1800), [(True, 60), (False, 600)])


@pytest.mark.parametrize("seed", range(20))
def test_a_burst_of_wrong_conversions_moves_no_edge(seed: int) -> None:
    chance = random.Random(seed)
    wrong = {round((100 + chance.uniform(0, 2)) * 10) for _ in range(8)}
    wrong |= {round((10 + chance.uniform(0, 2)) * 10) for _ in range(8)}
    body = between(60, 140, 37, sway=0.1)

    def reading(at: float) -> float:
        return chance.uniform(-780, 780) if round(at * 10) in wrong else body(at)

    assert_found(weigh(reading, 180, every=0.1), [(True, 60), (False, 140)])


@pytest.mark.parametrize("seed", [1, 2, 76, 106])  # the last two lost a person once
def test_bursts_that_look_like_a_stand_up_for_a_moment_lose_nobody(seed: int) -> None:
    chance = random.Random(seed)
    begins = [100 + 40 * burst + chance.uniform(0, 1) for burst in range(100)]
    wrong = {round((at + chance.uniform(0, 2)) * 10) for at in begins for _ in range(8)}
    body = between(60, 4200, chance.uniform(20, 110), sway=0.1)

    def reading(at: float) -> float:
        return chance.uniform(-780, 780) if round(at * 10) in wrong else body(at)

    weighing = weigh(reading, 4300)

    gone = [(at, back) for (_, at), (_, back) in pairwise(weighing.edges[1:]) if at < 4190]
    assert all(back - at < 0.5 for at, back in gone[::2]), weighing.edges
    first, last = weighing.edges[0], weighing.edges[-1]
    assert near([first, last], [(True, 60), (False, 4200)], 3)
    assert weighing.others == []


@pytest.mark.parametrize("kg", [450.0, -500.0, 700.0])
def test_a_load_that_no_cell_carries_is_a_fault_within_5_seconds(kg: float) -> None:
    weighing = weigh(summed(between(10, 80, 75), between(40, 60, kg)), 100)

    assert weighing.others == [SensorFailed("saturated"), SensorWorks("saturated", pressed=True)]
    [failed] = [output for output in weighing.settled if output.given == SensorFailed("saturated")]
    assert 40 <= failed.at <= failed.now <= 45
    assert near(weighing.edges, [(True, 10), (False, 80)], 3)
