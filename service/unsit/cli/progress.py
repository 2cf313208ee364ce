"""A progress bar for a terminal, once something takes longer than a second."""

import sys
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

PATIENCE = 1.0
"""Seconds before the bar appears."""

FRAME = 0.1
"""Seconds between two pictures of it."""

CLEAR_LINE = "\r\x1b[2K"

EVERY = 256
"""Rows between two looks at the clock."""

T = TypeVar("T")


class Progress:
    """Counts rows; shows a bar on standard error if that is a terminal and it takes long."""

    def __init__(self) -> None:
        self._next_look = time.perf_counter() + PATIENCE
        self._rows = 0
        self._total: int | None = None
        self._bar: RichProgress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin(self, total: int) -> None:
        """The rows are counted anew, and this many are to come."""
        self._rows, self._total = 0, total

    def step(self) -> None:
        """One row more."""
        self._rows += 1
        if self._rows % EVERY == 0:
            self._show()

    def watch(self, items: Iterable[T]) -> Iterator[T]:
        """The same items, each of them one row."""
        for item in items:
            self.step()
            yield item

    def print(self, line: str) -> None:
        """Prints a line without disturbing the bar."""
        if self._bar is not None and sys.stdout.isatty():
            line = f"{CLEAR_LINE}{line}"
        sys.stdout.write(f"{line}\n")

    def _show(self) -> None:
        now = time.perf_counter()
        if now < self._next_look:
            return
        if self._bar is None:
            if not sys.stderr.isatty():
                return
            self._bar = _bar()
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=self._rows, total=self._total)
        self._bar.refresh()
        self._next_look = now + FRAME


def _bar() -> "RichProgress":
    from rich.console import Console
    from rich.progress import Progress as RichProgress

    # Nothing is redirected and nothing drawn by another thread: standard output stays as it is.
    bar = RichProgress(
        console=Console(stderr=True),
        transient=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    bar.add_task("replaying", total=None)
    return bar
