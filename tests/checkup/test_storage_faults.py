"""Faults of the directory of state: on real file systems, full, read-only and damaged."""

import grp
import os
import pwd
import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from checkup.planting import installed, named, sound, write
from conftest import missing
from unsit.checkup.faults import Fault
from unsit.checkup.rights import check_rights
from unsit.checkup.storage import check_storage
from unsit.runtime.statefile import StateFile
from unsit.runtime.store import Store

NOBODY = pwd.getpwnam("nobody").pw_uid


def test_a_directory_that_can_be_written_is_told_with_what_is_free(tmp_path: Path) -> None:
    Store(StateFile(tmp_path / "state.sqlite")).close()

    room, file = sound(check_storage(installed(tmp_path, tmp_path)))

    assert "can be written" in room.words
    assert file.words.startswith("state.sqlite is sound, ")


def test_a_directory_that_is_not_there_yet_is_looked_at_where_it_will_be(tmp_path: Path) -> None:
    [room] = sound(check_storage(installed(tmp_path / "not" / "yet", tmp_path)))

    assert "not/yet can be written" in room.words
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_named(small_disk: Path) -> None:
    with pytest.raises(OSError, match="No space"):
        (small_disk / "film.mp4").write_bytes(b"x" * 2_000_000)

    finding = named(Fault.DISK_FULL, check_storage(installed(small_disk, small_disk)))

    assert "No space left on device; sudo apt clean" in str(finding)


def test_a_disk_that_is_nearly_full_is_named(small_disk: Path) -> None:
    finding = named(Fault.DISK_LOW, check_storage(installed(small_disk, small_disk)))

    assert finding.words.endswith(" 1 MB are free")


def test_a_disk_that_has_turned_read_only_is_named(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)

    finding = named(Fault.STATE_READ_ONLY, check_storage(installed(small_disk, small_disk)))

    assert "remount,rw" in str(finding)


def test_a_limit_on_files_is_a_full_disk(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        named(Fault.DISK_FULL, check_storage(installed(tmp_path, tmp_path)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_damaged_file_of_state_is_named_with_the_way_out(tmp_path: Path) -> None:
    store = Store(StateFile(tmp_path / "state.sqlite"))
    for number in range(200):
        store.put(f"document {number}", "x" * 200)
    store.close()
    file = tmp_path / "state.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\x5a" * 8192 + whole[12288:])

    finding = named(Fault.STATE_CORRUPT, check_storage(installed(tmp_path, tmp_path)))

    assert "restart unsit, which takes over what can be read" in str(finding)


def test_a_file_of_state_that_a_newer_unsit_wrote_is_named(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as db:
        db.execute("pragma user_version = 99")

    finding = named(Fault.STATE_NEWER, check_storage(installed(tmp_path, tmp_path)))

    assert "layout 99, expected at most 2; install that version again" in str(finding)


def test_a_damaged_file_that_the_service_put_aside_is_named(tmp_path: Path) -> None:
    write(tmp_path / "state.sqlite.broken-20260105T090000", "what was left")

    finding = named(Fault.STATE_SALVAGED, check_storage(installed(tmp_path, tmp_path)))

    assert "worn-out card" in str(finding)


def test_a_file_of_state_that_is_something_else_is_named(tmp_path: Path) -> None:
    write(tmp_path / "state.sqlite", "this is no database at all, " * 100)

    named(Fault.STATE_CORRUPT, check_storage(installed(tmp_path, tmp_path)))


@contextmanager
def being_nobody(*places: Path) -> Iterator[None]:
    """This process as a user who owns nothing, but may pass through the folders to the places."""
    if os.geteuid() != 0:
        missing("only root can become somebody else")
    for place in places:
        for above in place.parents:
            above.chmod(above.stat().st_mode | 0o055)
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


@pytest.mark.parametrize(
    ("mode", "fault"), [(0o755, Fault.STATE_READ_ONLY), (0o700, Fault.STATE_CLOSED)]
)
def test_a_directory_of_somebody_else_is_named(tmp_path: Path, mode: int, fault: Fault) -> None:
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(mode)
    with being_nobody(state):
        finding = named(fault, check_storage(installed(state, tmp_path)))

    assert "sudo" in str(finding)


def test_a_user_who_is_not_in_the_group_of_the_pins_is_named(tmp_path: Path) -> None:
    chip = write(tmp_path / "dev/gpiochip0", "")
    chip.chmod(0o660)
    os.chown(chip, 0, grp.getgrnam("video").gr_gid)
    with being_nobody(chip):
        finding = named(Fault.NOT_IN_GROUP, check_rights(installed(tmp_path, tmp_path)))
    sound(check_rights(installed(tmp_path, tmp_path)))

    assert finding.words == f"nobody may not open {chip}"
    assert finding.mend == "sudo usermod -aG video nobody, then log in again"
