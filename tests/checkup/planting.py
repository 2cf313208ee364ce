"""Faults planted for real, and the one finding that must name each."""

import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding
from unsit.checkup.installation import Installation
from unsit.checkup.machine import Machine
from unsit.settings.model import ChairSettings, Settings
from unsit.settings.mqtt import MqttSettings


def named(fault: Fault, findings: Iterable[Finding]) -> Finding:
    """The finding of a fault; there must be one, with its mend and its verdict."""
    everything = list(findings)
    of_it = [finding for finding in everything if finding.fault == fault.name.lower()]
    assert len(of_it) == 1, "\n".join(map(str, everything))
    [finding] = of_it
    assert finding.mend
    assert finding.verdict == fault.value.verdict
    assert finding.code == (fault.value.code if finding.verdict == "fail" else 0)
    return finding


def sound(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, none of which names a fault."""
    everything = list(findings)
    assert not any(finding.fault for finding in everything), "\n".join(map(str, everything))
    return everything


def installed(state: Path, root: Path = Path("/"), **sections: Any) -> Installation:
    """A chair without a broker, unless its settings say otherwise."""
    given: dict[str, Any] = {
        "chair": ChairSettings(id="test-chair"),
        "mqtt": MqttSettings(host="none"),
    } | sections
    return Installation(Settings(**given), state, machine=Machine(root))


def write(file: Path, content: str | bytes) -> Path:
    """A file with its folders."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def stub(folder: Path, name: str, says: str, code: int = 0) -> None:
    """A program of that name, to be put on the path, that says the same whatever it is asked."""
    file = write(folder / name, f"#!{sys.executable} -S\nprint({says!r})\nraise SystemExit({code})")
    file.chmod(file.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def with_path(folder: Path) -> str:
    """The path with a folder of stubs before everything."""
    return f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
