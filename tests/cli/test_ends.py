"""What ends a command besides its work."""

import threading

import pytest

from unsit.cli.ends import on_crash


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
