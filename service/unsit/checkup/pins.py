"""The pins: what drives them, who holds each, and what is found at it."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from gpiozero import DigitalOutputDevice

from unsit.assembly.devices import choose_pins, open_device
from unsit.assembly.errors import PinError, PinPermissionError
from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding, Findings, fine, found
from unsit.checkup.header import bus_of, holder_of
from unsit.checkup.installation import Installation
from unsit.checkup.processes import process_named_in, running_services
from unsit.checkup.pulls import APART, LOOKS, follows_a_pull_down, levels_of


def choose(installation: Installation) -> tuple[Any | None, Finding]:
    """The pin factory of this machine, None where there is none, and what is said of it."""
    try:
        choice = choose_pins()
    except PinError as error:
        words, _, mend = str(error).partition("; ")
        closed = isinstance(error, PinPermissionError)
        fault = Fault.NOT_IN_GROUP if closed else Fault.NO_CHIP
        return None, found(fault, "pins", words, mend or None)
    if choice.name != "lgpio":
        return choice.pins, fine("pins", str(choice))
    mend = "pip install --upgrade gpiod, into the environment of unsit"
    return choice.pins, found(Fault.BACK_END_RESTLESS, "pins", str(choice), mend)


def check_pins(installation: Installation, pins: Any) -> Findings:
    """Each pin that the settings name, but those of load cells."""
    settings = installation.settings
    if settings.seat.kind == "mat":
        seat = settings.seat
        yield from _input(installation, "seat.pin", seat.pin, pins, seat.normally_closed)
    if settings.buzzer.kind == "none":
        yield fine("buzzer", "none, by the setting buzzer.kind")
    else:
        yield from _output(
            installation, "buzzer.pin", settings.buzzer.pin, pins, settings.buzzer.active_high
        )
    if settings.button.pin is not None:
        yield from _input(installation, "button.pin", settings.button.pin, pins)
    if settings.led.pin is not None:
        yield from _output(installation, "led.pin", settings.led.pin, pins)


def held(installation: Installation, key: str, pin: int, pins: Any) -> Finding | None:
    """Who holds a pin; None for nobody."""
    holder = holder_of(pin, pins)
    if holder is None:
        return None
    process = process_named_in(holder, installation.machine)
    if process is None or not process.is_chair:
        return found(Fault.PIN_HELD, key, f"GPIO{pin} is held by {process or holder}")
    if process in running_services(installation):
        return fine(key, f"GPIO{pin} is held by the service, which runs (pid {process.pid})")
    return found(Fault.TWO_ON_PIN, key, f"GPIO{pin} is held by another chair: {process}")


def _input(
    installation: Installation, key: str, pin: int, pins: Any, normally_closed: bool = False
) -> Findings:
    return _look(installation, key, pin, pins, lambda: _level(key, pin, pins, normally_closed))


def _output(
    installation: Installation, key: str, pin: int, pins: Any, active_high: bool = True
) -> Findings:
    def switch_off() -> Finding:
        open_device(
            key, pin, DigitalOutputDevice, active_high=active_high, pin_factory=pins
        ).close()
        return fine(key, f"GPIO{pin} is free; an output that is off")

    return _look(installation, key, pin, pins, switch_off)


def _look(
    installation: Installation, key: str, pin: int, pins: Any, take: Callable[[], Finding]
) -> Findings:
    """Who holds the pin or, if nobody does, what taking it finds."""
    holder = held(installation, key, pin, pins)
    if holder is not None:
        yield holder
        return
    yield from _bus(installation, key, pin)
    try:
        yield take()
    except PinError as error:
        yield _unusable(key, error)


def _bus(installation: Installation, key: str, pin: int) -> Findings:
    bus = bus_of(pin, installation.machine)
    if bus is not None:
        yield found(Fault.PIN_OF_BUS, key, f"GPIO{pin} belongs to {bus}, which is switched on")


def _unusable(key: str, error: PinError) -> Finding:
    busy = "busy" in str(error).lower() or "held by" in str(error)
    return found(Fault.PIN_HELD if busy else Fault.PIN_UNUSABLE, key, str(error))


def _level(key: str, pin: int, pins: Any, normally_closed: bool) -> Finding:
    levels = levels_of(key, pin, pins, pull_up=True)
    changes = sum(one != other for one, other in pairwise(levels))
    if changes > 1:
        within = LOOKS * APART
        words = f"GPIO{pin} changed {changes} times in {within:g} s with nobody moving"
        return found(Fault.PIN_FLOATING, key, words)
    closed = not levels[-1]
    if not closed and not follows_a_pull_down(key, pin, pins):
        return found(Fault.NO_PULL, key, f"GPIO{pin} stays high although it is pulled down")
    circuit = "closed to ground" if closed else "open"
    pressed = "pressed" if closed is not normally_closed else "not pressed"
    return fine(key, f"GPIO{pin} is free; the circuit is {circuit}: {pressed}")
