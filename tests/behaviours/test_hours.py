"""Working hours, quiet nights, midnight and changes of daylight saving time."""

from support.timeline import *

OVER = "its time is over"
OFFICE = "09:00-12:30, 13:30-18:00"
MINUTE, HOUR = 60, 3600


def test_hours_that_end_during_a_bout_make_its_call_silent() -> None:
    friday = Berlin("2026-11-27 17:45", friday=OFFICE, saturday="", sunday="")
    given().run(
        friday.calendar("2026-11-27 17:45"),
        *SEATED_AT_0,
        expect(15 * MINUTE, hold_started("hours")),
        expect(30 * MINUTE, move_due(bout=1800, silent=True), lamp_on),
        at(HOUR, stands_up),
        expect(HOUR, lamp_off, stood_up(bout=3600, response=1800)),
        expect(HOUR + 120, bout_ended(started=0, ended=HOUR, seated=HOUR, reminders=1)),
        until(friday.second("2026-11-29 12:00")),
    )


def test_a_bout_through_lunch_is_called_when_the_afternoon_begins() -> None:
    noon = Berlin("2026-11-24 12:15", tuesday=OFFICE)
    given().run(
        noon.calendar("2026-11-24 12:15"),
        *SEATED_AT_0,
        expect(15 * MINUTE, hold_started("hours")),
        expect(30 * MINUTE, move_due(bout=1800, silent=True), lamp_on),
        expect(75 * MINUTE, hold_ended(OVER), move_reminder(2, bout=75 * MINUTE), sound),
        until(76 * MINUTE),
    )


def test_lifted_hours_apply_again_the_next_day() -> None:
    late = Berlin("2026-11-24 18:00", tuesday="09:00-18:00", wednesday="09:00-18:00")
    given(max_reminders=1).run(
        late.calendar("2026-11-24 18:00"),
        expect(0, hold_started("hours")),
        at(10, ends_hold),
        expect(10, hold_ended()),
        at(20, sits_down),
        expect(20, bout_started),
        expect(1820, move_due(bout=1800), sound, lamp_on),
        expect(2120, gave_up(bout=2100)),
        late.calendar("2026-11-25 09:00"),
        expect(late.second("2026-11-25 18:00"), silence, hold_started("hours")),
    )


def test_a_long_press_lifts_the_hours_too() -> None:
    late = Berlin("2026-11-24 18:00", tuesday="09:00-18:00")
    given().run(
        late.calendar("2026-11-24 18:00"),
        expect(0, hold_started("hours")),
        at(10, presses_button),
        expect(11, hold_ended("button")),
        at(12, releases_button, sits_down),
        expect(12, bout_started),
        expect(1812, move_due(bout=1800), sound, lamp_on),
    )


def test_a_call_that_goes_on_after_the_hours_end_changes_nothing() -> None:
    evening = Berlin("2026-11-24 17:50", tuesday=OFFICE, wednesday=OFFICE)
    given().run(
        evening.calendar("2026-11-24 17:50"),
        at(0, sits_down, topic_starts_hold("call")),
        expect(0, bout_started, hold_started("call")),
        at(20 * MINUTE, topic_ends_hold("call")),
        expect(30 * MINUTE, move_due(bout=1800, silent=True), lamp_on),
        until(evening.second("2026-11-25 08:59")),
    )


def test_a_snooze_that_reaches_beyond_the_hours_is_silent_until_they_begin_again() -> None:
    noon = Berlin("2026-11-24 11:55", tuesday=OFFICE)
    given().run(
        noon.calendar("2026-11-24 11:55"),
        *SEATED_AT_0,
        expect(30 * MINUTE, move_due(bout=1800), sound, lamp_on),
        at(31 * MINUTE, snoozes),
        expect(31 * MINUTE, silence, snoozed(until=40 * MINUTE)),
        expect(35 * MINUTE, hold_started("hours")),
        expect(95 * MINUTE, hold_ended(OVER), move_reminder(2, bout=95 * MINUTE), sound),
    )


