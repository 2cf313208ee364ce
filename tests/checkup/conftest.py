"""What the planted faults share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from checkup.planting import stub, with_path


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a program on the path, before the real one: its name, what it says, its exit code."""
    folder = tmp_path / "programs"
    monkeypatch.setenv("PATH", with_path(folder))

    def put(name: str, says: str, code: int = 0) -> None:
        stub(folder, name, says, code)

    return put
