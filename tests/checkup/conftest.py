"""Fixtures of the planted faults."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.planted_faults import stub, with_path


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that puts a program before the real one: name, output, exit code."""
    folder = tmp_path / "programs"
    monkeypatch.setenv("PATH", with_path(folder))

    def put(name: str, says: str, code: int = 0) -> None:
        stub(folder, name, says, code)

    return put
