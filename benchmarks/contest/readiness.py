"""Hears from a program that it is ready, in the place of systemd (sd_notify(3))."""

import socket
import time
from pathlib import Path


class Readiness:
    """Hears what one program says of itself."""

    def __init__(self, address: Path) -> None:
        self._address = address
        address.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(address))

    @property
    def environment(self) -> dict[str, str]:
        """The variable that names it to a program."""
        return {"NOTIFY_SOCKET": str(self._address)}

    def ready(self, patience: float) -> float | None:
        """When the program said READY=1, on ``time.perf_counter``; None if not in time."""
        end = time.monotonic() + patience
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                message = self._socket.recv(4096)
            except TimeoutError:
                return None
            if b"READY=1" in message.split(b"\n"):
                return time.perf_counter()
        return None

    def close(self) -> None:
        """Gives its address back."""
        self._socket.close()
        self._address.unlink(missing_ok=True)
