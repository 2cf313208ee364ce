"""Fake GPIO chip for machines without one: /dev/gpiochip0 by a preloaded library."""

import socket
from pathlib import Path

from contest.environments import cache
from contest.errors import ContestError
from support import fake_chip


def compile_chip() -> Path:
    """Compile the chip into the cache. Raises ContestError if that fails."""
    try:
        return fake_chip.compile_chip(cache() / "fakegpiochip.so")
    except fake_chip.NoFakeChipError as error:
        raise ContestError(str(error)) from error


class FakeChip:
    """Lines of one program's chip, reset with each start of the program.

    library: the compiled chip. folder: folder of its socket.
    """

    def __init__(self, library: Path, folder: Path) -> None:
        self._library = library
        self._address = folder / "chip"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that give a program the chip."""
        return fake_chip.under(self._library, self._address)

    def drive(self, line: int, level: int) -> bool:
        """Set the level of a line. Return False while the program has not opened the chip."""
        try:
            self._socket.sendto(f"L {line} {level}".encode(), str(self._address))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
