"""Shutdown: signals and crashed threads stop a service, and errors have their exit codes."""

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from unsit.cli.process import STOP_SIGNALS, imported_at_first_use, on_crash, on_stop
from unsit.errors import (
    CalibrationError,
    LostThreadError,
    SettingsError,
    UnavailableError,
    UsageError,
    exit_code_of,
)
from unsit_firmware.errors import PinError, PinPermissionError, RecordingError, ScriptError


@pytest.fixture
def _restored_signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    yield
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_restored_signals")
@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_stops_although_it_does_not_wake_the_main_thread(number: signal.Signals) -> None:
    """A blocked signal is like one that arrives just before the main thread begins to wait."""
    inbox: SimpleQueue[str] = SimpleQueue()
    over = threading.Event()
    receiving = threading.Thread(target=over.wait)
    receiving.start()
    on_stop(lambda: inbox.put("stop"))
    unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        os.kill(os.getpid(), number)
        received = inbox.get(timeout=60)
    except Empty:
        received = "nothing"
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)
        over.set()
        receiving.join()

    assert received == "stop"


def test_an_error_that_ends_any_thread_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    errors: list[BaseException] = []
    on_crash(errors.append)

    def crash() -> None:
        raise ZeroDivisionError("the thread's own")

    thread = threading.Thread(target=crash)
    thread.start()
    thread.join()

    [error] = errors
    assert str(error) == "the thread's own"


def test_a_thread_that_ends_itself_is_reported_as_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SystemExit as the service's error would end the process as if all were well."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    errors: list[BaseException] = []
    on_crash(errors.append)

    thread = threading.Thread(target=sys.exit, name="edges")
    thread.start()
    thread.join()

    [error] = errors
    assert isinstance(error, LostThreadError)
    assert str(error) == "the thread 'edges' has ended itself with SystemExit()"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError(), 64),
        (RecordingError("day.csv", 1, "empty"), 65),
        (CalibrationError(), 65),
        (UnavailableError(), 69),
        (PinError(), 69),
        (LostThreadError(), 70),
        (ZeroDivisionError(), 70),
        (PermissionError(), 77),
        (PinPermissionError(), 77),
        (SettingsError(), 78),
        (ScriptError(), 78),
    ],
    ids=repr,
)
def test_every_error_has_its_exit_code(error: Exception, code: int) -> None:
    assert exit_code_of(error) == code


def test_a_missing_permission_that_caused_an_error_decides_its_exit_code() -> None:
    error = UnavailableError()
    error.__cause__ = PermissionError()

    assert exit_code_of(error) == os.EX_NOPERM


def test_a_module_is_imported_at_first_use_by_what_was_imported_meanwhile_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "heavy_package"
    package.mkdir()
    (package / "__init__.py").touch()
    for file in (tmp_path / "heavy.py", package / "part.py"):
        file.write_text("import threading\nVALUE = 7\n")
    (tmp_path / "user.py").write_text(
        "import heavy, heavy_package.part\n"
        "def use(): return heavy.VALUE, heavy_package.part.VALUE\n"
    )

    with imported_at_first_use("heavy", "heavy_package.part"):
        user: Any = import_module("user")

    assert not {"heavy", "heavy_package.part"} & set(sys.modules)
    assert user.use() == (7, 7)
    assert {"heavy", "heavy_package.part"} <= set(sys.modules)
    assert user.heavy_package.part is import_module("heavy_package.part")
    with pytest.raises(AttributeError, match="nothing"):
        _ = user.heavy.nothing


def test_a_module_that_is_there_already_needs_no_first_use() -> None:
    with imported_at_first_use("json"):
        assert import_module("json") is json
