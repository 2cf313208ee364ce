"""The daily limit: seated time since midnight, with one sound of its own a day."""

from support.timeline import *

TODAY = at(0, day(0, 86400))
REACHED_AT_500 = expect(500, plays("rising"), daily_limit_reached(seated=500))


def test_the_limit_sounds_once_when_the_seated_time_reaches_it() -> None:
    given(daily_limit=500).run(TODAY, *SEATED_AT_0, REACHED_AT_500, until(1799))


def test_seated_time_adds_up_over_bouts_without_breaks() -> None:
    given(daily_limit=500).run(
        TODAY,
        *SEATED_AT_0,
        at(300, stands_up),
        expect(300, stood_up(bout=300)),
        expect(420, bout_ended(started=0, ended=300, seated=300)),
        at(1000, sits_down),
        expect(1000, break_ended(pause=700), bout_started),
        expect(1200, plays("rising"), daily_limit_reached(seated=500)),
        until(2799),
    )


def test_only_the_time_since_midnight_counts() -> None:
    given(daily_limit=500, move_after=9000).run(
        at(0, day(-86000, 400)),
        *SEATED_AT_0,
        at(400, day(400, 86800)),
        expect(900, plays("rising"), daily_limit_reached(seated=500)),
        until(8999),
    )


def test_a_new_day_has_a_limit_of_its_own() -> None:
    given(daily_limit=500, move_after=9000).run(
        at(0, day(-80000, 600)),
        *SEATED_AT_0,
        REACHED_AT_500,
        at(600, day(600, 87000)),
        expect(1100, plays("rising"), daily_limit_reached(seated=500)),
        until(8999),
    )


def test_a_limit_that_would_be_reached_after_midnight_is_not_reached_today() -> None:
    given(daily_limit=500).run(at(0, day(-86000, 400)), *SEATED_AT_0, until(1799))


def test_a_limit_reached_in_a_hold_is_silent_and_does_not_sound_later() -> None:
    given(daily_limit=500).run(
        TODAY,
        *SEATED_AT_0,
        at(400, starts_hold(until=600)),
        expect(400, hold_started()),
        expect(500, daily_limit_reached(seated=500, silent=True)),
        until(599),
    )


def test_with_the_buzzer_off_the_limit_is_only_an_event() -> None:
    given(daily_limit=500).run(
        TODAY,
        *SEATED_AT_0,
        at(1, buzzer_off),
        expect(500, daily_limit_reached(seated=500, silent=True)),
        until(1799),
    )


def test_the_limit_is_silent_when_the_call_to_move_is_near() -> None:
    given(daily_limit=590, move_after=600).run(
        TODAY,
        *SEATED_AT_0,
        expect(590, daily_limit_reached(seated=590)),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_the_limit_is_silent_right_after_another_sound() -> None:
    given(daily_limit=500).run(
        TODAY,
        *SEATED_AT_0,
        at(450, leans("left", since=400)),
        expect(450, soft_tick, leaning_started("left", since=400)),
        expect(500, daily_limit_reached(seated=500)),
        until(1799),
    )


def test_the_sound_of_the_limit_stops_when_the_person_stands_up() -> None:
    given(daily_limit=500).run(
        TODAY,
        *SEATED_AT_0,
        REACHED_AT_500,
        at(501, stands_up),
        expect(501, silence, stood_up(bout=501)),
        until(620),
    )


def test_time_in_which_the_sensor_was_at_fault_does_not_count() -> None:
    given(daily_limit=500).run(
        TODAY,
        *SEATED_AT_0,
        at(200, sensor_fails()),
        expect(200, sensor_fault()),
        at(260, sensor_works(pressed=True)),
        expect(260, sensor_recovered()),
        expect(560, plays("rising"), daily_limit_reached(seated=500)),
        until(1799),
    )


def test_a_limit_that_is_lowered_below_the_time_on_the_seat_is_reached_now() -> None:
    given().run(
        TODAY,
        *SEATED_AT_0,
        at(700, sets_daily_limit(600)),
        expect(700, plays("rising"), daily_limit_reached(seated=700)),
        until(1799),
    )


def test_a_limit_that_is_lifted_is_not_reached() -> None:
    given(daily_limit=500).run(TODAY, *SEATED_AT_0, at(400, sets_daily_limit(None)), until(1799))


def test_without_a_day_there_is_no_daily_limit() -> None:
    given(daily_limit=500).run(*SEATED_AT_0, until(1799))
