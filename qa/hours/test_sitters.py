"""Persons, bags and cats on a simulated seat: only persons are detected."""

import random

import pytest

from support.simulated_person import Seat, Weighing, near
from support.timeline import sec
from unsit.core.inputs import LevelConfirmed, LevelUncertain
from unsit.core.rules import Rules
from unsit.core.weighing.calibration import nominal
from unsit.core.weighing.occupancy import Limits
from unsit.core.weighing.scale import Behaviour, Scale

pytestmark = pytest.mark.slow

MINUTE, HOUR = 60.0, 3600.0
PERSONS = [45.0, 75.0, 120.0]


@pytest.mark.parametrize("kg", PERSONS)
def test_a_person_is_detected_at_the_times_of_sit_down_and_stand_up(kg: float) -> None:
    seat = Seat().at(60, kg).at(660, 0).at(700, kg).at(1300, 0)

    weighing = Weighing().weigh(seat, 0, 1400)

    assert near(weighing.edges, [(True, 60), (False, 660), (True, 700), (False, 1300)], 1)
    assert weighing.others == []


def test_an_edge_is_reported_within_1500_ms() -> None:
    weighing = Weighing().weigh(Seat().at(60, 75).at(660, 0), 0, 700)

    assert len(weighing.late) == 2
    assert max(weighing.late) < 1.5


def test_a_bag_of_12_kg_for_8_hours_is_no_person_and_is_not_tared_away() -> None:
    weighing = Weighing().weigh(Seat().at(60, 12), 0, 8 * HOUR)

    assert weighing.inputs == []
    assert weighing.scale.load == pytest.approx(12, abs=0.2)


@pytest.mark.parametrize("kg", [0.6, 1.0, 2.0])
def test_a_light_bag_for_8_hours_is_not_tared_away_either(kg: float) -> None:
    weighing = Weighing().weigh(Seat().at(300, kg), 0, 8 * HOUR)

    assert weighing.inputs == []
    assert weighing.scale.load == pytest.approx(kg, abs=0.05)


def test_a_cat_of_5_kg_that_moves_for_an_hour_is_no_person() -> None:
    chance = random.Random(3)
    seat = Seat().at(60, 5)
    for minute in range(2, 60):
        at = minute * MINUTE + chance.uniform(0, 30)
        seat.at(at, chance.uniform(0, 9)).at(at + chance.uniform(0.2, 4), 5)
    seat.at(HOUR + 60, 0)

    assert Weighing().weigh(seat, 0, HOUR + 120).inputs == []


def test_a_person_who_sits_for_8_hours_on_creeping_cells_is_one_bout() -> None:
    seat = Seat(drift=lambda seconds: 0.04 * 75 * seconds / (8 * HOUR)).at(60, 75)
    seat.at(60 + 8 * HOUR, 0)

    weighing = Weighing().weigh(seat, 0, 9 * HOUR)

    [(started, ended)] = weighing.bouts(Rules(), 9 * HOUR)
    assert (started, ended) == pytest.approx((60, 60 + 8 * HOUR), abs=1)


def test_a_person_who_leans_on_the_armrests_or_slouches_still_sits() -> None:
    seat = Seat().at(60, 60)
    for nth in range(20):
        seat.at(100 + 30 * nth, 60 * (0.65 if nth % 2 else 0.88))
    seat.at(1000, 0)

    assert near(Weighing().weigh(seat, 0, 1100).edges, [(True, 60), (False, 1000)], 1)


def test_a_person_who_sits_on_a_bag_is_detected_both_times() -> None:
    seat = Seat().at(10, 12).at(600, 12 + 45).at(1200, 12).at(1500, 12 + 45).at(2000, 12)

    edges = Weighing().weigh(seat, 0, 2100).edges

    assert near(edges, [(True, 600), (False, 1200), (True, 1500), (False, 2000)], 1)


def test_a_bag_that_takes_the_place_of_a_person_is_not_the_person() -> None:
    weighing = Weighing().weigh(Seat().at(60, 45).at(1500, 12), 0, 3000)

    assert near(weighing.edges, [(True, 60), (False, 1500)], 1.5)


@pytest.mark.parametrize("kg", [-8.0, 8.0])
def test_a_stand_up_is_detected_though_the_zero_has_drifted_by_8_kg(kg: float) -> None:
    seat = Seat(drift=lambda seconds: kg * seconds / (8 * HOUR)).at(60, 45).at(8 * HOUR, 0)

    weighing = Weighing().weigh(seat, 0, 8 * HOUR + 60)

    assert near(weighing.edges, [(True, 60), (False, 8 * HOUR)], 1)
    assert max(weighing.late) < 1.5


@pytest.mark.parametrize(("gap", "bouts"), [(59.4, 1), (60.6, 2)])
def test_a_gap_just_shorter_than_a_break_is_no_break_though_its_end_is_reported_late(
    gap: float, bouts: int
) -> None:
    rules = Rules(min_break=sec(60), sit_dwell=sec(0), stand_dwell=sec(0))
    for phase in range(4):
        stood_up = 600 + phase / 10
        seat = Seat(seed=phase).at(60, 75).at(stood_up, 0).at(stood_up + gap, 75).at(900, 0)

        assert len(Weighing().weigh(seat, 0, 1000).bouts(rules, 1000)) == bouts


def test_a_wrong_reading_delays_a_deadline_by_less_than_500_ms() -> None:
    seat = Seat(corrupt=lambda seconds: 0.0 if 1859.9 < seconds < 1860 else None).at(60, 75)
    weighing = Weighing().weigh(seat, 0, 1900)
    doubts = [output.now for output in weighing.outputs if output.given == LevelUncertain()]
    ends = [output.now for output in weighing.outputs if output.given == LevelConfirmed()]

    assert len(doubts) == len(ends) + 1  # the edge ends the uncertainty of the sit-down
    assert all(end - doubt < 0.5 for doubt, end in zip(doubts[1:], ends, strict=True))


def test_five_wrong_conversions_in_a_row_make_no_edge_at_any_load() -> None:
    chance = random.Random(5)
    wrong: dict[int, float] = {}
    for block in range(40):
        start = 2000 + block * 300
        wrong |= {start + nth: chance.uniform(-(2**23), 2**23 - 1) for nth in range(5)}

    for kg, edges in ((0, []), (12, []), (75, [(True, 30.0)])):
        weighing = Weighing()
        seat = Seat().at(30, kg)
        for tick in range(15_000):
            weighing.read((wrong.get(tick, seat.raw(tick / 10)),), tick / 10)
        assert near(weighing.edges, edges, 1)
        assert weighing.others == []


def test_shares_of_the_learned_person_replace_the_limits_in_kg() -> None:
    limits = Limits(sit=10, stand=5, least=15, of_sitter=True)
    scale = Scale(nominal(1, "simulated"), Behaviour(limits=limits))
    seat = Seat().at(10, 100).at(500, 0).at(600, 20).at(700, 0).at(800, 100).at(1000, 0)

    edges = Weighing(scale).weigh(seat, 0, 1100).edges

    assert near(edges, [(True, 10), (False, 500), (True, 800), (False, 1000)], 1)
    assert near(
        Weighing().weigh(Seat().at(600, 20).at(700, 0), 500, 800).edges,
        [(True, 600), (False, 700)],
        1,
    )
