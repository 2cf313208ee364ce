"""Which machine this is, without telling."""

import hashlib
from pathlib import Path

_MACHINE_ID = Path("/etc/machine-id")


def machine_chair_id() -> str:
    """A chair id that is the same on every start of this machine and on no other.

    The machine id is confidential (machine-id(5)) and goes through a keyed hash. Where there is
    none the host's name serves.
    """
    try:
        machine = _MACHINE_ID.read_text(encoding="ascii").strip()
    except OSError:
        machine = ""
    secret = machine or Path("/proc/sys/kernel/hostname").read_text(encoding="utf-8").strip()
    digest = hashlib.blake2b(secret.encode(), key=b"unsit chair", digest_size=4)
    return f"chair-{digest.hexdigest()}"
