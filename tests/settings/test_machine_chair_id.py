"""The default chair id, which is derived from the machine."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

from unsit.settings.model import ChairSettings, Settings, board_text, machine_chair_id, new_chair_id

MACHINE_ID = Path("/etc/machine-id")
HOST_NAME = Path("/proc/sys/kernel/hostname")


def secrets() -> list[str]:
    """Return the identifiers of this machine."""
    return [file.read_text().strip() for file in (MACHINE_ID, HOST_NAME) if file.exists()]


def test_the_id_is_the_same_on_every_start(tmp_path: Path) -> None:
    program = "from unsit.settings.model import machine_chair_id; print(machine_chair_id())"
    another_start = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "1", "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert another_start.stdout.strip() == machine_chair_id()


def test_the_id_of_the_machine_is_the_default() -> None:
    assert Settings().chair.id == machine_chair_id()


def test_the_id_can_be_used_in_topics() -> None:
    chair_id = machine_chair_id()

    assert re.fullmatch(r"chair-[0-9a-f]{8}", chair_id)
    assert ChairSettings(id=chair_id).id == chair_id


def test_the_id_contains_no_part_of_the_identifiers() -> None:
    digits = machine_chair_id().removeprefix("chair-")

    assert all(digits not in secret for secret in secrets())


def test_the_id_is_not_a_plain_hash_that_another_program_could_make() -> None:
    digits = machine_chair_id().removeprefix("chair-")
    plain = [
        hashlib.new(algorithm, secret.encode()).hexdigest()
        for algorithm in ("md5", "sha1", "sha256", "blake2b")
        for secret in secrets()
    ]
    plain += [hashlib.blake2b(secret.encode(), digest_size=4).hexdigest() for secret in secrets()]

    assert not any(digits in digest for digest in plain)


def test_a_copied_card_in_another_board_gets_another_id(tmp_path: Path) -> None:
    boards = [tmp_path / name for name in ("one", "other")]
    for board in boards:
        board.write_text(f"serial of {board.name}\0")
    ids = {new_chair_id(board) for board in boards}

    assert len(ids) == 2
    assert machine_chair_id() not in ids
    assert new_chair_id(boards[0]) == new_chair_id(boards[0])
    assert all(ChairSettings(id=chair_id).id == chair_id for chair_id in ids)


def test_a_machine_without_a_serial_number_gets_a_random_id(tmp_path: Path) -> None:
    assert new_chair_id(tmp_path / "none") != new_chair_id(tmp_path / "none")


def test_what_the_kernel_says_of_the_board_is_one_line_and_may_be_missing(tmp_path: Path) -> None:
    file = tmp_path / "model"
    file.write_bytes(b"Raspberry Pi 5 Model B Rev 1.0\0")
    assert board_text(file) == "Raspberry Pi 5 Model B Rev 1.0"
    file.write_bytes(b"a\x1b[2J\xff\n\0")
    assert board_text(file) == "a\\x1b[2J\ufffd"
    file.write_bytes(b"\0")
    assert board_text(file) is None
    assert board_text(tmp_path / "none") is None
