"""The person who is asked."""

from typing import Protocol


class Talk(Protocol):
    """Speaks with the person at the chair."""

    def wait(self, request: str) -> None:
        """Asks for something to be done; returns when the person says that it is."""

    def confirm(self, question: str) -> bool:
        """Asks a question that yes or no answers."""
