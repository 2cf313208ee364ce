"""The buzzers: what a pattern does step by step, and that it can be cut off at any of them."""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gpiozero import DeviceClosed, DigitalInputDevice, GPIOPinInUse, PinPWMUnsupported
from gpiozero.pins.mock import MockConnectedPin, MockFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from unsit_firmware import PATTERNS, ActiveBuzzer, Beep, PassiveBuzzer, Pattern
from unsit_firmware.patterns import length
from unsit_firmware.simulation import SimulatedPin, SimulatedPins

PIN = 18
PATIENCE = 10.0
NAMES = sorted(PATTERNS)

Step = tuple[bool, float]
"""Whether it sounds, and for how long."""


class FakeTimer:
    """A timer whose time is up when the test says so."""

    def __init__(self, delay: float, act: Callable[[], None]) -> None:
        self.delay = delay
        self.act = act
        self.started = False
        self.cancelled = False

    def start(self) -> None:
        self.started = True

    def cancel(self) -> None:
        self.cancelled = True


class Timers:
    """Every timer that a buzzer asked for."""

    def __init__(self) -> None:
        self.made: list[FakeTimer] = []
        self.done: list[FakeTimer] = []

    def __call__(self, delay: float, act: Callable[[], None]) -> FakeTimer:
        timer = FakeTimer(delay, act)
        self.made.append(timer)
        return timer

    @property
    def running(self) -> list[FakeTimer]:
        return [
            timer
            for timer in self.made
            if timer.started and not timer.cancelled and timer not in self.done
        ]

    def up(self) -> FakeTimer:
        """The one running timer, whose time is up; its call is still to come."""
        [timer] = self.running
        self.done.append(timer)
        return timer

    def next(self) -> None:
        """The time of the one running timer is up, and it calls."""
        self.up().act()

    def call_late(self) -> None:
        """Timers that were cancelled too late call nevertheless."""
        for timer in self.made:
            if timer.cancelled and timer not in self.done:
                self.done.append(timer)
                timer.act()


@pytest.fixture
def timers() -> Timers:
    return Timers()


@pytest.fixture
def buzzer(pins: SimulatedPins, timers: Timers) -> Iterator[ActiveBuzzer]:
    with ActiveBuzzer(PIN, timer=timers, pin_factory=pins) as buzzer:
        yield buzzer


@pytest.fixture
def piezo(pins: SimulatedPins, timers: Timers) -> Iterator[PassiveBuzzer]:
    with PassiveBuzzer(PIN, timer=timers, pin_factory=pins) as piezo:
        yield piezo


def steps(buzzer: Any, timers: Timers) -> list[Step]:
    """Lets the pattern play to its end."""
    seen: list[Step] = []
    while timers.running:
        seen.append((bool(buzzer.is_active), timers.running[0].delay))
        assert buzzer.is_playing
        timers.next()
    return seen


def is_silent(buzzer: Any, timers: Timers) -> bool:
    return not buzzer.is_active and not buzzer.is_playing and not timers.running


