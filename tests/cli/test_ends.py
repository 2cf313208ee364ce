"""What ends a command besides its work."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from queue import Empty, SimpleQueue

import pytest

from unsit.cli.ends import SIGNALS, on_crash, on_stop
from unsit.errors import LostThreadError


@pytest.fixture
def _signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_signals_as_before")
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_told_although_it_does_not_wake_the_main_thread(
    number: signal.Signals,
) -> None:
    """As when it comes just before that thread begins to wait."""
    inbox: SimpleQueue[str] = SimpleQueue()
    over = threading.Event()
    another = threading.Thread(target=over.wait)
    another.start()
    on_stop(lambda: inbox.put("stop"))
    unheard = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        os.kill(os.getpid(), number)
        said = inbox.get(timeout=10)
    except Empty:
        said = "nothing"
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, unheard)
        over.set()
        another.join()

    assert said == "stop"


def test_an_error_that_ends_any_thread_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    told: list[BaseException] = []
    on_crash(told.append)

    def crash() -> None:
        raise ZeroDivisionError("the thread's own")

    thread = threading.Thread(target=crash)
    thread.start()
    thread.join()

    [error] = told
    assert str(error) == "the thread's own"


def test_a_thread_that_ends_itself_is_told_as_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the error of a service it would have the process end as if all were well."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    told: list[BaseException] = []
    on_crash(told.append)

    thread = threading.Thread(target=sys.exit, name="edges")
    thread.start()
    thread.join()

    [error] = told
    assert isinstance(error, LostThreadError)
    assert str(error) == "the thread 'edges' has ended itself with SystemExit()"
