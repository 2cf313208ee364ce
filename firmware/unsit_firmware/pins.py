"""The pins of this machine."""

import warnings
from typing import Any

from gpiozero import Device, PinFactoryFallback

from unsit_firmware.errors import FirmwareError, PinError


def machine_pins() -> Any:
    """The pin factory that gpiozero finds here, or the one ``GPIOZERO_PIN_FACTORY`` names.

    Raises PinError, with each back end's own reason, where there is none.
    """
    with warnings.catch_warnings(record=True) as fallbacks:
        warnings.simplefilter("always", PinFactoryFallback)
        try:
            Device.ensure_pin_factory()
        except FirmwareError:
            raise
        except Exception as error:  # back ends raise errors of their own, of no common base
            raise PinError(_no_pins(error, fallbacks)) from error
    return Device.pin_factory


def _no_pins(error: Exception, fallbacks: list[warnings.WarningMessage]) -> str:
    reasons = [str(fallback.message).removeprefix("Falling back from ") for fallback in fallbacks]
    return (
        f"this machine's pins cannot be used: {error}"
        f"{' (' + '; '.join(reasons) + ')' if reasons else ''}; run it on a Raspberry Pi as a "
        "user in the group gpio, or try it without pins: unsit demo"
    )
