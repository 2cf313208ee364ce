"""Measurements of a contender."""

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
"""Imports that each of the programs needs; the reference for a start."""

SETTLE_S = 5.0
"""Time between the last edge and the idle window."""

ANSWER_TIMEOUT_S = 2.0
"""Time after which an edge without a message is lost."""

SPACING_S = (0.05, 0.35)
"""Shortest and longest time from a message to the next edge; each is random."""

FLOOD_SPACING_S = 0.02
"""Time between the edges that do not wait for a message: 50 a second."""

EDGES_A_LIFE_MAX = 40
"""Most edges of each kind in one life of a program.

100 edges within a minute come from a loose wire, so unsit then takes the mat for flapping and stops
to report its edges. Both kinds of edges and the first sit-down stay below that.
"""

REPLAYED_WEEKS = 10
REPLAYS = 5
"""Number of replays; the table has the best."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Extent of the measurements: idle seconds, rounds, edges of each kind in each, starts."""

    idle: float
    rounds: int
    edges: int
    starts: int


@dataclass(frozen=True, slots=True)
class Trial:
    """Measurement of contenders in turn, on the same broker.

    library: the compiled fake chip. folder: folder for their files. port: port of the broker.
    progress: called with the name of each step.
    """

    library: Path
    folder: Path
    port: int
    subscriber: Subscriber
    extent: Extent
    progress: Callable[[str], None]

    def starts(self, entries: Sequence[tuple[Contender, Result]]) -> list[float]:
        """Measure the starts of all, in rounds, so that a slow moment affects every contender.

        The first round is a warm-up and does not count. Return the milliseconds of the imports
        alone.
        """
        imports = []
        for number in range(self.extent.starts + 1):
            self.progress(f"starts, round {number} of {self.extent.starts}")
            imports.append(self._import())
            for contender, result in entries:
                with result.taking_failure():
                    self._start(contender, result, counts=number > 0)
        return imports[1:]

    def rounds(self, entries: Sequence[tuple[Contender, Result]]) -> None:
        """Measure the edges of all, in rounds, so that a slow moment affects every contender.

        A contender lives once in each round, with a state of its own; another one begins each time.
        """
        for number in range(self.extent.rounds):
            self.progress(f"edges, round {number + 1} of {self.extent.rounds}")
            first = number % len(entries)
            for contender, result in [*entries[first:], *entries[:first]]:
                if result.failure is None:
                    with result.taking_failure():
                        self._measure_edges(contender, result, number)

    def measure(self, contender: Contender, result: Result) -> None:
        """Measure the idle cost and the replay, unless the contender has failed."""
        if result.failure is None:
            self._measure_idle(contender, result)
        if contender.replays and result.failure is None:
            self._replay(contender, result)

    def _measure_idle(self, contender: Contender, result: Result) -> None:
        with result.taking_failure(), self._running(contender) as running:
            self.progress(f"{contender.name}: {self.extent.idle:g} s idle, seated, connected")
            self._settle(running)
            meter = Meter(running.pid)
            time.sleep(self.extent.idle)
            running.check_running()
            result.cost = meter.read()

    def _measure_edges(self, contender: Contender, result: Result, life: int) -> None:
        with self._running(contender, f"life-{life}") as running:
            self._settle(running)
            result.lives.append(list(self._latencies(running)))
            running.sit_down()
            result.caught = (result.caught or 0) + self._caught(running)
            running.check_running()

    def _settle(self, running: Running) -> None:
        """Wait until a program is connected, knows that the seat is occupied, and is at rest."""
        running.there()
        running.sit_down()
        time.sleep(SETTLE_S)
        running.check_running()

    def _replay(self, contender: Contender, result: Result) -> None:
        """Measure the replay of a generated recording, including the start."""
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

    def _running(self, contender: Contender, life: str = "") -> Running:
        folder = self.folder / re.sub(r"\W+", "-", contender.name) / life
        folder.mkdir(exist_ok=True, parents=True)
        return Running(contender, folder, self.library, self.port, self.subscriber)

    def _import(self) -> float:
        """Return the milliseconds of a process that only imports ``IMPORTS``."""
        chip = FakeChip(self.library, self.folder)
        own = environment(chip, self.folder, "lgpio")
        began = time.perf_counter()
        subprocess.run([UNSIT.python, "-c", IMPORTS], env=own, check=True)
        took = time.perf_counter() - began
        chip.close()
        return took * 1000

    def _latencies(self, running: Running) -> Iterator[float]:
        """Yield the milliseconds from each edge to its message."""
        chance = random.Random(1)  # the same spacing for all
        seated = True
        for _ in range(self.extent.edges):
            seated = not seated
            began = time.perf_counter()
            running.drive(seated=seated)
            message = running.wait_for_level(seated=seated, timeout=ANSWER_TIMEOUT_S)
            running.check_running()
            if message is not None:
                yield (message.at - began) * 1000
            time.sleep(chance.uniform(*SPACING_S))

    def _caught(self, running: Running) -> int:
        """Return the number of edges, of those at 50 a second, with a message of their own."""
        began = time.perf_counter()
        for number in range(self.extent.edges):
            time.sleep(max(0.0, began + number * FLOOD_SPACING_S - time.perf_counter()))
            running.drive(seated=number % 2 == 1)
        caught, seated = 0, True
        while (level := running.next_edge(ANSWER_TIMEOUT_S)) is not None:
            caught += level is not seated
            seated = level
        return caught
