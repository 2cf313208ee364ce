"""Answers to the questions of ``unsit setup``, and the settings that it wrote."""

import tomllib
from pathlib import Path
from typing import Any

from support.pseudo_terminal import Answer
from unsit_firmware.simulation.pins import SimulatedContact

SIT, STAND, STAND_AGAIN = "Sit down", "leave the seat empty", "Stand up again"
HEARD: tuple[Answer, ...] = (("Listen", ""), ("Did you hear", "y"))
WITHOUT_BUZZER: Answer = ("buzzer's pin", "none")
WITHOUT_EXTRAS: tuple[Answer, ...] = (("button's pin", ""), ("LED's pin", ""))
WITHOUT_BROKER: Answer = ("broker's name or address", "none")
NAMES: tuple[Answer, ...] = (("chair called", ""), ("room in Home Assistant", ""))
WRITE: Answer = ("Write it", "write")
NOTHING_ELSE: tuple[Answer, ...] = (WITHOUT_BUZZER, *WITHOUT_EXTRAS, WITHOUT_BROKER, *NAMES)


def sits_on(contact: SimulatedContact) -> tuple[Answer, ...]:
    """Return the answers that find the mat by sitting on it."""
    return (
        ("under the cushion", "mat"),
        (STAND, "", lambda: contact.set(False)),
        (SIT, "", lambda: contact.set(True)),
        (STAND_AGAIN, "", lambda: contact.set(False)),
    )


def written(file: Path) -> dict[str, Any]:
    """Return the settings in a file."""
    return tomllib.loads(file.read_text())
