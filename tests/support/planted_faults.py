"""Helpers that plant a fault and pick the finding that must name it."""

import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from unsit.checkup.findings import Fault, Finding
from unsit.checkup.machine import Installation, Machine
from unsit.settings.model import ChairSettings, MqttSettings, Settings


def finding_of(fault: Fault, findings: Iterable[Finding]) -> Finding:
    """Return the one finding of a fault, with its fix and its verdict checked."""
    everything = list(findings)
    of_it = [finding for finding in everything if finding.fault == fault.name.lower()]
    assert len(of_it) == 1, "\n".join(map(str, everything))
    [finding] = of_it
    assert finding.fix
    assert finding.verdict == fault.value.verdict
    assert finding.code == (fault.value.code if finding.verdict == "fail" else 0)
    return finding


def faultless(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings, none of which may name a fault."""
    everything = list(findings)
    assert not any(finding.fault for finding in everything), "\n".join(map(str, everything))
    return everything


def installed(state: Path, root: Path = Path("/"), **sections: Any) -> Installation:
    """Return an installed chair, without a broker by default."""
    given: dict[str, Any] = {
        "chair": ChairSettings(id="test-chair"),
        "mqtt": MqttSettings(host="none"),
    } | sections
    return Installation(Settings(**given), state, machine=Machine(root))


def write(file: Path, content: str | bytes) -> Path:
    """Write a file and its directories."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def stub(folder: Path, name: str, says: str, code: int = 0) -> None:
    """Write a program that prints the same for all arguments."""
    file = write(folder / name, f"#!{sys.executable} -S\nprint({says!r})\nraise SystemExit({code})")
    file.chmod(file.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def with_path(folder: Path) -> str:
    """Return PATH with a directory of stubs first."""
    return f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"


class VirtualTime:
    """Time in s that passes only in a pause, for simulated parts and for those who look at them."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        return self._now

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds
