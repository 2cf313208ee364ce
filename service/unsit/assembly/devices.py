"""Devices on the pins: mat, buzzer, button and LED of the settings.

The setup and the checks use the lower half: one device at a time, for a trial.
"""

import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

from gpiozero import LED, DigitalInputDevice, DigitalOutputDevice

from unsit.core.chair import ActiveFault
from unsit.core.events import Event, PaceSignal
from unsit.core.inputs import ButtonPressed, ButtonReleased, Input, Pressed, Released
from unsit.core.instant import Instant
from unsit.core.mat import Mat, MatInput
from unsit.core.rules import Rules, Tone
from unsit.errors import LostThreadError
from unsit.runtime.loop import Loop
from unsit.settings.model import BuzzerSettings, Settings
from unsit_firmware import PATTERNS, ActiveBuzzer, Contact, PassiveBuzzer, PressureMat, PushButton
from unsit_firmware.buzzer import at_volume, length
from unsit_firmware.contact import EdgeThreads
from unsit_firmware.errors import EdgeThreadLostError, PinError, PinPermissionError
from unsit_firmware.pins import choose_pins, machine_pins

# Passed on to packages that may not import the hardware package.
__all__ = ["PinError", "PinPermissionError", "choose_pins", "machine_pins"]

OnEdge = Callable[[Input, float], None]
"""Receives an edge and its age in seconds, in the thread of the pins."""

SOFTEST_TONE = Tone("tick")
FULL_VOLUME = 100
"""Percent."""

PACE_TONES = {
    PaceSignal.START: Tone("go"),
    PaceSignal.RELEASE: Tone("ease"),
    PaceSignal.SWITCH: Tone("swap"),
    PaceSignal.DONE: Tone("finish"),
}
"""Tone of each signal of a paced exercise. Each sounds different from the others."""

TEST_PATTERN = "double"
"""Two short beeps."""


