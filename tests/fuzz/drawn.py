"""Structure out of bytes, so that what mutates the bytes mutates the structure."""

from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


class Drawn:
    """Draws from bytes until they are used up; after that it draws zeros."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_empty(self) -> bool:
        """Whether all is used up."""
        return self._at >= len(self._data)

    def number(self, below: int) -> int:
        """A whole number from 0."""
        size = 1 if below <= 256 else 4
        return int.from_bytes(self._take(size).ljust(size, b"\0"), "little") % below

    def yes(self, of: int = 2) -> bool:
        """True once in so many times."""
        return self.number(of) == of - 1

    def one_of(self, things: Sequence[Thing]) -> Thing:
        """One of several things."""
        return things[self.number(len(things))]

    def some_bytes(self, most: int) -> bytes:
        """So many bytes at most."""
        return self._take(self.number(most + 1))

    def text(self, most: int) -> str:
        """So many characters at most; not all of them can be encoded."""
        return self.some_bytes(most).decode("utf-8", errors="surrogateescape")

    def the_rest(self) -> bytes:
        """All that is left."""
        return self._take(len(self._data))

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        self._at += size
        return taken
