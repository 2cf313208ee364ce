"""The directory of state: whether it can be written, and whether what is in it is sound."""

import errno
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding, Findings, fine, found
from unsit.checkup.installation import Installation
from unsit.runtime.database import VERSION

LOW = 50_000_000
"""Bytes; the service itself needs some 10 MB in a full outbox."""

TRIAL = b"\0" * 65536

SQLITE_ERRORS_OF_RIGHTS = ("unable to open", "readonly", "permission")


def check_storage(installation: Installation) -> Findings:
    """Room and right to write, and the health of each file."""
    directory = _nearest(installation.state)
    if not os.access(directory, os.R_OK | os.X_OK, effective_ids=True):
        yield found(Fault.STATE_CLOSED, "state", f"{directory} is closed to this user")
        return
    yield _room(installation.state, directory)
    for file in sorted(installation.state.glob("*.sqlite")):
        yield _health(file)
    for file in sorted(installation.state.glob("*.broken-*")):
        yield found(Fault.STATE_SALVAGED, "state file", f"{file} was damaged and put aside")


def _nearest(directory: Path) -> Path:
    """The directory, or what is there of the way to it."""
    return next(place for place in (directory, *directory.parents) if place.exists())


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
    return found(Fault.DISK_LOW, "state", words) if free < LOW else fine("state", words)


def _cannot_write(directory: Path, error: OSError) -> Finding:
    words = f"{directory} cannot be written: {error.strerror}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return found(Fault.DISK_FULL, "state", words)
    if error.errno == errno.EROFS:
        mend = "sudo mount -o remount,rw; a card that turns read-only is often worn out"
        return found(Fault.STATE_READ_ONLY, "state", words, mend)
    return found(Fault.STATE_READ_ONLY, "state", words, "run the check with sudo, or --state-dir")


def _health(file: Path) -> Finding:
    try:
        db = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
        try:
            said = [row[0] for row in db.execute("pragma quick_check(3)")]
            (layout,) = db.execute("pragma user_version").fetchone()
        finally:
            db.close()
    except sqlite3.Error as error:
        if any(words in str(error).lower() for words in SQLITE_ERRORS_OF_RIGHTS):
            return found(Fault.STATE_CLOSED, "state file", f"{file}: {error}")
        return _corrupt(file, str(error))
    if said != ["ok"]:
        return _corrupt(file, said[0])
    if layout > VERSION:
        words = f"{file} has layout {layout}, expected at most {VERSION}"
        return found(Fault.STATE_NEWER, "state file", words)
    return fine("state file", f"{file.name} is sound, {file.stat().st_size / 1000:,.0f} kB")


def _corrupt(file: Path, why: str) -> Finding:
    return found(Fault.STATE_CORRUPT, "state file", f"{file}: {why}")
