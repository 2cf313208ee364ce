"""The ladder of cues, the early warning, the softer part of the day, and limits of snoozes."""

import pytest

from support.timeline import *

LADDER = "lamp 1m, tick 30% 2m, double, long 1m, event"


def test_each_reminder_is_a_rung_higher_and_waits_as_long_as_the_rung_says() -> None:
    given(move_after=600, ladder=LADDER, max_reminders=7).run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600, cue="lamp"), lamp_on),
        expect(660, move_reminder(2, bout=660, cue="tick"), plays("tick", 30)),
        expect(780, move_reminder(3, bout=780, cue="double"), plays("double")),
        expect(1080, move_reminder(4, bout=1080, cue="long"), plays("long")),
        expect(1140, move_reminder(5, bout=1140, cue="event")),
        expect(1440, move_reminder(6, bout=1440, cue="event")),
        expect(1740, move_reminder(7, bout=1740, cue="event")),
        expect(2040, gave_up(bout=2040)),
        until(90000),
    )


def test_after_a_gap_the_ladder_goes_on_where_it_was() -> None:
    given(move_after=600, ladder="short 2m, long").run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600, cue="short"), plays("short"), lamp_on),
        at(610, stands_up),
        expect(610, silence, lamp_off, stood_up(bout=610, response=10)),
        at(700, sits_down),
        expect(700, soft_tick, lamp_on, sat_back(away=90), back_too_soon(away=90, missing=30)),
        expect(810, move_reminder(2, bout=810, cue="long"), plays("long")),
        until(1109),
    )


def test_a_new_bout_begins_at_the_foot_of_the_ladder() -> None:
    chair = given(move_after=600, ladder="short 2m, long").run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600, cue="short"), plays("short"), lamp_on),
        expect(720, move_reminder(2, bout=720, cue="long"), plays("long")),
    )
    assert chair.reminders.rung == 2


def test_an_acknowledged_bout_begins_at_the_foot_of_the_ladder_again() -> None:
    given(move_after=600, ladder="short 2m, long").run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600, cue="short"), plays("short"), lamp_on),
        expect(720, move_reminder(2, bout=720, cue="long"), plays("long")),
        at(721, acknowledges),
        expect(721, silence, acknowledged(bout=721)),
        expect(1020, move_reminder(3, bout=1020, cue="short"), plays("short")),
        until(1139),
    )


def test_nothing_can_be_acknowledged_before_the_bout_is_due() -> None:
    given().run(
        *SEATED_AT_0,
        at(5, acknowledges),
        expect(5, refused("nothing is due that could be acknowledged")),
    )


def test_a_reminder_that_a_hold_delayed_sounds_on_its_own_rung() -> None:
    given(move_after=600, ladder="short 2m, long").run(
        *SEATED_AT_0,
        at(500, starts_hold()),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True, cue="short"), lamp_on),
        at(700, ends_hold),
        expect(700, hold_ended(), move_reminder(2, bout=700, cue="short"), plays("short")),
        expect(820, move_reminder(3, bout=820, cue="long"), plays("long")),
    )


# The early warning.

SOON = expect(480, soft_tick, move_soon(bout=480, due=600))


def test_a_soft_tick_comes_before_the_call() -> None:
    given(move_after=600, warn_before=120).run(
        *SEATED_AT_0, SOON, expect(600, move_due(bout=600), sound, lamp_on)
    )


def test_without_the_setting_there_is_no_warning() -> None:
    given(move_after=600).run(*DUE_AT_600, until(899))


