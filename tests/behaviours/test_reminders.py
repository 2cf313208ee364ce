"""Reminders combined with snoozes, gaps, the ladder, warnings, credit and faults."""

from support.timeline import *

LADDER = "lamp 2m, short 3m, long"
SNOOZED_AT_610 = (*DUE_AT_600, at(610, snoozes), expect(610, silence, snoozed(until=1200)))


def test_a_snooze_does_not_climb_the_ladder() -> None:
    given(move_after=600, ladder=LADDER).run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600, cue="lamp"), lamp_on),
        at(610, snoozes),
        expect(610, snoozed(until=1020)),
        expect(1020, move_reminder(2, bout=1020, cue="short"), plays("short")),
        expect(1200, move_reminder(3, bout=1200, cue="long"), plays("long")),
    )


def test_a_snooze_after_an_acknowledgement_puts_off_the_soft_beginning() -> None:
    given(move_after=600, ladder=LADDER).run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600, cue="lamp"), lamp_on),
        expect(720, move_reminder(2, bout=720, cue="short"), plays("short")),
        at(721, acknowledges),
        expect(721, silence, acknowledged(bout=721)),
        at(730, snoozes),
        expect(730, snoozed(until=1200)),
        expect(1200, move_reminder(3, bout=1200, cue="lamp")),
        expect(1320, move_reminder(4, bout=1320, cue="short"), plays("short")),
    )


def test_a_snooze_stands_still_in_a_gap() -> None:
    given(move_after=600).run(
        *SNOOZED_AT_610,
        at(700, stands_up),
        expect(700, lamp_off, stood_up(bout=700, response=100)),
        at(760, sits_down),
        expect(760, soft_tick, lamp_on, sat_back(away=60), back_too_soon(away=60, missing=60)),
        reminded(2, 1260),
    )


def test_a_break_in_a_snooze_gives_the_next_bout_all_its_snoozes() -> None:
    given(move_after=600, max_snoozes=1).run(
        *SNOOZED_AT_610,
        at(700, stands_up),
        expect(700, lamp_off, stood_up(bout=700, response=100)),
        expect(820, bout_ended(started=0, ended=700, seated=700, reminders=1)),
        at(900, sits_down),
        expect(900, break_ended(pause=200), bout_started),
        expect(1500, move_due(bout=600), sound, lamp_on),
        at(1510, snoozes),
        expect(1510, silence, snoozed(until=2100)),
        until(2099),
    )


def test_a_break_does_not_give_the_snoozes_of_the_day_back() -> None:
    given(move_after=600, daily_snoozes=1).run(
        at(0, day(0, 86400)),
        *SNOOZED_AT_610,
        at(700, stands_up),
        expect(700, lamp_off, stood_up(bout=700, response=100)),
        expect(820, bout_ended(started=0, ended=700, seated=700, reminders=1)),
        at(900, sits_down),
        expect(900, break_ended(pause=200), bout_started),
        expect(1500, move_due(bout=600), sound, lamp_on),
        at(1510, snoozes),
        expect(1510, refused("today has no snooze left")),
        until(1799),
    )


def test_a_short_press_with_the_day_s_snoozes_spent_acknowledges() -> None:
    given(move_after=600, daily_snoozes=0, ladder=LADDER).run(
        at(0, day(0, 86400)),
        *SEATED_AT_0,
        expect(600, move_due(bout=600, cue="lamp"), lamp_on),
        expect(720, move_reminder(2, bout=720, cue="short"), plays("short")),
        at(720.1, presses_button),
        at(720.3, releases_button),
        expect(720.3, silence, acknowledged(bout=720.3)),
        expect(900, move_reminder(3, bout=900, cue="lamp")),
    )


def test_snoozes_shrink_over_a_gap_as_within_a_stretch() -> None:
    given(move_after=600, snooze_for=200, snooze_shrink=50).run(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1100)),
        at(700, stands_up),
        expect(700, lamp_off, stood_up(bout=700, response=100)),
        at(760, sits_down),
        expect(760, soft_tick, lamp_on, sat_back(away=60), back_too_soon(away=60, missing=60)),
        at(800, snoozes),
        expect(800, snoozed(until=1260)),
        reminded(2, 1260),
    )


def test_credit_moves_the_warning_with_the_call() -> None:
    """300 s less 60 s are 240 s; 360 s more make 600 s; the warning is 120 s earlier."""
    given(move_after=600, credit=1, warn_before=120).run(
        *SEATED_AT_0,
        at(300, stands_up),
        expect(300, stood_up(bout=300)),
        at(360, sits_down),
        expect(360, sat_back(away=60)),
        expect(600, soft_tick, move_soon(bout=600, due=720)),
        expect(720, move_due(bout=720), sound, lamp_on),
    )


def test_a_call_postponed_by_credit_is_not_warned_of_twice() -> None:
    given(move_after=600, credit=15, warn_before=120).run(
        *SEATED_AT_0,
        expect(480, soft_tick, move_soon(bout=480, due=600)),
        at(500, stands_up),
        expect(500, stood_up(bout=500)),
        at(550, sits_down),
        expect(550, sat_back(away=50)),
        expect(1150, move_due(bout=1150), sound, lamp_on),
    )


