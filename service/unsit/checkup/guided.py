"""Guided checks: a person sits down, listens, presses the button and looks at the LED."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Protocol

from unsit.assembly.cells import Converter, open_converters, store_of
from unsit.assembly.devices import Contacts, PinError, kinds_of_buzzer, lit_led, sound
from unsit.checkup.cells import Pause, calibrating, take_readings, wait
from unsit.checkup.findings import Fault, Finding, Findings, fine, found
from unsit.checkup.machine import Installation, running_services
from unsit.checkup.pins import free_pins, holder_of, pin_words
from unsit.core.weighing.faults import counts_of
from unsit.errors import SettingsError
from unsit.settings.model import BuzzerSettings


class Person(Protocol):
    """Person at the chair who acts on requests and answers yes or no."""

    def wait(self, request: str, look: Callable[[], str] | None = None) -> None:
        """Ask for an action. Return when the person confirms that it is done.

        look: returns what is measured at present, which is shown until then.
        """

    def confirm(self, question: str) -> bool:
        """Ask a question and return True for yes."""


class Prompts(Person, Protocol):
    """Conversation with a person at a terminal."""

    def confirm(self, question: str, default: bool | None = None) -> bool:
        """Ask a question and return True for yes. default: result of an empty answer."""

    def say(self, words: str) -> None:
        """Show a text."""

    def answer(self, question: str) -> str:
        """Return the answer to a question as it was typed."""

    def ask(self, question: str, default: str = "", choices: Sequence[str] = ()) -> str:
        """Ask for a text. default: result of an empty answer. choices: allowed answers, if any."""

    def secret(self, question: str) -> str:
        """Ask for a text that is not shown."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Pin whose contact follows the person. normally_closed: the contact opens under weight."""

    pin: int
    normally_closed: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """Contacts at the pins on an empty seat, while the person sits, and on the empty seat again.

    closed: True for a closed contact, by pin, at each of the three moments.
    """

    closed: Mapping[int, tuple[bool, bool, bool]]

    @property
    def answering(self) -> list[Answering]:
        """Pins that change when the person sits down, and change back afterwards."""
        return [
            Answering(pin, normally_closed=empty)
            for pin, (empty, seated, again) in self.closed.items()
            if seated is not empty and again is empty
        ]

    def __str__(self) -> str:
        """Return what was seen, such as ``GPIO17 (header pin 11) stayed closed``."""
        open_throughout = [pin for pin, closed in self.closed.items() if not any(closed)]
        shown = [
            f"{pin_words(pin)} {_course(closed)}"
            for pin, closed in self.closed.items()
            if any(closed)
        ]
        if open_throughout and not shown:
            shown.append(
                f"{pin_words(open_throughout[0])} stayed open"
                if len(open_throughout) == 1
                else f"all {len(open_throughout)} pins stayed open"
            )
        elif open_throughout:
            shown.append("the others stayed open")
        return ", ".join(shown)


def _course(closed: tuple[bool, bool, bool]) -> str:
    """Return the course of a contact in words."""
    if all(closed):
        return "stayed closed"
    empty, seated, again = ("closed" if one else "open" for one in closed)
    return f"was {empty}, then {seated} when you sat, then {again}"


def watch_seat(numbers: Iterable[int], pins: Any, person: Person) -> Watched:
    """Watch pins while the person leaves the seat empty, sits down, and stands up again.

    numbers: BCM numbers, all of them unused.
    """
    with Contacts(numbers, pins) as contacts:

        def look() -> str:
            closed = [pin_words(pin) for pin, is_closed in contacts.closed().items() if is_closed]
            return f"closed to ground: {', '.join(closed) or 'no pin'}"

        person.wait("Stand up and leave the seat empty", look)
        empty = contacts.closed()
        person.wait("Sit down as you always do, and stay", look)
        seated = contacts.closed()
        person.wait("Stand up again", look)
        again = contacts.closed()
    return Watched({pin: (closed, seated[pin], again[pin]) for pin, closed in empty.items()})


def find_buzzer(first: BuzzerSettings, pins: Any, person: Person) -> BuzzerSettings | None:
    """Return the kind of buzzer that the person hears, None for none.

    first: the kind in the settings; every other kind is tried after it. Raises PinError.
    """
    for kind in kinds_of_buzzer(first):
        person.wait("Listen for two short beeps")
        sound(kind, pins)
        if person.confirm("Did you hear two beeps, and silence before and after?"):
            return kind
    return None


LOAD_CHANGE_MIN_KG = 5.0
"""Least change of the load when a person sits down."""


def check_guided(
    installation: Installation, pins: Any, person: Person, pause: Pause = wait
) -> Findings:
    """Check the seat, the buzzer, the button and the LED, each with the person's help.

    pause: waits between two looks at load cells. Default: in real time.
    """
    settings = installation.settings
    if running_services(installation):
        stop = f"sudo systemctl stop {installation.unit}"
        yield fine("guided", f"the service holds the parts; stop it to check them: {stop}")
        return
    if settings.seat.kind == "mat":
        yield from _mat(installation, pins, person)
    else:
        yield from _cells(installation, pins, person, pause)
    if settings.buzzer.kind != "none" and _is_free(settings.buzzer.pin, pins):
        yield check_buzzer(settings.buzzer, pins, person)
    if settings.button.pin is not None and _is_free(settings.button.pin, pins):
        yield _button(settings.button.pin, pins, person)
    if settings.led.pin is not None and _is_free(settings.led.pin, pins):
        yield _led(settings.led.pin, pins, person)


