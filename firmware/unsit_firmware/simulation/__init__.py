"""Simulated pins, load cells and a person, for any unchanged gpiozero program.

``GPIOZERO_PIN_FACTORY=unsit_sim`` selects simulated pins. These variables describe a simulated
person who sits on a contact or on a load cell:

- ``UNSIT_SIM_SCRIPT``: a script, such as ``sit 40m, stand 3m``; see ``parse_script``.
- ``UNSIT_SIM_RECORDING``: file name of a recording. It takes precedence over a script.
- ``UNSIT_SIM_PIN``: BCM number of the contact. Default 17.
- ``UNSIT_SIM_SPEED``: speed-up over real time. Default 1.
- ``UNSIT_SIM_HX711``: data and clock pin, such as ``5:6``, of an HX711 in place of the contact, or
  those of several, such as ``5:6,12:13``. Each has a cell; a recording has a column for each, or
  one, and its load and that of a person are shared evenly.
- ``UNSIT_SIM_LOAD``: load of a seated person on all cells in kg. Default 75.
"""

import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from gpiozero import PinInvalidPin

from unsit_firmware.errors import ScriptError
from unsit_firmware.recording import RAW, Columns, Level, Move, Recording
from unsit_firmware.simulation.pins import SimulatedContact, SimulatedPins

_STEP = re.compile(r"(sit|stand) +(\d+(?:\.\d+)?)(s|m|h)")
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}


def parse_script(text: str) -> Iterator[Move]:
    """Return the moves of a script such as ``sit 40m, stand 30s, sit 1.5h``.

    Commas or line ends separate the steps; the units are s, m and h. After the last step the
    person stands.

    Raises ScriptError for a step of another form.
    """
    steps = [step.strip() for step in re.split(r"[,\n]", text) if step.strip()]
    try:
        return iter(_moves(steps))
    except OverflowError:
        raise ScriptError(f"{text!r} lasts too long; expected days or weeks in all") from None


def _moves(steps: list[str]) -> list[Move]:
    at = timedelta(0)
    moves = []
    for step in steps:
        sits, duration = _parse_step(step)
        moves.append((at, sits))
        at += duration
    return [*moves, (at, False)]


def _parse_step(step: str) -> tuple[bool, timedelta]:
    match = _STEP.fullmatch(step)
    if match is None:
        raise ScriptError(f"{step!r} is not a step of a script; for example sit 40m, stand 30s")
    verb, number, unit = match.groups()
    return verb == "sit", float(number) * _UNITS[unit]


class Person(threading.Thread):
    """Thread that presses and releases a contact or loads cells, in real time or faster.

    press: called on this thread with each level, such as True to sit and False to stand.
    moves: times and levels, see ``Move``. The times never decrease.
    speed: simulated seconds per real second, more than 0. Default 1.
    when_done: called once, with None after the last move or with the error that the moves raised.
        Default None: an error ends the thread with a traceback.

    Raises ScriptError for a speed out of range.

    Sit and stand 600 times faster than real time::

        person = Person(contact.set, parse_script("sit 40m, stand 3m"), speed=600)
        person.start()
    """

    def __init__(
        self,
        press: Callable[[Any], object],
        moves: Iterable[Move],
        *,
        speed: float = 1.0,
        when_done: Callable[[Exception | None], None] | None = None,
    ) -> None:
        if not 0 < speed < float("inf"):
            raise ScriptError(f"speed {speed} is out of range; expected more than 0, such as 60")
        super().__init__(name="person", daemon=True)
        self._press = press
        self._moves = moves
        self._speed = speed
        self._when_done = when_done
        self._stop_event = threading.Event()

    def run(self) -> None:
        """Make the moves. ``start`` calls this on the person's thread."""
        error: Exception | None = None
        try:
            self._make_moves()
        except Exception as failed:
            if self._when_done is None:
                raise
            error = failed
        if self._when_done is not None:
            self._when_done(error)

    def stop(self) -> None:
        """End the thread before its next move, and wait until it has ended."""
        self._stop_event.set()
        if self.is_alive() and threading.current_thread() is not self:
            self.join()

    def _make_moves(self) -> None:
        start = time.monotonic()
        for at, level in self._moves:
            delay = start + at.total_seconds() / self._speed - time.monotonic()
            if self._stop_event.wait(max(delay, 0)):
                return
            self._press(level)


Number = TypeVar("Number", int, float)


def scripted_pins(environment: Mapping[str, str] = os.environ) -> SimulatedPins:
    """Return simulated pins, with the person that the environment describes, if any.

    environment: variables, see above. Default: those of the process.

    Closing the pins stops the person. Raises ScriptError or RecordingError for a wrong script,
    recording or variable.
    """
    pins = SimulatedPins()
    person = _person(pins, environment)
    if person is not None:
        person.start()
        pins.before_close(person.stop)
    return pins


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
    return Person(press, moves, speed=speed)


def _contact(pins: SimulatedPins, environment: Mapping[str, str]) -> Callable[[Any], None]:
    number = _number(environment, "UNSIT_SIM_PIN", "17", int)
    try:
        return SimulatedContact(pins.pin(number)).set
    except PinInvalidPin:
        raise ScriptError(f"UNSIT_SIM_PIN={number} is no pin; for example 17") from None


def _cell(
    pins: SimulatedPins, environment: Mapping[str, str], columns: Columns
) -> Callable[[Any], None]:
    from unsit_firmware.simulation.cells import (
        SimulatedCell,
        wire_hx711,
    )  # only for cells: a contact does not need the module

    wires = environment["UNSIT_SIM_HX711"]
    load = _number(environment, "UNSIT_SIM_LOAD", "75", float)
    cells: list[SimulatedCell] = []
    try:
        for nth, pair in enumerate(wires.split(","), start=1):
            data, clock = (int(number) for number in pair.split(":"))
            cells.append(SimulatedCell(seed=nth))
            wire_hx711(pins, data, clock, cells[-1])
    except (ValueError, PinInvalidPin):
        raise ScriptError(f"UNSIT_SIM_HX711={wires!r} are no pins; for example 5:6") from None

    def press(level: Level) -> None:
        loads = level if isinstance(level, tuple) else (load * 1000 * level,)
        if len(loads) != len(cells):
            loads = (sum(loads) / len(cells),) * len(cells)
        for cell, each in zip(cells, loads, strict=True):
            if columns.kind == RAW:
                cell.set_raw(each)
            else:
                cell.set_kilograms(each / 1000)

    return press


def _number(
    environment: Mapping[str, str], name: str, default: str, number: Callable[[str], Number]
) -> Number:
    text = environment.get(name, default)
    try:
        return number(text)
    except ValueError:
        raise ScriptError(f"{name}={text!r} is not a number; for example {default}") from None
