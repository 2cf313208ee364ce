"""Looks at the pins of this machine as a chair would use them, and says what it finds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from gpiozero import DigitalInputDevice, DigitalOutputDevice

from unsit.assembly.converters import open_converters
from unsit.assembly.devices import open_device
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import Settings
from unsit_firmware.errors import PinError
from unsit_firmware.pins import choose_pins

RESTLESS = "lgpio wakes up 1,640 times a second, where gpiod sleeps"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check. error: what a ``fail`` ends the command with."""

    verdict: Literal["ok", "warn", "fail"]
    subject: str
    words: str
    error: Exception | None = None


def check_pins(settings: Settings) -> Iterator[Finding]:
    """The back end and why it is this one, then each pin that the settings name."""
    try:
        choice = choose_pins()
    except PinError as error:
        yield Finding("fail", "pins", str(error), error)
        return
    if choice.name == "lgpio":
        yield Finding("warn", "pins", f"{choice}; {RESTLESS}")
    else:
        yield Finding("ok", "pins", str(choice))
    with choice.pins:
        yield from _each_pin(settings, choice.pins)


def _each_pin(settings: Settings, pins: Any) -> Iterator[Finding]:
    if settings.seat.kind == "mat":
        yield _input("seat.pin", settings.seat.pin, pins, settings.seat.normally_closed)
    else:
        yield _load_cells(settings.load_cell, pins)
    if settings.buzzer.kind != "none":
        yield _output("buzzer.pin", settings.buzzer.pin, pins, settings.buzzer.active_high)
    if settings.button.pin is not None:
        yield _input("button.pin", settings.button.pin, pins)
    if settings.led.pin is not None:
        yield _output("led.pin", settings.led.pin, pins)


def _input(key: str, pin: int, pins: Any, normally_closed: bool = False) -> Finding:
    try:
        with open_device(key, pin, DigitalInputDevice, pull_up=True, pin_factory=pins) as contact:
            closed = bool(contact.is_active)
    except PinError as error:
        return Finding("fail", key, str(error), error)
    circuit = "closed to ground" if closed else "open"
    pressed = "pressed" if closed is not normally_closed else "not pressed"
    return Finding("ok", key, f"GPIO{pin} is free; the circuit is {circuit}: {pressed}")


def _load_cells(cells: LoadCellSettings, pins: Any) -> Finding:
    try:
        for converter in open_converters(cells, pins):
            converter.close()
    except PinError as error:
        return Finding("fail", "load_cell", str(error), error)
    where = ", ".join(cells.wired_at)
    words = f"{cells.converter} at {where} is free; what it reads: unsit calibrate"
    return Finding("ok", "load_cell", words)


def _output(key: str, pin: int, pins: Any, active_high: bool = True) -> Finding:
    try:
        open_device(
            key, pin, DigitalOutputDevice, active_high=active_high, pin_factory=pins
        ).close()
    except PinError as error:
        return Finding("fail", key, str(error), error)
    return Finding("ok", key, f"GPIO{pin} is free; an output that is off")