def steps_of(pattern: Pattern) -> list[Step]:
    both = [((True, beep.on), (False, beep.off)) for beep in pattern]
    return [step for pair in both for step in pair if step[1] > 0]


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
    ],
)
def test_a_named_pattern_sounds_and_pauses_as_long_as_it_says(
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
    late.act()
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


def test_an_unknown_name_is_a_key_error_and_what_plays_goes_on(
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


def test_a_passive_buzzer_plays_each_beep_as_a_square_wave_of_its_tone(
    piezo: PassiveBuzzer, timers: Timers, pins: SimulatedPins
) -> None:
    piezo.play("rising")
    waves = []
    while timers.running:
        waves.append((pins.pin(PIN).frequency, pins.pin(PIN).state))
        timers.next()
    sounds, pauses = waves[0::2], waves[1::2]
    assert sounds == [(2000.0, 0.5), (2400.0, 0.5), (2800.0, 0.5)]
    assert [duty for _, duty in pauses] == [0.0, 0.0]
    assert pins.pin(PIN).state == 0.0


def test_a_passive_buzzer_uses_2700_hz_where_the_beep_names_no_tone(piezo: PassiveBuzzer) -> None:
    piezo.play((Beep(1.0),))
    assert (piezo.frequency, piezo.value) == (2700.0, 0.5)


def test_a_passive_buzzer_that_is_active_low_rests_on_a_high_pin(
    pins: SimulatedPins, timers: Timers
) -> None:
    with PassiveBuzzer(PIN, active_high=False, timer=timers, pin_factory=pins) as piezo:
        assert pins.pin(PIN).state == 1.0
        piezo.play("tick")
        assert pins.pin(PIN).state == 0.5
        piezo.stop()
        assert pins.pin(PIN).state == 1.0


@pytest.mark.parametrize("name", NAMES)
def test_a_passive_buzzer_cut_off_at_any_step_is_silent_for_good(
    name: str, piezo: PassiveBuzzer, timers: Timers
) -> None:
    for steps_played in range(len(steps_of(PATTERNS[name]))):
        piezo.play(name)
        for _ in range(steps_played):
            timers.next()
        piezo.stop()
        timers.call_late()
        assert is_silent(piezo, timers)


def test_a_passive_buzzer_on_pins_without_pwm_is_refused_and_gives_the_pin_back() -> None:
    pins = MockFactory()
    with pytest.raises(PinPWMUnsupported):
        PassiveBuzzer(PIN, pin_factory=pins)
    with ActiveBuzzer(PIN, pin_factory=pins) as buzzer:
        assert not buzzer.is_active


durations = st.floats(min_value=0.001, max_value=100)
beeps = st.builds(
    Beep, on=durations, off=st.just(0.0) | durations, tone=st.floats(min_value=20, max_value=2e4)
)


@settings(deadline=None)
@given(patterns=st.lists(st.lists(beeps, max_size=5).map(tuple), min_size=1, max_size=3))
def test_any_pattern_plays_its_exact_steps_also_after_others(patterns: list[Pattern]) -> None:
    timers = Timers()
    with ActiveBuzzer(PIN, timer=timers, pin_factory=SimulatedPins(environment={})) as buzzer:
        for pattern in patterns:
            buzzer.play(pattern)
            assert steps(buzzer, timers) == steps_of(pattern)
            assert is_silent(buzzer, timers)


@settings(deadline=None)
@given(deeds=st.lists(st.sampled_from(["time", "late call", "stop", *NAMES]), max_size=30))
def test_whatever_happens_a_stop_is_the_end_of_the_sound(deeds: list[str]) -> None:
    timers = Timers()
    with ActiveBuzzer(PIN, timer=timers, pin_factory=SimulatedPins(environment={})) as buzzer:
        for deed in deeds:
            _do(deed, buzzer, timers)
            assert buzzer.is_playing or not buzzer.is_active
        buzzer.stop()
        timers.call_late()
        assert is_silent(buzzer, timers)


def _do(deed: str, buzzer: ActiveBuzzer, timers: Timers) -> None:
    if deed == "stop":
        buzzer.stop()
    elif deed == "late call":
        timers.call_late()
    elif deed != "time":
        buzzer.play(deed)
    elif timers.running:
        timers.next()


Heard = Callable[[], str]


@pytest.fixture
def ear() -> Iterator[tuple[MockFactory, Heard]]:
    """Pins of gpiozero's with a second pin wired to the buzzer's, and what is heard there."""
    pins = MockFactory()
    heard: queue.SimpleQueue[str] = queue.SimpleQueue()
    pins.pin(PIN, pin_class=MockConnectedPin, input_pin=pins.pin(24))
    with DigitalInputDevice(24, pin_factory=pins) as ear:
        ear.when_activated = lambda: heard.put("sound")
        ear.when_deactivated = lambda: heard.put("silence")
        yield pins, lambda: heard.get(timeout=PATIENCE)
    pins.close()


def test_by_default_a_thread_plays_the_pattern_to_its_end(
    ear: tuple[MockFactory, Heard],
) -> None:
    pins, heard = ear
    with ActiveBuzzer(PIN, pin_factory=pins) as buzzer:
        buzzer.play((Beep(0.01, 0.01), Beep(0.01, 0.01), Beep(0.01)))
        assert [heard() for _ in range(6)] == ["sound", "silence"] * 3


def test_the_default_thread_does_not_outlive_a_pattern_that_is_cut_off(
    pins: SimulatedPins,
) -> None:
    others = set(threading.enumerate())
    with ActiveBuzzer(PIN, pin_factory=pins) as buzzer:
        buzzer.play((Beep(3600.0),))
        [timer] = set(threading.enumerate()) - others
        assert timer.daemon
        buzzer.stop()
        assert not buzzer.is_active
        timer.join(PATIENCE)
        assert not timer.is_alive()


def test_a_stop_from_another_thread_while_a_step_is_under_way_ends_in_silence(
    buzzer: ActiveBuzzer, timers: Timers
) -> None:
    for _ in range(100):
        buzzer.play("double")
        timers.next()
        step = threading.Thread(target=timers.up().act)
        step.start()
        buzzer.stop()
        step.join(PATIENCE)
        assert is_silent(buzzer, timers)


class InterruptedPin(SimulatedPin):
    """A pin at which something happens just before it goes high."""

    def __init__(self, factory: Any, info: Any) -> None:
        self.just_before: Callable[[], None] | None = None
        super().__init__(factory, info)

    def _set_state(self, value: float) -> None:
        if value and self.just_before is not None:
            self.just_before()
        super()._set_state(value)


@pytest.mark.parametrize("steps_played", [0, 2])
def test_a_stop_just_before_the_pin_goes_high_ends_in_silence(
    steps_played: int, pins: SimulatedPins, timers: Timers
) -> None:
    pin = pins.pin(PIN, pin_class=InterruptedPin)
    with ActiveBuzzer(PIN, timer=timers, pin_factory=pins) as buzzer:
        steps_to_come = [lambda: buzzer.play("double"), timers.next, timers.next]
        for step in steps_to_come[:steps_played]:
            step()
        stand_up = threading.Thread(target=buzzer.stop)

        def interrupt() -> None:
            stand_up.start()
            stand_up.join(0.2)  # it cannot end before the step has, if all is well

        pin.just_before = interrupt
        steps_to_come[steps_played]()
        stand_up.join(PATIENCE)
        assert is_silent(buzzer, timers)


@pytest.mark.usefixtures("restless_threads")
def test_of_two_patterns_started_at_once_one_plays_and_can_be_stopped(
    buzzer: ActiveBuzzer, timers: Timers
) -> None:
    for _ in range(200):
        other = threading.Thread(target=buzzer.play, args=("double",))
        other.start()
        buzzer.play("double")
        other.join(PATIENCE)
        assert buzzer.is_active
        assert len(timers.running) == 1
        buzzer.stop()
        assert is_silent(buzzer, timers)
        timers.made.clear()


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