def _is_free(pin: int, pins: Any) -> bool:
    return holder_of(pin, pins) is None


def _mat(installation: Installation, pins: Any, person: Person) -> Findings:
    seat = installation.settings.seat
    if not _is_free(seat.pin, pins):
        return  # check_pins has reported the holder
    parts = installation.settings.pins()
    others = {pin for key, pin in parts.items() if key != "seat.pin"}
    free = free_pins(pins, installation.machine, others)
    watched = watch_seat(sorted({seat.pin, *free}), pins, person)
    yield judge_seat(watched.answering, seat.pin, seat.normally_closed)


def judge_seat(answering: list[Answering], pin: int, normally_closed: bool) -> Finding:
    """Compare the pins that followed the person with the settings of the mat."""
    at_pin = [answer for answer in answering if answer.pin == pin]
    if at_pin:
        if at_pin[0].normally_closed is normally_closed:
            return fine("seat", f"GPIO{pin} follows you")
        opens = str(at_pin[0].normally_closed).lower()
        words = f"GPIO{pin} reads empty when you sit, and seated when you stand"
        return found(Fault.SEAT_INVERTED, "seat", words, f"seat.normally_closed = {opens}")
    if not answering:
        return found(Fault.SEAT_DEAD, "seat", f"neither GPIO{pin} nor any other free pin changed")
    other = answering[0]
    fix = f"seat.pin = {other.pin}" + (
        f", seat.normally_closed = {str(other.normally_closed).lower()}"
        if other.normally_closed is not normally_closed
        else ""
    )
    words = f"GPIO{other.pin} follows you, not GPIO{pin}"
    return found(Fault.SEAT_ELSEWHERE, "seat", words, fix)


def check_buzzer(buzzer: BuzzerSettings, pins: Any, person: Person) -> Finding:
    """Check that the person hears the buzzer, and find out its kind."""
    try:
        kind = find_buzzer(buzzer, pins, person)
    except PinError as error:
        return found(Fault.PIN_UNUSABLE, "buzzer", str(error))
    if kind is not None:
        return _heard(kind, buzzer)
    return found(Fault.BUZZER_SILENT, "buzzer", f"not heard at GPIO{buzzer.pin}")


def _heard(kind: BuzzerSettings, buzzer: BuzzerSettings) -> Finding:
    if kind == buzzer:
        return fine("buzzer", f"heard at GPIO{buzzer.pin}")
    name = "passive" if kind.kind == "passive" else "active"
    level = "" if kind.active_high else " and sounds on a low pin"
    fix = f'buzzer.kind = "{kind.kind}", buzzer.active_high = {str(kind.active_high).lower()}'
    return found(Fault.BUZZER_OTHER_KIND, "buzzer", f"this buzzer is {name}{level}", fix)


def _button(pin: int, pins: Any, person: Person) -> Finding:
    with Contacts([pin], pins) as contact:
        person.wait("Take your hand off the button")
        released = contact.closed()
        person.wait("Keep the button pressed")
        pressed = contact.closed()
    if pressed == {pin: True} and released == {pin: False}:
        return fine("button", f"GPIO{pin} follows your finger")
    return found(Fault.BUTTON_DEAD, "button", f"GPIO{pin} did not follow your finger")


def _led(pin: int, pins: Any, person: Person) -> Finding:
    with lit_led(pin, pins):
        lit = person.confirm("Is the LED lit?")
    if lit:
        return fine("led", f"seen at GPIO{pin}")
    return found(Fault.LED_DARK, "led", f"not seen at GPIO{pin}")


def _cells(installation: Installation, pins: Any, person: Person, pause: Pause) -> Findings:
    try:
        calibration = store_of(installation.settings, installation.state).load()
        converters = open_converters(installation.settings.load_cell, pins)
    except (PinError, SettingsError, PermissionError):
        return  # check_cells has reported it
    try:
        person.wait("Stand up and leave the seat empty")
        empty = _means(converters, pause)
        person.wait("Sit down as you always do, and stay")
        seated = _means(converters, pause)
    finally:
        for converter in converters:
            converter.close()
    if empty is None or seated is None:
        return
    load = sum(calibration.loads(seated)) - sum(calibration.loads(empty))
    if abs(load) < LOAD_CHANGE_MIN_KG:
        fix = f"let the seat rest on the cells alone, then {calibrating(installation)}"
        yield found(Fault.CELLS_STIFF, "seat", f"the load changed by {load:.1f} kg", fix)
    else:
        yield fine("seat", f"the load changed by {load:+.1f} kg")


def _means(converters: list[Converter], pause: Pause) -> list[float] | None:
    """Return the mean counts of each converter, None if one gives no reading."""
    counts = [counts_of(readings) for readings in take_readings(converters, pause)]
    return [fmean(cell) for cell in counts] if all(counts) else None
