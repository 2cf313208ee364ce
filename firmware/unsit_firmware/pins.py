"""Choice of the gpiozero pin factory for this machine."""

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
"""Pin factories in the order in which they are tried. Idle, gpiod does not wake up; lgpio does."""

HOW_TO_FIX = (
    "run it on a Raspberry Pi as a user in the group gpio, or try it without pins: unsit demo"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A pin factory and the reason for its choice.

    pins: the factory.
    name: its name, as in ``GPIOZERO_PIN_FACTORY``.
    why: the reason, a clause that follows "because".
    unusable: the error of each back end that was tried before, by name.
    """

    pins: Any
    name: str
    why: str
    unusable: dict[str, Exception]

    def __str__(self) -> str:
        reasons = "; ".join(f"not {name}: {reason}" for name, reason in self.unusable.items())
        back_end = getattr(self.pins, "description", self.name)
        return f"{back_end}, because {self.why}{f' ({reasons})' if reasons else ''}"


def machine_pins() -> Any:
    """Return the pin factory of this machine; see ``choose_pins``.

    ``PressureMat(17, pin_factory=machine_pins())``
    """
    return choose_pins().pins


def choose_pins() -> Choice:
    """Return gpiozero's pin factory, and create it if there is none yet.

    In order of precedence: the factory that the program has already set, the one that
    ``GPIOZERO_PIN_FACTORY`` names, the first of ``BACK_ENDS`` that works.

    Raises PinPermissionError if the user lacks the right to use the pins, and PinError with the
    reason of each back end if none works.
    """
    if Device.pin_factory is not None:
        pins = Device.pin_factory
        return Choice(pins, type(pins).__name__, "the program has chosen it", {})
    if named := os.environ.get(FACTORY_VARIABLE):
        return _named(named)
    return _first_usable()


def _named(name: str) -> Choice:
    try:
        Device.ensure_pin_factory()
    except FirmwareError:
        raise
    except Exception as error:  # the back ends' errors have no common base
        raise _no_pins({name: error}) from error
    return Choice(Device.pin_factory, name, f"{FACTORY_VARIABLE} names it", {})


def _first_usable() -> Choice:
    unusable: dict[str, Exception] = {}
    for name, where in BACK_ENDS.items():
        module, _, factory = where.partition(":")
        try:
            Device.pin_factory = getattr(import_module(module), factory)()
        except PinPermissionError:
            raise  # the others need the same right, and their errors say less
        except Exception as error:  # the back ends' errors have no common base
            unusable[name] = error
            continue
        why = "it can be used" if unusable else "it sleeps while nothing happens"
        return Choice(Device.pin_factory, name, why, unusable)
    raise _no_pins(unusable)


def _no_pins(reasons: dict[str, Exception]) -> PinError:
    listed = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
    return PinError(f"this machine's pins cannot be used: {listed}; {HOW_TO_FIX}")
