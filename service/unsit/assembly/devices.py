"""What is wired to the pins."""

from collections.abc import Callable
from typing import Any

from gpiozero import LED

from unsit.core.effects import Signal
from unsit.core.inputs import ButtonPressed, ButtonReleased, Input, Pressed, Released
from unsit.core.ladder import Tone
from unsit.errors import LostThreadError
from unsit.settings.model import Settings
from unsit_firmware import (
    PATTERNS,
    ActiveBuzzer,
    Contact,
    PassiveBuzzer,
    PinError,
    PressureMat,
    PushButton,
)
from unsit_firmware.errors import DeafError
from unsit_firmware.hearing import Hearing
from unsit_firmware.patterns import at_volume
from unsit_firmware.pins import choose_pins, machine_pins

__all__ = ["Devices", "Hear", "choose_pins", "machine_pins", "open_device"]

Hear = Callable[[Input, float], None]
"""Told of an edge and how many seconds ago it was, from the pins' own thread."""


SOFTEST = Tone("tick")
FULL = 100
"""Percent."""

PACING = {
    Signal.START: Tone("go"),
    Signal.RELEASE: Tone("ease"),
    Signal.SWITCH: Tone("swap"),
    Signal.DONE: Tone("finish"),
}
"""The tone of each signal of a paced exercise; each is told from the others by ear."""


class Devices:
    """What is wired to the pins, as the settings say.

    pins: a gpiozero pin factory. hear: told of every edge. timer: what times the buzzer's pauses.
    has_mat: a mat is the sensor. Default True.

    Raises PinError for a pin that cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        pins: Any,
        hear: Hear,
        timer: Callable[[float, Callable[[], None]], Any],
        *,
        has_mat: bool = True,
    ) -> None:
        self._pins = pins
        self._tone = Tone(settings.buzzer.pattern, settings.buzzer.volume)
        self._open: list[Any] = []
        try:
            self.mat = self._open_mat(settings, hear) if has_mat else None
            self.buzzer = self._open_buzzer(settings, timer)
            self._open_button(settings, hear)
            self.lamp = self._open_lamp(settings)
            self._hearing = Hearing(pins)
        except BaseException:
            self.close()
            raise

    def sound(self, tone: Tone | None = None) -> None:
        """Plays a tone, the one that the settings name if left out."""
        if self.buzzer is not None:
            asked = tone or self._tone
            volume = asked.volume or self._tone.volume or FULL
            self.buzzer.play(at_volume(PATTERNS[asked.pattern], volume / FULL))

    def cue(self) -> None:
        """Plays the softest pattern there is."""
        self.sound(SOFTEST)

    def beat(self, signal: Signal) -> None:
        """Plays a signal of a paced exercise."""
        self.sound(PACING[signal])

    def silence(self) -> None:
        """Stops the buzzer at once."""
        if self.buzzer is not None:
            self.buzzer.stop()

    def light(self, on: bool) -> None:
        """Lights the lamp or puts it out."""
        if self.lamp is not None:
            self.lamp.value = on

    def ask(self, answer: Callable[[], None]) -> None:
        """Has ``answer`` called when it is proved that edges are heard.

        Raises LostThreadError if it is known that they are not.
        """
        try:
            self._hearing.ask(answer)
        except DeafError as error:
            raise LostThreadError(str(error)) from error

    def close(self) -> None:
        """Silence, and every pin is given back."""
        while self._open:
            self._open.pop().close()

    def _open_mat(self, settings: Settings, hear: Hear) -> Contact:
        mat: Contact = self._device(
            "seat.pin",
            settings.seat.pin,
            PressureMat,
            normally_closed=settings.seat.normally_closed,
            when_changed=lambda on, age: hear(Pressed() if on else Released(), age),
        )
        return mat

    def _open_buzzer(self, settings: Settings, timer: Any) -> ActiveBuzzer | PassiveBuzzer | None:
        buzzer = settings.buzzer
        if buzzer.kind == "none":
            return None
        kind = PassiveBuzzer if buzzer.kind == "passive" else ActiveBuzzer
        opened: ActiveBuzzer | PassiveBuzzer = self._device(
            "buzzer.pin", buzzer.pin, kind, active_high=buzzer.active_high, timer=timer
        )
        return opened

    def _open_button(self, settings: Settings, hear: Hear) -> None:
        if settings.button.pin is not None:
            self._device(
                "button.pin",
                settings.button.pin,
                PushButton,
                when_changed=lambda on, age: hear(ButtonPressed() if on else ButtonReleased(), age),
            )

    def _open_lamp(self, settings: Settings) -> LED | None:
        return None if settings.led.pin is None else self._device("led.pin", settings.led.pin, LED)

    def _device(self, key: str, pin: int, kind: Callable[..., Any], **how: Any) -> Any:
        device = open_device(key, pin, kind, pin_factory=self._pins, **how)
        self._open.append(device)
        return device


def open_device(key: str, pin: int, kind: Callable[..., Any], **how: Any) -> Any:
    """A device on a pin, ``key`` being its setting. Raises PinError if that cannot be."""
    try:
        return kind(pin, **how)
    except Exception as error:  # back ends raise errors of their own, of no common base
        raise PinError(f"{key} = {pin}: the pin cannot be used: {error}") from error
