"""Faults of the installation: other Pythons, and old libraries first on the path."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.fake_chip import NoFakeChipError, compile_chip, under
from support.fixtures import missing
from support.planted_faults import faultless, finding_of, installed, write
from support.program import environment
from unsit.checkup.board import check_python, check_software
from unsit.checkup.findings import Fault
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import SeatSettings

ROOT = Path(__file__).parents[2]
OLD_PYTHONS = ("python3.10", "python3.9", "python3.8")
LGPIO = sys.version_info < (3, 13)


@pytest.fixture
def chip(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a program with a fake chip and a closed mat."""
    try:
        library = compile_chip(tmp_path / "fakegpiochip.so")
    except NoFakeChipError as why:
        missing(str(why))
    return under(library, tmp_path / "chip") | {"LG_WD": str(tmp_path)}


Check = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def on_the_chip(chip: dict[str, str], tmp_path: Path) -> Check:
    """Return a function that runs ``unsit check --json`` on the fake chip."""

    def check(*before: str, **more: str) -> list[dict[str, Any]]:
        arguments = ["check", "--json", "--set", "mqtt.host=none", "--state-dir", str(tmp_path)]
        program = (
            f"import sys\n{''.join(before)}\nfrom unsit.__main__ import main\nmain({arguments})"
        )
        ended = subprocess.run(
            [sys.executable, "-c", program],
            env=environment(**chip, **more),
            capture_output=True,
            text=True,
            timeout=90,
        )
        assert ended.stdout, ended.stderr
        findings: list[dict[str, Any]] = json.loads(ended.stdout)["findings"]
        return findings

    return check


def of(fault: Fault, findings: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the finding of a fault."""
    [finding] = [finding for finding in findings if finding["fault"] == fault.name.lower()]
    return finding


def test_the_installation_of_the_tests_is_faultless() -> None:
    subjects = {
        finding.subject for finding in faultless(check_software(installed(Path()).settings))
    }

    assert {"python", "unsit", "gpiozero", "paho-mqtt", "gpiod"} <= subjects


def test_a_python_that_is_too_old_or_untried_is_named() -> None:
    assert "expected 3.11 to 3.14; create the environment" in str(
        finding_of(Fault.PYTHON_OLD, [check_python((3, 10))])
    )
    assert "Python 3.15" in finding_of(Fault.PYTHON_NEW, [check_python((3, 15))]).words
    faultless([check_python((3, 11)), check_python((3, 14))])


def old_python() -> str:
    """Return the path of a Python that is too old for unsit."""
    pyenv = Path.home() / ".pyenv" / "versions"
    for name in OLD_PYTHONS:
        version = name.removeprefix("python")
        built = sorted(pyenv.glob(f"{version}.*/bin/python"))
        for found in (*map(str, built), shutil.which(name)):
            if found and subprocess.run([found, "-V"], capture_output=True).returncode == 0:
                return found
    missing("no Python older than 3.11 is installed")
    raise AssertionError


def test_unsit_started_by_a_python_that_is_too_old_says_so_in_one_line() -> None:
    paths = os.pathsep.join([str(ROOT / "service"), str(ROOT / "firmware")])
    ended = subprocess.run(
        [old_python(), "-m", "unsit", "check"],
        env=environment(PYTHONPATH=paths),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (ended.returncode, ended.stdout) == (69, "")
    assert ended.stderr.count("\n") == 1
    assert "unsit: Python 3." in ended.stderr
    assert "expected 3.11 or newer" in ended.stderr
    assert "python3 -m venv" in ended.stderr


def test_a_library_of_the_load_cells_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])  # nothing is installed there
    cells = installed(
        tmp_path,
        seat=SeatSettings(kind="load_cell"),
        load_cell=LoadCellSettings(converter="nau7802"),
    ).settings
    write(tmp_path / "unsit-1.dist-info/METADATA", "Name: unsit\nVersion: 1\n")

    missing_ones = [f for f in check_software(cells) if f.fault == "library_missing"]

    assert [finding.subject for finding in missing_ones] == ["gpiozero", "paho-mqtt", "smbus2"]
    assert str(missing_ones[-1].fix).endswith(f"{sys.executable} -m pip install smbus2")


def test_a_pin_that_is_held_on_a_real_chip_is_named_and_not_taken(on_the_chip: Check) -> None:
    holding = (
        "import gpiod\n"
        "chip = gpiod.Chip('/dev/gpiochip0')\n"
        "radio = chip.request_lines({18: gpiod.LineSettings()}, consumer='radio')\n"
    )

    finding = of(Fault.PIN_HELD, on_the_chip(holding))

    assert finding["subject"] == "buzzer.pin"
    assert finding["words"].startswith("GPIO18 is held by ")


def test_an_old_gpiod_in_the_way_is_named_and_so_is_the_lgpio_that_serves_instead(
    on_the_chip: Check, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    write(old / "gpiod-1.6.3.dist-info/METADATA", "Name: gpiod\nVersion: 1.6.3\n")
    write(old / "gpiod.py", "class Chip: OPEN_BY_NAME = 1\n")

    findings = on_the_chip(PYTHONPATH=str(old))

    assert of(Fault.LIBRARY_OLD, findings)["words"] == "1.6.3, expected 2.2 or newer"
    if LGPIO:
        restless = of(Fault.BACK_END_RESTLESS, findings)
        assert "lgpio" in restless["words"]
        assert restless["fix"].endswith(f"{sys.executable} -m pip install --upgrade gpiod")
    else:
        of(Fault.NO_CHIP, findings)


@pytest.mark.skipif(not LGPIO, reason="lgpio has no wheel for this Python")
def test_without_gpiod_lgpio_serves_and_its_restlessness_is_named(
    on_the_chip: Check, tmp_path: Path
) -> None:
    write(tmp_path / "none/gpiod.py", "raise ImportError('no gpiod here')")

    findings = on_the_chip(PYTHONPATH=str(tmp_path / "none"))

    assert "not gpiod: no gpiod here" in of(Fault.BACK_END_RESTLESS, findings)["words"]


def test_the_chip_and_each_of_its_lines_are_checked(on_the_chip: Check) -> None:
    words = {finding["subject"]: finding["words"] for finding in on_the_chip()}

    assert words["pins"].startswith("gpiod on /dev/gpiochip0 (pinctrl-bcm2835), because ")
    assert words["buzzer.pin"] == "GPIO18 is free; the output is off"
