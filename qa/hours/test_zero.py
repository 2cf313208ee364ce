"""Automatic zero: it follows the slow drift of an empty, quiet seat, but not objects on it."""

import pytest

from support.simulated_person import Seat, Weighing, near

pytestmark = pytest.mark.slow

HOUR = 3600.0


@pytest.mark.parametrize("kg", [2.5, -2.5])
def test_the_drift_of_an_empty_seat_is_followed(kg: float) -> None:
    weighing = Weighing().weigh(Seat(drift=lambda seconds: kg * seconds / (8 * HOUR)), 0, 8 * HOUR)

    assert weighing.inputs == []
    assert weighing.scale.drift == pytest.approx(kg, abs=0.1)
    assert weighing.scale.load == pytest.approx(0, abs=0.1)


def test_the_zero_follows_no_faster_than_100_g_a_minute() -> None:
    seat = Seat(noise=0.5, drift=lambda seconds: 0.4 if seconds > 300 else 0.0)

    before = Weighing().weigh(seat, 0, 300).scale.drift
    weighing = Weighing().weigh(seat, 0, 300 + 60)

    assert before == pytest.approx(0, abs=0.01)
    assert 0.09 < weighing.scale.drift - before < 0.1005


def test_the_zero_follows_by_3_kg_at_most() -> None:
    weighing = Weighing().weigh(Seat(drift=lambda seconds: 6 * seconds / (8 * HOUR)), 0, 8 * HOUR)

    assert weighing.scale.drift == pytest.approx(3, abs=0.01)
    assert weighing.inputs == []


def test_nothing_is_followed_in_the_first_two_quiet_minutes() -> None:
    seat = Seat(drift=lambda seconds: 0.3)

    assert Weighing().weigh(seat, 0, 119).scale.drift == 0


def test_nothing_is_followed_while_the_seat_is_restless() -> None:
    seat = Seat(noise=8000, drift=lambda seconds: 2 * seconds / (2 * HOUR))

    assert Weighing().weigh(seat, 0, 2 * HOUR).scale.drift == 0


def test_nothing_is_followed_while_somebody_sits() -> None:
    seat = Seat(drift=lambda seconds: 2 * seconds / (8 * HOUR)).at(60, 75)

    assert Weighing().weigh(seat, 0, 8 * HOUR).scale.drift == 0


def test_a_bag_that_lies_there_through_a_drift_keeps_its_weight() -> None:
    seat = Seat(drift=lambda seconds: 2 * seconds / (8 * HOUR)).at(60, 4)

    weighing = Weighing().weigh(seat, 0, 8 * HOUR)

    assert weighing.scale.load == pytest.approx(4, abs=0.1)
    assert weighing.scale.drift == pytest.approx(2, abs=0.1)


def test_persons_are_detected_through_a_day_of_drift() -> None:
    seat = Seat(drift=lambda seconds: -3 * seconds / (8 * HOUR))
    true = []
    for hour in range(8):
        seat.at(hour * HOUR + 600, 50).at(hour * HOUR + 3000, 0)
        true += [(True, hour * HOUR + 600), (False, hour * HOUR + 3000)]

    assert near(Weighing().weigh(seat, 0, 8 * HOUR).edges, true, 1)
