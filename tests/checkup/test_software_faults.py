"""Faults of the installation: other Pythons, and old libraries first on the path."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from support.fake_chip import NoFakeChipError, compile_chip, under
from support.fixtures import missing
from support.planted_faults import faultless, finding_of, installed, write
from support.program import environment
from support.remedies import Cure
from unsit.checkup.board import check_python, check_software
from unsit.checkup.findings import Fault, Finding
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import SeatSettings

ROOT = Path(__file__).parents[2]
OLD_PYTHONS = ("python3.10", "python3.9", "python3.8")
LGPIO = sys.version_info < (3, 13)


@pytest.fixture(scope="module")
def chip_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the fake chip, compiled once for all tests here."""
    try:
        return compile_chip(tmp_path_factory.mktemp("chip") / "fakegpiochip.so")
    except NoFakeChipError as why:
        missing(str(why))
        raise


@pytest.fixture
def chip(chip_library: Path, tmp_path: Path) -> dict[str, str]:
    """Return the environment of a program with a fake chip and a closed mat."""
    return under(chip_library, tmp_path / "chip") | {"LG_WD": str(tmp_path)}


Check = Callable[..., list[Finding]]


@pytest.fixture
def on_the_chip(chip: dict[str, str], tmp_path: Path) -> Check:
    """Return a function that runs ``unsit check --json`` on the fake chip."""

    def check(*before: str, python: Path | str = sys.executable, **more: str) -> list[Finding]:
        arguments = [
            "check",
            "--json",
            "--set",
            "mqtt.host=none",
            "--state-dir",
            str(tmp_path / "new"),
        ]
        program = (
            f"import sys\n{''.join(before)}\nfrom unsit.__main__ import main\nmain({arguments})"
        )
        ended = subprocess.run(
            [python, "-c", program],
            env=environment(**chip | more),
            capture_output=True,
            text=True,
            timeout=90,
        )
        assert ended.stdout, ended.stderr
        return [_finding(**document) for document in json.loads(ended.stdout)["findings"]]

    return check


def _finding(**document: Any) -> Finding:
    """Return a finding of the JSON of a check, which has no exit code for each."""
    fault = document["fault"]
    code = Fault[fault.upper()].value.code if document["verdict"] == "fail" else 0
    return Finding(**document, code=code)


@pytest.fixture
def own_python(tmp_path: Path) -> Path:
    """Return the interpreter of an environment with pip, and without the library gpiod."""
    venv.create(tmp_path / "venv", with_pip=False)
    [packages] = (tmp_path / "venv").glob("lib/*/site-packages")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith("gpiod"):
            (packages / entry.name).symlink_to(entry)
    return tmp_path / "venv/bin/python"


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder from which pip takes all packages; it has the gpiod of these tests."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    gpiod = distribution("gpiod")
    with ZipFile(folder / f"gpiod-{gpiod.version}-py3-none-any.whl", "w") as wheel:
        for file in gpiod.files or ():
            if file.parts[0].startswith("gpiod") and "__pycache__" not in file.parts:
                wheel.write(file.locate(), str(file))
    return folder


def test_the_installation_of_the_tests_is_faultless() -> None:
    subjects = {
        finding.subject for finding in faultless(check_software(installed(Path()).settings))
    }

    assert {"python", "unsit", "gpiozero", "paho-mqtt", "gpiod"} <= subjects


def test_a_python_that_is_too_old_or_untried_is_named_until_the_environment_has_another(
    cure: Cure,
) -> None:
    old, new = [(3, 10)], [(3, 15)]

    cure.by_hand(
        Fault.PYTHON_OLD,
        lambda: [check_python(old[-1])],
        "create the environment again with a newer version",
        lambda: old.append((3, 11)),
    )
    cure.by_hand(
        Fault.PYTHON_NEW,
        lambda: [check_python(new[-1])],
        "use 3.11 to 3.14",
        lambda: new.append((3, 14)),
    )


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


def test_a_pin_that_is_held_on_a_real_chip_is_named_and_not_taken(
    cure: Cure, on_the_chip: Check
) -> None:
    holding = [
        "import gpiod\n"
        "chip = gpiod.Chip('/dev/gpiochip0')\n"
        "radio = chip.request_lines({18: gpiod.LineSettings()}, consumer='radio')\n"
    ]

    finding = cure.by_hand(Fault.PIN_HELD, lambda: on_the_chip(*holding), "stop it", holding.clear)

    assert finding.subject == "buzzer.pin"
    assert finding.words.startswith("GPIO18 is held by ")


