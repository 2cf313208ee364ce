"""The daily limit: the time on the seat since midnight, one sign of its own, once a day."""

from core.beginnings import SITS_DOWN
from timeline import (
    at,
    bout_ended,
    bout_started,
    break_ended,
    buzzer_off,
    cue,
    daily_limit_reached,
    day,
    expect,
    fails,
    given,
    hold_started,
    holds,
    lamp_on,
    leaning_started,
    leans,
    move_due,
    plays,
    sensor_fault,
    sensor_recovered,
    sets_daily_limit,
    silence,
    sits,
    sound,
    stands,
    stood_up,
    until,
    works,
)

TODAY = at(0, day(0, 86400))
REACHED_AT_500 = expect(500, plays("rising"), daily_limit_reached(seated=500))


def test_the_limit_is_told_aloud_when_the_time_on_the_seat_reaches_it_and_once() -> None:
    given(daily_limit=500).live(TODAY, *SITS_DOWN, REACHED_AT_500, until(1799))


def test_it_adds_up_over_bouts_and_leaves_out_breaks() -> None:
    given(daily_limit=500).live(
        TODAY,
        *SITS_DOWN,
        at(300, stands),
        expect(300, stood_up(bout=300)),
        expect(420, bout_ended(started=0, ended=300, seated=300)),
        at(1000, sits),
        expect(1000, break_ended(pause=700), bout_started),
        expect(1200, plays("rising"), daily_limit_reached(seated=500)),
        until(2799),
    )


def test_only_the_time_since_midnight_counts() -> None:
    given(daily_limit=500, move_after=9000).live(
        at(0, day(-86000, 400)),
        *SITS_DOWN,
        at(400, day(400, 86800)),
        expect(900, plays("rising"), daily_limit_reached(seated=500)),
        until(8999),
    )


def test_a_new_day_has_a_limit_of_its_own() -> None:
    given(daily_limit=500, move_after=9000).live(
        at(0, day(-80000, 600)),
        *SITS_DOWN,
        REACHED_AT_500,
        at(600, day(600, 87000)),
        expect(1100, plays("rising"), daily_limit_reached(seated=500)),
        until(8999),
    )


def test_a_limit_that_would_be_reached_after_midnight_is_not_reached_today() -> None:
    given(daily_limit=500).live(at(0, day(-86000, 400)), *SITS_DOWN, until(1799))


def test_in_a_hold_it_is_told_silently_and_not_caught_up() -> None:
    given(daily_limit=500).live(
        TODAY,
        *SITS_DOWN,
        at(400, holds(until=600)),
        expect(400, hold_started()),
        expect(500, daily_limit_reached(seated=500, silent=True)),
        until(599),
    )


def test_with_the_buzzer_off_it_is_an_event() -> None:
    given(daily_limit=500).live(
        TODAY,
        *SITS_DOWN,
        at(1, buzzer_off),
        expect(500, daily_limit_reached(seated=500, silent=True)),
        until(1799),
    )


def test_with_the_call_to_move_so_near_it_is_told_and_the_call_is_heard() -> None:
    given(daily_limit=590, move_after=600).live(
        TODAY,
        *SITS_DOWN,
        expect(590, daily_limit_reached(seated=590)),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_right_after_another_sign_it_is_told_and_not_heard() -> None:
    given(daily_limit=500).live(
        TODAY,
        *SITS_DOWN,
        at(450, leans("left", since=400)),
        expect(450, cue, leaning_started("left", since=400)),
        expect(500, daily_limit_reached(seated=500)),
        until(1799),
    )


def test_it_stops_when_the_person_rises() -> None:
    given(daily_limit=500).live(
        TODAY,
        *SITS_DOWN,
        REACHED_AT_500,
        at(501, stands),
        expect(501, silence, stood_up(bout=501)),
        until(620),
    )


def test_time_in_which_the_sensor_was_at_fault_does_not_count() -> None:
    given(daily_limit=500).live(
        TODAY,
        *SITS_DOWN,
        at(200, fails()),
        expect(200, sensor_fault()),
        at(260, works(pressed=True)),
        expect(260, sensor_recovered()),
        expect(560, plays("rising"), daily_limit_reached(seated=500)),
        until(1799),
    )


def test_a_limit_that_is_lowered_below_the_time_on_the_seat_is_reached_now() -> None:
    given().live(
        TODAY,
        *SITS_DOWN,
        at(700, sets_daily_limit(600)),
        expect(700, plays("rising"), daily_limit_reached(seated=700)),
        until(1799),
    )


def test_a_limit_that_is_lifted_is_not_reached() -> None:
    given(daily_limit=500).live(TODAY, *SITS_DOWN, at(400, sets_daily_limit(None)), until(1799))


def test_without_a_day_there_is_no_daily_limit() -> None:
    given(daily_limit=500).live(*SITS_DOWN, until(1799))
