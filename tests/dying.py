"""Ends a thread of somebody else's, as nothing but a bug or an out-of-memory killer would."""

import ctypes
import threading
from collections.abc import Callable


def end_thread(thread: threading.Thread, wake: Callable[[], object]) -> None:
    """Has SystemExit raised in a thread, where it next runs; wake: makes it run.

    The interpreter takes that for a thread that wanted to end, and reports nothing.
    """
    assert thread.ident is not None
    raised = ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)
    )
    assert raised == 1
    wake()
