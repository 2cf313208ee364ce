"""Faults of the state directory, on real file systems: full, read-only and damaged."""

import contextlib
import grp
import os
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from support.fixtures import being_nobody
from support.history_records import START, records, sitting
from support.planted_faults import faultless, finding_of, installed, write
from support.remedies import Cure
from unsit.checkup.files import check_storage
from unsit.checkup.findings import Fault, Finding
from unsit.checkup.pins import check_rights
from unsit.history.shelving import Shelf
from unsit.runtime.documents import Store
from unsit.runtime.state_file import StateFile
from unsit.settings.model import HistorySettings

StandIn = Callable[[str, str], None]
AskedFor = Callable[[str], bool]


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


def test_a_full_disk_is_named_until_files_are_deleted(cure: Cure, small_disk: Path) -> None:
    film = small_disk / "film.mp4"
    with pytest.raises(OSError, match="No space"):
        film.write_bytes(b"x" * 2_000_000)

    finding = cure.by_hand(
        Fault.DISK_FULL,
        lambda: check_storage(installed(small_disk, small_disk)),
        "sudo apt clean; delete files",
        film.unlink,
        uncovers=[Fault.DISK_LOW],  # it has 1 MB
    )

    assert "No space left on device" in finding.words


def test_a_disk_with_room_and_too_many_small_files_is_named_until_they_are_deleted(
    cure: Cure, small_disk: Path
) -> None:
    subprocess.run(["mount", "-o", "remount,nr_inodes=40", small_disk], check=True)
    with contextlib.suppress(OSError):
        for number in range(100):
            (small_disk / f"photo {number}").touch()

    def delete() -> None:
        for photo in small_disk.glob("photo*"):
            photo.unlink()

    finding = cure.by_hand(
        Fault.DISK_WITHOUT_INODES,
        lambda: check_storage(installed(small_disk, small_disk)),
        "delete small files",
        delete,
        uncovers=[Fault.DISK_LOW],
    )

    assert finding.words.endswith("no inodes are free")


def test_a_disk_that_is_nearly_full_is_named_until_apt_has_deleted_its_packages(
    cure: Cure, small_disk: Path, stand_in: StandIn
) -> None:
    subprocess.run(["mount", "-o", "remount,size=60m", small_disk], check=True)
    packages = write(small_disk / "archives/chromium.deb", b"x" * 20_000_000)
    stand_in("apt", f"[ $* != clean ] || rm {packages}")

    finding = cure.by_command(
        Fault.DISK_LOW, lambda: check_storage(installed(small_disk, small_disk))
    )

    assert finding.words.endswith(" 43 MB are free")


@pytest.mark.parametrize("below", ["", "deep/inside"])
def test_a_disk_that_has_turned_read_only_is_named_until_it_is_mounted_again(
    cure: Cure, small_disk: Path, below: str
) -> None:
    (small_disk / below).mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)

    finding = cure.by_command(
        Fault.STATE_READ_ONLY,
        lambda: check_storage(installed(small_disk / below, small_disk)),
        uncovers=[Fault.DISK_LOW],
    )

    assert str(finding.fix).startswith(f"sudo mount -o remount,rw {small_disk}; ")


