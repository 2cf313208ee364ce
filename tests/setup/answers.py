"""What a person answers who sets a chair up, and what is written then."""

import tomllib
from pathlib import Path
from typing import Any

from cli.terminal import Answer
from unsit_firmware.simulation import SimulatedContact

SIT, STAND, STAND_AGAIN = "Sit down", "leave the seat empty", "Stand up again"
HEARD: tuple[Answer, ...] = (("Listen", ""), ("Did you hear", "y"))
WITHOUT_BUZZER: Answer = ("buzzer's BCM pin", "none")
WITHOUT_EXTRAS: tuple[Answer, ...] = (("button's BCM pin", ""), ("LED's BCM pin", ""))
WITHOUT_BROKER: Answer = ("broker's name or address", "none")
NAMES: tuple[Answer, ...] = (("chair called", ""), ("room in Home Assistant", ""))
WRITE: Answer = ("Write it", "write")
NOTHING_ELSE: tuple[Answer, ...] = (WITHOUT_BUZZER, *WITHOUT_EXTRAS, WITHOUT_BROKER, *NAMES)


def sits_on(contact: SimulatedContact) -> tuple[Answer, ...]:
    """Finds the mat by sitting on it."""
    return (
        ("under the cushion", "mat"),
        (STAND, "", lambda: contact.set(False)),
        (SIT, "", lambda: contact.set(True)),
        (STAND_AGAIN, "", lambda: contact.set(False)),
    )


def written(file: Path) -> dict[str, Any]:
    """The settings in a file."""
    return tomllib.loads(file.read_text())
