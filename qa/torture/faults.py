"""Faults of a chair. Each begins at a random instant and ends by itself."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from torture.lane import Lane
from torture.rules import MIN_BREAK

DAY_S = 86_400.0

LOCK_RETRY_S = 1.0
"""Time (s) after which the service has written what happened during a lock."""


def kill(lane: Lane) -> None:
    """Kill the service with SIGKILL; start it again at once, soon, or after a break."""
    if not lane.is_up or lane.is_full:
        return
    lane.kill_service()
    wait = lane.random.choices((0.0, lane.random.uniform(0.1, 1.5), MIN_BREAK + 1.0), (6, 2, 1))[0]
    lane.after(wait, lane.start_service)


def reboot(lane: Lane) -> None:
    """Switch the machine off without warning, and on again soon, or after a break."""
    if not lane.is_up or lane.is_full:
        return
    lane.kill_service()
    lane.reboot()
    wait = lane.random.choices((lane.random.uniform(0.1, 1.5), MIN_BREAK + 1.0), (3, 1))[0]
    lane.after(wait, lane.start_service)


def kill_broker(lane: Lane) -> None:
    """Kill the broker with SIGKILL; start it again after 0.2 to 3 s."""
    if lane.broker.runs:
        lane.kill_broker()
        lane.after(lane.random.uniform(0.2, 3.0), lane.broker_must_run)


def lose_store(lane: Lane) -> None:
    """Do the same, and delete the store of the broker: retained messages, sessions, queues."""
    if lane.broker.runs:
        lane.kill_broker(forgets=True)
        lane.after(lane.random.uniform(0.2, 3.0), lane.broker_must_run)


def cut(lane: Lane) -> None:
    """Cut the network for 0.2 to 4 s."""
    lane.proxy.cut()
    lane.after(lane.random.uniform(0.2, 4.0), lambda: _restore_network(lane))


def stall(lane: Lane) -> None:
    """Stall the network, which keeps connections and delivers nothing, for 1 to 9 s."""
    lane.proxy.stall()
    lane.after(lane.random.uniform(1.0, 9.0), lambda: _restore_network(lane))


def _restore_network(lane: Lane) -> None:
    if lane.broker.runs:
        lane.proxy.heal()


def step_clock(lane: Lane) -> None:
    """Set the wall clock to another day, up to ten years away.

    Not after a reboot, when the service takes the first setting for the truth, nor while it is
    down and cannot see the step.
    """
    if lane.has_rebooted or not lane.is_ready:
        return
    lane.set_clock(DAY_S * lane.random.randint(-3650, 3650))


def fill_disk(lane: Lane) -> None:
    """Fill the disk for 1 to 5 s; no kill until the service writes to its file again."""
    if lane.is_full or not lane.is_ready:
        return
    lane.set_disk_limit(0)
    lane.after(lane.random.uniform(1.0, 5.0), lambda: _empty_disk(lane))


def _empty_disk(lane: Lane) -> None:
    lane.lift_disk_limit()
    if lane.has_logged("can be used again") or not lane.has_logged("state is in memory only"):
        lane.is_full = False
    else:
        lane.after(1.0, lambda: _empty_disk(lane))


def lock(lane: Lane) -> None:
    """Lock the state file for 0.5 to 6 s, as a backup does; no kill until it is written again."""
    if lane.is_full or not lane.is_ready:
        return
    backup = sqlite3.connect(
        lane.state / "state.sqlite", isolation_level=None, timeout=1.0, check_same_thread=False
    )
    backup.execute("begin exclusive")
    lane.is_full = True

    def unlock() -> None:
        backup.close()
        lane.after(LOCK_RETRY_S, written)

    def written() -> None:
        lane.is_full = False

    lane.after(lane.random.uniform(0.5, 6.0), unlock)


def tear(lane: Lane) -> None:
    """Kill the service, damage a state file, and start the service again."""
    if not lane.is_up or lane.is_full:
        return
    outage = lane.kill_service()
    outage.disk = True
    files = [file for file in lane.state.glob("*.sqlite*") if not file.name.endswith("-shm")]
    if files:
        _damage(lane.random.choice(sorted(files)), lane.random.randbytes, lane.random.random())
    lane.after(0.0, lane.start_service)


def _damage(file: Path, garbage: Callable[[int], bytes], where: float) -> None:
    size = file.stat().st_size
    at = int(size * where)
    if where < 0.5:
        os.truncate(file, at)
        return
    with file.open("r+b") as content:
        content.seek(at)
        content.write(garbage(min(512, size - at)))


def flood(lane: Lane) -> None:
    """Send 300 commands that no chair accepts."""
    for _ in range(300):
        name = lane.random.choice(("hold", "move_after", "min_break", "buzzer", "calibrate", "x/y"))
        payload = b"!" + lane.random.randbytes(lane.random.choice((0, 3, 40, 5000)))
        lane.collector.command(name, payload)


FAULTS: dict[str, tuple[Callable[[Lane], None], float]] = {
    "kill": (kill, 8.0),
    "reboot": (reboot, 0.3),
    "kill-broker": (kill_broker, 1.0),
    "lose-store": (lose_store, 0.5),
    "cut": (cut, 2.0),
    "stall": (stall, 1.0),
    "clock": (step_clock, 1.0),
    "disk": (fill_disk, 0.5),
    "lock": (lock, 0.5),
    "tear": (tear, 0.3),
    "flood": (flood, 0.5),
}
"""Each fault with its weight."""


def fault_plan(
    kinds: list[str], count: Callable[[str], None], pause: float
) -> Callable[[Lane], None]:
    """Return a function that schedules faults of these kinds on a lane, one after another.

    count: called with the kind of each. pause: seconds between the beginnings of two, on average.
    """
    weights = [FAULTS[kind][1] for kind in kinds]

    def plan(lane: Lane) -> None:
        def strike() -> None:
            kind = lane.random.choices(kinds, weights)[0]
            count(kind)
            FAULTS[kind][0](lane)
            plan(lane)

        lane.after(lane.random.uniform(0.2 * pause, 1.8 * pause), strike)

    return plan if kinds else lambda lane: None
