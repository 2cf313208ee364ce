"""Proof of life: a sign for the manager, only when all who are needed have shown that they work."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from unsit.core.instant import ZERO
from unsit.errors import LostThreadError
from unsit.runtime.clock import real_time
from unsit.runtime.notify import watchdog_period

USUAL = timedelta(minutes=1)

PATIENCE = 3
"""Rounds without an answer after which a thread is given up."""

Ask = Callable[[Callable[[], None]], None]
"""Has the function that it is given called, from any thread, as proof that one works.

It raises for a thread that is known to have ended.
"""


class Liveness:
    """Asks the witnesses again and again; called in the loop's thread.

    witnesses: by name. proved: called each time that all have answered.
    period: how often to call ``round``, on the loop's clock: a minute, or half of what the manager
        waits if that is less.
    """

    def __init__(
        self,
        witnesses: Mapping[str, Ask],
        proved: Callable[[], None],
        real_time: Callable[[], timedelta] = real_time,
    ) -> None:
        self._real_time = real_time
        self._witnesses = witnesses
        self._proved = proved
        self._waiting: set[str] = set()
        self._silent_rounds = 0
        self._last = ZERO
        patience = watchdog_period()
        self.period = USUAL if patience is None else min(USUAL, patience / 2)

    def start(self) -> None:
        """Asks for the first time."""
        self._last = self._real_time()
        self._ask()

    def round(self) -> None:
        """Says that all live if they have answered, and asks anew.

        Raises LostThreadError for one that has let three rounds pass. A clock that is faster than
        real time makes no more rounds than real time has.
        """
        now = self._real_time()
        if now - self._last < self.period * 0.9:
            return
        self._last = now
        if self._waiting:
            self._wait_longer()
        else:
            self._silent_rounds = 0
            self._proved()
        self._ask()

    def _wait_longer(self) -> None:
        self._silent_rounds += 1
        if self._silent_rounds >= PATIENCE:
            raise LostThreadError(f"no answer from: {', '.join(sorted(self._waiting))}")

    def _ask(self) -> None:
        asked, self._waiting = self._waiting, set(self._witnesses)
        for name in self._witnesses.keys() - asked:
            self._witnesses[name](partial(self._answered, name))

    def _answered(self, name: str) -> None:
        self._waiting.discard(name)