def test_a_late_return_is_warned_at_once_and_once_in_a_bout() -> None:
    given(move_after=600, warn_before=120, min_break=300).run(
        *SEATED_AT_0,
        at(470, stands_up),
        expect(470, stood_up(bout=470)),
        at(500, sits_down),
        expect(500, soft_tick, sat_back(away=30), move_soon(bout=500, due=600)),
        at(520, stands_up),
        expect(520, stood_up(bout=520)),
        at(530, sits_down),
        expect(530, sat_back(away=10)),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_return_within_a_minute_of_the_call_gets_the_event_without_a_sound() -> None:
    given(move_after=600, warn_before=120, min_break=300).run(
        *SEATED_AT_0,
        at(470, stands_up),
        expect(470, stood_up(bout=470)),
        at(560, sits_down),
        expect(560, sat_back(away=90), move_soon(bout=560, due=600)),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_warning_in_a_hold_is_silent_and_does_not_sound_later() -> None:
    given(move_after=600, warn_before=120).run(
        *SEATED_AT_0,
        at(400, starts_hold()),
        expect(400, hold_started()),
        expect(480, move_soon(bout=480, due=600, silent=True)),
        at(500, ends_hold),
        expect(500, hold_ended()),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_warning_near_another_soft_tick_is_silent() -> None:
    given(move_after=600, warn_before=120).run(
        *SEATED_AT_0,
        at(440, leans("left", since=400)),
        expect(440, soft_tick, leaning_started("left", since=400)),
        expect(480, move_soon(bout=480, due=600)),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_leaning_right_before_the_call_is_silent() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(541, leans("left", since=500)),
        expect(541, leaning_started("left", since=500)),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_no_warning_while_the_sensor_is_at_fault() -> None:
    given(move_after=600, warn_before=120).run(
        *SEATED_AT_0, at(470, sensor_fails()), expect(470, sensor_fault()), until(2000)
    )


def test_with_the_buzzer_off_the_warning_is_only_an_event() -> None:
    given(move_after=600, warn_before=120).run(
        *SEATED_AT_0,
        at(1, buzzer_off),
        expect(480, move_soon(bout=480, due=600, silent=True)),
        expect(600, move_due(bout=600, silent=True), lamp_on),
    )


# The softer part of the day.


def test_in_the_softer_part_of_the_day_every_sound_is_the_softer_one() -> None:
    given(move_after=600, ladder="double 5m, long").run(
        at(0, day(0, 86400, softer_from=700)),
        *SEATED_AT_0,
        expect(600, move_due(bout=600, cue="double"), plays("double"), lamp_on),
        expect(900, move_reminder(2, bout=900, cue="long"), plays("short")),
        until(1199),
    )


def test_at_midnight_the_softer_part_is_over() -> None:
    given(move_after=600).run(
        at(0, day(-80000, 800, softer_from=0)),
        *SEATED_AT_0,
        expect(600, move_due(bout=600), plays("short"), lamp_on),
        reminded(2, 900),
    )


# Limits of snoozes.


def test_each_snooze_of_a_bout_is_shorter_than_the_one_before() -> None:
    given(move_after=600, snooze_for=400, snooze_shrink=50, max_snoozes=3).run(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=900 + 400)),
        at(620, snoozes),
        expect(620, snoozed(until=900 + 400 + 200)),
        at(630, snoozes),
        expect(630, snoozed(until=900 + 400 + 200 + 100)),
        reminded(2, 1600),
        until(1899),
    )


def snoozed_away(*, midnight: float) -> tuple[Moment, ...]:
    """Return a day that ends at an instant, and its only snooze."""
    return (
        at(0, day(midnight - 86400, midnight)),
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
    )


def test_when_the_snoozes_of_the_day_are_spent_there_is_none() -> None:
    given(move_after=600, daily_snoozes=1).run(
        *snoozed_away(midnight=80000),
        at(620, snoozes),
        expect(620, refused("today has no snooze left")),
        reminded(2, 1200),
    )


def test_midnight_brings_new_snoozes_in_mid_bout() -> None:
    given(move_after=600, daily_snoozes=1).run(
        *snoozed_away(midnight=1210),
        reminded(2, 1200),
        at(1220, snoozes),
        expect(1220, silence, snoozed(until=1800)),
        at(1230, snoozes),
        expect(1230, refused("this bout has no snooze left")),
        until(1799),
    )


def test_a_clock_that_is_set_back_over_midnight_takes_the_new_snoozes_away() -> None:
    given(move_after=600, daily_snoozes=1, max_snoozes=5).run(
        *snoozed_away(midnight=700),
        at(800, day(-10, 86390)),
        at(810, snoozes),
        expect(810, refused("today has no snooze left")),
        until(1199),
    )


@pytest.mark.parametrize("daily", [0, 3])
def test_the_budget_is_counted_over_bouts(daily: int) -> None:
    chair = given(move_after=600, daily_snoozes=daily, max_snoozes=9).run(
        at(0, day(0, 86400)),
        *DUE_AT_600,
        *(at(610 + nth, snoozes) for nth in range(daily)),
        *(
            expect(
                610 + nth, *([silence] if nth == 0 else []), snoozed(until=900 + 300 * (nth + 1))
            )
            for nth in range(daily)
        ),
        at(640, snoozes),
        expect(640, refused("today has no snooze left")),
        until(641),
    )
    assert chair.snoozes_today(sec(641)) == daily
