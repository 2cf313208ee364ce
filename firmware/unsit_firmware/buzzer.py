"""Active and passive buzzers, and the patterns that they play."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import asin, inf, pi
from typing import Any, Protocol

from gpiozero import DigitalOutputDevice, PinSetInput, PWMOutputDevice


@dataclass(frozen=True, slots=True)
class Beep:
    """One sound and the pause after it.

    on: length of the sound in seconds, more than 0.
    off: length of the pause in seconds. Default 0.
    tone: frequency in Hz. Default 2700, where small piezo buzzers are loudest. An active buzzer
        ignores it.
    volume: more than 0, at most 1 (default, the loudest). An active buzzer ignores it.

    Raises ValueError for a value out of range.
    """

    on: float
    off: float = 0.0
    tone: float = 2700.0
    volume: float = 1.0

    def __post_init__(self) -> None:
        if not (0 < self.on < inf and 0 <= self.off < inf and 0 < self.tone < inf):
            raise ValueError(f"{self} cannot be played; expected on and tone over 0, off 0 or more")
        if not 0 < self.volume <= 1:
            raise ValueError(f"{self} cannot be played; expected a volume over 0, 1 at most")


Pattern = tuple[Beep, ...]

PATTERNS: dict[str, Pattern] = {
    "tick": (Beep(0.03),),
    "short": (Beep(0.15),),
    "double": (Beep(0.15, 0.15), Beep(0.15)),
    "triple": (Beep(0.2, 0.2), Beep(0.2, 0.2), Beep(0.2)),
    "long": (Beep(1.0),),
    "rising": (Beep(0.2, 0.1, 2000.0), Beep(0.2, 0.1, 2400.0), Beep(0.4, 0.0, 2800.0)),
    "insistent": (Beep(0.5, 0.25),) * 4,
    "go": (Beep(0.5),),
    "ease": (Beep(0.1),),
    "swap": (Beep(0.1, 0.1), Beep(0.1, 0.1), Beep(0.5)),
    "finish": (Beep(0.1, 0.1), Beep(0.1, 0.1), Beep(0.1, 0.3), Beep(0.5)),
}
"""Patterns by name. Each is finite, so a buzzer that nobody stops becomes silent by itself."""


def at_volume(pattern: Pattern, volume: float) -> Pattern:
    """Return the pattern at a volume of more than 0 and at most 1."""
    return tuple(replace(beep, volume=volume) for beep in pattern)


def length(pattern: Pattern) -> float:
    """Return the seconds from the first sound to the end of the last pause."""
    return sum(beep.on + beep.off for beep in pattern)


class Timer(Protocol):
    """A delayed call, such as a ``threading.Timer``."""

    def start(self) -> None:
        """Start the delay."""

    def cancel(self) -> None:
        """Cancel the call. After the call this does nothing."""


StartsTimer = Callable[[float, Callable[[], None]], Timer]
"""Factory that makes a timer from a delay in seconds and a function."""


def thread_timer(delay: float, callback: Callable[[], None]) -> Timer:
    """Return a timer that calls back on its own thread, for programs without an event loop."""
    timer = threading.Timer(delay, callback)
    timer.daemon = True
    return timer


class _Player:
    """Mixin that plays patterns through ``_sound`` and ``_quiet`` of the device.

    The pin changes on the caller's thread in ``play`` and ``stop``, and on the timer's thread in
    between. Each ``play`` and ``stop`` raises the serial number of the playback; a timer that fires
    late compares its own number, and does nothing if the pattern has been stopped.
    """

    def __init__(self, *args: Any, timer: StartsTimer = thread_timer, **kwargs: Any) -> None:
        self._timer = timer
        self._pending: Timer | None = None
        self._steps: Iterator[tuple[Beep | None, float]] = iter(())
        self._playback = 0
        self._player_lock = threading.RLock()
        super().__init__(*args, **kwargs)

    @property
    def is_playing(self) -> bool:
        """True from ``play`` until the pattern has ended or was cut off."""
        return self._pending is not None

    def play(self, pattern: str | Pattern) -> None:
        """Start a pattern in place of the present one, and return at once.

        pattern: a name in ``PATTERNS``, such as "double", or a tuple of ``Beep``.

        Raises KeyError for a name that is not in ``PATTERNS``.
        """
        beeps = PATTERNS[pattern] if isinstance(pattern, str) else pattern
        with self._player_lock:
            self.stop()
            self._steps = _steps(beeps)
            self._step(self._playback)

    def stop(self) -> None:
        """Stop the sound at once. Without a sound this does nothing."""
        with self._player_lock:
            self._playback += 1
            if self._pending is not None:
                self._pending.cancel()
                self._pending = None
            self._quiet()

    def close(self) -> None:
        """Stop the sound and release the pin."""
        try:
            if not getattr(self, "closed", True):
                self.stop()
        except PinSetInput:
            pass  # the factory closed the pin first; it is an input, so the buzzer is silent
        finally:
            super().close()  # type: ignore[misc]  # the device behind this mixin

    def _step(self, playback: int) -> None:
        with self._player_lock:
            if playback != self._playback:
                return
            beep, duration = next(self._steps, (None, 0.0))
            self._pending = (
                self._timer(duration, lambda: self._step(playback)) if duration else None
            )
            self._quiet() if beep is None else self._sound(beep)
            if self._pending is not None:
                self._start(self._pending)

    def _start(self, timer: Timer) -> None:
        """Start the timer that ends the present step. If that fails, stop the sound."""
        try:
            timer.start()
        except BaseException:
            self.stop()
            raise

    def _sound(self, beep: Beep) -> None:
        raise NotImplementedError

    def _quiet(self) -> None:
        raise NotImplementedError


def _steps(pattern: Pattern) -> Iterator[tuple[Beep | None, float]]:
    for beep in pattern:
        yield beep, beep.on
        if beep.off:
            yield None, beep.off


def duty(volume: float) -> float:
    """Return the duty cycle (0 to 0.5) of a square wave for a volume of at most 1.

    The amplitude of the fundamental is proportional to sin(pi * duty), with its maximum at 0.5.
    """
    return asin(volume) / pi


class ActiveBuzzer(_Player, DigitalOutputDevice):
    """A buzzer with its own oscillator, which sounds while its pin is on.

    pin: BCM number or any name that gpiozero takes.
    active_high: False for a module that sounds on a low pin. Default True.
    timer: factory of the timers between sounds and pauses. Default ``thread_timer``.
    pin_factory: a gpiozero pin factory. Default: ``Device.pin_factory``.

    Beep twice::

        with ActiveBuzzer(18) as buzzer:
            buzzer.play("double")
            time.sleep(1)
    """

    def _sound(self, beep: Beep) -> None:
        self.on()

    def _quiet(self) -> None:
        self.off()


class PassiveBuzzer(_Player, PWMOutputDevice):
    """A bare piezo disc or loudspeaker, which sounds with the square wave (PWM) of its pin.

    The parameters are those of ``ActiveBuzzer``. The back end must support PWM.
    """

    def _sound(self, beep: Beep) -> None:
        self.frequency = beep.tone
        self.value = duty(beep.volume)

    def _quiet(self) -> None:
        self.value = 0
