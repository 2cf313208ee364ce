"""Measure the latency from a threshold to the buzzer's pin and to a subscriber.

    python benchmarks/latency.py [--bouts N]

The whole service runs on simulated pins in real time, with a ``move_after`` of 1 s, beside a
private mosquitto and a subscriber. There are three runs: with the broker up, with the broker down,
and with a broker that accepts and never answers. Times are in milliseconds after the instant of
the rule.
"""

import argparse
import socket
import statistics
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.live_chair import ROOT, LiveChair
from support.mosquitto import LOOPBACK, Mosquitto, Watcher, content, free_port
from unsit.settings.model import SeatSettings, SittingSettings

MOVE_AFTER = timedelta(seconds=1)
NO_DWELL = SeatSettings(sit_dwell=timedelta(0), stand_dwell=timedelta(0))
SHORT = SittingSettings(move_after=MOVE_AFTER, min_break=timedelta(seconds=1))


def main() -> None:
    """Run all three and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bouts", type=int, default=100, help="thresholds in each run (100)")
    bouts = parser.parse_args().bouts
    print(f"{'':34}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}   ms, {bouts} thresholds")
    with tempfile.TemporaryDirectory() as folder:
        broker = Mosquitto(Path(folder))
        broker.start()
        subscriber: list[float] = []
        pin = measure(broker.port, bouts, listen=lambda: Watcher(broker), at_subscriber=subscriber)
        broker.stop()
    report("pin, broker up", pin)
    report("subscriber, broker up", subscriber)
    report("pin, broker down", measure(free_port(), bouts))
    with socket.create_server((LOOPBACK, 0)) as mute:
        report("pin, broker accepts, never answers", measure(mute.getsockname()[1], bouts))


def measure(
    port: int,
    bouts: int,
    listen: Callable[[], Watcher] | None = None,
    at_subscriber: list[float] | None = None,
) -> list[float]:
    """Return the milliseconds from each threshold to the buzzer's pin.

    listen: starts a subscriber. at_subscriber: gets the milliseconds to the subscriber.
    """
    chair = LiveChair(mqtt={"host": LOOPBACK, "port": port}, seat=NO_DWELL, sitting=SHORT)
    watcher = listen() if listen else None
    at_pin = []
    for _ in range(bouts):
        chair.seat.set(True)
        if watcher is not None and at_subscriber is not None:
            at_subscriber.append(arrival(watcher))
        due = chair.wait("move_due")
        at_pin.append((chair.wait_for_buzzer(True) - monotonic_of(due["at"])) * 1000)
        chair.seat.set(False)
        chair.wait("bout_ended")
        while not chair.buzzer_changes.empty():
            chair.buzzer_changes.get()
    chair.stop()
    if watcher is not None:
        watcher.close()
    return at_pin


def arrival(watcher: Watcher) -> float:
    """Return the milliseconds from a threshold to its event at a subscriber."""
    due = watcher.event(f"{ROOT}/event", "move_due")
    received = watcher.received[-1].timestamp
    assert content(watcher.received[-1]) == due
    return (received - monotonic_of(due["at"])) * 1000


def monotonic_of(date: str) -> float:
    """Return a recent date on the monotonic clock, in seconds."""
    import time

    age = datetime.now().astimezone() - datetime.fromisoformat(date)
    return time.monotonic() - age.total_seconds()


def report(name: str, milliseconds: list[float]) -> None:
    """Print a row."""
    cuts = statistics.quantiles(milliseconds, n=100, method="inclusive")
    figures = [cuts[49], cuts[94], cuts[98], max(milliseconds)]
    print(f"{name:34}" + "".join(f"{figure:8.2f}" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
