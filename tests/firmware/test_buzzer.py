"""Buzzers: the steps of a pattern, and its end at any of them."""

import pytest
from gpiozero import DeviceClosed, GPIOPinInUse
from hypothesis import given, settings
from hypothesis import strategies as st

from support.buzzer_timers import NAMES, PIN, Step, Timers, is_silent, steps, steps_of
from unsit_firmware import PATTERNS, ActiveBuzzer, Beep, Pattern
from unsit_firmware.buzzer import length
from unsit_firmware.simulation.pins import SimulatedPins


def test_a_new_buzzer_is_silent(buzzer: ActiveBuzzer, timers: Timers) -> None:
    assert is_silent(buzzer, timers)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tick", [(True, 0.03)]),
        ("short", [(True, 0.15)]),
        ("double", [(True, 0.15), (False, 0.15), (True, 0.15)]),
        ("triple", [(True, 0.2), (False, 0.2), (True, 0.2), (False, 0.2), (True, 0.2)]),
        ("long", [(True, 1.0)]),
        ("rising", [(True, 0.2), (False, 0.1), (True, 0.2), (False, 0.1), (True, 0.4)]),
        ("insistent", [(True, 0.5), (False, 0.25)] * 4),
        ("go", [(True, 0.5)]),
        ("ease", [(True, 0.1)]),
        ("swap", [(True, 0.1), (False, 0.1), (True, 0.1), (False, 0.1), (True, 0.5)]),
        (
            "finish",
            [*[(True, 0.1), (False, 0.1)] * 2, (True, 0.1), (False, 0.3), (True, 0.5)],
        ),
    ],
)
def test_a_named_pattern_has_its_sounds_and_pauses(
    name: str, expected: list[Step], buzzer: ActiveBuzzer, timers: Timers
) -> None:
    buzzer.play(name)
    assert steps(buzzer, timers) == expected
    assert is_silent(buzzer, timers)


def test_a_given_pattern_is_played_as_a_named_one(buzzer: ActiveBuzzer, timers: Timers) -> None:
    buzzer.play((Beep(1.5, 0.5), Beep(0.25)))
    assert steps(buzzer, timers) == [(True, 1.5), (False, 0.5), (True, 0.25)]


def test_an_empty_pattern_is_silence(buzzer: ActiveBuzzer, timers: Timers) -> None:
    buzzer.play(())
    assert is_silent(buzzer, timers)


@pytest.mark.parametrize("name", NAMES)
def test_every_named_pattern_starts_with_a_sound_and_ends_in_silence_by_itself(
    name: str, buzzer: ActiveBuzzer, timers: Timers
) -> None:
    buzzer.play(name)
    assert buzzer.is_active
    played = steps(buzzer, timers)
    assert is_silent(buzzer, timers)
    assert 0 < sum(duration for _, duration in played) <= 10
    assert sum(duration for _, duration in played) == pytest.approx(length(PATTERNS[name]))


@pytest.mark.parametrize("name", NAMES)
def test_a_pattern_cut_off_at_any_step_leaves_silence_and_no_later_sound(
    name: str, buzzer: ActiveBuzzer, timers: Timers
) -> None:
    for steps_played in range(len(steps_of(PATTERNS[name]))):
        buzzer.play(name)
        for _ in range(steps_played):
            timers.next()
        buzzer.stop()
        assert is_silent(buzzer, timers)
        timers.call_late()
        assert is_silent(buzzer, timers)


@pytest.mark.parametrize("name", NAMES)
def test_a_buzzer_closed_at_any_step_leaves_the_pin_low_and_no_later_sound(
    name: str, pins: SimulatedPins
) -> None:
    for steps_played in range(len(steps_of(PATTERNS[name]))):
        timers = Timers()
        buzzer = ActiveBuzzer(PIN, timer=timers, pin_factory=pins)
        buzzer.play(name)
        for _ in range(steps_played):
            timers.next()
        buzzer.close()
        assert not timers.running
        timers.call_late()
        assert not pins.pin(PIN).state
        assert not timers.running


@pytest.mark.parametrize("second", NAMES)
def test_a_pattern_replaces_the_one_under_way_at_any_step(
    second: str, buzzer: ActiveBuzzer, timers: Timers
) -> None:
    for steps_played in range(len(steps_of(PATTERNS["rising"]))):
        buzzer.play("rising")
        for _ in range(steps_played):
            timers.next()
        buzzer.play(second)
        assert steps(buzzer, timers) == steps_of(PATTERNS[second])
        assert is_silent(buzzer, timers)


def test_a_late_call_of_the_pattern_before_does_not_disturb_the_one_under_way(
    buzzer: ActiveBuzzer, timers: Timers
) -> None:
    buzzer.play("double")
    [late] = timers.running
    buzzer.play("long")
    late.callback()
    assert steps(buzzer, timers) == [(True, 1.0)]