class Devices:
    """Every device of the settings, opened on its pin.

    pins: a gpiozero pin factory. on_edge: receives every edge of the mat and of the button.
    timer: makes the timers of the buzzer's patterns. has_mat: a mat is the sensor. Default True.
    on_failed_edge: called, in the thread of the pins, when an edge may not have been handled.

    Raises PinError for a pin that cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        pins: Any,
        on_edge: OnEdge,
        timer: Callable[[float, Callable[[], None]], Any],
        *,
        has_mat: bool = True,
        on_failed_edge: Callable[[], None] = lambda: None,
    ) -> None:
        self._pins = pins
        self._tone = Tone(settings.buzzer.pattern, settings.buzzer.volume)
        self._open: list[Any] = []
        try:
            self.mat = self._open_mat(settings, on_edge) if has_mat else None
            self.buzzer = self._open_buzzer(settings, timer)
            self.button = self._open_button(settings, on_edge)
            self.led = self._open_led(settings)
            self._edge_threads = EdgeThreads(pins)
            self._edge_threads.watch_failures(lambda error: on_failed_edge())
        except BaseException:
            self.close()
            raise

    def sound(self, tone: Tone | None = None) -> None:
        """Play a tone, by default the tone of the settings."""
        if self.buzzer is not None:
            tone = tone or self._tone
            volume = tone.volume or self._tone.volume or FULL_VOLUME
            self.buzzer.play(at_volume(PATTERNS[tone.pattern], volume / FULL_VOLUME))

    def cue(self) -> None:
        """Play the softest pattern."""
        self.sound(SOFTEST_TONE)

    def beat(self, signal: PaceSignal) -> None:
        """Play a signal of a paced exercise."""
        self.sound(PACE_TONES[signal])

    def silence(self) -> None:
        """Stop the buzzer at once."""
        if self.buzzer is not None:
            self.buzzer.stop()

    def light(self, on: bool) -> None:
        """Switch the LED on or off."""
        if self.led is not None:
            self.led.value = on

    def ask(self, answer: Callable[[], None]) -> None:
        """Call ``answer`` once the thread that reads the edges has proved that it works.

        Raises LostThreadError if that thread has ended.
        """
        try:
            self._edge_threads.ping(answer)
        except EdgeThreadLostError as error:
            raise LostThreadError(str(error)) from error

    def close(self) -> None:
        """Silence the buzzer and release every pin."""
        while self._open:
            self._open.pop().close()

    def _open_mat(self, settings: Settings, on_edge: OnEdge) -> Contact:
        mat: Contact = self._device(
            "seat.pin",
            settings.seat.pin,
            PressureMat,
            normally_closed=settings.seat.normally_closed,
            when_changed=lambda on, age: on_edge(Pressed() if on else Released(), age),
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

    def _open_button(self, settings: Settings, on_edge: OnEdge) -> Contact | None:
        if settings.button.pin is None:
            return None
        button: Contact = self._device(
            "button.pin",
            settings.button.pin,
            PushButton,
            when_changed=lambda on, age: on_edge(ButtonPressed() if on else ButtonReleased(), age),
        )
        return button

    def _open_led(self, settings: Settings) -> LED | None:
        return None if settings.led.pin is None else self._device("led.pin", settings.led.pin, LED)

    def _device(self, key: str, pin: int, kind: Callable[..., Any], **options: Any) -> Any:
        device = open_device(key, pin, kind, pin_factory=self._pins, **options)
        self._open.append(device)
        return device


def open_device(key: str, pin: int, kind: Callable[..., Any], **options: Any) -> Any:
    """Open a device on the pin of the setting ``key``. Raises PinError."""
    try:
        return kind(pin, **options)
    except Exception as error:  # the errors of the back ends share no base
        raise PinError(f"{key} = {pin}: the pin cannot be used: {error}") from error


class WatchedMat:
    """Mat whose edges reach the chair as long as its contact is plausible.

    longest: longest plausible time that a person sits without any edge. rules: for their dwells.
    feed: receives the inputs.
    """

    def __init__(
        self,
        loop: Loop,
        contact: Contact,
        longest: timedelta,
        rules: Rules,
        feed: Callable[[Input, Instant], object],
    ) -> None:
        self._loop, self._contact, self._feed = loop, contact, feed
        self._mat = Mat(longest, rules)
        self._alarm: Instant | None = None

    def start(self, fault: ActiveFault | None, *, reread_every: timedelta) -> None:
        """Feed the level, with the fault of the run before a restart, and start to re-read."""
        self._loop.every(reread_every, self.reread)
        self.resume(fault)

    def resume(self, fault: ActiveFault | None) -> None:
        """Feed the level after a time in which nobody saw the seat. fault: the one before it."""
        self._feed_all(self._mat.start(self._contact.pressed, self._loop.clock.now(), fault))

    def on_edge(self, pressed: bool, at: Instant) -> None:
        """Take an edge."""
        self._feed_all(self._mat.handle_edge(pressed, at))

    def count_events(self, events: Iterable[Event]) -> None:
        """Count those events of the chair that the levels of the mat have caused."""
        self._mat.count_events(events, self._loop.clock.now())

    def reread(self) -> None:
        """Read the level again; it is fed if an edge was missed."""
        before = self._contact.missed_edges
        self._contact.reread()
        agrees = self._contact.missed_edges == before
        self._feed_all(self._mat.reread(agrees=agrees, at=self._loop.clock.now()))

    def _feed_all(self, inputs: list[MatInput]) -> None:
        for mat_input, at in inputs:
            self._feed(mat_input, at)
        self._set_alarm()

    def _set_alarm(self) -> None:
        """Set one alarm at a time; an alarm that rings before the deadline sets the next."""
        deadline = self._mat.deadline
        if deadline is not None and (self._alarm is None or deadline < self._alarm):
            self._alarm = deadline
            self._loop.at(deadline, lambda: self._ring(deadline))

    def _ring(self, alarm: Instant) -> None:
        if self._alarm == alarm:
            self._alarm = None
            self._feed_all(self._mat.pass_time(self._loop.clock.now()))


# One device at a time, for setup and checks


def kinds_of_buzzer(first: BuzzerSettings) -> list[BuzzerSettings]:
    """Return the kinds that a buzzer at this pin can be, the likeliest first."""
    kinds = [
        replace(first, kind="active", active_high=True),
        replace(first, kind="passive", active_high=True),
        replace(first, kind="active", active_high=False),
    ]
    return [first, *(kind for kind in kinds if kind != first)]


def sound(buzzer: BuzzerSettings, pins: Any) -> None:
    """Play two short beeps and return when they are over. Raises PinError."""
    kind = PassiveBuzzer if buzzer.kind == "passive" else ActiveBuzzer
    pin = open_device(
        "buzzer.pin", buzzer.pin, kind, active_high=buzzer.active_high, pin_factory=pins
    )
    with pin:
        pin.play(TEST_PATTERN)
        threading.Event().wait(length(PATTERNS[TEST_PATTERN]))


def lit_led(pin: int, pins: Any) -> Any:
    """Return an LED that is lit until its ``with`` block ends. Raises PinError."""
    return open_device("led.pin", pin, LED, initial_value=True, pin_factory=pins)


class Contacts(ExitStack):
    """Contacts to ground at many pins, read as inputs with a pull-up in a ``with`` block.

    numbers: BCM. A pin that cannot be used is left out.
    """

    def __init__(self, numbers: Iterable[int], pins: Any) -> None:
        super().__init__()
        self._inputs: dict[int, Any] = {}
        for number in numbers:
            try:
                device = open_device(
                    "pin", number, DigitalInputDevice, pull_up=True, pin_factory=pins
                )
            except OSError:
                continue
            self._inputs[number] = self.enter_context(device)

    def closed(self) -> dict[int, bool]:
        """Return for each pin True if its contact is closed now."""
        return {number: bool(device.is_active) for number, device in self._inputs.items()}


def silence(buzzer: BuzzerSettings) -> None:
    """Drive the buzzer's pin to its silent level, then release it.

    A killed process leaves the level of its pin, and the kernel of a Raspberry Pi keeps it.

    Raises PinError for a pin that cannot be used, such as a pin that a running chair holds.
    """
    open_device(
        "buzzer.pin",
        buzzer.pin,
        DigitalOutputDevice,
        active_high=buzzer.active_high,
        initial_value=False,
        pin_factory=machine_pins(),
    ).close()