def test_a_variable_that_names_no_chip_is_named_until_it_is_corrected(
    cure: Cure, on_the_chip: Check
) -> None:
    chip = {"GPIOZERO_PIN_FACTORY": "gpiod", "GPIOZERO_GPIOD_CHIP": "/dev/gpiochip99"}

    def correct() -> None:
        chip["GPIOZERO_GPIOD_CHIP"] = "/dev/gpiochip0"

    asks = "correct GPIOZERO_GPIOD_CHIP=/dev/gpiochip99"
    cure.by_hand(
        Fault.NO_CHIP,
        lambda: on_the_chip(**chip),
        asks,
        correct,
        uncovers=[Fault.NO_PULL],  # nothing pulls a line of the fake chip
    )


def test_an_old_gpiod_in_the_way_is_named_and_so_is_the_lgpio_that_serves_instead(
    on_the_chip: Check, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    write(old / "gpiod-1.6.3.dist-info/METADATA", "Name: gpiod\nVersion: 1.6.3\n")
    write(old / "gpiod.py", "class Chip: OPEN_BY_NAME = 1\n")

    findings = on_the_chip(PYTHONPATH=str(old))

    assert finding_of(Fault.LIBRARY_OLD, findings).words == "1.6.3, expected 2.2 or newer"
    if LGPIO:
        assert "lgpio" in finding_of(Fault.BACK_END_RESTLESS, findings).words
    else:
        finding_of(Fault.NO_CHIP, findings)


@pytest.mark.skipif(not LGPIO, reason="lgpio has no wheel for this Python")
@pytest.mark.usefixtures("packages")
def test_without_gpiod_lgpio_serves_and_its_restlessness_is_named_until_pip_has_installed_gpiod(
    cure: Cure, on_the_chip: Check, own_python: Path
) -> None:
    finding = cure.by_command(Fault.BACK_END_RESTLESS, lambda: on_the_chip(python=own_python))

    assert "not gpiod: " in finding.words
    assert finding.fix == f"{own_python} -m pip install --upgrade gpiod"


SOFTWARE = """
import json, sys
from dataclasses import asdict
from unsit.checkup.board import check_software
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import SeatSettings, Settings

cells = {"seat": SeatSettings(kind="load_cell"), "load_cell": LoadCellSettings(converter="nau7802")}
print(json.dumps([asdict(finding) for finding in check_software(Settings(**cells))]))
"""


def test_libraries_that_are_missing_or_old_are_named_until_pip_has_installed_them(
    cure: Cure, own_python: Path, packages: Path
) -> None:
    """The name of a library and its version are all that the check sees of it."""
    [site] = (own_python.parents[1]).glob("lib/*/site-packages")
    for entry in site.glob("smbus2*"):
        entry.unlink()
    write(site / "gpiod-1.6.3.dist-info/METADATA", "Name: gpiod\nVersion: 1.6.3\n")
    write(site / "gpiod-1.6.3.dist-info/RECORD", "gpiod-1.6.3.dist-info/METADATA,,\n")
    about = "Metadata-Version: 2.1\nName: smbus2\nVersion: 0.5.0\n"
    made = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with ZipFile(packages / "smbus2-0.5.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("smbus2-0.5.0.dist-info/METADATA", about)
        wheel.writestr("smbus2-0.5.0.dist-info/WHEEL", made)
        wheel.writestr("smbus2-0.5.0.dist-info/RECORD", "")

    def check() -> list[Finding]:
        ended = subprocess.run([own_python, "-c", SOFTWARE], capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
        return [Finding(**document) for document in json.loads(ended.stdout)]

    missing_one = cure.by_command(Fault.LIBRARY_MISSING, check)
    old_one = cure.by_command(Fault.LIBRARY_OLD, check)

    assert missing_one.fix == f"{own_python} -m pip install smbus2"
    assert old_one.words == "1.6.3, expected 2.2 or newer"


def test_the_chip_and_each_of_its_lines_are_checked(on_the_chip: Check) -> None:
    words = {finding.subject: finding.words for finding in on_the_chip()}

    assert words["pins"].startswith("gpiod on /dev/gpiochip0 (pinctrl-bcm2835), because ")
    assert words["buzzer.pin"] == "GPIO18 is free; the output is off"
