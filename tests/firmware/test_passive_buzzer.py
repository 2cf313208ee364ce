"""Bare piezo discs and loudspeakers: each beep a square wave of its tone."""

import pytest
from gpiozero import PinPWMUnsupported
from gpiozero.pins.mock import MockFactory

from support.buzzer_timers import NAMES, PIN, Timers, is_silent, steps_of
from unsit_firmware import PATTERNS, ActiveBuzzer, Beep, PassiveBuzzer
from unsit_firmware.buzzer import at_volume
from unsit_firmware.simulation.pins import SimulatedPins


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


@pytest.mark.parametrize(
    ("volume", "duty"), [(1.0, 0.5), (0.5, 1 / 6), (0.1, 0.03188)], ids=["full", "half", "a tenth"]
)
def test_a_softer_beep_is_a_narrower_wave(piezo: PassiveBuzzer, volume: float, duty: float) -> None:
    piezo.play(at_volume(PATTERNS["long"], volume))
    assert piezo.value == pytest.approx(duty, abs=1e-5)


@pytest.mark.parametrize("volume", [0, -0.1, 1.01, float("nan")])
def test_a_volume_that_is_none_is_refused(volume: float) -> None:
    with pytest.raises(ValueError, match="volume over 0, 1 at most"):
        Beep(1.0, volume=volume)


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
