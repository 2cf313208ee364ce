"""A machine with simulated pins, and a person who sets a chair up on it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from checkup.planting import stub, with_path
from cli.terminal import Answer, set_up


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the settings are to be."""
    return tmp_path / "unsit.toml"


@pytest.fixture
def person(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Answers the questions of a set-up on a machine that has no systemd."""
    stub(tmp_path / "programs", "systemctl", "System has not been booted with systemd", 1)
    monkeypatch.setenv("PATH", with_path(tmp_path / "programs"))
    options = ("--config", str(file), "--state-dir", str(tmp_path / "state"))

    def answer(*answers: Answer) -> str:
        return set_up(monkeypatch, *answers, options=options)

    return answer
