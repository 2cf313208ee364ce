"""Checks of the files of the service, with the rights of the service's user.

A check with sudo may read and write everything, so its own rights prove nothing: what the service
may do is tried as the service's user. The unit hides files from the service besides.
"""

import errno
import os
import shlex
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from unsit.assembly.broker import secret_files
from unsit.assembly.cells import store_of
from unsit.assembly.memory import kept_changes, open_store_to_look
from unsit.checkup.findings import Fault, Finding, Findings, fine, found
from unsit.checkup.machine import (
    Account,
    Installation,
    nearest_directory,
    own_command,
    user_name,
)
from unsit.history.store import LAYOUT_VERSION as HISTORY_LAYOUT_VERSION
from unsit.runtime.database import FILE_SUFFIXES, LAYOUT_VERSION
from unsit.runtime.state_file import JOURNAL_WARN_BYTES
from unsit.settings.changes import in_words
from unsit.settings.model import ORIGIN_DEFAULT, Loaded

FREE_MIN = 50_000_000
"""Bytes. A full outbox needs some 10 MB."""

TRIAL = b"\0" * 65536

READS_MAX = 3
"""Times that a file is read which looks damaged while the service writes it."""

OWNER_READS_AND_WRITES = stat.S_IRUSR | stat.S_IWUSR

RIGHTS_ERRORS = ("unable to open", "readonly", "permission")
"""Parts of SQLite's messages for a file that this user may not open."""

OF_THE_SERVICE = (
    *("state.", "outbox.sqlite", "history.sqlite"),
    *("load_cells.", "settings.", "reset-"),
)
"""Beginnings of the names of the files that the service makes in its state directory, or made in
earlier versions."""

HIDING = {
    "ProtectHome": (("yes", "tmpfs"), ("/home", "/root", "/run/user")),
    "PrivateTmp": (("yes", "disconnected"), ("/tmp", "/var/tmp")),  # noqa: S108  # hidden places
}
"""For each property of a unit: values with which it hides directories, and the directories."""


def check_files(installation: Installation) -> Findings:
    """Check that the service may read every file that its settings name, and the settings."""
    named = list(_named_files(installation))
    hidden = installation.unit_properties("LoadState", *HIDING)
    for subject, file, is_secret in named:
        property_ = _hiding(hidden, file)
        if property_ is not None:
            yield _hidden(installation, subject, file, property_)
        elif installation.account is not None:
            yield from _closed(installation, installation.account, subject, file, is_secret)
    yield from _calibration(installation)


def _named_files(installation: Installation) -> Iterator[tuple[str, Path, bool]]:
    """Yield subject, path, and whether it is a secret, of each file that the service reads."""
    if installation.file is not None:
        yield "settings", installation.file, False
    settings = installation.settings
    if settings.exercises.file is not None:
        yield "exercises.file", Path(settings.exercises.file), False
    if settings.mqtt.tls_ca_file is not None:
        yield "mqtt.tls_ca_file", Path(settings.mqtt.tls_ca_file), False
    secrets = list(secret_files(settings.mqtt))
    for key, file in secrets:
        yield key, Path(file), True
    certificate = settings.mqtt.tls_certificate_file
    if certificate is not None and (certificate not in dict(secrets).values()):
        yield "mqtt.tls_certificate_file", Path(certificate), False


def _hiding(unit: dict[str, str], file: Path) -> str | None:
    """Return the property with which the unit hides a file, such as ``ProtectHome=yes``."""
    if unit.get("LoadState") != "loaded":
        return None
    for name, (values, places) in HIDING.items():
        if unit.get(name) in values and any(file.absolute().is_relative_to(it) for it in places):
            return f"{name}={unit[name]}"
    return None


def _hidden(installation: Installation, subject: str, file: Path, property_: str) -> Finding:
    words = f"the unit hides {file} from the service ({property_})"
    place = Path("/etc/unsit", file.name)
    move = f"sudo mv {_quoted(file)} {_quoted(place)}"
    if subject == "settings":
        return found(Fault.HIDDEN_FROM_UNIT, subject, words, move)
    return found(Fault.HIDDEN_FROM_UNIT, subject, words, f'{move}, and {subject} = "{place}"')


