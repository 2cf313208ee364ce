"""A GPIO chip for machines without one: /dev/gpiochip0, put under a program by its loader."""

import socket
from pathlib import Path

import fakechip
from contest.environments import cache
from contest.errors import ContestError


def compile_chip() -> Path:
    """Compiles the chip into the cache. Raises ContestError where that cannot be done."""
    try:
        return fakechip.compile_chip(cache() / "fakegpiochip.so")
    except fakechip.NoFakeChipError as why:
        raise ContestError(str(why)) from why


class FakeChip:
    """The lines of one program's chip, fresh with each start of the program.

    folder: where its socket is to be.
    """

    def __init__(self, library: Path, folder: Path) -> None:
        self._library = library
        self._address = folder / "chip"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that put it under a program."""
        return fakechip.under(self._library, self._address)

    def drive(self, line: int, level: int) -> bool:
        """Puts a level on a line; False while the program has not opened the chip."""
        try:
            self._socket.sendto(f"L {line} {level}".encode(), str(self._address))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True

    def close(self) -> None:
        """Gives back what was opened to drive it."""
        self._socket.close()
