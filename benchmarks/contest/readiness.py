"""Receiver of readiness messages, in the place of systemd (sd_notify(3))."""

import socket
import time
from pathlib import Path


class Readiness:
    """Socket that receives the messages of one program."""

    def __init__(self, address: Path) -> None:
        self._address = address
        address.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(address))

    @property
    def environment(self) -> dict[str, str]:
        """Environment variable with the address of the socket."""
        return {"NOTIFY_SOCKET": str(self._address)}

    def ready(self, timeout: float) -> float | None:
        """Wait for READY=1 and return its ``time.perf_counter``, None after the time-out."""
        end = time.monotonic() + timeout
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
        """Close the socket and remove its address."""
        self._socket.close()
        self._address.unlink(missing_ok=True)
