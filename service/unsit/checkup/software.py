"""Python, the libraries and this program."""

import re
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from unsit.checkup.buses import bus_of_cells
from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding, Findings, fine, found
from unsit.settings.model import Settings

OLDEST, NEWEST = (3, 11), (3, 14)

LEAST = {"gpiozero": (2, 0), "paho-mqtt": (2, 1), "gpiod": (2, 2)}
"""The versions that pyproject.toml asks for."""


def check_software(settings: Settings) -> Findings:
    """The versions of everything that is needed to run."""
    yield check_python(sys.version_info[:2])
    yield fine("unsit", f"{version('unsit')} in {sys.prefix}")
    for library, least in LEAST.items():
        yield _library(library, least)
    bus = bus_of_cells(settings)
    if bus is not None:
        yield _library(bus.library, (0,))


def check_python(running: tuple[int, int]) -> Finding:
    """Whether a version of Python will do."""
    words = f"Python {running[0]}.{running[1]}"
    if running < OLDEST:
        return found(Fault.PYTHON_OLD, "python", f"{words}, expected 3.11 to 3.14")
    if running > NEWEST:
        return found(Fault.PYTHON_NEW, "python", f"{words}, tested are 3.11 to 3.14")
    return fine("python", f"{sys.version.split()[0]} at {sys.executable}")


def _library(name: str, least: tuple[int, ...]) -> Finding:
    try:
        there = version(name)
    except PackageNotFoundError:
        return _missing(name)
    numbers = tuple(int(part) for part in re.findall(r"\d+", there)[: len(least)])
    if numbers < least:
        expected = ".".join(map(str, least))
        mend = f"{Fault.LIBRARY_OLD.value.mend} {name}"
        words = f"{there}, expected {expected} or newer"
        return found(Fault.LIBRARY_OLD, name, words, mend)
    return fine(name, f"{there}{_underneath(name)}")


def _underneath(name: str) -> str:
    """The version of the C library that gpiod brings along or finds."""
    if name != "gpiod":
        return ""
    try:
        api_version = import_module(name).api_version
    except (ImportError, AttributeError):
        return ""  # what is made of that stands with the pins
    return f" on libgpiod {api_version}"


def _missing(name: str) -> Finding:
    if name == "gpiod":  # lgpio can serve instead; what is made of that stands with the pins
        return fine(name, "not installed")
    return found(
        Fault.LIBRARY_MISSING, name, "not installed", f"{Fault.LIBRARY_MISSING.value.mend} {name}"
    )
