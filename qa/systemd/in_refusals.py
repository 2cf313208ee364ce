"""Refusals of the installation: each names the remedy and changes nothing.

Run as root in a container by test_on_a_real_systemd.py.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from systemd.machine import INSTALL, OPT, SETTINGS, UNITS, install, of_unit, run


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    """After a refusal nothing is installed."""
    yield
    assert list(OPT.glob("versions/*")) == []
    assert not SETTINGS.exists()
    assert of_unit("LoadState") == "not-found"


def refused(*arguments: str, **environment: str) -> tuple[int, str]:
    """Return the exit status and the one line on standard error."""
    ended = run(INSTALL, *arguments, **environment)
    return ended.code, ended.complaint.removeprefix("install: ")


def python_that(tmp_path: Path, does: str) -> str:
    """Write an interpreter that does something else."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ncase "$*" in\n{does}\nesac\n')
    python.chmod(0o755)
    return str(python)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--nonsense"], "there is no option --nonsense; see --help"),
        (["--set"], "--set needs a value; see --help"),
        (["--purge"], "--purge goes with --uninstall"),
        (["--uninstall", "--chair", "left"], "--uninstall takes no other option than --purge"),
        (["--chair", "unsit"], "--chair unsit: its settings would be those of the unit unsit"),
        (["--chair", "x" * 26], f"--chair {'x' * 26}: 26 characters; expected at most 25"),
        (["--board", "--chair", "left"], "--board takes no other option"),
        (["--chair", "Left"], "--chair Left: expected lower-case letters, digits, - or _"),
    ],
)
def test_wrong_arguments_are_64(arguments: list[str], why: str) -> None:
    code, line = refused(*arguments)

    assert code == 64
    assert line.startswith(why)


def test_the_board_alone_of_a_chair_that_is_not_installed_is_69() -> None:
    assert refused("--board")[0] == 69


def test_a_wheel_or_directory_that_is_not_there_is_69() -> None:
    assert refused("gone.whl") == (69, "gone.whl: there is no such file; expected a wheel")
    assert refused("--wheels", "gone")[0] == 69


def test_without_root_it_is_77() -> None:
    ended = run("setpriv", "--reuid", "65534", "--clear-groups", INSTALL)

    assert (ended.code, ended.complaint) == (77, "install: this needs root: sudo systemd/install")


def test_a_python_without_environments_is_69(tmp_path: Path) -> None:
    code, why = refused(PYTHON=python_that(tmp_path, "*venv*) exit 1 ;;"))

    assert code == 69
    assert "cannot make virtual environments; install its modules venv and ensurepip" in why


def test_a_python_that_is_too_old_is_69_with_its_version(tmp_path: Path) -> None:
    old = python_that(tmp_path, "-V) echo Python 3.9.2 ;;\n*version_info*) exit 1 ;;")

    code, why = refused(PYTHON=old)

    assert code == 69
    assert why.startswith(f"unsit needs Python 3.11 or newer and {old} is 3.9.2; use ")


def test_no_network_is_69_with_both_ways_out() -> None:
    code, why = refused(PIP_INDEX_URL="http://localhost:1/simple")

    assert code == 69
    assert why == (
        "the packages cannot be fetched; connect the machine to a network and run this again, "
        "or bring the packages: --wheels DIR"
    )


def test_a_bad_setting_for_the_new_file_is_78() -> None:
    ended = install("--set", "seat.pin=99")

    assert ended.code == 78
    assert "seat.pin" in ended.complaint
    assert ended.complaint.endswith("nothing was changed")


def test_a_masked_unit_is_69() -> None:
    mask = UNITS / "unsit.service"
    mask.symlink_to("/dev/null")
    try:
        why = refused()
    finally:
        mask.unlink()
        run("systemctl", "daemon-reload")

    assert why == (
        69,
        "unsit.service is masked; allow it first: sudo systemctl unmask unsit.service",
    )


def test_two_installations_at_once_are_69() -> None:
    ended = run("flock", "/run/unsit-install.lock", INSTALL)

    assert (ended.code, ended.complaint) == (
        69,
        "install: another installation is under way; wait for it to end",
    )


def test_without_a_module_venv_and_without_a_network_it_is_69() -> None:
    version = run("python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])").out.strip()
    assert run("dpkg", "--purge", "python3-venv", f"python{version}-venv").code == 0

    code, why = refused()

    assert code == 69
    assert why.startswith("python3-venv is missing and apt-get cannot install it (")
    assert why.endswith("; connect the machine to a network, then: sudo apt install python3-venv")
