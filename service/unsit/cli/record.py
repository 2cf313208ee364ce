"""``unsit record``: the sensor into a recording."""

import argparse
import sys
from typing import Protocol

from unsit.assembly.devices import machine_pins
from unsit.assembly.errors import PinError
from unsit.assembly.recording import RecordingSession
from unsit.cli import logs
from unsit.cli.ends import on_stop
from unsit.errors import UnavailableError, UsageError
from unsit.runtime.clock import LiveClock
from unsit.settings.load import load
from unsit.settings.model import Settings


class _Session(Protocol):
    rows: int

    def run(self) -> None: ...

    def stop(self) -> None: ...


def main(arguments: argparse.Namespace) -> None:
    """Records until it is told to stop."""
    logs.set_up(debug=arguments.debug)
    settings = load(arguments.config, arguments.flags).settings
    try:
        session = _session(settings, arguments.file)
    except FileExistsError:
        raise UsageError(
            f"{arguments.file} is there already and is not overwritten; choose another name"
        ) from None
    except (PinError, PermissionError):
        raise
    except OSError as error:
        raise UnavailableError(f"{arguments.file} cannot be written: {error.strerror}") from None
    on_stop(session.stop)
    print(f"recording to {arguments.file}; Ctrl-C ends it", file=sys.stderr)
    try:
        session.run()
    except OSError as error:
        raise UnavailableError(f"{arguments.file}: the recording broke off: {error}") from error
    print(f"{session.rows} rows in {arguments.file}", file=sys.stderr)


def _session(settings: Settings, file: str) -> _Session:
    """Records the sensor that the settings name: every edge of a mat, every count of cells."""
    if settings.seat.kind == "mat":
        return RecordingSession(settings, LiveClock(), machine_pins(), file)
    from unsit.assembly.measuring import RawRecordingSession

    return RawRecordingSession(settings, LiveClock(), machine_pins(), file)
