"""Faults of the state directory, on real file systems: full, read-only and damaged."""

import contextlib
import grp
import os
import resource
import sqlite3
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from support.fixtures import being_nobody
from support.history_records import START, records, sitting
from support.planted_faults import faultless, finding_of, installed, write
from support.remedies import carry_out, is_cured
from unsit.checkup.files import check_storage
from unsit.checkup.findings import Fault
from unsit.checkup.pins import check_rights
from unsit.history.shelving import Shelf
from unsit.runtime.documents import Store
from unsit.runtime.state_file import StateFile
from unsit.settings.model import HistorySettings


def test_a_writable_directory_is_reported_with_its_free_space(tmp_path: Path) -> None:
    Store(StateFile(tmp_path / "state.sqlite")).close()

    room, file = faultless(check_storage(installed(tmp_path, tmp_path)))

    assert "can be written" in room.words
    assert file.words.startswith("state.sqlite is sound, ")


def test_a_directory_that_does_not_exist_yet_is_checked_at_its_nearest_parent(
    tmp_path: Path,
) -> None:
    [room] = faultless(check_storage(installed(tmp_path / "not" / "yet", tmp_path)))

    assert "not/yet can be written" in room.words
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_named(small_disk: Path) -> None:
    with pytest.raises(OSError, match="No space"):
        (small_disk / "film.mp4").write_bytes(b"x" * 2_000_000)

    finding = finding_of(Fault.DISK_FULL, check_storage(installed(small_disk, small_disk)))

    assert "No space left on device; sudo apt clean" in str(finding)
    (small_disk / "film.mp4").unlink()
    assert is_cured(Fault.DISK_FULL, check_storage(installed(small_disk, small_disk)))


