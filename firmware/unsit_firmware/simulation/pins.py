"""Simulated pins: a gpiozero pin factory for any unchanged gpiozero program."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPWMPin


class SimulatedPin(MockPWMPin):
    """A pin that can be wired to 3.3 V or to ground; the wire wins over the pull.

    Unlike gpiozero's mock pin it keeps no log of its states, so its memory does not grow.
    """

    _state: float

    def __init__(self, factory: Any, info: Any) -> None:
        self._wire: bool | None = None
        self._wire_lock = threading.RLock()
        super().__init__(factory, info)

    def connect(self, level: bool | None) -> None:
        """Wire the pin to 3.3 V (True), to ground (False) or to nothing (None)."""
        with self._wire_lock:
            self._wire = level
            self._update_level()

    def _set_pull(self, value: str) -> None:
        with self._wire_lock:
            super()._set_pull(value)
            self._update_level()

    def drive_high(self) -> None:
        """Set the level high, as gpiozero's mock does for a pull-up, unless wired to ground."""
        if self._wire is not False:
            super().drive_high()

    def drive_low(self) -> None:
        """Set the level low, as gpiozero's mock does for a pull-down, unless wired to 3.3 V."""
        if self._wire is not True:
            super().drive_low()

    def _update_level(self) -> None:
        if self._function != "input":
            return
        level = (
            self._wire if self._wire is not None else {"up": True, "down": False}.get(self._pull)
        )
        if level is not None:
            self.drive_high() if level else self.drive_low()

    def _change_state(self, value: float) -> bool:
        if self._state == value:
            return False
        self._state = value
        if self._function == "input":  # an output reports no edges
            self._last_change = self.factory.ticks()
        return True


class SimulatedPins(MockFactory):
    """The simulated pins of one Raspberry Pi.

    ticks: a clock in seconds. Default: the monotonic clock.

    Press and release a contact on pin 17::

        pins = SimulatedPins()
        contact = SimulatedContact(pins.pin(17))
        mat = PressureMat(17, pin_factory=pins)
        contact.set(True)  # mat.pressed is True
        contact.set(False)
    """

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        super().__init__(pin_class=SimulatedPin)
        self._ticks = ticks
        self._before_close = ExitStack()

    def ticks(self) -> float:
        """Return the present time in seconds."""
        return self._ticks()

    def nanoseconds(self) -> int:
        """Return the time that times a pulse: simulated pins change without taking any."""
        return 0

    def before_close(self, callback: Callable[[], object]) -> None:
        """Call a function in ``close``, before the pins are released."""
        self._before_close.callback(callback)

    def close(self) -> None:
        """Run the ``before_close`` callbacks and release the pins."""
        self._before_close.close()
        super().close()


class SimulatedContact:
    """A contact between a simulated pin and ground.

    pin: a pin of ``SimulatedPins``.
    normally_closed: True for a contact that opens when pressed. Give ``Contact`` the same value.
    """

    def __init__(self, pin: SimulatedPin, *, normally_closed: bool = False) -> None:
        self._pin = pin
        self._normally_closed = normally_closed
        self.set(False)

    def set(self, pressed: bool) -> None:
        """Press (True) or release (False) the contact."""
        closed = pressed is not self._normally_closed
        self._pin.connect(False if closed else None)
