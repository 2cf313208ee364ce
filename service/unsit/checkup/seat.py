"""Finds the contact that changes when somebody sits down."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from unsit.assembly.trial import Contacts
from unsit.checkup.talk import Person


@dataclass(frozen=True, slots=True)
class Answering:
    """A pin whose contact follows the person. normally_closed: it opens under weight."""

    pin: int
    normally_closed: bool


def find_seat(numbers: Iterable[int], pins: Any, person: Person) -> list[Answering]:
    """The pins that change when the person sits down and change back when the person rises.

    numbers: the pins to watch, BCM; none that anything else uses.
    """
    with Contacts(numbers, pins) as contacts:
        person.wait("Stand up and leave the seat empty")
        empty = contacts.closed()
        person.wait("Sit down as you always do, and stay")
        seated = contacts.closed()
        person.wait("Stand up again")
        empty_again = contacts.closed()
    return [
        Answering(pin, normally_closed=was)
        for pin, was in empty.items()
        if seated[pin] is not was and empty_again[pin] is was
    ]
