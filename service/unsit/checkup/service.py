"""Checks of the systemd unit: whether it runs, and what its restrictions allow.

The values are those that systemd has in force, with every drop-in, and not those of the file.
"""

import os
import re
import shlex
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import unsit
from unsit.assembly.broker import NO_BROKER
from unsit.checkup.findings import Fault, Finding, Findings, fine, found
from unsit.checkup.machine import Installation, group_name
from unsit.checkup.pins import Bus, bus_of_cells

PROTECTION = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "DevicePolicy": "closed",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectControlGroups": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "DynamicUser": "yes",
}
"""Properties of systemd/unsit.service that protect the machine; the chair works without them."""

LIMITS = {"MemoryMax": 128 * 2**20, "TasksMax": 32}
"""Limits of systemd/unsit.service, in bytes and in threads."""

CONDITION = (
    *("LoadState", "ActiveState", "SubState", "Result", "UnitFileState", "NRestarts"),
    *("ExecMainStatus", "NeedDaemonReload", "ActiveEnterTimestampMonotonic", "ExecStart"),
)
ACCESS = (
    *("SupplementaryGroups", "DevicePolicy", "DeviceAllow", "User", "DynamicUser"),
    *("PrivateNetwork", "RestrictAddressFamilies", "IPAddressDeny", "IPAddressAllow"),
)

PINS = Bus("pins", "/dev/gpiochip{0}", "gpiod", "gpio", "char-gpiochip", Fault.NO_CHIP)
"""Access to the pins, like that to a bus."""

RESTARTS_MAX = 3
LATELY_S = 600.0
"""Restarts of the service that are named if the last one was less than so many s ago."""

NOT_FOUND = "not-found"
"""Load state of a unit that is not installed."""


def load_state(installation: Installation) -> str | None:
    """Return systemd's load state of the unit, None without systemd."""
    return installation.unit_properties("LoadState").get("LoadState")


def check_unit(installation: Installation) -> Findings:
    """Check the unit: installed, running, protected as shipped, allowed to open the bus."""
    name = f"{installation.unit}.service"
    unit = installation.unit_properties(*CONDITION, *ACCESS, *PROTECTION, *LIMITS)
    if "LoadState" not in unit:
        yield fine("unit", "this machine has no systemd")
        return
    yield _condition(installation, unit)
    if unit["LoadState"] != "loaded":
        return
    if unit.get("ActiveState") == "active" and unit.get("UnitFileState") == "disabled":
        fix = f"sudo systemctl enable {installation.unit}"
        yield found(Fault.UNIT_DISABLED, "unit", f"{name} runs, but does not start at boot", fix)
    yield from _stale(installation, unit)
    yield from _restarting(installation, unit)
    yield from _program(installation, unit)
    yield _protection(installation, unit)
    yield from _limits(installation, unit)
    yield from _devices(installation, unit, PINS, Fault.UNIT_WITHOUT_PINS)
    bus = bus_of_cells(installation.settings)
    if bus is not None:
        yield from _devices(installation, unit, bus, Fault.UNIT_WITHOUT_BUS)
    yield from _network(installation, unit)


def _condition(installation: Installation, unit: dict[str, str]) -> Finding:
    name, state = installation.unit, unit.get("ActiveState", "unknown")
    if unit["LoadState"] == "masked":
        fix = f"sudo systemctl unmask {name}"
        return found(Fault.UNIT_MASKED, "unit", f"{name}.service is masked", fix)
    if unit["LoadState"] != "loaded":
        words = f"{name}.service: {unit['LoadState']}"
        return found(Fault.UNIT_MISSING, "unit", words, _installing(name))
    if state == "failed" or (state != "active" and unit.get("Result", "success") != "success"):
        return _failed(installation, unit)
    if state != "active":
        fix = f"sudo systemctl enable --now {name}"
        return found(Fault.UNIT_STOPPED, "unit", f"{name}.service is {state}", fix)
    return fine("unit", f"{name}.service is active, restarted {unit.get('NRestarts', '0')} times")


