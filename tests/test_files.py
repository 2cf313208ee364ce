"""Files that root writes in a directory of the service's user, who may have planted links there."""

import json
import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from support.history_records import START, records
from unsit import files
from unsit.assembly.cells import CalibrationStore
from unsit.assembly.memory import FILE, open_state
from unsit.cli.run import REMEMBERED, SettingsReading
from unsit.core.weighing.calibration import nominal
from unsit.errors import UnavailableError
from unsit.files import UnsafePathError
from unsit.history.shelving import Shelf
from unsit.history.store import open_history, open_to_write
from unsit.runtime.database import FORMER_OUTBOX
from unsit.runtime.state_file import TOLD_FILE, locked_directory
from unsit.settings.edit import save
from unsit.settings.model import HISTORY_FILE

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root writes for another user")

SERVICE = 61184
"""Number of the service's user."""

CELLS = ("left", "right")


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """Return a directory of the service's user."""
    directory = tmp_path / "state"
    directory.mkdir(mode=0o700)
    os.chown(directory, SERVICE, SERVICE)
    return directory


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Path]:
    """Yield a directory of root, in which nothing may change."""
    directory = tmp_path / "etc"
    directory.mkdir()
    (directory / "passwd").write_text("root:x:0:0")
    with closing(sqlite3.connect(directory / "database")) as db:
        db.execute("create table counters (name text primary key, value integer)")
        db.commit()
    before = contents(directory)
    yield directory
    assert contents(directory) == before


def contents(directory: Path) -> dict[str, tuple[bytes, int, int]]:
    return {
        file.name: (file.read_bytes(), file.stat().st_uid, file.stat().st_mode)
        for file in directory.iterdir()
    }


def owners(directory: Path) -> set[int]:
    return {file.lstat().st_uid for file in directory.rglob("*")}


def plant(link: Path, target: Path) -> None:
    link.symlink_to(target)
    os.lchown(link, SERVICE, SERVICE)


def calibrate(directory: Path) -> None:
    CalibrationStore(directory / "load_cells.json", CELLS).save(nominal(len(CELLS)))


def set_up(directory: Path) -> None:
    save(directory / "unsit.toml", "# new\n")


def write_password(directory: Path) -> None:
    save(directory / "mqtt-password", "new\n", mode=0o600, keep=False)


def keep_state(directory: Path) -> None:
    with locked_directory(directory), closing(open_state(directory)) as state:
        state.write(("insert or replace into counters values ('seq', 7)", ()))
        state.note_told(7)


def keep_state_beside_a_locked_file(directory: Path) -> None:
    """Stop while another program has locked the file; the rest goes to a file beside it."""
    state = open_state(directory)
    with closing(sqlite3.connect(directory / FILE, isolation_level=None)) as other:
        other.execute("begin immediate")
        state.write(("insert or replace into counters values ('seq', 8)", ()))
        state.close()


def keep_history(directory: Path) -> None:
    """Shelve an event, read and forget it; and do so with a damaged file."""
    file = directory / HISTORY_FILE
    for damage in (False, True):
        if damage:
            file.write_bytes(b"no database" * 1000)
            os.chown(file, SERVICE, SERVICE)
        shelf = Shelf(file, timedelta(days=99), lambda: START)
        shelf.shelve(records((0, "bout_started", {})))
        with open_history(file) as history:
            assert len(list(history.records())) == 1
        with closing(open_to_write(file, 1)) as writable:
            writable.forget_all(0)


WRITERS: list[tuple[Callable[[Path], None], list[str]]] = [
    (calibrate, ["load_cells.json", "load_cells.new"]),
    (set_up, ["unsit.toml", "unsit.toml.before-setup", "unsit.toml.before-setup1"]),
    (write_password, ["mqtt-password"]),
    (keep_history, [f"{HISTORY_FILE}{suffix}" for suffix in ("", "-wal", "-shm", ".rest")]),
    (keep_state, [FILE, f"{FILE}-wal", f"{FILE}-shm", f"{FILE}.rest", TOLD_FILE, FORMER_OUTBOX]),
]


