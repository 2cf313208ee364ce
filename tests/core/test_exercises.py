"""Exercises: the one that is due, its offer, and its completion."""

from support.timeline import *
from unsit.core.inputs import FinishExercise

ENDS = bout_ended(started=0, ended=610, seated=610, reminders=1)
HOUR = 3600


def test_the_due_exercise_comes_with_the_call_to_move_and_is_offered_at_the_stand_up() -> None:
    given(move_after=600, programme=STRETCH_AND_BRIDGE).run(*bout_with(STRETCH), until(620))


def test_a_chair_without_a_programme_offers_nothing() -> None:
    given(move_after=600).run(*bout_with(None), until(620))


def test_a_short_bout_brings_no_offer() -> None:
    given(programme=STRETCH_AND_BRIDGE).run(
        *SEATED_AT_0,
        at(899, stands_up),
        expect(899, stood_up(bout=899)),
        until(950),
    )


def test_a_long_bout_that_is_not_due_yet_brings_an_offer() -> None:
    given(programme=STRETCH_AND_BRIDGE).run(
        *SEATED_AT_0,
        at(900, stands_up),
        expect(900, stood_up(bout=900), exercise_due(STRETCH)),
        until(950),
    )


def test_a_gap_does_not_change_the_offer() -> None:
    given(move_after=600, programme=STRETCH_AND_BRIDGE).run(
        *bout_with(STRETCH),
        at(620, sits_down),
        expect(620, sat_back(away=10), lamp_on, back_too_soon(away=10, missing=110)),
        at(630, stands_up),
        expect(630, lamp_off, stood_up(bout=630, response=30), exercise_due(STRETCH)),
        until(640),
    )


def test_an_ignored_exercise_lets_the_next_one_go_first() -> None:
    given(move_after=600, programme=STRETCH_AND_BRIDGE).run(
        *bout_with(STRETCH),
        expect(730, ENDS),
        at(1000, sits_down),
        expect(1000, break_ended(pause=390), bout_started),
        expect(1600, move_due(bout=600, exercise=BRIDGE), sound, lamp_on),
        until(1700),
    )


def test_a_short_press_reports_the_offered_exercise_as_done() -> None:
    given(move_after=600, programme=STRETCH_AND_BRIDGE).run(
        *bout_with(STRETCH),
        at(700, presses_button),
        at(700.2, releases_button),
        expect(700.2, exercise_done(STRETCH)),
        expect(730, ENDS),
        at(1000, sits_down),
        expect(1000, break_ended(pause=390), bout_started),
        expect(1600, move_due(bout=600, exercise=BRIDGE), sound, lamp_on),
        until(1700),
    )


def test_a_second_press_does_nothing() -> None:
    given(move_after=600, programme=STRETCH_AND_BRIDGE).run(
        *bout_with(STRETCH),
        at(700, presses_button),
        at(700.2, releases_button),
        expect(700.2, exercise_done(STRETCH)),
        at(701, presses_button),
        at(701.2, releases_button),
        until(710),
    )


def test_a_short_press_on_the_seat_still_snoozes() -> None:
    given(move_after=600, programme=STRETCH_AND_BRIDGE).run(
        *bout_with(STRETCH, stands=False),
        at(605, presses_button),
        at(605.2, releases_button),
        expect(605.2, silence, snoozed(until=1200)),
        until(700),
    )


def test_a_stand_up_during_a_snooze_brings_the_exercise() -> None:
    given(move_after=600, programme=STRETCH_AND_BRIDGE).run(
        *bout_with(STRETCH, stands=False),
        at(605, presses_button),
        at(605.2, releases_button),
        expect(605.2, silence, snoozed(until=1200)),
        at(650, stands_up),
        expect(650, lamp_off, stood_up(bout=650, response=50), exercise_due(STRETCH)),
        until(700),
    )


def test_an_exercise_can_be_reported_as_done_after_sitting_down_again() -> None:
    given(move_after=600, programme=ONLY_STRETCH).run(
        *bout_with(STRETCH),
        expect(730, ENDS),
        at(1000, sits_down),
        expect(1000, break_ended(pause=390), bout_started),
        at(1010, reports_done),
        expect(1010, exercise_done(STRETCH)),
        at(1011, reports_done),
        expect(
            1011, refused("no exercise was offered; name the one that is done: there are stretch")
        ),
        until(1020),
    )


def test_an_exercise_reported_late_does_not_count_as_ignored() -> None:
    run = given(move_after=600, programme=STRETCH_AND_BRIDGE).run(
        *bout_with(STRETCH),
        expect(730, ENDS),
        at(1000, sits_down),
        expect(1000, break_ended(pause=390), bout_started),
        at(1010, reports_done),
        expect(1010, exercise_done(STRETCH)),
        until(1020),
    )

    assert run.coaching.lapsed == ()
    assert [mark.id for mark in run.coaching.done] == ["stretch"]


