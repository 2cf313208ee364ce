"""A seat on a mat: its contact watched in time, and what follows from it told to the chair."""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from unsit.core.chair import Fault
from unsit.core.inputs import Input
from unsit.core.instant import Instant
from unsit.core.mat import Happening, Mat
from unsit.runtime.loop import Loop


class MatContact(Protocol):
    """The contact in the mat."""

    @property
    def pressed(self) -> bool:
        """The level right now."""

    @property
    def missed_edges(self) -> int:
        """How many edges only a re-read has found."""

    def reread(self) -> None:
        """Reads the level again, and tells an edge that was missed."""


class WatchedMat:
    """Feeds the chair with what a mat's contact says, as long as it can be believed.

    longest: how long somebody may sit without a flicker. feed: gets what the chair is to know.
    """

    def __init__(
        self,
        loop: Loop,
        contact: MatContact,
        longest: timedelta,
        feed: Callable[[Input, Instant], object],
    ) -> None:
        self._loop, self._contact, self._feed = loop, contact, feed
        self._mat = Mat(longest)
        self._alarm: Instant | None = None

    def start(self, fault: Fault | None, *, reread_every: timedelta) -> None:
        """Takes the level that there is, with the fault that there was before a restart."""
        self._loop.every(reread_every, self._reread)
        self._tell(self._mat.start(self._contact.pressed, self._loop.clock.now(), fault))

    def feel(self, pressed: bool, at: Instant) -> None:
        """Takes an edge."""
        self._tell(self._mat.feel(pressed, at))

    def _reread(self) -> None:
        before = self._contact.missed_edges
        self._contact.reread()
        agrees = self._contact.missed_edges == before
        self._tell(self._mat.reread(agrees=agrees, at=self._loop.clock.now()))

    def _tell(self, happened: list[Happening]) -> None:
        for what, at in happened:
            self._feed(what, at)
        self._set_alarm()

    def _set_alarm(self) -> None:
        """One alarm at a time: one that rings too early sets the next."""
        deadline = self._mat.deadline
        if deadline is not None and (self._alarm is None or deadline < self._alarm):
            self._alarm = deadline
            self._loop.at(deadline, lambda: self._ring(deadline))

    def _ring(self, alarm: Instant) -> None:
        if self._alarm == alarm:
            self._alarm = None
            self._tell(self._mat.pass_time(self._loop.clock.now()))
