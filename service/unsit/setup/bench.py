"""Who and what the questions are asked with: the person, the pins and the machine."""

from dataclasses import dataclass, field
from typing import Any

from unsit.checkup.header import HEADER, free_pins
from unsit.checkup.machine import Machine
from unsit.checkup.talk import Talk

NONE = "none"


@dataclass(frozen=True, slots=True)
class Bench:
    """The person at the chair and the pins under it. pins: None where there are none to try."""

    talk: Talk
    pins: Any | None
    machine: Machine = field(default_factory=Machine)

    def free(self, taken: set[int]) -> list[int]:
        """The header's pins that may be watched."""
        return [] if self.pins is None else free_pins(self.pins, self.machine, taken)

    def ask_pin(self, question: str, default: int | None, taken: set[int]) -> int | None:
        """The number of a free pin, or None for the answer none; asks until it is one."""
        shown = NONE if default is None else str(default)
        while True:
            said = self.talk.ask(f"{question}, or {NONE}", shown)
            if said.lower() == NONE:
                return None
            try:
                return _pin(said, taken)
            except ValueError as error:
                self.talk.say(str(error))


def _pin(said: str, taken: set[int]) -> int:
    number = said.upper().removeprefix("GPIO")
    if not number.isdecimal() or int(number) not in HEADER:
        raise ValueError(f"{said!r} is no pin; expected the BCM number, 2 to 27")
    if int(number) in taken:
        raise ValueError(f"GPIO{number} is another part's already; choose another")
    return int(number)