def test_time_in_a_fault_is_neither_owed_nor_repaid() -> None:
    given(move_after=600, credit=2).run(
        *SEATED_AT_0,
        at(300, sensor_fails()),
        expect(300, sensor_fault()),
        at(400, sensor_works(pressed=True)),
        expect(400, sensor_recovered()),
        expect(700, move_due(bout=700), sound, lamp_on),
    )


def test_a_fault_in_a_gap_stops_the_repayment() -> None:
    """300 s of sitting less 2 x 20 s before the fault and 2 x 30 s after it are 200 s."""
    given(move_after=600, credit=2).run(
        *SEATED_AT_0,
        at(300, stands_up),
        expect(300, stood_up(bout=300)),
        at(320, sensor_fails()),
        expect(320, sensor_fault()),
        at(350, sensor_works(pressed=False)),
        expect(350, sensor_recovered()),
        at(380, sits_down),
        expect(380, sat_back(away=80)),
        expect(780, move_due(bout=780), sound, lamp_on),
    )


def test_a_lower_limit_with_credit_counts_unrepaid_sitting() -> None:
    given(move_after=1800, credit=1).run(
        *SEATED_AT_0,
        at(300, stands_up),
        expect(300, stood_up(bout=300)),
        at(360, sits_down),
        expect(360, sat_back(away=60)),
        at(400, sets_move_after(600)),
        expect(720, move_due(bout=720), sound, lamp_on),
    )


def test_the_warning_is_silent_with_the_buzzer_off_and_the_call_sounds_with_it_on() -> None:
    given(move_after=600, warn_before=120).run(
        *SEATED_AT_0,
        at(400, buzzer_off),
        expect(480, move_soon(bout=480, due=600, silent=True)),
        at(500, buzzer_on),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_tested_buzzer_keeps_the_warning_from_sounding_right_after_it() -> None:
    given(move_after=600, warn_before=120).run(
        *SEATED_AT_0,
        at(450, tests_buzzer),
        expect(450, sound),
        expect(480, move_soon(bout=480, due=600)),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_back_too_soon_right_after_a_reminder_is_silent() -> None:
    given(move_after=600).run(
        *DUE_AT_600,
        at(610, stands_up),
        expect(610, silence, lamp_off, stood_up(bout=610, response=10)),
        at(640, sits_down),
        expect(640, lamp_on, sat_back(away=30), back_too_soon(away=30, missing=90)),
        reminded(2, 930),
    )


def test_back_too_soon_right_before_a_short_repeat_is_silent() -> None:
    given(move_after=600, repeat_every=50).run(
        *DUE_AT_600,
        at(640, stands_up),
        expect(640, silence, lamp_off, stood_up(bout=640, response=40)),
        at(700, sits_down),
        expect(700, lamp_on, sat_back(away=60), back_too_soon(away=60, missing=60)),
        reminded(2, 710),
    )


def test_leaning_while_it_is_time_to_move_is_silent() -> None:
    given(move_after=600).run(
        *DUE_AT_600,
        at(700, leans("left", since=640)),
        expect(700, leaning_started("left", since=640)),
        at(750, stands_up),
        expect(
            750,
            silence,
            leaning_ended("left", leaned=110),
            lamp_off,
            stood_up(bout=750, response=150),
        ),
    )


def test_an_acknowledged_bout_has_as_many_reminders_as_any() -> None:
    given(move_after=600, max_reminders=2, ladder="short 5m, long").run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600, cue="short"), plays("short"), lamp_on),
        at(610, acknowledges),
        expect(610, silence, acknowledged(bout=610)),
        expect(900, move_reminder(2, bout=900, cue="short"), plays("short")),
        expect(1200, gave_up(bout=1200)),
        until(90000),
    )


def test_a_bout_can_be_acknowledged_after_gave_up() -> None:
    given(move_after=600, max_reminders=1).run(
        *DUE_AT_600,
        expect(900, gave_up(bout=900)),
        at(950, acknowledges),
        expect(950, silence, acknowledged(bout=950)),
        until(90000),
    )


def test_the_daily_limit_and_the_call_at_one_instant_are_one_sound() -> None:
    given(move_after=600, daily_limit=600).run(
        at(0, day(0, 86400)),
        *SEATED_AT_0,
        expect(600, daily_limit_reached(seated=600), move_due(bout=600), sound, lamp_on),
        reminded(2, 900),
    )


def test_the_daily_limit_during_a_snooze_sounds() -> None:
    given(move_after=600, daily_limit=1000).run(
        at(0, day(0, 86400)),
        *SNOOZED_AT_610,
        expect(1000, plays("rising"), daily_limit_reached(seated=1000)),
        reminded(2, 1200),
    )


def test_a_softer_afternoon_softens_each_rung_and_not_the_silent_ones() -> None:
    given(move_after=600, ladder="lamp 2m, long").run(
        at(0, day(-50000, 36400, softer_from=-100)),
        *SEATED_AT_0,
        expect(600, move_due(bout=600, cue="lamp"), lamp_on),
        expect(720, move_reminder(2, bout=720, cue="long"), plays("short")),
    )
