"""Errors of pins, recordings and scripts, each with the exit code that it ends a program with."""

import os


class FirmwareError(Exception):
    """Base class of the errors that this package raises."""

    exit_code = os.EX_SOFTWARE


class PinError(FirmwareError, OSError):
    """A pin, a bus, or the whole pin factory cannot be used."""

    exit_code = os.EX_UNAVAILABLE


class PinPermissionError(PinError, PermissionError):
    """The user lacks the right to use the pins."""

    exit_code = os.EX_NOPERM


class RecordingError(FirmwareError, ValueError):
    """A recording cannot be read; the message starts with ``FILE:LINE:``."""

    exit_code = os.EX_DATAERR

    def __init__(self, file: str, line: int, problem: str) -> None:
        name = file if file.isprintable() else repr(file)
        super().__init__(f"{name}:{line}: {problem}")


class ScriptError(FirmwareError, ValueError):
    """A script of a simulated person cannot be read."""

    exit_code = os.EX_CONFIG


class EdgeThreadLostError(FirmwareError):
    """The thread that receives the edges of pins has ended."""
