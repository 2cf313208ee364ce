"""Everything of unsit that touches a pin: device classes for gpiozero, and simulated pins."""

from unsit_firmware.buzzer import ActiveBuzzer, PassiveBuzzer
from unsit_firmware.contact import Contact, PressureMat, PushButton
from unsit_firmware.errors import (
    FirmwareError,
    PinError,
    PinPermissionError,
    RecordingError,
    ScriptError,
)
from unsit_firmware.patterns import PATTERNS, Beep, Pattern

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