def test_a_limit_on_files_is_a_full_disk(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        finding_of(Fault.DISK_FULL, check_storage(installed(tmp_path, tmp_path)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def restart(file: Path) -> None:
    """Open a state file and write to it, as a restarted service does."""
    store = Store(StateFile(file))
    store.put("after", "the restart")
    store.close()


@pytest.fixture
def asked_for(stand_in: StandIn, tmp_path: Path) -> Callable[[str], bool]:
    """Return a function that says whether systemctl was asked for something, such as a restart."""
    asked = tmp_path / "asked of systemctl"
    stand_in("systemctl", f"echo \"$*\" >> '{asked}'")
    return lambda words: words in asked.read_text().splitlines()


def test_a_damaged_state_file_is_named_until_the_service_has_recovered_it(
    cure: Cure, asked_for: AskedFor, tmp_path: Path
) -> None:
    store = Store(StateFile(tmp_path / "state.sqlite"))
    for number in range(200):
        store.put(f"document {number}", "x" * 200)
    store.close()
    file = tmp_path / "state.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\x5a" * 8192 + whole[12288:])

    finding = cure.by_command(
        Fault.STATE_CORRUPT,
        lambda: check_storage(installed(tmp_path, tmp_path)),
        then=lambda: restart(file) if asked_for("restart unsit") else None,
        uncovers=[Fault.STATE_SALVAGED],
    )

    assert "restart unsit, which recovers the readable part" in str(finding)


def test_a_state_file_of_a_newer_unsit_is_named_until_it_is_moved_away(
    cure: Cure, asked_for: AskedFor, tmp_path: Path
) -> None:
    file = tmp_path / "state.sqlite"
    with closing(sqlite3.connect(file)) as db:
        db.execute("pragma user_version = 99")

    finding = cure.by_command(
        Fault.STATE_NEWER,
        lambda: check_storage(installed(tmp_path, tmp_path)),
        then=lambda: restart(file),
    )

    assert asked_for("stop unsit")
    assert asked_for("start unsit")
    assert "layout 99, expected at most 3; install that version again" in str(finding)


def with_history(path: Path) -> dict[str, HistorySettings]:
    return {"history": HistorySettings(path=str(path))}


def test_a_damaged_history_is_named_wherever_it_is_and_a_start_heals_it(
    cure: Cure, stand_in: StandIn, tmp_path: Path
) -> None:
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

    stand_in("systemctl", "[ \"$*\" = 'restart unsit' ]")

    def restart_and_shelve() -> None:
        shelf = Shelf(file, timedelta(days=999), lambda: START)
        shelf.shelve(records((400_000, "hold_ended", {})))

    finding = cure.by_command(
        Fault.STATE_CORRUPT, lambda: check_storage(here), then=restart_and_shelve
    )

    assert "restart unsit, which recovers the readable part" in str(finding)


def test_a_history_of_a_newer_unsit_is_named(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "history.sqlite")) as db:
        db.execute("pragma user_version = 99")

    finding = finding_of(Fault.STATE_NEWER, check_storage(installed(tmp_path, tmp_path)))

    assert "history.sqlite has layout 99, expected at most 1" in str(finding)


def test_a_place_of_the_history_that_is_not_there_is_named_until_it_is(
    cure: Cure, tmp_path: Path
) -> None:
    missing = tmp_path / "usb" / "history.sqlite"
    chairs = [installed(tmp_path, tmp_path, **with_history(missing))]

    cure.by_hand(
        Fault.HISTORY_CLOSED,
        lambda: check_storage(chairs[-1]),
        "leave history.path out",
        lambda: chairs.append(installed(tmp_path, tmp_path)),
    )


def test_a_damaged_file_that_the_service_put_aside_is_named_until_it_is_deleted(
    cure: Cure, tmp_path: Path
) -> None:
    write(tmp_path / "state.sqlite.broken-20260105T090000", "what was left")

    finding = cure.by_command(
        Fault.STATE_SALVAGED, lambda: check_storage(installed(tmp_path, tmp_path))
    )

    assert "worn-out card" in str(finding)


def test_a_state_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    write(tmp_path / "state.sqlite", "this is no database at all, " * 100)

    finding_of(Fault.STATE_CORRUPT, check_storage(installed(tmp_path, tmp_path)))


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_a_state_file_of_another_user_is_named_with_the_chown(
    cure: Cure, tmp_path: Path, suffix: str
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    file = state / "state.sqlite"
    with being_nobody(file, owner_of=state):
        opened = StateFile(file)
        faultless(check_storage(installed(state, tmp_path)))
    part = Path(f"{file}{suffix}")
    os.chown(part, 0, 0)

    finding = cure.by_command(
        Fault.STATE_FOREIGN, lambda: check_storage(installed(state, tmp_path))
    )

    opened.close()
    assert finding.words == f"{part} belongs to root, its directory to nobody"
    assert finding.fix == f"sudo chown --reference={state} {part}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is led astray")
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_a_link_in_the_place_of_a_state_file_is_named_and_not_followed(
    cure: Cure, tmp_path: Path, suffix: str
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

    assert not any(finding.fix and "chown" in finding.fix for finding in findings)
    finding = cure.by_command(
        Fault.STATE_PLANTED,
        lambda: check_storage(installed(state, tmp_path)),
        uncovers=[Fault.STATE_FOREIGN],  # root has made the database
    )
    assert finding.fix == f"sudo ls -l {part}; sudo rm {part}"
    assert sorted(target.iterdir()) == before


def test_what_is_not_of_the_service_is_never_to_be_removed(tmp_path: Path) -> None:
    """A person may name another directory by mistake, such as /var/lib, which has links."""
    (tmp_path / "app-info").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "state").mkdir()

    faultless(check_storage(installed(tmp_path, tmp_path)))


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_a_directory_in_the_place_of_a_state_file_is_named_until_it_is_moved_away(
    cure: Cure, tmp_path: Path, suffix: str
) -> None:
    StateFile(tmp_path / "state.sqlite").close()
    part = tmp_path / f"state.sqlite{suffix}"
    part.unlink(missing_ok=True)
    write(part / "in the way", "")
    (tmp_path / "backups").mkdir()

    finding = cure.by_command(
        Fault.STATE_PLANTED, lambda: check_storage(installed(tmp_path, tmp_path))
    )

    assert finding.words == f"{part} is a directory"
    assert (tmp_path / f"{part.name}.aside" / "in the way").exists()


def test_a_state_file_that_its_owner_may_not_write_is_named(cure: Cure, tmp_path: Path) -> None:
    StateFile(tmp_path / "state.sqlite").close()
    (tmp_path / "state.sqlite").chmod(0o444)

    finding = cure.by_command(
        Fault.STATE_FOREIGN, lambda: check_storage(installed(tmp_path, tmp_path))
    )

    assert finding.words.endswith("its mode -r--r--r-- forbids to write it")
    assert str(finding.fix).startswith("sudo chmod u+rw ")


def test_a_long_journal_is_named_until_the_reader_has_ended_and_the_service_starts_again(
    cure: Cure, asked_for: AskedFor, tmp_path: Path
) -> None:
    file = tmp_path / "state.sqlite"
    state = StateFile(file)
    store = Store(state)
    store.put("before", "the reader")
    reader = sqlite3.connect(file)
    reader.execute("begin")
    reader.execute("select count(*) from sqlite_master").fetchall()
    for number in range(5):
        store.put(f"long {number}", "x" * 4_000_000)

    def end_reader_and_restart() -> None:
        reader.close()
        if asked_for("restart unsit"):
            store.close()
            restart(file)

    finding = cure.by_command(
        Fault.STATE_JOURNAL,
        lambda: check_storage(installed(tmp_path, tmp_path)),
        then=end_reader_and_restart,
    )

    assert finding.words.endswith("state.sqlite-wal has 20 MB")


def test_what_a_stop_could_not_write_is_named_until_the_next_start_takes_it_over(
    cure: Cure, tmp_path: Path
) -> None:
    file = tmp_path / "state.sqlite"
    store = Store(state := StateFile(file))
    file.unlink()
    state.check()
    write(file / "in the way", "")
    store.put("written", "too late")
    store.close()

    def check() -> list[Finding]:
        return list(check_storage(installed(tmp_path, tmp_path)))

    cure.by_command(Fault.STATE_PLANTED, check)
    cure.by_hand(Fault.STATE_UNWRITTEN, check, "start unsit", lambda: restart(file))

    with closing(StateFile(file)) as again:
        assert Store(again).get("written") == "too late"


def test_a_file_that_replaced_the_state_file_is_named_until_it_is_deleted(
    cure: Cure, tmp_path: Path
) -> None:
    write(tmp_path / "state.sqlite.replaced-20260105T090000", "")

    cure.by_command(Fault.STATE_REPLACED, lambda: check_storage(installed(tmp_path, tmp_path)))


@pytest.mark.parametrize(
    ("mode", "fault"), [(0o755, Fault.STATE_READ_ONLY), (0o700, Fault.STATE_CLOSED)]
)
def test_a_directory_of_somebody_else_is_named_until_the_check_is_that_of_root(
    cure: Cure, tmp_path: Path, mode: int, fault: Fault
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(mode)
    user: list[AbstractContextManager[None]] = [being_nobody(state), nullcontext()]

    def check() -> list[Finding]:
        with user.pop(0):
            return list(check_storage(installed(state, tmp_path)))

    cure.by_hand(fault, check, "run the check with sudo", lambda: None)


@pytest.fixture
def users(stand_in: StandIn, tmp_path: Path) -> Callable[[], list[int]]:
    """Return a function that returns the groups of nobody on the planted machine.

    The real programs change copies of the files in which users and groups are.
    """
    for name in ("passwd", "group"):
        write(tmp_path / "etc" / name, Path("/etc", name).read_bytes())
    for name in ("usermod", "groupadd"):
        stand_in(name, f'{shutil.which(name)} --prefix {tmp_path} "$@"')

    def groups() -> list[int]:
        lines = (tmp_path / "etc/group").read_text().splitlines()
        entries = [line.split(":") for line in lines]
        return [int(number) for _, _, number, members in entries if "nobody" in members.split(",")]

    return groups


def test_a_user_who_is_not_in_the_group_of_the_pins_is_named_until_the_next_login(
    cure: Cure, users: Callable[[], list[int]], tmp_path: Path
) -> None:
    chip = write(tmp_path / "dev/gpiochip0", "")
    chip.chmod(0o660)
    os.chown(chip, 0, grp.getgrnam("video").gr_gid)

    def check() -> list[Finding]:
        with being_nobody(chip, groups=users()):
            return list(check_rights(installed(tmp_path, tmp_path)))

    finding = cure.by_command(Fault.NOT_IN_GROUP, check)

    assert finding.words == f"nobody may not open {chip}"
    assert finding.fix == "sudo usermod -aG video nobody, then log in again"
    faultless(check_rights(installed(tmp_path, tmp_path)))


def test_a_chip_that_only_root_may_open_is_given_to_a_group_and_the_user_to_it(
    cure: Cure, users: Callable[[], list[int]], stand_in: StandIn, tmp_path: Path
) -> None:
    """On other systems than that of the Raspberry Pi there is no group for the pins."""
    chip = write(tmp_path / "dev/gpiochip0", "")
    chip.chmod(0o600)
    (tmp_path / "etc/udev/rules.d").mkdir(parents=True)
    rules = tmp_path / "etc/udev/rules.d/60-unsit.rules"
    rule = 'KERNEL=="gpiochip0", GROUP="gpio", MODE="0660"'
    number = f"$(sed -n 's/^gpio:[^:]*:\\([0-9]*\\):.*/\\1/p' {tmp_path}/etc/group)"
    stand_in("udevadm", f"grep -qxF '{rule}' {rules}; chgrp {number} {chip}; chmod 660 {chip}")

    def check() -> list[Finding]:
        with being_nobody(chip, groups=users()):
            return list(check_rights(installed(tmp_path, tmp_path)))

    cure.by_command(Fault.NOT_IN_GROUP, check, root=tmp_path)
