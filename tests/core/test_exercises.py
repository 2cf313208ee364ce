"""Exercises: which is owed, when it is offered, and what counts as done."""

from core.beginnings import SITS_DOWN
from core.exercising import (
    BOTH,
    BRIDGE,
    ONLY_BRIDGE,
    ONLY_STRETCH,
    ONLY_WALK,
    STRETCH,
    WALK,
    bout,
    day,
    done,
    due,
    names,
    offered,
    says_done,
)
from timeline import (
    at,
    back_too_soon,
    bout_ended,
    bout_started,
    break_ended,
    expect,
    fails,
    finger_off,
    finger_on,
    given,
    hold_started,
    holds,
    lamp_off,
    lamp_on,
    move_due,
    refused,
    sat_back,
    sensor_fault,
    sensor_recovered,
    silence,
    sits,
    snoozed,
    sound,
    stands,
    stood_up,
    until,
    works,
)
from unsit.core.inputs import FinishExercise

ENDS = bout_ended(started=0, ended=610, seated=610, reminders=1)
HOUR = 3600


def test_the_exercise_that_is_owed_comes_with_the_call_to_move_and_is_offered_at_the_stand_up() -> (
    None
):
    given(move_after=600, programme=BOTH).live(*bout(STRETCH), until(620))


def test_a_chair_without_a_programme_offers_nothing() -> None:
    given(move_after=600).live(*bout(None), until(620))


def test_who_has_hardly_sat_is_offered_nothing() -> None:
    given(programme=BOTH).live(
        *SITS_DOWN,
        at(899, stands),
        expect(899, stood_up(bout=899)),
        until(950),
    )


def test_who_rises_after_a_good_while_is_offered_one_before_it_is_time_to_move() -> None:
    given(programme=BOTH).live(
        *SITS_DOWN,
        at(900, stands),
        expect(900, stood_up(bout=900), offered(STRETCH)),
        until(950),
    )


def test_a_gap_does_not_change_what_is_offered() -> None:
    given(move_after=600, programme=BOTH).live(
        *bout(STRETCH),
        at(620, sits),
        expect(620, sat_back(away=10), lamp_on, back_too_soon(away=10, missing=110)),
        at(630, stands),
        expect(630, lamp_off, stood_up(bout=630, response=30), offered(STRETCH)),
        until(640),
    )


def test_an_exercise_that_nobody_took_up_lets_the_next_one_go_first() -> None:
    given(move_after=600, programme=BOTH).live(
        *bout(STRETCH),
        expect(730, ENDS),
        at(1000, sits),
        expect(1000, break_ended(pause=390), bout_started),
        expect(1600, due(600, BRIDGE), sound, lamp_on),
        until(1700),
    )


def test_a_short_press_while_one_is_offered_says_that_it_is_done() -> None:
    given(move_after=600, programme=BOTH).live(
        *bout(STRETCH),
        at(700, finger_on),
        at(700.2, finger_off),
        expect(700.2, done(STRETCH)),
        expect(730, ENDS),
        at(1000, sits),
        expect(1000, break_ended(pause=390), bout_started),
        expect(1600, due(600, BRIDGE), sound, lamp_on),
        until(1700),
    )


def test_a_second_press_has_nothing_left_to_answer() -> None:
    given(move_after=600, programme=BOTH).live(
        *bout(STRETCH),
        at(700, finger_on),
        at(700.2, finger_off),
        expect(700.2, done(STRETCH)),
        at(701, finger_on),
        at(701.2, finger_off),
        until(710),
    )


def test_a_short_press_on_the_seat_still_snoozes() -> None:
    given(move_after=600, programme=BOTH).live(
        *bout(STRETCH, rises=False),
        at(605, finger_on),
        at(605.2, finger_off),
        expect(605.2, silence, snoozed(until=1200)),
        until(700),
    )


def test_a_stand_up_during_a_snooze_brings_the_exercise() -> None:
    given(move_after=600, programme=BOTH).live(
        *bout(STRETCH, rises=False),
        at(605, finger_on),
        at(605.2, finger_off),
        expect(605.2, silence, snoozed(until=1200)),
        at(650, stands),
        expect(650, lamp_off, stood_up(bout=650, response=50), offered(STRETCH)),
        until(700),
    )


def test_who_has_sat_down_again_can_still_say_that_it_is_done() -> None:
    given(move_after=600, programme=ONLY_STRETCH).live(
        *bout(STRETCH),
        expect(730, ENDS),
        at(1000, sits),
        expect(1000, break_ended(pause=390), bout_started),
        at(1010, says_done),
        expect(1010, done(STRETCH)),
        at(1011, says_done),
        expect(
            1011, refused("no exercise was offered; name the one that is done: there are stretch")
        ),
        until(1020),
    )