def test_stopping_in_silence_is_harmless(buzzer: ActiveBuzzer, timers: Timers) -> None:
    buzzer.stop()
    buzzer.stop()
    assert is_silent(buzzer, timers)
    buzzer.play("tick")
    assert steps(buzzer, timers) == [(True, 0.03)]


def test_stopping_silences_a_sound_that_no_pattern_made(
    buzzer: ActiveBuzzer, timers: Timers
) -> None:
    buzzer.on()
    buzzer.stop()
    assert is_silent(buzzer, timers)


def test_an_unknown_name_is_a_key_error_and_the_present_pattern_goes_on(
    buzzer: ActiveBuzzer, timers: Timers
) -> None:
    buzzer.play("long")
    with pytest.raises(KeyError, match="fanfare"):
        buzzer.play("fanfare")
    assert steps(buzzer, timers) == [(True, 1.0)]


def test_closing_twice_is_harmless_and_a_closed_buzzer_plays_nothing(
    buzzer: ActiveBuzzer, timers: Timers
) -> None:
    buzzer.play("long")
    buzzer.close()
    buzzer.close()
    with pytest.raises(DeviceClosed):
        buzzer.play("tick")
    assert not timers.running


def test_a_buzzer_that_could_not_be_made_can_be_closed(
    buzzer: ActiveBuzzer, pins: SimulatedPins
) -> None:
    with pytest.raises(GPIOPinInUse):
        ActiveBuzzer(PIN, pin_factory=pins)
    buzzer.play("tick")
    assert buzzer.is_active


def test_an_active_low_buzzer_sounds_on_a_low_pin(pins: SimulatedPins, timers: Timers) -> None:
    pin = pins.pin(PIN)
    with ActiveBuzzer(PIN, active_high=False, timer=timers, pin_factory=pins) as buzzer:
        assert pin.state == 1
        buzzer.play("double")
        assert pin.state == 0
        timers.next()
        assert pin.state == 1
        timers.next()
        assert pin.state == 0
        buzzer.stop()
        assert pin.state == 1


def test_an_active_high_buzzer_sounds_on_a_high_pin(
    buzzer: ActiveBuzzer, timers: Timers, pins: SimulatedPins
) -> None:
    buzzer.play("tick")
    assert pins.pin(PIN).state == 1
    timers.next()
    assert pins.pin(PIN).state == 0


durations = st.floats(min_value=0.001, max_value=100)

beeps = st.builds(
    Beep, on=durations, off=st.just(0.0) | durations, tone=st.floats(min_value=20, max_value=2e4)
)


@settings(deadline=None)
@given(patterns=st.lists(st.lists(beeps, max_size=5).map(tuple), min_size=1, max_size=3))
def test_any_pattern_plays_its_exact_steps_also_after_others(patterns: list[Pattern]) -> None:
    timers = Timers()
    with ActiveBuzzer(PIN, timer=timers, pin_factory=SimulatedPins()) as buzzer:
        for pattern in patterns:
            buzzer.play(pattern)
            assert steps(buzzer, timers) == steps_of(pattern)
            assert is_silent(buzzer, timers)


@settings(deadline=None)
@given(actions=st.lists(st.sampled_from(["time", "late call", "stop", *NAMES]), max_size=30))
def test_a_stop_ends_the_sound_after_any_sequence_of_calls(actions: list[str]) -> None:
    timers = Timers()
    with ActiveBuzzer(PIN, timer=timers, pin_factory=SimulatedPins()) as buzzer:
        for action in actions:
            _do(action, buzzer, timers)
            assert buzzer.is_playing or not buzzer.is_active
        buzzer.stop()
        timers.call_late()
        assert is_silent(buzzer, timers)


def _do(action: str, buzzer: ActiveBuzzer, timers: Timers) -> None:
    if action == "stop":
        buzzer.stop()
    elif action == "late call":
        timers.call_late()
    elif action != "time":
        buzzer.play(action)
    elif timers.running:
        timers.next()


@pytest.mark.parametrize(
    "beep",
    [(0.0, 0.0), (-1.0, 0.0), (float("nan"), 0.0), (float("inf"), 0.0), (1.0, -0.1)],
)
def test_a_beep_that_would_not_end_cannot_be_made(beep: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="cannot be played"):
        Beep(*beep)


def test_a_timer_that_does_not_start_leaves_silence(pins: SimulatedPins) -> None:
    class Broken:
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

        def cancel(self) -> None:
            pass

    buzzer = ActiveBuzzer(18, timer=lambda delay, act: Broken(), pin_factory=pins)
    with pytest.raises(RuntimeError):
        buzzer.play("tick")
    assert not buzzer.is_active
    assert not buzzer.is_playing
    buzzer.close()


def test_a_buzzer_closes_quietly_after_its_pins(pins: SimulatedPins) -> None:
    buzzer = ActiveBuzzer(18, pin_factory=pins)
    pins.close()
    buzzer.close()
    assert buzzer.closed