def test_a_hold_by_command_goes_on_over_the_beginning_of_the_hours() -> None:
    morning = Berlin("2026-11-24 08:50", tuesday=OFFICE)
    given().run(
        morning.calendar("2026-11-24 08:50"),
        expect(0, hold_started("hours")),
        at(MINUTE, sits_down, starts_hold(until=HOUR)),
        expect(MINUTE, bout_started),
        expect(31 * MINUTE, move_due(bout=1800, silent=True), lamp_on),
        expect(HOUR, hold_ended(OVER), move_reminder(2, bout=59 * MINUTE), sound),
    )


def test_an_early_sitter_is_called_at_the_beginning_of_the_hours_and_not_before() -> None:
    morning = Berlin("2026-11-24 07:00", tuesday=OFFICE)
    given().run(
        morning.calendar("2026-11-24 07:00"),
        at(0, sits_down),
        expect(0, hold_started("hours"), bout_started),
        expect(30 * MINUTE, move_due(bout=1800, silent=True), lamp_on),
        expect(2 * HOUR, hold_ended(OVER), move_reminder(2, bout=2 * HOUR), sound),
    )


def test_leaning_outside_the_hours_makes_no_sound() -> None:
    late = Berlin("2026-11-24 18:00", tuesday=OFFICE, wednesday=OFFICE)
    given().run(
        late.calendar("2026-11-24 18:00"),
        at(0, sits_down),
        expect(0, hold_started("hours"), bout_started),
        at(200, leans("left", since=140)),
        expect(200, leaning_started("left", since=140)),
        until(1799),
    )


def test_on_a_day_off_the_bout_counts_and_nothing_sounds() -> None:
    christmas = Berlin("2026-12-24 10:00", days_off="2026-12-24")
    given(move_after=600).run(
        christmas.calendar("2026-12-24 10:00"),
        at(0, sits_down),
        expect(0, hold_started("hours"), bout_started),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        until(christmas.second("2026-12-24 23:59")),
    )


# Midnight.


def test_a_bout_over_midnight_is_one_bout() -> None:
    night = Berlin("2026-11-24 23:50")
    given().run(
        night.calendar("2026-11-24 23:50"),
        *SEATED_AT_0,
        night.calendar("2026-11-25 00:00"),
        expect(1800, move_due(bout=1800), sound, lamp_on),
    )


def test_quiet_hours_go_on_over_midnight() -> None:
    night = Berlin("2026-11-24 23:50", quiet="22:00-07:00")
    given().run(
        night.calendar("2026-11-24 23:50"),
        at(0, sits_down),
        expect(0, hold_started("hours"), bout_started),
        night.calendar("2026-11-25 00:00"),
        expect(1800, move_due(bout=1800, silent=True), lamp_on),
        until(night.second("2026-11-25 06:59")),
    )


def test_a_break_over_midnight_is_one_break() -> None:
    night = Berlin("2026-11-24 23:50")
    given().run(
        night.calendar("2026-11-24 23:50"),
        *SEATED_AT_0,
        at(540, stands_up),
        expect(540, stood_up(bout=540)),
        night.calendar("2026-11-25 00:00"),
        expect(660, bout_ended(started=0, ended=540, seated=540)),
        at(720, sits_down),
        expect(720, break_ended(pause=180), bout_started),
        until(721),
    )


def test_the_daily_limit_restarts_at_midnight_during_a_bout() -> None:
    night = Berlin("2026-11-24 23:00")
    given(move_after=6 * HOUR, daily_limit=1800).run(
        night.calendar("2026-11-24 23:00"),
        *SEATED_AT_0,
        expect(1800, plays("rising"), daily_limit_reached(seated=1800)),
        night.calendar("2026-11-25 00:00"),
        expect(HOUR + 1800, plays("rising"), daily_limit_reached(seated=1800)),
        until(5 * HOUR),
    )


def test_the_daily_limit_outside_the_hours_is_silent() -> None:
    late = Berlin("2026-11-24 18:00", tuesday=OFFICE, wednesday=OFFICE)
    given(daily_limit=600).run(
        late.calendar("2026-11-24 18:00"),
        at(0, sits_down),
        expect(0, hold_started("hours"), bout_started),
        expect(600, daily_limit_reached(seated=600, silent=True)),
        until(1799),
    )


