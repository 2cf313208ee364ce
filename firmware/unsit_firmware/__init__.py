"""Device classes for gpiozero (contacts, buzzers, load cells), a pin factory, simulated pins."""

from unsit_firmware.buzzer import PATTERNS, ActiveBuzzer, Beep, PassiveBuzzer, Pattern
from unsit_firmware.contact import Contact, PressureMat, PushButton
from unsit_firmware.errors import (
    FirmwareError,
    PinError,
    PinPermissionError,
    RecordingError,
    ScriptError,
)

__all__ = [
    "PATTERNS",
    "ActiveBuzzer",
    "Beep",
    "Contact",
    "FirmwareError",
    "PassiveBuzzer",
    "Pattern",
    "PinError",
    "PinPermissionError",
    "PressureMat",
    "PushButton",
    "RecordingError",
    "ScriptError",
]