def _closed(
    installation: Installation, account: Account, subject: str, file: Path, is_secret: bool
) -> Findings:
    """Name a file that the service's user may not read, or the closed directory on the way to it.

    A file that does not exist has a finding of its own.
    """
    if not file.exists() or account.may("r", file) is not False:
        return
    closed = account.barrier(file)
    words = f"the service's user ({account}) may not read {file}"
    fault = Fault.SECRET_CLOSED if is_secret else Fault.SETTINGS_CLOSED
    if closed != file:
        words += f": {closed} is closed to it"
        yield found(fault, subject, words, f"sudo chmod o+x {_quoted(closed)}")
    elif is_secret:
        name = _quoted(file)
        group = _group_of(installation, account)
        yield found(fault, subject, words, f"sudo chgrp {group} {name} && sudo chmod g+r {name}")
    else:
        yield found(fault, subject, words, f"sudo chmod o+r {_quoted(file)}")


def _group_of(installation: Installation, account: Account) -> str:
    """Return a group that the service is in and keeps: its user may be another one tomorrow."""
    unit = installation.unit_properties("SupplementaryGroups")
    return (unit.get("SupplementaryGroups", "").split() or [str(account.group)])[0]


def _calibration(installation: Installation) -> Findings:
    """Check that the service may read its calibration, and replace it after a tare."""
    account, settings = installation.account, installation.settings
    if settings.seat.kind == "mat" or account is None:
        return
    file = store_of(settings, installation.state).file
    if not file.exists():
        return
    folder = file.parent
    if account.may("r", file) is False:
        words = f"the service's user ({account}) may not read {file}"
        fix = f"sudo chown --reference={_quoted(folder)} {_quoted(file)}"
        yield found(Fault.CALIBRATION_CLOSED, "calibration", words, fix)
    elif account.may("w", folder) is False:
        words = f"the service's user ({account}) may not replace {file} after a tare"
        place = installation.state / "load_cells.json"
        fix = f"sudo mv {_quoted(file)} {_quoted(place)}, and leave load_cell.calibration out"
        yield found(Fault.CALIBRATION_CLOSED, "calibration", words, fix)


def check_changes(installation: Installation, loaded: Loaded) -> Findings:
    """Name the settings that a client has changed over MQTT: they outlast restarts."""
    state = installation.state
    try:
        with closing(open_store_to_look(state)) as store:
            changes = kept_changes(loaded, store, state)
    except OSError:  # the checks of the state name it
        return
    for key, change in changes.items():
        words = f"a client has set {in_words(change.before)} over MQTT, instead of "
        yield found(
            Fault.CHANGED_BY_COMMAND,
            key,
            f"{words}{in_words(change.after)} ({loaded.origins.get(key, ORIGIN_DEFAULT)})",
            own_command(installation, "config", "--reset", key),
        )


def _quoted(file: Path) -> str:
    """Return a path for a command line."""
    return shlex.quote(str(file))


# State directory


def check_storage(installation: Installation) -> Findings:
    """Check the right to write, the free space and the health of each state file."""
    directory = nearest_directory(installation.state)
    if not os.access(directory, os.R_OK | os.X_OK, effective_ids=True):
        yield found(Fault.STATE_CLOSED, "state", f"this user may not read {directory}")
        return
    yield _room(installation.state, directory)
    planted = _planted(installation.state)
    yield from planted.values()
    yield from _history_place(installation)
    for file in _databases(installation):
        if any(_is_special(Path(f"{file}{suffix}")) for suffix in FILE_SUFFIXES):
            continue  # SQLite would follow a link, and so would the fix of a wrong owner
        foreign = list(_rights(file, installation.account))
        yield from foreign
        if not foreign:  # SQLite, as root, would give the journal to the owner of the database
            yield _health(file, installation)
        yield from _journal(file, installation.unit)
    for file in sorted(installation.state.glob("*.rest")):
        yield from _rights_of_part(file, installation.account)
        yield found(Fault.STATE_UNWRITTEN, "state file", f"{file} waits to be taken over")
    for file in sorted(installation.state.glob("*.replaced-*")):
        fix = (
            f"stop {installation.unit} before you restore a state file; if nothing is missing: "
            f"sudo rm {_quoted(file)}"
        )
        yield found(Fault.STATE_REPLACED, "state file", f"{file} was put aside", fix)
    for file in sorted(installation.state.glob("*.broken-*")):
        fix = (
            "check for a weak supply or a worn-out card; if nothing is missing: "
            f"sudo rm {_quoted(file)}"
        )
        yield found(Fault.STATE_SALVAGED, "state file", f"{file} was damaged and put aside", fix)


