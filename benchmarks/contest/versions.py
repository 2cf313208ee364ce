"""Versions of the measured programs."""

import platform
import re
import subprocess
from collections.abc import Iterable

from contest.environments import Environment
from support.mosquitto import program

LIBRARIES = ("gpiozero", "paho-mqtt", "gpiod", "lgpio")
"""Libraries whose versions affect the figures."""


def versions(environments: Iterable[Environment]) -> dict[str, str]:
    """Return the versions of Python, Linux, mosquitto and the packages of each environment."""
    found = {
        "Python": platform.python_version(),
        "Linux": f"{platform.release()} {platform.machine()}",
        "mosquitto": _mosquitto(),
    }
    return found | {environment.name: _packages(environment) for environment in environments}


def headline(found: dict[str, str]) -> str:
    """Return the versions on one line."""
    return " · ".join(f"{name} {version}" for name, version in found.items())


def _packages(environment: Environment) -> str:
    installed = environment.versions()
    own = installed.get(environment.name)
    libraries = [f"{name} {installed[name]}" for name in LIBRARIES if name in installed]
    return " ".join([*([own] if own else []), f"({', '.join(libraries)})"])


def _mosquitto() -> str:
    answer = subprocess.run([str(program()), "-h"], capture_output=True, text=True, check=False)
    number = re.search(r"version ([\d.]+)", answer.stdout)
    return number[1] if number else "of an unknown version"
