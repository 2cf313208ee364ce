"""systemd: readiness, status and watchdog messages (sd_notify(3)), and the check of all threads."""

import contextlib
import os
import socket
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from unsit.core.chair import Chair
from unsit.core.instant import ZERO, Instant
from unsit.errors import LostThreadError, escaped
from unsit.runtime.clock import real_time

ROUND_PERIOD = timedelta(minutes=1)
"""Longest time between two rounds of checks."""

SILENT_ROUNDS_MAX = 3
"""Rounds without an answer after which a thread counts as lost."""

CheckAlive = Callable[[Callable[[], None]], None]
"""Check of one thread: calls the given function, from any thread, once the thread has proved that
it works. Raises LostThreadError if the thread is known to have ended.
"""


def status(
    name: str,
    chair: Chair,
    now: Instant,
    connected: bool | None,
    trouble: str | None,
    broker_fault: str | None = None,
) -> str:
    """Return the status text for ``systemctl status``.

    connected: whether the broker is connected, None for a chair without a broker.
    trouble: what is wrong with the state file, None if nothing is.
    broker_fault: which file of the settings keeps the service from connecting, None if none does.
    """
    bout = chair.sitting.bout
    parts = ["nobody sits"]
    if bout is not None:
        parts = [f"a bout of {(now - bout.started) // timedelta(minutes=1)} min"]
    if chair.fault is not None:
        parts.append(f"the sensor is at fault: {chair.fault.reason}")
    if broker_fault is not None:
        parts.append(f"no broker: {broker_fault}")
    elif connected is False:
        parts.append("no broker")
    if trouble is not None:
        parts.append(f"the state file is at fault: {trouble}")
    return "STATUS=" + escaped(f"Watching {name}: {'; '.join(parts)}")


def watchdog_period() -> timedelta | None:
    """Return the watchdog timeout that systemd set for this process, or None if it set none."""
    period, process = os.environ.get("WATCHDOG_USEC"), os.environ.get("WATCHDOG_PID")
    if period is None or not period.isdecimal() or process not in (None, str(os.getpid())):
        return None
    return timedelta(microseconds=int(period)) or None


def notify(message: str) -> None:
    """Send a message such as ``READY=1`` to the service manager, if there is one."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    # The chair works without a manager, so an unreachable one is no error.
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager,
    ):
        manager.connect(address)
        manager.send(message.encode())


class Liveness:
    """Repeated check that all other threads work; used in the loop's thread.

    checks: the check of each thread, by name. all_alive: called after each round in which all
        threads have answered.
    period: time between two calls of ``round`` on the loop's clock: 1 min, or half of the watchdog
        timeout if that is less.
    """

    def __init__(
        self,
        checks: Mapping[str, CheckAlive],
        all_alive: Callable[[], None],
        real_time: Callable[[], timedelta] = real_time,
    ) -> None:
        self._real_time = real_time
        self._checks = checks
        self._all_alive = all_alive
        self._unanswered: set[str] = set()
        self._silent_rounds = 0
        self._last = ZERO
        timeout = watchdog_period()
        self.period = ROUND_PERIOD if timeout is None else min(ROUND_PERIOD, timeout / 2)

    def start(self) -> None:
        """Begin the first round."""
        self._last = self._real_time()
        self._check()

    def round(self) -> None:
        """End a round, report that all threads work if they answered, and begin the next.

        Raises LostThreadError for a thread that has not answered for three rounds. A loop whose
        clock is faster than real time makes no more rounds than fit in real time.
        """
        now = self._real_time()
        if now - self._last < self.period * 0.9:
            return
        self._last = now
        if not self._unanswered:
            self._silent_rounds = 0
            self._all_alive()
        else:
            self._silent_rounds += 1
            if self._silent_rounds >= SILENT_ROUNDS_MAX:
                raise LostThreadError(f"no answer from: {', '.join(sorted(self._unanswered))}")
        self._check()

    def _check(self) -> None:
        pending, self._unanswered = self._unanswered, set(self._checks)
        for name in self._checks.keys() - pending:
            self._checks[name](partial(self._answered, name))

    def _answered(self, name: str) -> None:
        self._unanswered.discard(name)