def _is_special(file: Path) -> bool:
    """Return whether there is something that is no regular file."""
    try:
        return not stat.S_ISREG(file.lstat().st_mode)
    except OSError:
        return False


def _room(state: Path, directory: Path) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=directory) as trial:
            trial.write(TRIAL)
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        return _cannot_write(directory, error)
    free = shutil.disk_usage(directory).free
    words = f"{state} can be written, {free / 1e6:,.0f} MB are free"
    return found(Fault.DISK_LOW, "state", words) if free < FREE_MIN else fine("state", words)


def _planted(state: Path) -> dict[Path, Finding]:
    """Return the finding on each file of the service that is no regular file.

    Root would follow a link of the service's user elsewhere, and wait for a pipe for ever.
    """
    planted = {}
    for file in sorted(it for it in state.glob("*") if it.name.startswith(OF_THE_SERVICE)):
        try:
            mode = file.lstat().st_mode
        except OSError:
            continue  # gone meanwhile
        if stat.S_ISREG(mode):
            continue
        if stat.S_ISDIR(mode):
            if file.name.partition(".sqlite")[2] in FILE_SUFFIXES and ".sqlite" in file.name:
                name = _quoted(file)
                fix = f"sudo mv {name} {_quoted(Path(f'{file}.aside'))}"
                words = f"{file} is a directory"
                planted[file] = found(Fault.STATE_PLANTED, "state file", words, fix)
            continue
        kind = f"a link to {os.readlink(file)}" if stat.S_ISLNK(mode) else "a special file"
        fix = f"sudo ls -l {_quoted(file)}; sudo rm {_quoted(file)}"
        planted[file] = found(Fault.STATE_PLANTED, "state file", f"{file} is {kind}", fix)
    return planted


def _cannot_write(directory: Path, error: OSError) -> Finding:
    words = f"{directory} cannot be written: {error.strerror}"
    if error.errno == errno.ENOSPC and _has_room(directory):
        words = f"{directory} cannot be written: no inodes are free"
        return found(Fault.DISK_WITHOUT_INODES, "state", words)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return found(Fault.DISK_FULL, "state", words)
    if error.errno == errno.EROFS:
        disk = next(path for path in (directory, *directory.parents) if os.path.ismount(path))
        fix = f"sudo mount -o remount,rw {_quoted(disk)}; a card that turns so is often worn out"
        return found(Fault.STATE_READ_ONLY, "state", words, fix)
    as_root = "" if os.geteuid() == 0 else "run the check with sudo, or "
    return found(Fault.STATE_READ_ONLY, "state", words, f"{as_root}use --state-dir")


def _has_room(directory: Path) -> bool:
    disk = os.statvfs(directory)
    return disk.f_files > 0 and disk.f_favail == 0 and disk.f_bavail > 0


def _rights(file: Path, account: Account | None) -> Findings:
    """Check that the service's user can write a database and its journal."""
    for part in (file, *(Path(f"{file}{suffix}") for suffix in ("-wal", "-shm"))):
        yield from _rights_of_part(part, account)


def _rights_of_part(part: Path, account: Account | None) -> Findings:
    """Check one file: by trying it, else by its owner, who must be that of the directory."""
    try:
        status, owner = part.stat(), part.parent.stat().st_uid
    except OSError:
        return
    may = None if account is None else account.may("r", part)
    if account is not None and may:
        may = account.may("w", part)
    name = _quoted(part)
    if status.st_uid != owner and not may:
        words = f"{part} belongs to {user_name(status.st_uid)}, its directory to {user_name(owner)}"
        fix = f"sudo chown --reference={_quoted(part.parent)} {name}"
        yield found(Fault.STATE_FOREIGN, "state file", words, fix)
    elif status.st_mode & OWNER_READS_AND_WRITES != OWNER_READS_AND_WRITES:
        words = f"{part}: its mode {stat.filemode(status.st_mode)} forbids to write it"
        yield found(Fault.STATE_FOREIGN, "state file", words, f"sudo chmod u+rw {name}")


def _journal(file: Path, unit: str) -> Findings:
    journal = Path(f"{file}-wal")
    size = journal.stat().st_size if journal.exists() else 0
    if size >= JOURNAL_WARN_BYTES:
        words = f"{journal} has {size // 1_000_000} MB"
        fix = (
            f"sudo fuser -v {_quoted(file)}; end what reads it besides unsit, then "
            f"sudo systemctl restart {unit}"
        )
        yield found(Fault.STATE_JOURNAL, "state file", words, fix)