def test_an_exercise_done_without_an_offer_counts_by_its_name() -> None:
    given(move_after=600, programme=ONLY_BRIDGE).run(
        at(0, reports_done_by_name(BRIDGE)),
        expect(0, exercise_done(BRIDGE)),
        at(1, sits_down),
        expect(1, bout_started),
        until(600),
    )


def test_an_unknown_exercise_is_refused_with_the_known_ones() -> None:
    given(programme=STRETCH_AND_BRIDGE).run(
        at(0, FinishExercise("squat")),
        expect(0, refused("there is no exercise 'squat'; there are stretch, bridge")),
    )
    given().run(
        at(0, reports_done),
        expect(
            0,
            refused(
                "no exercise was offered; name the one that is done: exercises are switched off"
            ),
        ),
    )


def test_with_all_exercises_done_the_call_to_move_comes_alone() -> None:
    given(move_after=600, programme=ONLY_BRIDGE).run(
        at(0, reports_done_by_name(BRIDGE)),
        expect(0, exercise_done(BRIDGE)),
        at(1, sits_down),
        expect(1, bout_started),
        expect(601, move_due(bout=600), sound, lamp_on),
        at(610, stands_up),
        expect(610, silence, lamp_off, stood_up(bout=609, response=9)),
        until(620),
    )


def test_every_exercise_is_due_again_after_midnight() -> None:
    given(move_after=600, programme=ONLY_BRIDGE).run(
        at(0, day(-80000)),
        at(0, reports_done_by_name(BRIDGE)),
        expect(0, exercise_done(BRIDGE)),
        at(6399 - 600, sits_down),
        expect(5799, bout_started),
        expect(6399, move_due(bout=600), sound, lamp_on),
        at(6401, stands_up),
        expect(6401, silence, lamp_off, stood_up(bout=602, response=2), exercise_due(BRIDGE)),
        until(6410),
    )


def test_a_night_in_which_the_clock_goes_back_has_an_hour_more() -> None:
    """The day began 20 h ago and has 25 h; an exercise done in it counts until its end."""
    begun = given(move_after=600, programme=ONLY_BRIDGE)
    for hours, owes in ((25, None), (24, BRIDGE), (23, BRIDGE)):
        begun.run(
            at(0, day(-20 * HOUR, (hours - 20) * HOUR)),
            at(0, reports_done_by_name(BRIDGE)),
            expect(0, exercise_done(BRIDGE)),
            at(4 * HOUR - 600 + 60, sits_down),
            expect(4 * HOUR - 540, bout_started),
            expect(4 * HOUR + 60, move_due(bout=600, exercise=owes), sound, lamp_on),
            until(4 * HOUR + 100),
        )


def test_a_wall_clock_that_is_set_moves_the_day_and_loses_nothing() -> None:
    given(move_after=600, programme=ONLY_BRIDGE).run(
        at(0, day(-100)),
        at(0, reports_done_by_name(BRIDGE)),
        expect(0, exercise_done(BRIDGE)),
        at(10, day(5)),
        at(20, day(-100)),
        at(30, sits_down),
        expect(30, bout_started),
        expect(630, move_due(bout=600), sound, lamp_on),
        until(640),
    )


def test_a_walk_counts_by_itself_once_the_seat_was_empty_long_enough() -> None:
    given(move_after=600, programme=ONLY_WALK).run(
        *bout_with(WALK), expect(730, ENDS), expect(910, exercise_done(WALK)), until(2000)
    )


def test_a_person_back_before_that_has_not_walked() -> None:
    given(move_after=600, programme=ONLY_WALK).run(
        *bout_with(WALK),
        expect(730, ENDS),
        at(909, sits_down),
        expect(909, break_ended(pause=299), bout_started),
        until(1000),
    )


def test_a_seat_left_for_good_counts_one_walk_and_no_more() -> None:
    given(move_after=600, programme=ONLY_WALK).run(
        *bout_with(WALK), expect(730, ENDS), expect(910, exercise_done(WALK)), until(90000)
    )


def test_time_with_a_sensor_fault_is_no_walk() -> None:
    given(move_after=600, programme=ONLY_WALK).run(
        *bout_with(WALK),
        at(650, sensor_fails()),
        expect(650, sensor_fault()),
        at(700, sensor_works(pressed=False)),
        expect(700, sensor_recovered()),
        expect(730, ENDS),
        expect(1000, exercise_done(WALK)),
        until(1100),
    )


def test_an_exercise_is_offered_in_a_hold_without_a_sound() -> None:
    given(move_after=600, programme=STRETCH_AND_BRIDGE).run(
        *SEATED_AT_0,
        at(10, starts_hold()),
        expect(10, hold_started()),
        expect(600, move_due(bout=600, exercise=STRETCH, silent=True), lamp_on),
        at(610, stands_up),
        expect(610, lamp_off, stood_up(bout=610, response=10), exercise_due(STRETCH)),
        until(620),
    )
