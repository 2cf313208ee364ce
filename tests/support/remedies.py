"""Remedies: carry out the fix of a finding, from its words, as a person would.

A command is run by a shell, without ``sudo``; a setting is changed. A path of the machine is below
the root that the test has planted the fault in.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from support.fixtures import missing
from support.planted_faults import with_path, write
from unsit.checkup.findings import Fault, Finding
from unsit.checkup.machine import Installation

COMMANDS = ("sudo ", "echo ", "mosquitto_pub ", "unsit ")

OF_THE_MACHINE = ("/boot/", "/etc/")
"""Beginnings of paths that lie below the planted root."""

SYSTEMD = """\
import json, pathlib, sys

file = pathlib.Path({file!r})
unit, shipped = json.loads(file.read_text()), {shipped!r}
verb, *more = sys.argv[1:]
if verb == "show":
    print("\\n".join(f"{{name}}={{value}}" for name, value in unit.items()))
elif verb in ("start", "restart", "enable") and unit["LoadState"] == "masked":
    sys.exit(1)
if verb in ("start", "restart") or "--now" in more:
    unit |= {{"ActiveState": "active", "Result": "success", "ExecMainStatus": "0"}}
if verb == "enable":
    unit["UnitFileState"] = "enabled"
if verb == "unmask":
    unit |= {{"LoadState": "loaded", "UnitFileState": "enabled"}}
if verb == "revert":
    unit |= shipped
if verb == "daemon-reload":
    unit["NeedDaemonReload"] = "no"
if verb == "edit":
    for name, value in (line.split("=", 1) for line in " ".join(more[2:]).split(" and ")):
        unit[name] = f"{{unit[name]}} {{value}}"
file.write_text(json.dumps(unit))
"""


class FakeSystemd:
    """``systemctl`` for one unit, whose properties a fault changes and a command restores.

    properties: those of the running unit as shipped.
    """

    def __init__(self, folder: Path, properties: dict[str, str]) -> None:
        self._file = folder / "unit.json"
        self.shipped = properties
        self.plant()
        script = SYSTEMD.format(file=str(self._file), shipped=properties)
        program = write(folder / "programs" / "systemctl", f"#!{sys.executable} -S\n{script}")
        program.chmod(0o755)

    def plant(self, **but: str) -> None:
        """Give the unit as shipped, with some properties changed."""
        self._file.write_text(json.dumps(self.shipped | but))


def settings_in(fix: str) -> dict[str, Any]:
    """Return the settings that a fix names with their values, by key."""
    found = re.findall(r'\b([a-z_]+\.[a-z_]+) = ("(?:[^"\\]|\\.)*"|\w+)', fix)
    return {key: json.loads(value) for key, value in found}


def commands_in(fix: str) -> list[str]:
    """Return the commands of a fix, without the words between and after them."""
    parts = re.split(r"; (?:then )?|, (?:then|which|and|or) ", fix)
    return [part for part in parts if part.startswith(COMMANDS)]


def carry_out(fix: str, folder: Path, root: Path | None = None) -> None:
    """Run the commands of a fix. folder: place for ``sudo``. root: root of the planted machine."""
    if os.geteuid() != 0:
        missing("only root can do what sudo does")
    sudo = write(folder / "programs" / "sudo", '#!/bin/sh\nexec "$@"\n')
    sudo.chmod(0o755)
    commands = commands_in(fix)
    assert commands, f"no command in: {fix}"
    for command in commands:
        for beginning in OF_THE_MACHINE if root else ():
            command = command.replace(f" {beginning}", f" {root}{beginning}")
        command = command.replace(": [Service] ", " [Service] ")  # typed into the editor
        subprocess.run(
            ["sh", "-c", command],
            check=True,
            stdout=subprocess.DEVNULL,
            env=os.environ | {"PATH": with_path(folder / "programs")},
        )


def with_settings_of(fix: str, chair: Installation) -> Installation:
    """Return a chair with the settings that a fix names."""
    given = settings_in(fix)
    assert given, f"no setting in: {fix}"
    settings = chair.settings
    for key, value in given.items():
        section, _, name = key.partition(".")
        changed: dict[str, Any] = {section: replace(getattr(settings, section), **{name: value})}
        settings = replace(settings, **changed)
    return replace(chair, settings=settings)


def is_cured(fault: Fault, findings: Iterable[Finding]) -> bool:
    """Return whether a fault is named no longer."""
    return fault.name.lower() not in {finding.fault for finding in findings}


Check = Callable[[Installation], Iterable[Finding]]


def cured_by_settings(finding: Finding, chair: Installation, check: Check) -> bool:
    """Change the settings that the fix of a finding names; return whether that cures the fault."""
    changed = with_settings_of(str(finding.fix), chair)
    return is_cured(Fault[str(finding.fault).upper()], check(changed))
