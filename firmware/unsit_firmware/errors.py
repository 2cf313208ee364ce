"""What can go wrong at the pins and in recordings, all from one base."""


class FirmwareError(Exception):
    """Base of every error that this package raises on purpose."""


class PinError(FirmwareError, OSError):
    """The machine's pins, or one of them, cannot be used."""


class PinPermissionError(PinError, PermissionError):
    """This user may not use the pins."""


class RecordingError(FirmwareError, ValueError):
    """A recording cannot be read; the message begins with ``FILE:LINE:``."""

    def __init__(self, file: str, line: int, what: str) -> None:
        name = file if file.isprintable() else repr(file)
        super().__init__(f"{name}:{line}: {what}")


class ScriptError(FirmwareError, ValueError):
    """A script of a simulated person cannot be read."""


class DeafError(FirmwareError):
    """Edges of pins are not heard any more."""
