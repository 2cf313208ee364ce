"""Service manager of the tests: it receives what a service says to systemd (sd_notify(3))."""

import itertools
import socket
import threading
import time
from pathlib import Path
from typing import Self

TIMEOUT_S = 2.0
"""Watchdog timeout that is asked for: the service says at least every second that it works."""

SILENCE_MAX_S = 10.0
"""Longest silence of a service on a busy machine; the unit allows four minutes."""


class ServiceManager:
    """Socket for the messages of one service, and the times in s at which it said that it works."""

    def __init__(self, folder: Path) -> None:
        address = folder / "notify"
        self.environment = {
            "NOTIFY_SOCKET": str(address),
            "WATCHDOG_USEC": str(round(TIMEOUT_S * 1e6)),
        }
        self.alive_at: list[float] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(address))
        self._listener = threading.Thread(target=self._listen)

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
            own.sendto(b"END", self.environment["NOTIFY_SOCKET"])
        self._listener.join()
        self._socket.close()

    @property
    def longest_silence(self) -> float:
        """Longest time in s between two messages that the service works, or since the last one."""
        times = [*self.alive_at, time.monotonic()]
        return max(later - at for at, later in itertools.pairwise(times))

    def _listen(self) -> None:
        while (message := self._socket.recv(4096)) != b"END":
            if message.startswith((b"READY=1", b"WATCHDOG=1")):
                self.alive_at.append(time.monotonic())
