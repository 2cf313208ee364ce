"""Whether the edges of pins would still be heard.

Some back ends hear edges in a thread of Python's, and that can die: of an exception in a callback
(lgpio), or because somebody ended it. Nothing raises then, and no edge is ever told again.
"""

import threading
from collections.abc import Callable
from typing import Any

from unsit_firmware.errors import DeafError

LISTENING_LIBRARIES = ("lgpio", "rgpio")
"""Their threads hear the edges of all pins, from the first import on."""


class Hearing:
    """The threads in which a pin factory hears edges.

    pins: a gpiozero pin factory whose devices have been made.
    """

    def __init__(self, pins: Any) -> None:
        self._watch = getattr(pins, "watch", None)
        self._others = [thread for thread in threading.enumerate() if _listens(thread)]

    @property
    def threads(self) -> list[threading.Thread]:
        """The threads that there are for it."""
        watching = None if self._watch is None else self._watch.thread
        return self._others if watching is None else [watching, *self._others]

    def ask(self, answer: Callable[[], None]) -> None:
        """Has ``answer`` called, by a thread that hears edges where there is one that can do so.

        Raises DeafError where such a thread has ended.
        """
        for thread in self.threads:
            if not thread.is_alive():
                raise DeafError(
                    f"the thread {thread.name!r} has ended, in which edges of pins are heard; "
                    "the log says why"
                )
        if self._watch is None or self._watch.thread is None:
            answer()
        else:
            self._watch.ask(answer)


def _listens(thread: threading.Thread) -> bool:
    return type(thread).__module__.partition(".")[0] in LISTENING_LIBRARIES
