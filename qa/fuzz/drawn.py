"""Structure drawn from bytes, so that a mutation of the bytes mutates the structure."""

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Drawn:
    """Source of values from bytes; once they are used up, it draws zeros."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_empty(self) -> bool:
        """All bytes are used up."""
        return self._at >= len(self._data)

    def number(self, below: int) -> int:
        """Draw a whole number from 0 up to a limit."""
        size = 1 if below <= 256 else 4
        return int.from_bytes(self._take(size).ljust(size, b"\0"), "little") % below

    def yes(self, of: int = 2) -> bool:
        """Draw True once in that many times."""
        return self.number(of) == of - 1

    def one_of(self, items: Sequence[Item]) -> Item:
        """Draw one of several items."""
        return items[self.number(len(items))]

    def some_bytes(self, most: int) -> bytes:
        """Draw up to that many bytes."""
        return self._take(self.number(most + 1))

    def text(self, most: int) -> str:
        """Draw up to that many characters; not all of them can be encoded."""
        return self.some_bytes(most).decode("utf-8", errors="surrogateescape")

    def the_rest(self) -> bytes:
        """Draw all remaining bytes."""
        return self._take(len(self._data))

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        self._at += size
        return taken
