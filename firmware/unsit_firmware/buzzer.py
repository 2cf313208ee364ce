"""Buzzers that play a named pattern and can be cut off at any instant."""

import threading
from collections.abc import Callable, Iterator
from math import asin, pi
from typing import Any, Protocol

from gpiozero import DigitalOutputDevice, PinSetInput, PWMOutputDevice

from unsit_firmware.patterns import PATTERNS, Beep, Pattern


class Timer(Protocol):
    """One call in the future, as ``threading.Timer`` makes it."""

    def start(self) -> None:
        """Starts the time running."""

    def cancel(self) -> None:
        """Makes the call not happen; harmless when it already has."""


StartsTimer = Callable[[float, Callable[[], None]], Timer]
"""Makes a timer from a delay in seconds and a function."""


def thread_timer(delay: float, act: Callable[[], None]) -> Timer:
    """A timer on a thread of its own, for programs without a loop."""
    timer = threading.Timer(delay, act)
    timer.daemon = True
    return timer


class _Player:
    """Plays patterns on whatever ``_sound`` and ``_quiet`` drive.

    The pin changes in the caller of ``play`` and ``stop`` and in the timer's calls. A call that
    was under way when the pattern was cut off finds that its turn is over and does nothing.
    """

    def __init__(self, *args: Any, timer: StartsTimer = thread_timer, **kwargs: Any) -> None:
        self._timer = timer
        self._pending: Timer | None = None
        self._steps: Iterator[tuple[Beep | None, float]] = iter(())
        self._turn = 0
        self._playing = threading.RLock()
        super().__init__(*args, **kwargs)

    @property
    def is_playing(self) -> bool:
        """True from ``play`` until the pattern has ended or was cut off."""
        return self._pending is not None

    def play(self, pattern: str | Pattern) -> None:
        """Starts a pattern, by name or given, in place of one under way; returns at once.

        Raises KeyError for a name that is not in ``PATTERNS``.
        """
        beeps = PATTERNS[pattern] if isinstance(pattern, str) else pattern
        with self._playing:
            self.stop()
            self._steps = _steps(beeps)
            self._step(self._turn)

    def stop(self) -> None:
        """Silence, at once. Harmless when there is silence already."""
        with self._playing:
            self._turn += 1
            if self._pending is not None:
                self._pending.cancel()
                self._pending = None
            self._quiet()

    def close(self) -> None:
        """Silence, and the pin is given back."""
        try:
            if not getattr(self, "closed", True):
                self.stop()
        except PinSetInput:
            pass  # its pin was taken back before it, and is an input: silent
        finally:
            super().close()  # type: ignore[misc]  # the device behind this mixin

    def _step(self, turn: int) -> None:
        with self._playing:
            if turn != self._turn:
                return
            beep, duration = next(self._steps, (None, 0.0))
            self._pending = self._timer(duration, lambda: self._step(turn)) if duration else None
            self._quiet() if beep is None else self._sound(beep)
            if self._pending is not None:
                self._start(self._pending)

    def _start(self, timer: Timer) -> None:
        """Starts what ends the present step; without it there is no sound."""
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
    """The share of each period that a square wave is high, for a volume of at most 1.

    The fundamental of a square wave goes with the sine of its duty, and is strongest at a half.
    """
    return asin(volume) / pi


class ActiveBuzzer(_Player, DigitalOutputDevice):
    """A buzzer with a tone of its own: it sounds while its pin is on.

    pin: BCM number. active_high: False for a module that sounds on a low pin. Default True.
    timer: what the pauses are timed with; by default a thread that lives while a pattern plays.
    """

    def _sound(self, beep: Beep) -> None:
        self.on()

    def _quiet(self) -> None:
        self.off()


class PassiveBuzzer(_Player, PWMOutputDevice):
    """A bare piezo disc or loudspeaker: it sounds with the square wave that the pin gives it.

    The arguments are those of ``ActiveBuzzer``. The back end must be able to do PWM.
    """

    def _sound(self, beep: Beep) -> None:
        self.frequency = beep.tone
        self.value = duty(beep.volume)

    def _quiet(self) -> None:
        self.value = 0
