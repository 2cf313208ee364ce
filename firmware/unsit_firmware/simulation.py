"""Simulated pins: a gpiozero pin factory on which any gpiozero program runs unchanged.

``GPIOZERO_PIN_FACTORY=unsit_sim`` selects it. Then a simulated person can sit on a contact, or on
a load cell:

- ``UNSIT_SIM_SCRIPT``: a script, such as ``sit 40m, stand 3m``; see ``unsit_firmware.person``.
- ``UNSIT_SIM_RECORDING``: or a recording's file name.
- ``UNSIT_SIM_PIN``: the BCM number of the contact. Default 17.
- ``UNSIT_SIM_SPEED``: how many times faster than real time. Default 1.
- ``UNSIT_SIM_HX711``: data and clock pin, such as ``5:6``, of an HX711 in place of the contact.
- ``UNSIT_SIM_LOAD``: kg that a seated person puts on its cell. Default 75.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from gpiozero import PinInvalidPin
from gpiozero.pins.mock import MockFactory, MockPWMPin

from unsit_firmware.columns import RAW, Columns
from unsit_firmware.errors import ScriptError
from unsit_firmware.person import Level, Person, parse_script
from unsit_firmware.recording import Recording

Number = TypeVar("Number", int, float)


class SimulatedPin(MockPWMPin):
    """A pin with something wired to it: what is connected wins over the pull.

    Unlike gpiozero's mock pin it keeps no log of its states, so that it can run for months.
    """

    def __init__(self, factory: Any, info: Any) -> None:
        self._wire: bool | None = None
        self._wiring = threading.RLock()
        super().__init__(factory, info)

    def connect(self, level: bool | None) -> None:
        """Wires the pin to 3.3 V (True), to ground (False) or to nothing (None)."""
        with self._wiring:
            self._wire = level
            self._settle()

    def _set_pull(self, value: str) -> None:
        with self._wiring:
            super()._set_pull(value)
            self._settle()

    def drive_high(self) -> None:
        """What gpiozero's mock does for a pull-up; a wire to ground is stronger."""
        if self._wire is not False:
            super().drive_high()

    def drive_low(self) -> None:
        """What gpiozero's mock does for a pull-down; a wire to 3.3 V is stronger."""
        if self._wire is not True:
            super().drive_low()

    def _settle(self) -> None:
        if self._function != "input":
            return
        level = (
            self._wire if self._wire is not None else {"up": True, "down": False}.get(self._pull)
        )
        if level is not None:
            self.drive_high() if level else self.drive_low()

    def _change_state(self, value: float) -> bool:
        if self.state == value:
            return False
        self._state = value
        self._last_change = self.factory.ticks()
        return True


class SimulatedPins(MockFactory):
    """The simulated pins of one Raspberry Pi.

    ticks: the clock, in seconds; by default the monotonic one.
    environment: where the person is described, see above; by default the process's.

    Raises ScriptError or RecordingError for a person that cannot be read.
    """

    def __init__(
        self,
        ticks: Callable[[], float] = time.monotonic,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        super().__init__(pin_class=SimulatedPin)
        self._ticks = ticks
        self._person = _person(self, environment)

    def ticks(self) -> float:
        """The time now, in seconds."""
        return self._ticks()

    def close(self) -> None:
        """The person leaves and the pins are given back."""
        if self._person is not None:
            self._person.stop()
        super().close()


class SimulatedContact:
    """A contact to ground on a simulated pin, and the weight upon it.

    normally_closed: as for ``Contact``; the two must agree.
    """

    def __init__(self, pin: SimulatedPin, *, normally_closed: bool = False) -> None:
        self._pin = pin
        self._normally_closed = normally_closed
        self.set(False)

    def set(self, pressed: bool) -> None:
        """Presses the contact or releases it."""
        closed = pressed is not self._normally_closed
        self._pin.connect(False if closed else None)


def _person(pins: SimulatedPins, environment: Mapping[str, str]) -> Person | None:
    script = environment.get("UNSIT_SIM_SCRIPT")
    recording = environment.get("UNSIT_SIM_RECORDING")
    if script is None and recording is None:
        return None
    on_cell = "UNSIT_SIM_HX711" in environment
    columns = Columns() if recording is None else Recording(recording).check().columns
    if columns.is_load and not on_cell:
        raise ScriptError(f"{recording} is of loads: UNSIT_SIM_HX711 must name pins, such as 5:6")
    moves = Recording(recording).moves() if recording else parse_script(script or "")
    press = _cell(pins, environment, columns) if on_cell else _contact(pins, environment)
    speed = _number(environment, "UNSIT_SIM_SPEED", "1", float)
    person = Person(press, moves, speed=speed)
    person.start()
    return person


def _contact(pins: SimulatedPins, environment: Mapping[str, str]) -> Callable[[Any], None]:
    number = _number(environment, "UNSIT_SIM_PIN", "17", int)
    try:
        return SimulatedContact(pins.pin(number)).set
    except PinInvalidPin:
        raise ScriptError(f"UNSIT_SIM_PIN={number} is no pin; for example 17") from None


def _cell(
    pins: SimulatedPins, environment: Mapping[str, str], columns: Columns
) -> Callable[[Any], None]:
    from unsit_firmware.simulated_cells import SimulatedCell, wire_hx711

    wires = environment["UNSIT_SIM_HX711"]
    load = _number(environment, "UNSIT_SIM_LOAD", "75", float)
    cell = SimulatedCell()
    try:
        data, clock = (int(number) for number in wires.split(":"))
        wire_hx711(pins, data, clock, cell)
    except (ValueError, PinInvalidPin):
        raise ScriptError(f"UNSIT_SIM_HX711={wires!r} are no pins; for example 5:6") from None

    def press(level: Level) -> None:
        if not isinstance(level, tuple):
            cell.set_kilograms(load * level)
        elif columns.kind == RAW:
            cell.set_raw(sum(level))
        else:
            cell.set_kilograms(sum(level) / 1000)

    return press


def _number(
    environment: Mapping[str, str], name: str, default: str, number: Callable[[str], Number]
) -> Number:
    text = environment.get(name, default)
    try:
        return number(text)
    except ValueError:
        raise ScriptError(f"{name}={text!r} is not a number; for example {default}") from None
