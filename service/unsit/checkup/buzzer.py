"""Finds the kind of buzzer that somebody hears."""

from typing import Any

from unsit.assembly.trial import kinds_of_buzzer, sound
from unsit.checkup.talk import Person
from unsit.settings.model import BuzzerSettings


def find_buzzer(first: BuzzerSettings, pins: Any, person: Person) -> BuzzerSettings | None:
    """The kind that the person hears at a pin, None for none.

    first: what it should be; every other kind is tried after it. Raises PinError.
    """
    for kind in kinds_of_buzzer(first):
        person.wait("Listen for two short beeps")
        sound(kind, pins)
        if person.confirm("Did you hear two beeps, and silence before and after?"):
            return kind
    return None
