"""How soon a threshold is heard and known: threshold to buzzer pin, threshold to subscriber.

    python benchmarks/latency.py [--bouts N]

The whole service runs on simulated pins in real time, with a short ``move_after``; a private
mosquitto and a subscriber on it run beside. It is measured with the broker up, with the broker
down, and with one that accepts and never answers. Times are milliseconds after the rule's instant.
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

from livechair import ROOT, LiveChair
from mosquitto import LOOPBACK, Mosquitto, Watcher, content, free_port
from unsit.settings.model import SeatSettings, SittingSettings

MOVE_AFTER = timedelta(seconds=1)
NO_DWELL = SeatSettings(sit_dwell=timedelta(0), stand_dwell=timedelta(0))
SHORT = SittingSettings(move_after=MOVE_AFTER, min_break=timedelta(seconds=1))


def main() -> None:
    """Measures all three and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bouts", type=int, default=100, help="how many thresholds each")
    bouts = parser.parse_args().bouts
    print(f"{'':34}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}   ms, {bouts} thresholds")
    with tempfile.TemporaryDirectory() as folder:
        broker = Mosquitto(Path(folder))
        broker.start()
        subscriber: list[float] = []
        pin = measure(broker.port, bouts, listen=lambda: Watcher(broker), known=subscriber)
        broker.stop()
    report("pin, broker up", pin)
    report("subscriber, broker up", subscriber)
    report("pin, broker down", measure(free_port(), bouts))
    with socket.create_server((LOOPBACK, 0)) as deaf:
        report("pin, broker accepts, never answers", measure(deaf.getsockname()[1], bouts))


def measure(
    port: int,
    bouts: int,
    listen: Callable[[], Watcher] | None = None,
    known: list[float] | None = None,
) -> list[float]:
    """Milliseconds from each threshold to the buzzer's pin; those to a subscriber into known."""
    chair = LiveChair(mqtt={"host": LOOPBACK, "port": port}, seat=NO_DWELL, sitting=SHORT)
    watcher = listen() if listen else None
    heard = []
    for _ in range(bouts):
        chair.seat.set(True)
        if watcher is not None and known is not None:
            known.append(arrival(watcher))
        due = chair.wait("move_due")
        heard.append((chair.wait_for_buzzer(True) - monotonic_of(due["at"])) * 1000)
        chair.seat.set(False)
        chair.wait("bout_ended")
        while not chair.buzzer_changes.empty():
            chair.buzzer_changes.get()
    chair.stop()
    if watcher is not None:
        watcher.close()
    return heard


def arrival(watcher: Watcher) -> float:
    """Milliseconds from a threshold to its event at a subscriber."""
    due = watcher.event(f"{ROOT}/event", "move_due")
    received = watcher.received[-1].timestamp
    assert content(watcher.received[-1]) == due
    return (received - monotonic_of(due["at"])) * 1000


def monotonic_of(date: str) -> float:
    """A date of the near past on the monotonic clock, in seconds."""
    import time

    age = datetime.now().astimezone() - datetime.fromisoformat(date)
    return time.monotonic() - age.total_seconds()


def report(what: str, milliseconds: list[float]) -> None:
    """Prints a row."""
    cuts = statistics.quantiles(milliseconds, n=100, method="inclusive")
    figures = [cuts[49], cuts[94], cuts[98], max(milliseconds)]
    print(f"{what:34}" + "".join(f"{figure:8.2f}" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