def test_used_snoozes_are_available_again_after_midnight() -> None:
    night = Berlin("2026-11-24 23:50")
    given(move_after=300, daily_snoozes=1, max_snoozes=2).run(
        night.calendar("2026-11-24 23:50"),
        *SEATED_AT_0,
        expect(300, move_due(bout=300), sound, lamp_on),
        at(310, snoozes),
        expect(310, silence, snoozed(until=900)),
        night.calendar("2026-11-25 00:00"),
        at(610, snoozes),
        expect(610, snoozed(until=1200)),
        until(1199),
    )


# Daylight saving time.


def test_in_spring_the_quiet_night_is_an_hour_shorter_and_the_bout_is_not() -> None:
    spring = Berlin("2026-03-29 01:45", quiet="22:00-07:00")
    seven = spring.second("2026-03-29 07:00")
    assert seven == 4.25 * HOUR
    given().run(
        spring.calendar("2026-03-29 01:45"),
        at(0, sits_down),
        expect(0, hold_started("hours"), bout_started),
        expect(1800, move_due(bout=1800, silent=True), lamp_on),
        expect(seven, hold_ended(OVER), move_reminder(2, bout=seven), sound),
    )


def test_in_autumn_the_quiet_night_is_an_hour_longer_and_the_bout_is_not() -> None:
    autumn = Berlin("2026-10-25 01:45", quiet="22:00-07:00")
    seven = autumn.second("2026-10-25 07:00")
    assert seven == 6.25 * HOUR
    given().run(
        autumn.calendar("2026-10-25 01:45"),
        at(0, sits_down),
        expect(0, hold_started("hours"), bout_started),
        expect(1800, move_due(bout=1800, silent=True), lamp_on),
        expect(seven, hold_ended(OVER), move_reminder(2, bout=seven), sound),
    )


def test_hours_that_begin_at_a_time_skipped_in_spring_begin_an_hour_later() -> None:
    spring = Berlin("2026-03-29 01:50", sunday="02:30-06:00")
    assert spring.second("2026-03-29 02:30") == 40 * MINUTE
    given().run(
        spring.calendar("2026-03-29 01:50"),
        at(0, sits_down),
        expect(0, hold_started("hours"), bout_started),
        expect(1800, move_due(bout=1800, silent=True), lamp_on),
        expect(40 * MINUTE, hold_ended(OVER), move_reminder(2, bout=40 * MINUTE), sound),
    )


def test_hours_that_end_at_a_time_repeated_in_autumn_end_at_the_first() -> None:
    autumn = Berlin("2026-10-25 01:50", sunday="00:00-02:30", monday=OFFICE)
    given().run(
        autumn.calendar("2026-10-25 01:50"),
        *SEATED_AT_0,
        expect(1800, move_due(bout=1800), sound, lamp_on),
        expect(35 * MINUTE, move_reminder(2, bout=35 * MINUTE), sound),
        expect(40 * MINUTE, silence, hold_started("hours")),
        until(autumn.second("2026-10-26 08:59")),
    )


def test_the_daily_limit_of_a_day_of_25_hours_counts_each_of_them() -> None:
    autumn = Berlin("2026-10-25 00:00")
    given(move_after=30 * HOUR, daily_limit=24.5 * HOUR).run(
        autumn.calendar("2026-10-25 00:00"),
        *SEATED_AT_0,
        expect(24.5 * HOUR, plays("rising"), daily_limit_reached(seated=24.5 * HOUR)),
        until(25 * HOUR - 1),
    )


def test_a_snooze_over_the_change_of_the_clocks_is_as_long_as_any() -> None:
    spring = Berlin("2026-03-29 01:20")
    given().run(
        spring.calendar("2026-03-29 01:20"),
        *SEATED_AT_0,
        expect(1800, move_due(bout=1800), sound, lamp_on),
        at(2000, snoozes),
        expect(2000, silence, snoozed(until=2400)),
        expect(2400, move_reminder(2, bout=2400), sound),
    )