@pytest.mark.parametrize("target", ["passwd", "database", "new"])
@pytest.mark.parametrize(
    ("write", "name"),
    [pytest.param(w, name, id=f"{w.__name__}-{name}") for w, names in WRITERS for name in names],
)
def test_root_writes_through_no_link_that_the_service_has_planted(
    theirs: Path, victim: Path, write: Callable[[Path], None], name: str, target: str
) -> None:
    plant(theirs / name, victim / target)

    try:
        write(theirs)
    except UnavailableError as error:
        assert str(theirs / name) in str(error)  # noqa: PT017  # some can do without the file


@pytest.mark.parametrize("write", [write for write, _ in WRITERS])
def test_what_root_writes_for_the_service_belongs_to_the_service(
    theirs: Path, write: Callable[[Path], None]
) -> None:
    write(theirs)
    write(theirs)

    assert owners(theirs) == {SERVICE}


@pytest.mark.parametrize("kind", ["link", "pipe", "socket"])
def test_what_is_planted_is_named(theirs: Path, victim: Path, kind: str) -> None:
    file = theirs / "load_cells.json"
    with socket.socket(socket.AF_UNIX) as listener:
        if kind == "link":
            plant(file, victim / "passwd")
        elif kind == "pipe":
            os.mkfifo(file)
        else:
            listener.bind(str(file))

        with pytest.raises(UnsafePathError, match=f"{file}: the user {SERVICE} has put a link or"):
            CalibrationStore(file, CELLS).load()


@pytest.mark.program
def test_remembered_settings_are_written_through_no_link(theirs: Path, victim: Path) -> None:
    plant(theirs / REMEMBERED, victim / "passwd")
    reading = SettingsReading("/dev/null", [], theirs)
    reading.result()

    reading.remember()

    assert not (theirs / REMEMBERED).is_symlink()


def test_a_rest_is_written_through_no_link(theirs: Path, victim: Path) -> None:
    keep_state(theirs)
    plant(theirs / f"{FILE}.rest.new", victim / "new")
    plant(theirs / f"{FILE}.rest", victim / "database")

    keep_state_beside_a_locked_file(theirs)


def test_a_link_to_a_directory_leads_root_nowhere(theirs: Path, victim: Path) -> None:
    plant(theirs / "cells", victim)
    store = CalibrationStore(theirs / "cells" / "left.json", CELLS)

    with pytest.raises(UnsafePathError, match=f"the user {SERVICE} has put the link cells"):
        store.save(nominal(2))
    with pytest.raises(UnsafePathError):
        CalibrationStore(theirs / "cells" / "new" / "left.json", CELLS).save(nominal(2))


def test_a_second_name_of_a_file_of_root_is_refused(theirs: Path, victim: Path) -> None:
    os.link(victim / "passwd", theirs / TOLD_FILE)

    keep_state(theirs)


def test_a_link_of_root_is_followed_as_before(theirs: Path, tmp_path: Path) -> None:
    (tmp_path / "lib").symlink_to(theirs)  # as systemd makes /var/lib/unsit

    calibrate(tmp_path / "lib")

    assert "cells" in json.loads((theirs / "load_cells.json").read_text())


def test_links_in_directories_of_root_are_followed_as_before(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "state").symlink_to("elsewhere")
    (tmp_path / "elsewhere" / FILE).symlink_to(tmp_path / "card.sqlite")

    keep_state(tmp_path / "state")

    assert (tmp_path / "card.sqlite").stat().st_size > 0


def test_a_link_that_leads_to_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(OSError, match="symbolic links"), files.folder(tmp_path / "loop"):
        pass


def test_a_file_that_is_replaced_keeps_mode_and_owner(tmp_path: Path) -> None:
    file = tmp_path / "unsit.toml"
    file.write_text("# old\n")
    file.chmod(0o640)
    os.chown(file, 0, 44)

    backup = save(file, "# new\n")

    assert backup is not None
    for each in (file, backup):
        status = each.stat()
        assert (status.st_mode & 0o777, status.st_gid) == (0o640, 44)
    assert backup.read_text() == "# old\n"
