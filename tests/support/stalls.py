"""Stalls of the machine: times in which it ran nothing of this process, measured beside a test."""

import threading
import time
from types import TracebackType
from typing import Self

STEP_S = 0.01
STALL_MIN_S = 0.05


class StallProbe:
    """Thread that sleeps in short steps and keeps each step that took much longer."""

    def __init__(self) -> None:
        self.stalls: list[tuple[float, float]] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stalls", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end.set()
        self._thread.join()

    def longest(self, first: float = 0.0, last: float = float("inf")) -> float:
        """Return the longest stall in s that touches a span of the monotonic clock."""
        touching = (
            length
            for began, length in list(self.stalls)
            if began <= last and began + length >= first
        )
        return max(touching, default=0.0)

    def __str__(self) -> str:
        stalls = list(self.stalls)
        if not stalls:
            return f"the machine never stood still for {STALL_MIN_S * 1000:g} ms"
        total = sum(length for _, length in stalls)
        return (
            f"the machine stood still {len(stalls)} times, for {self.longest():.2f} s at most and "
            f"{total:.1f} s in all"
        )

    def _run(self) -> None:
        before = time.monotonic()
        while not self._end.wait(STEP_S):
            now = time.monotonic()
            stall = now - before - STEP_S
            if stall >= STALL_MIN_S:
                self.stalls.append((before, stall))
            before = now
