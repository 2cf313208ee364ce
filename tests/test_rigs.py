"""Scripts of the rigs: shellcheck finds nothing in them, and each has a --help."""

import shutil
import subprocess
from pathlib import Path

import pytest

from support.fixtures import missing
from support.places import RIGS


def _is_shell_script(text: bytes) -> bool:
    return text.startswith((b"#!/usr/bin/env bash", b"#!/bin/bash"))


SCRIPTS = sorted(
    file for file in RIGS.rglob("*") if file.is_file() and _is_shell_script(file.read_bytes())
)
OTHERS = {"checks", "ha"}
"""Scripts that run in a guest, and the one that passes --help to a program that install makes."""
COMMANDS = [
    script for script in SCRIPTS if script.parent.parent == RIGS and script.name not in OTHERS
]


def test_shellcheck_finds_nothing_in_any_script() -> None:
    program = shutil.which("shellcheck")
    if program is None:
        missing("shellcheck is not installed; sudo apt install shellcheck")

    ended = subprocess.run(
        [str(program), "--external-sources", "--check-sourced", *SCRIPTS],
        capture_output=True,
        text=True,
    )

    assert ended.stdout == ""


@pytest.mark.parametrize(
    "script", COMMANDS, ids=lambda script: f"{script.parent.name}/{script.name}"
)
def test_every_command_has_a_help(script: Path) -> None:
    ended = subprocess.run([script, "--help"], capture_output=True, text=True, timeout=30)

    assert ended.returncode == 0, ended.stderr
    assert "usage: " in ended.stdout


def test_every_rig_has_a_selftest_a_readme_and_a_row_in_the_table() -> None:
    table = (RIGS / "README.md").read_text()
    rigs = {selftest.parent for selftest in RIGS.glob("*/selftest")}

    assert {rig.name for rig in rigs} >= {"chip", "homeassistant", "kernel", "systemd"}
    for rig in rigs:
        assert f"[`{rig.name}/`]({rig.name}/README.md)" in table
        assert (rig / "README.md").exists()