def _installing(unit: str) -> str:
    """Return the command that installs the unit, with its place if unsit runs from its source."""
    script = Path(unsit.__file__).parents[2] / "systemd" / "install"
    _, _, chair = unit.partition("@")
    option = f" --chair {shlex.quote(chair)}" if chair else ""
    if script.exists():
        return f"sudo {shlex.quote(str(script))}{option}"
    return f"sudo systemd/install{option}, in the folder of unsit's source"


def _failed(installation: Installation, unit: dict[str, str]) -> Finding:
    """Name the reason for which the service ended, which decides the fix."""
    name, reason = installation.unit, unit.get("Result", "unknown")
    words = f"{name}.service has failed: {reason}"
    restart = f"sudo systemctl restart {name}"
    if reason == "oom-kill":
        fix = f"free -h; end what needs the memory, then {restart}"
        return found(Fault.UNIT_OUT_OF_MEMORY, "unit", words, fix)
    if unit.get("ExecMainStatus") in (str(os.EX_CONFIG), str(os.EX_USAGE)):
        words += f", with the exit status {unit['ExecMainStatus']}"
        fix = f"journalctl -u {name} -n 20 names the setting; correct it, then {restart}"
        return found(Fault.UNIT_WITH_BAD_SETTINGS, "unit", words, fix)
    if reason == "start-limit-hit":
        restart = f"sudo systemctl reset-failed {name} && {restart}"
    return found(Fault.UNIT_FAILED, "unit", words, f"journalctl -u {name} -n 50; then {restart}")


def _stale(installation: Installation, unit: dict[str, str]) -> Findings:
    if unit.get("NeedDaemonReload") == "yes":
        fix = f"sudo systemctl daemon-reload && sudo systemctl restart {installation.unit}"
        yield found(Fault.UNIT_STALE, "unit", "its file has changed since systemd read it", fix)


def _restarting(installation: Installation, unit: dict[str, str]) -> Findings:
    """Name a service that runs, and was started again several times by systemd just before."""
    restarts = _number(unit.get("NRestarts", "")) or 0
    began = _number(unit.get("ActiveEnterTimestampMonotonic", ""))
    if unit.get("ActiveState") != "active" or restarts < RESTARTS_MAX or not began:
        return
    runs_for_s = time.monotonic() - began / 1e6
    if runs_for_s < LATELY_S:
        words = f"restarted {restarts} times, the last time {runs_for_s:.0f} s ago"
        name = installation.unit
        fix = (
            f"journalctl -u {name} -p warning -n 50 names the reason; correct it, then "
            f"sudo systemctl restart {name}"
        )
        yield found(Fault.UNIT_RESTARTING, "unit", words, fix)


def _program(installation: Installation, unit: dict[str, str]) -> Findings:
    """Name another installation in the unit: this one's libraries prove nothing about it.

    A program outside of a virtual environment, such as a script, does not tell where it leads.
    """
    program = re.search(r"\bpath=(\S+)", unit.get("ExecStart", ""))
    if program is None:
        return
    environment = _environment(Path(program[1]))
    is_own = environment == Path(sys.prefix).resolve()
    if is_own or not (environment / "pyvenv.cfg").exists():
        return
    words = f"it runs {program[1]}, and this is the unsit in {sys.prefix}"
    fix = f"sudo {program[1]} check --unit {installation.unit}"
    yield found(Fault.UNIT_OF_OTHER_PROGRAM, "unit", words, fix)


def _environment(program: Path) -> Path:
    """Return the environment of a program such as /opt/unsit/bin/unsit."""
    return program.parent.parent.resolve()


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _protection(installation: Installation, unit: dict[str, str]) -> Finding:
    weakened = [
        f"{name}={unit[name]} instead of {shipped}"
        for name, shipped in PROTECTION.items()
        if name in unit and unit[name] != shipped
    ]
    exposure = _exposure(installation)
    if not weakened:
        return fine("hardening", f"as shipped{exposure}")
    words = f"{', '.join(weakened)}{exposure}"
    return found(Fault.UNIT_WEAKENED, "hardening", words, _revert(installation))


