"""Silences the buzzer's pin, without a chair."""

from gpiozero import DigitalOutputDevice

from unsit.assembly.devices import open_device
from unsit.settings.model import BuzzerSettings
from unsit_firmware.pins import machine_pins


def silence(buzzer: BuzzerSettings) -> None:
    """Drives the pin to where the buzzer is silent, then gives it back.

    A chair whose process was killed leaves its pin as it was, which a Raspberry Pi's kernel keeps.

    Raises PinError for a pin that cannot be used, such as one that a running chair holds.
    """
    open_device(
        "buzzer.pin",
        buzzer.pin,
        DigitalOutputDevice,
        active_high=buzzer.active_high,
        initial_value=False,
        pin_factory=machine_pins(),
    ).close()
