"""Commands that install a library, for each way in which unsit may be installed."""

import shlex
import subprocess
import sys
import venv
from dataclasses import replace
from pathlib import Path

import pytest

from unsit.checkup.machine import Interpreter

OWN = Interpreter(
    executable=Path("/home/pi/un sit/bin/python3"),
    prefix=Path("/home/pi/un sit"),
    is_environment=True,
    is_writable=False,
)
SYSTEM = Interpreter(
    executable=Path("/usr/bin/python3"),
    prefix=Path("/usr"),
    is_environment=False,
    is_writable=False,
    is_managed=True,
)


def test_an_environment_is_named_by_its_interpreter() -> None:
    mine = replace(OWN, is_writable=True)

    assert mine.install("gpiod") == "'/home/pi/un sit/bin/python3' -m pip install gpiod"
    assert OWN.install("gpiod", upgrade=True) == (
        "sudo '/home/pi/un sit/bin/python3' -m pip install --upgrade gpiod"
    )


def test_an_environment_without_pip_gets_it_first() -> None:
    """The tool uv makes such environments."""
    bare = replace(OWN, executable=Path("/srv/py"), is_writable=True, has_pip=False)

    assert bare.install("gpiod") == "/srv/py -m ensurepip && /srv/py -m pip install gpiod"


def test_the_package_and_the_script_are_named_by_the_link_that_an_upgrade_keeps(
    tmp_path: Path,
) -> None:
    version = tmp_path / "versions/1/bin"
    version.mkdir(parents=True)
    (tmp_path / "bin").symlink_to(version)
    installed = replace(
        OWN, executable=version / "python3", sees_system=True, link=tmp_path / "bin"
    )

    assert installed.install("gpiod") == f"sudo {tmp_path}/bin/python3 -m pip install gpiod"
    assert installed.install("spidev") == "sudo apt update && sudo apt install python3-spidev"


def test_pip_is_not_named_where_it_refuses() -> None:
    """From Debian 12 and Raspberry Pi OS bookworm on the system's interpreter is managed."""
    assert SYSTEM.install("gpiod") == (
        "sudo systemd/install, which gives unsit an environment of its own"
    )
    assert SYSTEM.install("spidev") == "sudo apt update && sudo apt install python3-spidev"


def test_an_environment_of_pipx_is_named_by_pipx() -> None:
    of_pipx = replace(OWN, prefix=Path("/home/pi/.local/share/pipx/venvs/unsit"))

    assert of_pipx.install("gpiod") == "pipx inject unsit gpiod"
    assert of_pipx.install("gpiod", upgrade=True) == "pipx inject --force unsit gpiod"


def test_the_command_for_this_interpreter_runs_its_pip() -> None:
    command = shlex.split(Interpreter.running().install("gpiod"))

    assert command[0] == sys.executable
    assert command[1:] == ["-m", "pip", "install", "gpiod"]


@pytest.mark.program
@pytest.mark.parametrize("sees_system", [False, True])
def test_an_environment_is_recognised(tmp_path: Path, sees_system: bool) -> None:
    venv.create(tmp_path / "venv", with_pip=False, system_site_packages=sees_system)
    machine = Path(__file__).parents[2] / "service"
    program = (
        f"import sys; sys.path[:0] = [{str(machine)!r}, *{sys.path!r}]\n"
        "from unsit.checkup.machine import Interpreter as I\n"
        "r = I.running(); print(r.is_environment, r.sees_system, r.is_managed, r.executable)"
    )

    python = str(tmp_path / "venv/bin/python")
    ended = subprocess.run([python, "-c", program], capture_output=True, text=True, timeout=60)

    assert ended.stdout == f"True {sees_system} False {python}\n", ended.stderr