def _exposure(installation: Installation) -> str:
    name = f"{installation.unit}.service"
    answer = installation.machine.run("systemd-analyze", "security", "--no-pager", name)
    level = re.search(r"exposure level for \S+: ([\d.]+)", answer.text) if answer else None
    return f"; systemd-analyze security says {level[1]} of 10" if level else ""


def _limits(installation: Installation, unit: dict[str, str]) -> Findings:
    lower = [
        f"{name}={given} instead of {shipped}"
        for name, shipped in LIMITS.items()
        if (given := _number(unit.get(name, ""))) is not None and given < shipped
    ]
    if lower:
        fix = _revert(installation)
        yield found(Fault.UNIT_SQUEEZED, "unit", ", ".join(lower), fix)


def _revert(installation: Installation) -> str:
    name = installation.unit
    return (
        f"sudo systemctl revert {name}, or remove that from systemctl edit {name}; "
        f"sudo systemctl restart {name}"
    )


def _devices(installation: Installation, unit: dict[str, str], bus: Bus, fault: Fault) -> Findings:
    """Check the group of the devices, and the list of devices that the unit may open."""
    lacks = []
    groups = unit.get("SupplementaryGroups", "").split()
    as_root = unit.get("DynamicUser") != "yes" and unit.get("User", "") in ("", "root")
    wanted = _group_of_devices(installation, bus)
    if wanted not in groups and not as_root:
        lacks.append(f"SupplementaryGroups={wanted}")
    allowed = unit.get("DeviceAllow", "")
    is_closed = unit.get("DevicePolicy") in ("closed", "strict") or bool(allowed)
    if is_closed and not re.search(rf"(^| ){bus.kind} |(^| ){_folder(bus)}", f"{allowed} "):
        lacks.append(f"DeviceAllow={bus.kind} rw")
    if lacks:
        name = installation.unit
        fix = (
            f"sudo systemctl edit {name}: [Service] {' and '.join(lacks)}, then "
            f"sudo systemctl restart {name}"
        )
        what = "the pins" if bus is PINS else f"the bus {bus.name} of the load cells"
        yield found(fault, "unit", f"the unit is not allowed to open {what}", fix)


def _folder(bus: Bus) -> str:
    """Return the beginning of the names of a bus's devices, such as /dev/gpiochip."""
    return bus.device.partition("{")[0]


def _group_of_devices(installation: Installation, bus: Bus) -> str:
    """Return the group of this machine's devices, else the one of Raspberry Pi OS."""
    devices = sorted(installation.machine.path("/dev").glob(bus.devices))
    group = group_name(devices[0].stat().st_gid) if devices else bus.group
    return bus.group if group == "root" else group


def _network(installation: Installation, unit: dict[str, str]) -> Findings:
    """Name what keeps the service from the network, which this check itself may use."""
    if installation.settings.mqtt.host == NO_BROKER:
        return
    lacks = list(_barred(unit))
    if lacks:
        words = f"the unit is not allowed to use the network: {', '.join(lacks)}"
        yield found(Fault.UNIT_WITHOUT_NETWORK, "unit", words, _revert(installation))


def _barred(unit: dict[str, str]) -> Iterator[str]:
    if unit.get("PrivateNetwork") == "yes":
        yield "PrivateNetwork=yes"
    families = unit.get("RestrictAddressFamilies", "")
    is_list_of_others = families.startswith("~")
    if families and ("AF_INET" in families.lstrip("~").split()) is is_list_of_others:
        yield f"RestrictAddressFamilies={families}"
    if "0.0.0.0/0" in unit.get("IPAddressDeny", "").split() and not unit.get("IPAddressAllow"):
        yield "IPAddressDeny=any"
