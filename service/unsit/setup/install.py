"""Installation of the answers: the settings file, the password file and the systemd unit."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from types import FrameType

from unsit.assembly.broker import PASSWORD_CREDENTIAL, unit_credential_file
from unsit.checkup.guided import Prompts
from unsit.checkup.machine import Answer, Installation, Machine, Process
from unsit.checkup.service import NOT_FOUND, load_state
from unsit.errors import UnavailableError
from unsit.settings.edit import edit_text, load_text, new_text, save
from unsit.settings.file import SYSTEM_FILE, read_text, state_directory, user_file
from unsit.settings.model import Settings
from unsit.setup.questions import Draft


class Unit:
    """The systemd unit, which is stopped while the questions are answered.

    is_stopped: the setup has stopped it, and it has to run again.
    """

    def __init__(self, installation: Installation, prompts: Prompts) -> None:
        self.is_stopped = False
        self._installation, self._prompts = installation, prompts
        self._name = installation.unit

    def stop(self, services: list[Process]) -> None:
        """Stop services that hold the pins, if the person agrees.

        Raises UnavailableError if one is still running.
        """
        if not services:
            return
        running = " and ".join(map(str, services))
        question = f"The service runs and holds the pins: {running}. Stop it?"
        if _is_root() and self._prompts.confirm(question):
            self.is_stopped = True  # also if the person interrupts systemctl
            answer = self._systemctl("stop")
            if answer is not None and answer.code == 0:
                return
            self.is_stopped = False
        raise UnavailableError(
            f"the service runs and holds the pins: {running}; stop it: sudo systemctl stop "
            f"{self._name}"
        )

    def offer_start(self) -> None:
        """Offer to start the unit now and at every boot, or print the command that does."""
        state = load_state(self._installation)
        if state is None:
            self._prompts.say("Now run it: unsit run")
        elif state == NOT_FOUND:
            self._prompts.say(
                "To run it at every boot, from a clone of unsit: sudo systemd/install"
            )
        elif not _is_root():
            self._prompts.say(f"Now start it: sudo systemctl enable --now {self._name}")
        else:
            question = "Start the service now, and at every boot?"
            wanted = self._prompts.confirm(question, default=True)
            self.is_stopped = False
            if wanted:
                self._start()
        self._prompts.say("To check the chair at any time: unsit check")

    def restart_stopped(self) -> None:
        """Start the unit again that ``stop`` has stopped."""
        if not self.is_stopped:
            return
        self.is_stopped = False
        answer = self._systemctl("start")
        runs = answer is not None and answer.code == 0
        self._prompts.say(
            "The service runs again."
            if runs
            else f"The service is stopped; start it: sudo systemctl start {self._name}"
        )

    def _start(self) -> None:
        for verb in ("enable", "restart"):
            answer = self._systemctl(verb)
            if answer is None or answer.code != 0:
                reason = answer.text if answer else "systemctl does not answer"
                self._prompts.say(f"It does not start: {reason}; journalctl -u {self._name} -n 50")
                return
        self._prompts.say("It runs.")

    def _systemctl(self, verb: str) -> Answer | None:
        return self._installation.machine.run("systemctl", verb, self._name)


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Run a block to its end although it is interrupted, and raise KeyboardInterrupt after it.

    A signal is handled in the main thread only; in another one there is nothing to hold.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[tuple[int, FrameType | None]] = []
    handlers = {number: signal.getsignal(number) for number in HELD}

    def hold(number: int, frame: FrameType | None) -> None:
        held.append((number, frame))

    for number in HELD:
        signal.signal(number, hold)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    for first, frame in held[:1]:
        handler = handlers[signal.Signals(first)]
        if callable(handler):
            handler(first, frame)


HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that wait until everything is written."""


def _is_root() -> bool:
    return os.geteuid() == 0


def state_place(chosen: str | None, unit: str, machine: Machine) -> Path:
    """Return the state directory; for root that of an installed unit, even before its first start.

    systemd makes it at the start, and gives what is in it to the service's user.
    """
    state = state_directory(chosen, unit)
    of_unit = Path("/var/lib", unit.replace("@", "-"))
    if chosen or "STATE_DIRECTORY" in os.environ or not _is_root() or state == of_unit:
        return state
    load = load_state(Installation(Settings(), state, unit, machine))
    return state if load in (None, NOT_FOUND) else of_unit


def default_file() -> Path:
    """Return the place of a new settings file: the system's for root, else the user's own."""
    return SYSTEM_FILE if _is_root() else user_file()


def check_place(file: Path) -> None:
    """Check, before any question, that the settings file can be written.

    Raises PermissionError or UnavailableError.
    """
    parent = next(place for place in file.absolute().parents if os.path.lexists(place))
    if not parent.is_dir():
        raise UnavailableError(f"{file} cannot be written: {parent} is not a directory")
    if not os.access(parent, os.W_OK | os.X_OK, effective_ids=True):
        raise PermissionError(
            f"{parent} cannot be written by this user; use sudo, or --config FILE"
        )


def text_of(draft: Draft, file: Path) -> tuple[str, str]:
    """Return the file's text before (empty for a new file) and after the answers.

    Raises SettingsError for answers that contradict each other.
    """
    if not file.is_file():
        return "", new_text(draft.answers)
    before = read_text(file)
    after = edit_text(before, draft.answers)
    load_text(after)
    return before, after


def difference(before: str, after: str) -> str:
    """Return the changed lines as a unified diff."""
    lines = unified_diff(before.splitlines(), after.splitlines(), "now", "new", "", "", 1)
    return "\n".join(line.rstrip() for line in lines)


def place_password(draft: Draft, file: Path, unit: str, machine: Machine) -> Path | None:
    """Return the file for a typed password; None if there is no password to write.

    As root on a system with systemd it is the unit's credential, else a file beside the settings.
    """
    if draft.password is None:
        return None
    if _is_root() and machine.path("/run/systemd/system").exists():
        draft.answer(mqtt__password_file=None)
        return machine.path(unit_credential_file(unit))
    beside = file.with_name(PASSWORD_CREDENTIAL).absolute()
    draft.answer(mqtt__password_file=str(beside))
    return beside


def write(after: str, file: Path, password: str | None, place: Path | None) -> Path | None:
    """Write the password and the settings, both or nothing.

    Return the backup of the settings, None for new ones. Raises UnavailableError or
    PermissionError.
    """
    with interrupts_held(), contextlib.ExitStack() as undo:
        _undo_directories(file, undo)
        if place is not None and password is not None:
            _undo_directories(place, undo)
            _undo_file(place, undo)
            if place.parent != file.parent:
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            save(place, f"{password}\n", mode=0o600, keep=False)
        backup = save(file, after)
        undo.pop_all()
    return backup


def _undo_directories(file: Path, undo: contextlib.ExitStack) -> None:
    """Remove the directories again that have to be made for a file."""

    def remove(directory: Path) -> None:
        with contextlib.suppress(OSError):
            directory.rmdir()

    for directory in reversed(file.absolute().parents):
        if not directory.exists():
            undo.callback(remove, directory)


def _undo_file(file: Path, undo: contextlib.ExitStack) -> None:
    """Restore the content of a file, or its absence."""
    if file.exists():
        undo.callback(save, file, file.read_text(encoding="utf-8"), mode=0o600, keep=False)
    else:
        undo.callback(file.unlink, missing_ok=True)
