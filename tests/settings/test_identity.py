"""The name that a chair has when nobody gave it one."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

from unsit.settings.identity import machine_chair_id
from unsit.settings.model import ChairSettings, Settings

MACHINE_ID = Path("/etc/machine-id")
HOST_NAME = Path("/proc/sys/kernel/hostname")


def secrets() -> list[str]:
    """What tells this machine from all others."""
    return [file.read_text().strip() for file in (MACHINE_ID, HOST_NAME) if file.exists()]


def test_a_machine_names_its_chair_the_same_on_every_start(tmp_path: Path) -> None:
    program = "from unsit.settings.identity import machine_chair_id; print(machine_chair_id())"
    another_start = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "1", "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert another_start.stdout.strip() == machine_chair_id()


def test_the_chair_is_named_after_the_machine_by_default() -> None:
    assert Settings().chair.id == machine_chair_id()


def test_the_name_can_be_used_in_topics() -> None:
    name = machine_chair_id()

    assert re.fullmatch(r"chair-[0-9a-f]{8}", name)
    assert ChairSettings(id=name).id == name


def test_the_name_holds_no_part_of_what_it_was_made_from() -> None:
    digits = machine_chair_id().removeprefix("chair-")

    assert all(digits not in secret for secret in secrets())


def test_the_name_is_no_plain_hash_that_another_program_would_also_make() -> None:
    digits = machine_chair_id().removeprefix("chair-")
    plain = [
        hashlib.new(algorithm, secret.encode()).hexdigest()
        for algorithm in ("md5", "sha1", "sha256", "blake2b")
        for secret in secrets()
    ]
    plain += [hashlib.blake2b(secret.encode(), digest_size=4).hexdigest() for secret in secrets()]

    assert not any(digits in digest for digest in plain)
