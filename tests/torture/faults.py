"""What befalls a chair. Each fault begins at an instant drawn at random and mends itself."""

import os
from collections.abc import Callable
from pathlib import Path

from torture.lane import Lane
from torture.rules import MIN_BREAK

DAY = 86_400.0


def kill(lane: Lane) -> None:
    """kill -9, and started again at once, soon, or after a break."""
    if not lane.is_up or lane.is_full:
        return
    lane.kill_service()
    wait = lane.random.choices((0.0, lane.random.uniform(0.1, 1.5), MIN_BREAK + 1.0), (6, 2, 1))[0]
    lane.after(wait, lane.start_service)


def reboot(lane: Lane) -> None:
    """The machine goes off with no warning, and is there again soon, or after a break."""
    if not lane.is_up or lane.is_full:
        return
    lane.kill_service()
    lane.reboot()
    wait = lane.random.choices((lane.random.uniform(0.1, 1.5), MIN_BREAK + 1.0), (3, 1))[0]
    lane.after(wait, lane.start_service)


def kill_broker(lane: Lane) -> None:
    """kill -9 of the broker, started again after a while."""
    if lane.broker.runs:
        lane.kill_broker()
        lane.after(lane.random.uniform(0.2, 3.0), lane.broker_must_run)


def lose_store(lane: Lane) -> None:
    """The same, and the broker has forgotten all it kept: retained messages, sessions, the rest."""
    if lane.broker.runs:
        lane.kill_broker(forgets=True)
        lane.after(lane.random.uniform(0.2, 3.0), lane.broker_must_run)


def cut(lane: Lane) -> None:
    """The network is cut for a while."""
    lane.proxy.cut()
    lane.after(lane.random.uniform(0.2, 4.0), lambda: _mend_network(lane))


def stall(lane: Lane) -> None:
    """The network takes everything and delivers nothing for a while."""
    lane.proxy.stall()
    lane.after(lane.random.uniform(1.0, 9.0), lambda: _mend_network(lane))


def _mend_network(lane: Lane) -> None:
    if lane.broker.runs:
        lane.proxy.heal()


def step_clock(lane: Lane) -> None:
    """The wall clock is set to another day, up to ten years away.

    Not after a reboot, when the first setting is taken for the truth, nor while nobody looks.
    """
    if lane.has_rebooted or not lane.is_ready:
        return
    lane.set_clock(DAY * lane.random.randint(-3650, 3650))


def fill_disk(lane: Lane) -> None:
    """The disk takes nothing for a while; until the service has found its file again, no kill."""
    if lane.is_full or not lane.is_ready:
        return
    lane.set_disk_limit(0)
    lane.after(lane.random.uniform(1.0, 5.0), lambda: _empty_disk(lane))


def _empty_disk(lane: Lane) -> None:
    lane.lift_disk_limit()
    if lane.has_said("is in it") or not lane.has_said("memory"):
        lane.is_full = False
    else:
        lane.after(1.0, lambda: _empty_disk(lane))


def tear(lane: Lane) -> None:
    """kill -9, and a part of a state file is gone or garbage when the service comes back."""
    if not lane.is_up or lane.is_full:
        return
    outage = lane.kill_service()
    outage.disk = True
    files = [file for file in lane.state.glob("*.sqlite*") if not file.name.endswith("-shm")]
    if files:
        _spoil(lane.random.choice(sorted(files)), lane.random.randbytes, lane.random.random())
    lane.after(0.0, lane.start_service)


def _spoil(file: Path, garbage: Callable[[int], bytes], where: float) -> None:
    size = file.stat().st_size
    at = int(size * where)
    if where < 0.5:
        os.truncate(file, at)
        return
    with file.open("r+b") as content:
        content.seek(at)
        content.write(garbage(min(512, size - at)))


def flood(lane: Lane) -> None:
    """Hundreds of commands that no chair can take."""
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
    "tear": (tear, 0.3),
    "flood": (flood, 0.5),
}
"""Each with how often it is drawn."""


def fate(kinds: list[str], befell: Callable[[str], None], pause: float) -> Callable[[Lane], None]:
    """Plans faults of these kinds for a lane, one after the other.

    befell: told of each. pause: seconds between the beginnings of two, on average.
    """
    weights = [FAULTS[kind][1] for kind in kinds]

    def plan(lane: Lane) -> None:
        def strike() -> None:
            kind = lane.random.choices(kinds, weights)[0]
            befell(kind)
            FAULTS[kind][0](lane)
            plan(lane)

        lane.after(lane.random.uniform(0.2 * pause, 1.8 * pause), strike)

    return plan if kinds else lambda lane: None
