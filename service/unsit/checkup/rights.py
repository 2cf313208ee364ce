"""Whether this user may open the pins and the buses."""

import grp
import os
import pwd
from pathlib import Path

from unsit.checkup.buses import bus_of_cells
from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding, Findings, fine, found
from unsit.checkup.installation import Installation


def check_rights(installation: Installation) -> Findings:
    """Each device that this chair opens: whether the user who asks may."""
    bus = bus_of_cells(installation.settings)
    for pattern in ["gpiochip*", *([] if bus is None else [bus.devices])]:
        devices = sorted(installation.machine.path("/dev").glob(pattern))
        closed = [device for device in devices if not _may_open(device)]
        if closed:
            yield _refused(closed[0])
        elif devices:
            names = ", ".join(device.name for device in devices)
            yield fine("rights", f"{_user()} may open {names}")


def _may_open(device: Path) -> bool:
    return os.access(device, os.R_OK | os.W_OK, effective_ids=True)


def _refused(device: Path) -> Finding:
    group = _group(device)
    user = _user()
    if group == "root":
        rule = f'KERNEL=="{device.name}", GROUP="gpio", MODE="0660"'
        mend = f"give it to a group, as Raspberry Pi OS does, with a udev rule: {rule}"
    else:
        mend = f"sudo usermod -aG {group} {user}, then log in again"
    return found(Fault.NOT_IN_GROUP, "rights", f"{user} may not open {device}", mend)


def _group(device: Path) -> str:
    number = device.stat().st_gid
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _user() -> str:
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