def _history(installation: Installation) -> Path:
    return installation.settings.history.file(installation.state)


def _databases(installation: Installation) -> list[Path]:
    """Return the state files, and the history also if it has a place of its own."""
    files = {*installation.state.glob("*.sqlite")}
    history = _history(installation)
    return sorted(files | ({history} if os.path.lexists(history) else set()))


def _history_place(installation: Installation) -> Findings:
    """Check that the service may write its history where ``history.path`` has it."""
    history = _history(installation)
    folder, account = history.parent, installation.account
    if folder == installation.state or installation.settings.history.kept_for is None:
        return
    if not folder.is_dir():
        yield found(Fault.HISTORY_CLOSED, "history.path", f"there is no directory {folder}")
    elif account is not None and account.may("w", folder) is False:
        words = f"the service's user ({account}) may not write {folder}"
        yield found(Fault.HISTORY_CLOSED, "history.path", words)
    elif _is_read_only_for(installation, folder):
        words = f"the unit lets the service write nothing in {folder} (ProtectSystem=strict)"
        name = installation.unit
        fix = (
            f"sudo systemctl edit {name}: [Service] ReadWritePaths={folder}, then "
            f"sudo systemctl restart {name}"
        )
        yield found(Fault.HISTORY_CLOSED, "history.path", words, fix)


def _is_read_only_for(installation: Installation, folder: Path) -> bool:
    unit = installation.unit_properties("LoadState", "ProtectSystem", "ReadWritePaths")
    if unit.get("LoadState") != "loaded" or unit.get("ProtectSystem") != "strict":
        return False
    writable = (path.lstrip("-+") for path in unit.get("ReadWritePaths", "").split())
    return not any(folder.absolute().is_relative_to(path) for path in writable)


def _health(file: Path, installation: Installation) -> Finding:
    is_history = file == _history(installation)
    subject = "history" if is_history else "state file"
    layout_max = HISTORY_LAYOUT_VERSION if is_history else LAYOUT_VERSION
    try:
        problems, layout = _examine(file)
    except sqlite3.Error as error:
        if any(part in str(error).lower() for part in RIGHTS_ERRORS):
            return found(Fault.STATE_CLOSED, subject, f"{file}: {error}")
        return _corrupt(subject, file, str(error), installation.unit)
    if problems != ["ok"]:
        return _corrupt(subject, file, problems[0], installation.unit)
    if layout > layout_max:
        words = f"{file} has layout {layout}, expected at most {layout_max}"
        aside, unit = _quoted(Path(f"{file}.newer")), installation.unit
        fix = (
            f"install that version again, or begin again: sudo systemctl stop {unit}, then "
            f"sudo mv {_quoted(file)} {aside}, then sudo systemctl start {unit}"
        )
        return found(Fault.STATE_NEWER, subject, words, fix)
    return fine(subject, f"{file.name} is sound, {file.stat().st_size / 1000:,.0f} kB")


def _examine(file: Path) -> tuple[list[str], int]:
    """Return what is wrong with the structure of a database, and the number of its layout.

    A file without a journal is read without a lock. If it looks damaged and the service has written
    it meanwhile, it is read again, a few times.
    """
    for reads_left in reversed(range(READS_MAX)):
        before = file.stat().st_mtime_ns
        way = f"{file.resolve().as_uri()}?{_way_to_read(file)}"
        try:
            with closing(sqlite3.connect(way, uri=True)) as db:
                problems = [row[0] for row in db.execute("pragma quick_check(3)")]
                (layout,) = db.execute("pragma user_version").fetchone()
        except sqlite3.DatabaseError:
            if not reads_left or file.stat().st_mtime_ns == before:
                raise
            continue
        if problems == ["ok"] or file.stat().st_mtime_ns == before:
            break
    return problems, layout


def _way_to_read(file: Path) -> str:
    """Return the options to open a database that leave no files behind.

    Without a journal nobody writes it. SQLite would make one that belongs to the user who checks.
    """
    return "mode=ro" if os.path.lexists(f"{file}-wal") else "mode=ro&immutable=1"


def _corrupt(subject: str, file: Path, reason: str, unit: str) -> Finding:
    fix = f"sudo systemctl restart {unit}, which recovers the readable part"
    return found(Fault.STATE_CORRUPT, subject, f"{file}: {reason}", fix)
