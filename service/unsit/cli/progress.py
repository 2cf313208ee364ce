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

EVERY = 256
"""Rows between two looks at the clock."""

T = TypeVar("T")


class Progress:
    """Counts rows; shows a bar on standard error if that is a terminal and it takes long."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
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
            self._bar.console.file.write("\r\x1b[2K")
        sys.stdout.write(f"{line}\n")

    def _show(self) -> None:
        if self._bar is None:
            late = time.perf_counter() - self._began > PATIENCE
            if not (late and sys.stderr.isatty()):
                return
            self._bar = _open_bar()
        self._bar.update(self._bar.task_ids[0], completed=self._rows, total=self._total)


def _open_bar() -> "RichProgress":
    from rich.console import Console
    from rich.progress import Progress as RichProgress

    bar = RichProgress(console=Console(stderr=True), transient=True)
    bar.add_task("replaying", total=None)
    bar.start()
    return bar
