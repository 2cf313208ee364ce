"""The person who is asked."""

from collections.abc import Sequence
from typing import Protocol


class Person(Protocol):
    """Somebody at the chair who does what is asked and answers with yes or no."""

    def wait(self, request: str) -> None:
        """Asks for something to be done; returns when the person says that it is."""

    def confirm(self, question: str) -> bool:
        """Asks a question that yes or no answers."""


class Talk(Person, Protocol):
    """Speaks with such a person in words."""

    def say(self, words: str) -> None:
        """Says something."""

    def ask(self, question: str, default: str = "", choices: Sequence[str] = ()) -> str:
        """Asks for words. default: what no answer means. choices: the only ones, if any."""

    def secret(self, question: str) -> str:
        """Asks for words that are not shown."""
