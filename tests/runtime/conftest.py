"""What the tests of the runtime share."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

Promptly = Callable[[Callable[[], Any]], Any]
PATIENCE = 20.0


@pytest.fixture
def promptly() -> Promptly:
    """Calls a function that might wait for ever, and fails if it does; gives what it returned."""

    def call(act: Callable[[], Any]) -> Any:
        results: list[Any] = []
        thread = threading.Thread(target=lambda: results.append(act()), daemon=True)
        thread.start()
        thread.join(PATIENCE)
        assert results, f"it did not return within {PATIENCE:g} s, or it raised"
        return results[0]

    return call


@pytest.fixture
def live_in() -> Iterator[Callable[[str], None]]:
    """Moves this process to a time zone, until the test is over."""
    before = os.environ.get("TZ")

    def move(zone: str) -> None:
        os.environ["TZ"] = zone
        time.tzset()

    yield move
    os.environ.pop("TZ", None)
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()
