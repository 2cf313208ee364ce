"""End of another thread without an error report, like after a bug in an extension."""

import ctypes
import threading
from collections.abc import Callable


def end_thread(thread: threading.Thread, wake: Callable[[], object]) -> None:
    """Raise SystemExit in a thread. wake: makes the thread run, so that the error is raised.

    The interpreter treats SystemExit in a thread as a normal end, and does not report it.
    """
    assert thread.ident is not None
    raised = ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)
    )
    assert raised == 1
    wake()
