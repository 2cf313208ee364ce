"""The pins of this machine: which back end drives them, and why."""

import os
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from gpiozero import Device

from unsit_firmware.errors import FirmwareError, PinError, PinPermissionError

FACTORY_VARIABLE = "GPIOZERO_PIN_FACTORY"

BACK_ENDS = {
    "gpiod": "unsit_firmware.libgpiod:GpiodFactory",
    "lgpio": "gpiozero.pins.lgpio:LGPIOFactory",
    "rpigpio": "gpiozero.pins.rpigpio:RPiGPIOFactory",
}
"""What is tried, in this order, where nobody has chosen. gpiod sleeps; lgpio never does."""

MEND = "run it on a Raspberry Pi as a user in the group gpio, or try it without pins: unsit demo"


@dataclass(frozen=True, slots=True)
class Choice:
    """A pin factory, and how it came to be this one.

    pins: the factory. name: its name, as in ``GPIOZERO_PIN_FACTORY``. why: a clause that follows
    "because". passed_over: the reason why each back end before it could not be used.
    """

    pins: Any
    name: str
    why: str
    passed_over: dict[str, Exception]

    def __str__(self) -> str:
        reasons = "; ".join(f"not {name}: {reason}" for name, reason in self.passed_over.items())
        what = getattr(self.pins, "description", self.name)
        return f"{what}, because {self.why}{f' ({reasons})' if reasons else ''}"


def machine_pins() -> Any:
    """The pin factory of this machine; see ``choose_pins``."""
    return choose_pins().pins


def choose_pins() -> Choice:
    """Makes gpiozero use the first back end that can be used, unless one was chosen.

    ``GPIOZERO_PIN_FACTORY`` wins over our order, and a factory that the program has made already
    over both.

    Raises PinError, with each back end's own reason, where there is none; PinPermissionError
    where this user may not use them.
    """
    if Device.pin_factory is not None:
        pins = Device.pin_factory
        return Choice(pins, type(pins).__name__, "the program has chosen it", {})
    if named := os.environ.get(FACTORY_VARIABLE):
        return _named(named)
    return _first_that_can_be_used()


def _named(name: str) -> Choice:
    try:
        Device.ensure_pin_factory()
    except FirmwareError:
        raise
    except Exception as error:  # back ends raise errors of their own, of no common base
        raise _no_pins({name: error}) from error
    return Choice(Device.pin_factory, name, f"{FACTORY_VARIABLE} names it", {})


def _first_that_can_be_used() -> Choice:
    passed_over: dict[str, Exception] = {}
    for name, where in BACK_ENDS.items():
        module, _, factory = where.partition(":")
        try:
            Device.pin_factory = getattr(import_module(module), factory)()
        except PinPermissionError:
            raise  # the others need the same right, and say less of it
        except Exception as error:  # back ends raise errors of their own, of no common base
            passed_over[name] = error
            continue
        why = "it can be used" if passed_over else "it sleeps while nothing happens"
        return Choice(Device.pin_factory, name, why, passed_over)
    raise _no_pins(passed_over)


def _no_pins(reasons: dict[str, Exception]) -> PinError:
    listed = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
    return PinError(f"this machine's pins cannot be used: {listed}; {MEND}")
