"""Styles of the reminders: which cue comes when."""

from support.timeline import *


def test_a_gentle_chair_lights_the_lamp_before_it_beeps() -> None:
    given(move_after=600, style="gentle").run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600, cue="lamp"), lamp_on),
        expect(900, move_reminder(2, bout=900, cue="short"), plays("short")),
        expect(1500, move_reminder(3, bout=1500, cue="short"), plays("short")),
        until(2099),
    )


def test_an_insistent_chair_gets_louder_every_two_minutes() -> None:
    given(move_after=600, style="insistent").run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600, cue="triple"), lamp_on, plays("triple")),
        expect(720, move_reminder(2, bout=720, cue="long"), plays("long")),
        expect(840, move_reminder(3, bout=840, cue="insistent"), plays("insistent")),
        expect(960, move_reminder(4, bout=960, cue="insistent"), plays("insistent")),
        until(1000),
    )


def test_a_style_replaces_the_ladder_of_the_settings_and_normal_brings_it_back() -> None:
    given(move_after=600, ladder="long 3m").run(
        *SEATED_AT_0,
        at(10, sets_style("gentle")),
        expect(600, move_due(bout=600, cue="lamp"), lamp_on),
        at(610, sets_style("normal")),
        expect(900, move_reminder(2, bout=900, cue="long"), plays("long")),
        expect(1080, move_reminder(3, bout=1080, cue="long"), plays("long")),
        until(1100),
    )


def test_a_style_changes_no_number_of_reminders() -> None:
    given(move_after=600, style="insistent", max_reminders=2).run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600, cue="triple"), lamp_on, plays("triple")),
        expect(720, move_reminder(2, bout=720, cue="long"), plays("long")),
        expect(840, gave_up(bout=840)),
        until(5000),
    )
