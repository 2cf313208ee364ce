"""Fixtures for the tests of the settings."""

from collections.abc import Callable
from pathlib import Path

import pytest

WriteToml = Callable[[str], str]


@pytest.fixture
def write_toml(tmp_path: Path) -> WriteToml:
    """Return a function that writes a settings file and returns its name."""

    def write(content: str) -> str:
        file = tmp_path / "chair.toml"
        file.write_text(content, encoding="utf-8")
        return str(file)

    return write
