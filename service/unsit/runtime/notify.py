"""Tells systemd how the service does (sd_notify(3)); does nothing elsewhere."""

import contextlib
import os
import socket


def notify(message: str) -> None:
    """Sends a message such as ``READY=1`` to the manager that started the service."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    # A manager that cannot be reached is no reason to leave the chair alone.
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager,
    ):
        manager.connect(address)
        manager.send(message.encode())
