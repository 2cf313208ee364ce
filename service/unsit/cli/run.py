"""``unsit run`` starts the service; ``unsit silence`` switches the buzzer's pin off.

A child process reads the settings while this one imports the service. The validator (pydantic)
would take half of the start-up time and a third of the memory of a service that runs for months
without it; its memory is freed when the child ends.

Settings that were found good are remembered in the state directory, together with everything that
was read for them. The next start takes them from there if nothing of that has changed.
"""

import argparse
import importlib.machinery
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from unsit.cli.process import imported_at_first_use
from unsit.errors import UnavailableError, UsageError, exit_code_of
from unsit.files import digest, open_file
from unsit.settings.file import environment, find_file, own_state_directory
from unsit.settings.model import Loaded

REMEMBERED = "settings.json"
"""File in the state directory with the settings of the last start, readable by its owner alone."""

UDEV_AT_WORK = Path("/run/udev/queue")
"""File that exists while udev handles devices: at boot they exist before their groups are right."""

Document = dict[str, Any]

_OF_TLS_AND_PROXIES = ("hashlib", "ssl", "urllib.request")
"""Modules that paho imports, and needs for TLS, web sockets and proxies alone: without them the
service takes 6 MB less and starts in a quarter less time.
"""

_CODE = tuple(importlib.machinery.all_suffixes())


class SettingsReading:
    """Settings that a child process reads; the arguments are those of ``unsit.settings.load.load``.

    directory: the state directory with the settings of the last start; None to read them again.

    Create it before the process starts a thread: it forks.
    """

    def __init__(
        self,
        config: str | None = None,
        flags: Sequence[str] = (),
        directory: Path | None = None,
    ) -> None:
        self._directory = directory
        self._request = _request(config, flags)
        self._document: Document | None = None
        self._remembered = None if directory is None else self._recall(directory)
        if self._remembered is None:
            self._reader, writer = os.pipe()
            self._child = os.fork()
            if self._child == 0:
                os.close(self._reader)
                _read_in_child(writer, config, flags)
            os.close(writer)

    def result(self) -> Loaded:
        """Return the settings, waiting for them if they are not remembered. Call it once.

        Raises the error that ``load`` raised, or UnavailableError if the child sent nothing.
        """
        if self._remembered is not None:
            return self._remembered
        import pickle  # not for settings that are remembered

        with os.fdopen(self._reader, "rb") as pipe:
            pickled = pipe.read()
        _, status = os.waitpid(self._child, 0)
        if not pickled:
            code = os.waitstatus_to_exitcode(status)
            raise UnavailableError(
                f"the settings could not be read: the process that reads them ended with {code}; "
                "if memory is short, stop other programs"
            )
        outcome = pickle.loads(pickled)  # noqa: S301  # from our own child
        if isinstance(outcome, Exception):
            raise outcome
        self._document = outcome
        return _loaded(outcome)

    def abandon(self) -> None:
        """End the child if it still reads."""
        if self._remembered is None:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(self._child, signal.SIGKILL)
                os.waitpid(self._child, 0)

    def remember(self) -> None:
        """Write the settings for the next start, unless they came from there.

        A directory that cannot be written is no error: the next start reads the settings again.
        """
        if self._document is None or self._directory is None:
            return
        content = json.dumps({"request": self._request, **self._document})
        with suppress(OSError):
            handle, name = tempfile.mkstemp(dir=self._directory, prefix=f"{REMEMBERED}.")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(content)
                os.replace(name, self._directory / REMEMBERED)
            except OSError:
                os.unlink(name)

    def _recall(self, directory: Path) -> Loaded | None:
        """Return the settings of the last start, None if anything that they came from differs.

        A file of another user is not believed: root may run the service once by hand.
        """
        try:
            with os.fdopen(
                open_file(directory / REMEMBERED, os.O_RDONLY), encoding="utf-8"
            ) as file:
                if os.fstat(file.fileno()).st_uid != os.geteuid():
                    return None
                document = json.load(file)
            if document["request"] != self._request or not _is_unchanged(document["read"]):
                return None
            return _loaded(document)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None


