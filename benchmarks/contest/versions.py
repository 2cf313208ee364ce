"""What exactly was measured."""

import platform
import re
import subprocess
from collections.abc import Iterable

from contest.environments import Environment
from mosquitto import program

LIBRARIES = ("gpiozero", "paho-mqtt", "gpiod", "lgpio")
"""What a contender's figures hang on besides itself."""


def versions(environments: Iterable[Environment]) -> dict[str, str]:
    """Of everything that the figures hang on, each environment's packages in one text."""
    found = {
        "Python": platform.python_version(),
        "Linux": f"{platform.release()} {platform.machine()}",
        "mosquitto": _mosquitto(),
    }
    return found | {environment.name: _packages(environment) for environment in environments}


def headline(found: dict[str, str]) -> str:
    """The versions on one line."""
    return " · ".join(f"{name} {version}" for name, version in found.items())


def _packages(environment: Environment) -> str:
    installed = environment.versions()
    own = installed.get(environment.name)
    libraries = [f"{name} {installed[name]}" for name in LIBRARIES if name in installed]
    return " ".join([*([own] if own else []), f"({', '.join(libraries)})"])


def _mosquitto() -> str:
    told = subprocess.run([str(program()), "-h"], capture_output=True, text=True, check=False)
    number = re.search(r"version ([\d.]+)", told.stdout)
    return number[1] if number else "of an unknown version"
