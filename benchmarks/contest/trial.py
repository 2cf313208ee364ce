"""What is measured of a contender, and how."""

import os
import random
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from contest.chip import FakeChip
from contest.contenders import Contender
from contest.environments import UNSIT
from contest.result import Result
from contest.running import Running, environment
from contest.subscriber import Subscriber
from contest.usage import Meter
from replay import office, replay

IMPORTS = "import gpiozero, paho.mqtt.client"
"""What each of the programs needs at least; the yardstick of a start."""

SETTLE = 5.0
"""Seconds between the last edge and the idle window."""

ANSWER = 2.0
"""Seconds after which an edge that nobody told is taken for lost."""

SPACING = (0.05, 0.35)
"""Seconds from an edge's arrival at the subscriber to the next edge, drawn anew for each."""

FLOOD_SPACING = 0.02
"""Seconds between the edges that come whether they are told or not: 50 a second."""

REPLAYED_WEEKS = 10
REPLAYS = 5
"""Of which the table shows the best."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: seconds of idling, edges one by one and at 50/s, starts."""

    idle: float
    edges: int
    starts: int


@dataclass(frozen=True, slots=True)
class Trial:
    """Measures contenders in turn, all on the same broker.

    library: the compiled fake chip. folder: a place for their files. port: the broker's.
    say: told what is under way.
    """

    library: Path
    folder: Path
    port: int
    subscriber: Subscriber
    extent: Extent
    say: Callable[[str], None]

    def starts(self, entries: Sequence[tuple[Contender, Result]]) -> list[float]:
        """Start-up of all, a round at a time, so that a slow moment of the machine is everyone's.

        The first round warms up and does not count. Returns the milliseconds of the imports alone.
        """
        imports = []
        for number in range(self.extent.starts + 1):
            self.say(f"starts, round {number} of {self.extent.starts}")
            imports.append(self._import())
            for contender, result in entries:
                with result.taking_failure():
                    self._start(contender, result, counts=number > 0)
        return imports[1:]

    def measure(self, contender: Contender, result: Result) -> None:
        """Everything but its starts, unless it is out."""
        if result.failure is None:
            self._live(contender, result)
        if contender.replays and result.failure is None:
            self._replay(contender, result)

    def _live(self, contender: Contender, result: Result) -> None:
        """What it costs to idle and how soon it tells an edge, in one life of its process."""
        with result.taking_failure(), self._running(contender) as running:
            self.say(f"{contender.name}: {self.extent.idle:g} s idle, seated, connected")
            running.there()
            running.sit_down()
            time.sleep(SETTLE)
            running.must_live()
            meter = Meter(running.pid)
            time.sleep(self.extent.idle)
            running.must_live()
            result.cost = meter.read()
            self.say(f"{contender.name}: {self.extent.edges} edges one by one, then at 50/s")
            result.latency += self._latencies(running)
            running.sit_down()
            result.caught = self._caught(running)
            running.must_live()

    def _replay(self, contender: Contender, result: Result) -> None:
        """How long a generated recording takes, start-up included."""
        python = os.fspath(contender.environment.python)
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            recording = office(Path(folder), REPLAYED_WEEKS)
            result.replay += [replay(recording, python)[0] * 1000 for _ in range(REPLAYS)]

    def _start(self, contender: Contender, result: Result, *, counts: bool) -> None:
        if result.failure is not None:
            return
        with self._running(contender) as running:
            ready = [running.ready()] if contender.notifies else []
            there = running.there()
        if counts:
            result.ready += ready
            result.there.append(there)

    def _running(self, contender: Contender) -> Running:
        folder = self.folder / re.sub(r"\W+", "-", contender.name)
        folder.mkdir(exist_ok=True)
        return Running(contender, folder, self.library, self.port, self.subscriber)

    def _import(self) -> float:
        """Milliseconds of a process that imports what every one of them needs, and nothing else."""
        chip = FakeChip(self.library, self.folder)
        own = environment(chip, self.folder, "lgpio")
        began = time.perf_counter()
        subprocess.run([UNSIT.python, "-c", IMPORTS], env=own, check=True)
        took = time.perf_counter() - began
        chip.close()
        return took * 1000

    def _latencies(self, running: Running) -> Iterator[float]:
        """Milliseconds from each edge to the message that says it."""
        chance = random.Random(1)  # the same spacing for all
        seated = True
        for _ in range(self.extent.edges):
            seated = not seated
            began = time.perf_counter()
            running.drive(seated=seated)
            heard = running.told(seated=seated, patience=ANSWER)
            running.must_live()
            if heard is not None:
                yield (heard.at - began) * 1000
            time.sleep(chance.uniform(*SPACING))

    def _caught(self, running: Running) -> int:
        """How many edges of those at 50 a second were told, each as the change that it was."""
        began = time.perf_counter()
        for number in range(self.extent.edges):
            time.sleep(max(0.0, began + number * FLOOD_SPACING - time.perf_counter()))
            running.drive(seated=number % 2 == 1)
        caught, seated = 0, True
        while (level := running.next_edge(ANSWER)) is not None:
            caught += level is not seated
            seated = level
        return caught
