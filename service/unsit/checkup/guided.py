"""The steps for which somebody must sit down, listen and look."""

from statistics import fmean
from typing import Any

from unsit.assembly.converters import Converter, open_converters
from unsit.assembly.errors import PinError
from unsit.assembly.trial import Contacts, Light
from unsit.assembly.weighed import store_of
from unsit.checkup.buzzer import find_buzzer
from unsit.checkup.cells import take_readings
from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding, Findings, fine, found
from unsit.checkup.header import free_pins, holder_of
from unsit.checkup.installation import Installation
from unsit.checkup.processes import running_services
from unsit.checkup.seat import Answering, find_seat
from unsit.checkup.talk import Person
from unsit.core.weighing.faults import Missing
from unsit.errors import SettingsError
from unsit.settings.model import BuzzerSettings, Settings

LEAST = 5.0
"""kg that somebody who sits down must add."""


def check_guided(installation: Installation, pins: Any, person: Person) -> Findings:
    """The seat, the buzzer, the button and the LED, each with the person's help."""
    settings = installation.settings
    if running_services(installation):
        stop = f"sudo systemctl stop {installation.unit}"
        yield fine("guided", f"the service holds the parts; stop it to have them tried: {stop}")
        return
    if settings.seat.kind == "mat":
        yield from _mat(installation, pins, person)
    else:
        yield from _cells(installation, pins, person)
    if settings.buzzer.kind != "none" and _is_free(settings.buzzer.pin, pins):
        yield check_buzzer(settings.buzzer, pins, person)
    if settings.button.pin is not None and _is_free(settings.button.pin, pins):
        yield _button(settings.button.pin, pins, person)
    if settings.led.pin is not None and _is_free(settings.led.pin, pins):
        yield _led(settings.led.pin, pins, person)


def other_pins(settings: Settings) -> set[int]:
    """The pins of everything but the mat."""
    named = [settings.button.pin, settings.led.pin]
    if settings.buzzer.kind != "none":
        named.append(settings.buzzer.pin)
    if settings.seat.kind == "load_cell":
        named += settings.load_cell.pins().values()
    return {pin for pin in named if pin is not None}


def _is_free(pin: int, pins: Any) -> bool:
    return holder_of(pin, pins) is None


def _mat(installation: Installation, pins: Any, person: Person) -> Findings:
    seat = installation.settings.seat
    if not _is_free(seat.pin, pins):
        return  # who holds it was said
    free = free_pins(pins, installation.machine, other_pins(installation.settings))
    answering = find_seat(sorted({seat.pin, *free}), pins, person)
    yield judge_seat(answering, seat.pin, seat.normally_closed)


def judge_seat(answering: list[Answering], pin: int, normally_closed: bool) -> Finding:
    """What the pins that answered say of the settings."""
    at_pin = [answer for answer in answering if answer.pin == pin]
    if at_pin:
        if at_pin[0].normally_closed is normally_closed:
            return fine("seat", f"GPIO{pin} follows you as it should")
        opens = str(at_pin[0].normally_closed).lower()
        words = f"GPIO{pin} says empty when you sit and seated when you stand"
        return found(Fault.SEAT_INVERTED, "seat", words, f"seat.normally_closed = {opens}")
    if not answering:
        return found(Fault.SEAT_DEAD, "seat", f"neither GPIO{pin} nor another free pin has changed")
    other = answering[0]
    mend = f"seat.pin = {other.pin}" + (
        f", seat.normally_closed = {str(other.normally_closed).lower()}"
        if other.normally_closed is not normally_closed
        else ""
    )
    words = f"GPIO{other.pin} follows you, and not GPIO{pin}"
    return found(Fault.SEAT_ELSEWHERE, "seat", words, mend)


def check_buzzer(buzzer: BuzzerSettings, pins: Any, person: Person) -> Finding:
    """Whether the person hears the buzzer, and of which kind it is."""
    try:
        kind = find_buzzer(buzzer, pins, person)
    except PinError as error:
        return found(Fault.PIN_UNUSABLE, "buzzer", str(error))
    if kind is not None:
        return _heard(kind, buzzer)
    return found(Fault.BUZZER_SILENT, "buzzer", f"nobody heard it at GPIO{buzzer.pin}")


def _heard(kind: BuzzerSettings, buzzer: BuzzerSettings) -> Finding:
    if kind == buzzer:
        return fine("buzzer", f"heard at GPIO{buzzer.pin}")
    what = "passive" if kind.kind == "passive" else "active"
    level = "" if kind.active_high else " that sounds on a low pin"
    mend = f'buzzer.kind = "{kind.kind}", buzzer.active_high = {str(kind.active_high).lower()}'
    return found(Fault.BUZZER_OTHER_KIND, "buzzer", f"it is a {what} one{level}", mend)


def _button(pin: int, pins: Any, person: Person) -> Finding:
    with Contacts([pin], pins) as contact:
        person.wait("Take your hand off the button")
        released = contact.closed()
        person.wait("Keep the button pressed")
        pressed = contact.closed()
    if pressed == {pin: True} and released == {pin: False}:
        return fine("button", f"GPIO{pin} follows your finger")
    return found(Fault.BUTTON_DEAD, "button", f"GPIO{pin} has not followed your finger")


def _led(pin: int, pins: Any, person: Person) -> Finding:
    with Light(pin, pins):
        lit = person.confirm("Is the LED lit?")
    if lit:
        return fine("led", f"seen at GPIO{pin}")
    return found(Fault.LED_DARK, "led", f"nobody sees it at GPIO{pin}")


def _cells(installation: Installation, pins: Any, person: Person) -> Findings:
    try:
        calibration = store_of(installation.settings, installation.state).load()
        converters = open_converters(installation.settings.load_cell, pins)
    except (PinError, SettingsError, PermissionError):
        return  # said before, with the converters
    try:
        person.wait("Stand up and leave the seat empty")
        empty = _means(converters)
        person.wait("Sit down as you always do, and stay")
        seated = _means(converters)
    finally:
        for converter in converters:
            converter.close()
    if empty is None or seated is None:
        return
    load = sum(calibration.loads(seated)) - sum(calibration.loads(empty))
    if abs(load) < LEAST:
        yield found(Fault.CELLS_STIFF, "seat", f"the load has changed by {load:.1f} kg")
    else:
        yield fine("seat", f"the cells feel you: {load:+.1f} kg")


def _means(converters: list[Converter]) -> list[float] | None:
    """What each converter gives on average; None where one gives nothing."""
    counts = [
        [raw for raw in readings if not isinstance(raw, Missing)]
        for readings in take_readings(converters)
    ]
    return [fmean(cell) for cell in counts] if all(counts) else None
