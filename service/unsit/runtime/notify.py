"""Tells systemd how the service does (sd_notify(3)); does nothing elsewhere."""

import contextlib
import os
import socket
from datetime import timedelta

from unsit.core.chair import Chair
from unsit.core.instant import Instant


def status(
    name: str, chair: Chair, now: Instant, connected: bool | None, trouble: str | None
) -> str:
    """The line of ``systemctl status``. connected: to the broker, None where there is none."""
    bout = chair.sitting.bout
    said = ["nobody sits"]
    if bout is not None:
        said = [f"a bout of {(now - bout.started) // timedelta(minutes=1)} min"]
    if chair.fault is not None:
        said.append(f"the sensor is at fault: {chair.fault.reason}")
    if connected is False:
        said.append("no broker")
    if trouble is not None:
        said.append("nothing is kept on disk")
    return f"STATUS=Watching {name}: {'; '.join(said)}"


def watchdog_period() -> timedelta | None:
    """How long the manager waits for a sign of life, None if it waits for none."""
    period, process = os.environ.get("WATCHDOG_USEC"), os.environ.get("WATCHDOG_PID")
    if period is None or not period.isdecimal() or process not in (None, str(os.getpid())):
        return None
    return timedelta(microseconds=int(period)) or None


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
