"""Fixtures for the tests of the runtime."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

Promptly = Callable[[Callable[[], Any]], Any]
TIMEOUT_S = 60.0


@pytest.fixture
def promptly() -> Promptly:
    """Return a caller of functions that fails if they do not return within 20 s."""

    def call(act: Callable[[], Any]) -> Any:
        results: list[Any] = []
        thread = threading.Thread(target=lambda: results.append(act()), daemon=True)
        thread.start()
        thread.join(TIMEOUT_S)
        assert results, f"it did not return within {TIMEOUT_S:g} s, or it raised"
        return results[0]

    return call
