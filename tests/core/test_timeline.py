"""The language of timelines: missing, additional and late effects fail a test."""

import pytest

from support.timeline import *
from support.timeline_diff import describe
from unsit.core.events import Light, MoveDue, Sound, StoodUp

DUE = (move_due(bout=1800), sound, lamp_on)


def test_a_timeline_that_is_right_passes() -> None:
    given().run(at(0, sits_down), expect(0, bout_started), expect(1800, *DUE))


def test_a_missing_effect_fails() -> None:
    with pytest.raises(AssertionError, match=r"!  +1:00:00  bout started +\| \n"):
        given().run(at(0, sits_down), expect(0, bout_started), expect(3600, bout_started))


def test_an_unexpected_effect_fails() -> None:
    with pytest.raises(AssertionError, match=r"! +\| +0:30:00  sound\n"):
        given().run(at(0, sits_down), expect(0, bout_started), until(1800))


def test_an_effect_at_another_time_fails() -> None:
    with pytest.raises(AssertionError, match="the timelines differ"):
        given().run(at(0, sits_down), expect(0, bout_started), expect(1801, *DUE))


def test_an_event_emitted_later_than_expected_fails() -> None:
    with pytest.raises(AssertionError, match=r"\| +0:00:02  bout started, at 0:00:00"):
        given(sit_dwell=2).run(at(0, sits_down), expect(0, bout_started), until(10))


def test_effects_after_the_last_moment_do_not_matter() -> None:
    given().run(at(0, sits_down), expect(0, bout_started), until(1799))


def test_both_timelines_show_the_inputs() -> None:
    with pytest.raises(AssertionError, match=r"  +0:00:00  \(pressed\) +\| +0:00:00  \(pressed\)"):
        given().run(at(0, sits_down), until(1))


def test_inputs_out_of_order_are_a_mistake_in_the_timeline() -> None:
    with pytest.raises(AssertionError, match="released at 0:00:01 comes after 0:00:02"):
        given().run(at(2, sits_down), at(1, stands_up))


def test_effects_are_described_in_words_with_their_figures() -> None:
    due = MoveDue(sec(1800), bout=sec(1800), silent=True)
    assert describe(due, sec(1800)) == "move due, bout 0:30:00, silent"
    assert describe(due, sec(1803)) == "move due, at 0:30:00, bout 0:30:00, silent"
    assert describe(StoodUp(sec(9), sec(9), None), sec(9)) == "stood up, bout 0:00:09, no response"
    assert describe(Light(on=False)) == "light, not on"
    assert describe(Sound()) == "sound"
