"""What ends a command besides its work."""

import sys
import threading

import pytest

from unsit.cli.ends import on_crash
from unsit.errors import LostThreadError


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