def test_what_was_done_late_was_not_offered_in_vain() -> None:
    run = given(move_after=600, programme=BOTH).live(
        *bout(STRETCH),
        expect(730, ENDS),
        at(1000, sits),
        expect(1000, break_ended(pause=390), bout_started),
        at(1010, says_done),
        expect(1010, done(STRETCH)),
        until(1020),
    )

    assert run.coaching.lapsed == ()
    assert [mark.id for mark in run.coaching.done] == ["stretch"]


def test_an_exercise_done_of_ones_own_accord_counts_by_its_name() -> None:
    given(move_after=600, programme=ONLY_BRIDGE).live(
        at(0, names(BRIDGE)),
        expect(0, done(BRIDGE)),
        at(1, sits),
        expect(1, bout_started),
        until(600),
    )


def test_an_unknown_exercise_is_refused_with_those_there_are() -> None:
    given(programme=BOTH).live(
        at(0, FinishExercise("squat")),
        expect(0, refused("there is no exercise 'squat'; there are stretch, bridge")),
    )
    given().live(
        at(0, says_done),
        expect(
            0,
            refused(
                "no exercise was offered; name the one that is done: exercises are switched off"
            ),
        ),
    )


def test_when_all_is_done_the_call_to_move_comes_alone() -> None:
    given(move_after=600, programme=ONLY_BRIDGE).live(
        at(0, names(BRIDGE)),
        expect(0, done(BRIDGE)),
        at(1, sits),
        expect(1, bout_started),
        expect(601, move_due(bout=600), sound, lamp_on),
        at(610, stands),
        expect(610, silence, lamp_off, stood_up(bout=609, response=9)),
        until(620),
    )


def test_at_midnight_everything_is_owed_again() -> None:
    given(move_after=600, programme=ONLY_BRIDGE).live(
        at(0, day(-80000)),
        at(0, names(BRIDGE)),
        expect(0, done(BRIDGE)),
        at(6399 - 600, sits),
        expect(5799, bout_started),
        expect(6399, move_due(bout=600), sound, lamp_on),
        at(6401, stands),
        expect(6401, silence, lamp_off, stood_up(bout=602, response=2), offered(BRIDGE)),
        until(6410),
    )


def test_a_night_in_which_the_clock_goes_back_has_an_hour_more() -> None:
    """The day began 20 h ago and has 25; what was done in it counts until its own end."""
    begun = given(move_after=600, programme=ONLY_BRIDGE)
    for hours, owes in ((25, None), (24, BRIDGE), (23, BRIDGE)):
        begun.live(
            at(0, day(-20 * HOUR, hours=hours)),
            at(0, names(BRIDGE)),
            expect(0, done(BRIDGE)),
            at(4 * HOUR - 600 + 60, sits),
            expect(4 * HOUR - 540, bout_started),
            expect(4 * HOUR + 60, due(600, owes), sound, lamp_on),
            until(4 * HOUR + 100),
        )


def test_a_wall_clock_that_is_set_moves_the_day_and_loses_nothing() -> None:
    given(move_after=600, programme=ONLY_BRIDGE).live(
        at(0, day(-100)),
        at(0, names(BRIDGE)),
        expect(0, done(BRIDGE)),
        at(10, day(5)),
        at(20, day(-100)),
        at(30, sits),
        expect(30, bout_started),
        expect(630, move_due(bout=600), sound, lamp_on),
        until(640),
    )


def test_a_walk_counts_by_itself_once_the_seat_was_empty_long_enough() -> None:
    given(move_after=600, programme=ONLY_WALK).live(
        *bout(WALK), expect(730, ENDS), expect(910, done(WALK)), until(2000)
    )


def test_who_is_back_before_that_has_not_walked() -> None:
    given(move_after=600, programme=ONLY_WALK).live(
        *bout(WALK),
        expect(730, ENDS),
        at(909, sits),
        expect(909, break_ended(pause=299), bout_started),
        until(1000),
    )


def test_a_seat_left_for_good_counts_one_walk_and_no_more() -> None:
    given(move_after=600, programme=ONLY_WALK).live(
        *bout(WALK), expect(730, ENDS), expect(910, done(WALK)), until(90000)
    )


def test_time_in_which_the_sensor_could_not_be_believed_is_no_walk() -> None:
    given(move_after=600, programme=ONLY_WALK).live(
        *bout(WALK),
        at(650, fails()),
        expect(650, sensor_fault()),
        at(700, works(pressed=False)),
        expect(700, sensor_recovered()),
        expect(730, ENDS),
        expect(1000, done(WALK)),
        until(1100),
    )


def test_a_hold_does_not_keep_an_exercise_from_being_offered_since_it_makes_no_sound() -> None:
    given(move_after=600, programme=BOTH).live(
        *SITS_DOWN,
        at(10, holds()),
        expect(10, hold_started()),
        expect(600, due(600, STRETCH, silent=True), lamp_on),
        at(610, stands),
        expect(610, lamp_off, stood_up(bout=610, response=10), offered(STRETCH)),
        until(620),
    )