def _loaded(document: Document) -> Loaded:
    from unsit.runtime.documents import from_document  # not before the child has begun

    return from_document(Loaded, document["loaded"])


def _request(config: str | None, flags: Sequence[str]) -> Document:
    """Return what settings are read from, apart from files, as JSON."""
    file = find_file(config)
    return {
        "file": None if file is None else str(file),
        "folder": os.getcwd(),
        "flags": list(flags),
        "environment": environment(),
        "zones": os.environ.get("PYTHONTZPATH"),
        "python": sys.version,
    }


def _read_in_child(writer: int, config: str | None, flags: Sequence[str]) -> NoReturn:
    """Send the settings or the error to the parent and end without flushing its buffers.

    A signal ends the child at once: what the parent does with it is not for a copy of the parent.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    import pickle

    opened: set[str] = set()
    sys.addaudithook(lambda event, values: _note_opened(opened, event, values))
    outcome: Document | Exception
    try:
        from unsit.runtime.documents import to_document
        from unsit.settings.load import load

        loaded = to_document(load(config, flags))
        outcome = {"loaded": loaded, "read": {**_contents(opened), **_code()}}
    except Exception as error:
        error.add_note(traceback.format_exc())
        outcome = error
    try:
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(outcome, pipe)
    finally:
        os._exit(0)


def _note_opened(opened: set[str], event: str, values: tuple[Any, ...]) -> None:
    """Note each file that is opened and each folder that is listed, but for Python's modules."""
    if event in ("open", "os.scandir", "os.listdir") and isinstance(values[0], str | os.PathLike):
        path = os.path.abspath(values[0])
        if not path.endswith(_CODE):
            opened.add(path)


def _contents(paths: set[str]) -> dict[str, str | None]:
    return {path: _fingerprint(path) for path in sorted(paths)}


def _code() -> dict[str, str | None]:
    """Return the version of each module, which may read the same files in another way."""
    named = (getattr(module, "__file__", None) for module in [*sys.modules.values()])
    return {path: _fingerprint(path) for path in named if path is not None}


def _is_unchanged(read: Mapping[str, str | None]) -> bool:
    return all(_fingerprint(path) == before for path, before in read.items())


def _fingerprint(path: str) -> str | None:
    """Return a text that changes with a file or folder, None if there is none.

    The content decides, but for modules: there are hundreds, and their size and date change with
    each installation.
    """
    try:
        if path.endswith(_CODE):
            status = os.stat(path)
            return f"{status.st_size} {status.st_mtime_ns}"
        if os.path.isdir(path):
            return " ".join(sorted(os.listdir(path)))
        return digest(Path(path).read_bytes(), size=16)
    except OSError:
        return None


def run(arguments: argparse.Namespace) -> None:
    """Run the service until a signal stops it."""
    if arguments.speed is not None and arguments.simulate is None:
        raise UsageError("--speed needs --simulate; real pins run in real time")
    directory = own_state_directory(arguments.state_dir)
    reading = SettingsReading(arguments.config, arguments.flags, directory)
    try:
        with imported_at_first_use(*_OF_TLS_AND_PROXIES):
            import paho.mqtt.client  # noqa: F401
        from unsit.cli.serve import serve  # while the settings are being read

        loaded = reading.result()
    except KeyboardInterrupt:
        reading.abandon()
        raise
    try:
        serve(loaded, arguments, reading.remember)
    except OSError as error:
        if exit_code_of(error) == os.EX_NOPERM and UDEV_AT_WORK.exists():
            raise UnavailableError(f"{error}; udev is still giving devices their groups") from None
        raise


def silence_buzzer(arguments: argparse.Namespace) -> None:
    """Switch the buzzer's pin off; a bad setting is reported and does not prevent it."""
    from unsit.assembly.devices import silence
    from unsit.settings.file import buzzer_settings

    buzzer = buzzer_settings(
        arguments.config, arguments.flags, lambda line: print(f"unsit: {line}", file=sys.stderr)
    )
    if buzzer.kind != "none":
        silence(buzzer)
