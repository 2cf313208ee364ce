"""Fixtures for ``unsit setup``: a settings file, and a person who answers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.planted_faults import stub, with_path
from support.pseudo_terminal import Answer, set_up


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Path of the settings file, which does not exist yet."""
    return tmp_path / "unsit.toml"


@pytest.fixture
def person(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that answers the questions on a machine without systemd."""
    stub(tmp_path / "programs", "systemctl", "System has not been booted with systemd", 1)
    monkeypatch.setenv("PATH", with_path(tmp_path / "programs"))
    options = ("--config", str(file), "--state-dir", str(tmp_path / "state"))

    def answer(*answers: Answer, code: int = 0) -> str:
        return set_up(monkeypatch, *answers, options=options, code=code)

    return answer