def test_a_disk_with_room_and_too_many_small_files_is_named(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,nr_inodes=40", small_disk], check=True)
    with contextlib.suppress(OSError):
        for number in range(100):
            (small_disk / f"photo {number}").touch()

    finding = finding_of(
        Fault.DISK_WITHOUT_INODES, check_storage(installed(small_disk, small_disk))
    )

    assert finding.words.endswith("no inodes are free")
    for photo in small_disk.glob("photo*"):
        photo.unlink()
    assert is_cured(Fault.DISK_WITHOUT_INODES, check_storage(installed(small_disk, small_disk)))


def test_a_disk_that_is_nearly_full_is_named(small_disk: Path) -> None:
    finding = finding_of(Fault.DISK_LOW, check_storage(installed(small_disk, small_disk)))

    assert finding.words.endswith(" 1 MB are free")


def test_a_disk_that_has_turned_read_only_is_named(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)

    finding = finding_of(Fault.STATE_READ_ONLY, check_storage(installed(small_disk, small_disk)))

    assert "remount,rw" in str(finding)


def test_a_limit_on_files_is_a_full_disk(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        finding_of(Fault.DISK_FULL, check_storage(installed(tmp_path, tmp_path)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_damaged_state_file_is_named_with_its_fix(tmp_path: Path) -> None:
    store = Store(StateFile(tmp_path / "state.sqlite"))
    for number in range(200):
        store.put(f"document {number}", "x" * 200)
    store.close()
    file = tmp_path / "state.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\x5a" * 8192 + whole[12288:])

    finding = finding_of(Fault.STATE_CORRUPT, check_storage(installed(tmp_path, tmp_path)))

    assert "restart unsit, which recovers the readable part" in str(finding)
    store = Store(StateFile(file))
    store.put("after", "the restart")
    store.close()
    assert is_cured(Fault.STATE_CORRUPT, check_storage(installed(tmp_path, tmp_path)))


def test_a_state_file_of_a_newer_unsit_is_named(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as db:
        db.execute("pragma user_version = 99")

    finding = finding_of(Fault.STATE_NEWER, check_storage(installed(tmp_path, tmp_path)))

    assert "layout 99, expected at most 3; install that version again" in str(finding)


def with_history(path: Path) -> dict[str, HistorySettings]:
    return {"history": HistorySettings(path=str(path))}


def test_a_damaged_history_is_named_wherever_it_is_and_a_start_heals_it(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere" / "h.sqlite"
    file.parent.mkdir()
    records_of_a_day = records(
        *(one for n in range(300) for one in sitting(n * 1000, n * 1000 + 9))
    )
    shelf = Shelf(file, timedelta(days=999), lambda: START)
    shelf.shelve(records_of_a_day)
    state = tmp_path / "state"
    state.mkdir()
    here = installed(state, tmp_path, **with_history(file))
    assert any("h.sqlite is sound" in str(one) for one in faultless(check_storage(here)))
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\x5a" * 8192 + whole[12288:])

    finding = finding_of(Fault.STATE_CORRUPT, check_storage(here))

    assert "restart unsit, which recovers the readable part" in str(finding)
    Shelf(file, timedelta(days=999), lambda: START).shelve(records((400_000, "hold_ended", {})))
    assert is_cured(Fault.STATE_CORRUPT, check_storage(here))


def test_a_history_of_a_newer_unsit_is_named(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "history.sqlite")) as db:
        db.execute("pragma user_version = 99")

    finding = finding_of(Fault.STATE_NEWER, check_storage(installed(tmp_path, tmp_path)))

    assert "history.sqlite has layout 99, expected at most 1" in str(finding)


def test_a_place_of_the_history_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "usb" / "history.sqlite"
    here = installed(tmp_path, tmp_path, **with_history(missing))

    finding = finding_of(Fault.HISTORY_CLOSED, check_storage(here))

    assert "leave history.path out" in str(finding)
    missing.parent.mkdir()
    assert is_cured(Fault.HISTORY_CLOSED, check_storage(here))


def test_a_damaged_file_that_the_service_put_aside_is_named(tmp_path: Path) -> None:
    write(tmp_path / "state.sqlite.broken-20260105T090000", "what was left")

    finding = finding_of(Fault.STATE_SALVAGED, check_storage(installed(tmp_path, tmp_path)))

    assert "worn-out card" in str(finding)


def test_a_state_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    write(tmp_path / "state.sqlite", "this is no database at all, " * 100)

    finding_of(Fault.STATE_CORRUPT, check_storage(installed(tmp_path, tmp_path)))


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_a_state_file_of_another_user_is_named_with_the_chown(tmp_path: Path, suffix: str) -> None:
    state = tmp_path / "state"
    state.mkdir()
    file = state / "state.sqlite"
    with being_nobody(file, owner_of=state):
        opened = StateFile(file)
        faultless(check_storage(installed(state, tmp_path)))
    part = Path(f"{file}{suffix}")
    os.chown(part, 0, 0)

    finding = finding_of(Fault.STATE_FOREIGN, check_storage(installed(state, tmp_path)))

    carry_out(str(finding.fix), tmp_path)
    assert is_cured(Fault.STATE_FOREIGN, check_storage(installed(state, tmp_path)))
    opened.close()
    assert finding.words == f"{part} belongs to root, its directory to nobody"
    assert finding.fix == f"sudo chown --reference={state} {part}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is led astray")
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_a_link_in_the_place_of_a_state_file_is_named_and_not_followed(
    tmp_path: Path, suffix: str
) -> None:
    state, target = tmp_path / "state", tmp_path / "target"
    state.mkdir()
    target.mkdir()
    StateFile(state / "state.sqlite").close()
    StateFile(target / "state.sqlite").close()
    before = sorted(target.iterdir())
    os.chown(state, 61184, 61184)
    part = state / f"state.sqlite{suffix}"
    part.unlink(missing_ok=True)
    part.symlink_to(target / part.name)
    if suffix:
        (target / part.name).touch()
        before = sorted(target.iterdir())

    findings = [*check_storage(installed(state, tmp_path))]

    finding = finding_of(Fault.STATE_PLANTED, findings)
    assert finding.fix == f"sudo ls -l {part}; sudo rm {part}"
    assert not any(finding.fix and "chown" in finding.fix for finding in findings)
    assert sorted(target.iterdir()) == before


def test_a_state_file_that_its_owner_may_not_write_is_named(tmp_path: Path) -> None:
    StateFile(tmp_path / "state.sqlite").close()
    (tmp_path / "state.sqlite").chmod(0o444)

    finding = finding_of(Fault.STATE_FOREIGN, check_storage(installed(tmp_path, tmp_path)))

    assert finding.words.endswith("its mode -r--r--r-- forbids to write it")
    assert str(finding.fix).startswith("sudo chmod u+rw ")
    carry_out(str(finding.fix), tmp_path)
    assert is_cured(Fault.STATE_FOREIGN, check_storage(installed(tmp_path, tmp_path)))


def test_a_long_journal_is_named(tmp_path: Path) -> None:
    state = StateFile(tmp_path / "state.sqlite")
    with open(tmp_path / "state.sqlite-wal", "ab") as journal:
        journal.truncate(20_000_000)

    finding = finding_of(Fault.STATE_JOURNAL, check_storage(installed(tmp_path, tmp_path)))

    assert finding.words.endswith("state.sqlite-wal has 20 MB")
    state.close()


def test_what_a_stop_could_not_write_is_named(tmp_path: Path) -> None:
    write(tmp_path / "state.sqlite.rest", "")

    finding_of(Fault.STATE_UNWRITTEN, check_storage(installed(tmp_path, tmp_path)))


def test_a_file_that_replaced_the_state_file_is_named(tmp_path: Path) -> None:
    write(tmp_path / "state.sqlite.replaced-20260105T090000", "")

    finding_of(Fault.STATE_REPLACED, check_storage(installed(tmp_path, tmp_path)))


@pytest.mark.parametrize(
    ("mode", "fault"), [(0o755, Fault.STATE_READ_ONLY), (0o700, Fault.STATE_CLOSED)]
)
def test_a_directory_of_somebody_else_is_named(tmp_path: Path, mode: int, fault: Fault) -> None:
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(mode)
    with being_nobody(state):
        finding = finding_of(fault, check_storage(installed(state, tmp_path)))

    assert "sudo" in str(finding)


def test_a_user_who_is_not_in_the_group_of_the_pins_is_named(tmp_path: Path) -> None:
    chip = write(tmp_path / "dev/gpiochip0", "")
    chip.chmod(0o660)
    os.chown(chip, 0, grp.getgrnam("video").gr_gid)
    with being_nobody(chip):
        finding = finding_of(Fault.NOT_IN_GROUP, check_rights(installed(tmp_path, tmp_path)))
    faultless(check_rights(installed(tmp_path, tmp_path)))

    assert finding.words == f"nobody may not open {chip}"
    assert finding.fix == "sudo usermod -aG video nobody, then log in again"
