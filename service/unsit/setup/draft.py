"""What has been answered so far."""

from dataclasses import dataclass, field
from typing import Any

from unsit.settings.model import Settings

Answers = dict[str, Any]
"""A value for each key such as ``seat.pin``; None takes the key out of the file."""


@dataclass
class Draft:
    """The settings as they were, and the answers over them; nothing is written yet.

    password: of the broker, None for none or for the one that is there.
    """

    before: Settings
    answers: Answers = field(default_factory=dict)
    password: str | None = None

    def now(self, key: str) -> Any:
        """The value that a key has, with the answers."""
        if key in self.answers:
            return self.answers[key]
        section, _, name = key.partition(".")
        return getattr(getattr(self.before, section), name)

    def answer(self, **values: Any) -> None:
        """Takes answers; ``seat__pin=17`` is for the key ``seat.pin``."""
        self.answers |= {key.replace("__", "."): value for key, value in values.items()}

    def taken_pins(self, but: str) -> set[int]:
        """The pins of everything else than a key."""
        keys = ["button.pin", "led.pin"]
        if self.now("buzzer.kind") != "none":
            keys.append("buzzer.pin")
        if self.now("seat.kind") == "mat":
            keys.append("seat.pin")
        pins = [self.now(key) for key in keys if key != but]
        return {pin for pin in pins if pin is not None}
