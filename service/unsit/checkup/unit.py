"""The systemd unit: whether it runs, starts at boot, and is as protected as it was shipped."""

import re

from unsit.checkup.buses import bus_of_cells
from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding, Findings, fine, found
from unsit.checkup.installation import Installation

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
"""Properties of systemd/unsit.service that take no part in what the chair can do."""

CONDITION = ("LoadState", "ActiveState", "Result", "UnitFileState", "NRestarts")
ACCESS = ("SupplementaryGroups", "DeviceAllow")


NOT_FOUND = "not-found"
"""The load state of a unit that is not installed."""


def load_state(installation: Installation) -> str | None:
    """Whether the unit is there, in systemd's words; None where there is no systemd."""
    return _shown(installation, "LoadState").get("LoadState")


def check_unit(installation: Installation) -> Findings:
    """What systemd says of the unit; nothing where there is no systemd."""
    name = f"{installation.unit}.service"
    said = _shown(installation, *CONDITION, *ACCESS, *PROTECTION)
    if "LoadState" not in said:
        yield fine("unit", "there is no systemd here")
        return
    yield _condition(installation, said)
    if said["LoadState"] != "loaded":
        return
    if said.get("ActiveState") == "active" and said.get("UnitFileState") == "disabled":
        mend = f"sudo systemctl enable {installation.unit}"
        yield found(Fault.UNIT_DISABLED, "unit", f"{name} runs and does not start at boot", mend)
    yield _protection(installation, said)
    yield from _bus(installation, said)


def _shown(installation: Installation, *properties: str) -> dict[str, str]:
    """What systemd says of the unit's properties; nothing where there is no systemd."""
    name = f"{installation.unit}.service"
    wanted = f"--property={','.join(properties)}"
    answer = installation.machine.ask("systemctl", "show", name, wanted)
    return {} if answer is None or answer.code != 0 else answer.properties()


def _condition(installation: Installation, said: dict[str, str]) -> Finding:
    unit, state = installation.unit, said.get("ActiveState", "unknown")
    if said["LoadState"] == "masked":
        mend = f"sudo systemctl unmask {unit}"
        return found(Fault.UNIT_MASKED, "unit", f"{unit}.service is masked", mend)
    if said["LoadState"] != "loaded":
        return found(Fault.UNIT_MISSING, "unit", f"{unit}.service: {said['LoadState']}")
    if state == "failed" or (state != "active" and said.get("Result", "success") != "success"):
        why = said.get("Result", "unknown")
        mend = f"journalctl -u {unit} -n 50; then sudo systemctl restart {unit}"
        return found(Fault.UNIT_FAILED, "unit", f"{unit}.service has failed: {why}", mend)
    if state != "active":
        mend = f"sudo systemctl enable --now {unit}"
        return found(Fault.UNIT_STOPPED, "unit", f"{unit}.service is {state}", mend)
    return fine("unit", f"{unit}.service is active, restarted {said.get('NRestarts', '0')} times")


def _protection(installation: Installation, said: dict[str, str]) -> Finding:
    weakened = [
        f"{name}={said[name]} instead of {shipped}"
        for name, shipped in PROTECTION.items()
        if name in said and said[name] != shipped
    ]
    exposure = _exposure(installation)
    if not weakened:
        return fine("hardening", f"as shipped{exposure}")
    unit = installation.unit
    mend = f"sudo systemctl revert {unit}, or take that out of systemctl edit {unit}"
    return found(Fault.UNIT_WEAKENED, "hardening", f"{', '.join(weakened)}{exposure}", mend)


def _exposure(installation: Installation) -> str:
    name = f"{installation.unit}.service"
    answer = installation.machine.ask("systemd-analyze", "security", "--no-pager", name)
    level = re.search(r"exposure level for \S+: ([\d.]+)", answer.text) if answer else None
    return f"; systemd-analyze security says {level[1]} of 10" if level else ""


def _bus(installation: Installation, said: dict[str, str]) -> Findings:
    bus = bus_of_cells(installation.settings)
    if bus is None:
        return
    lacks = []
    if bus.group not in said.get("SupplementaryGroups", "").split():
        lacks.append(f"SupplementaryGroups={bus.group}")
    if f"{bus.kind} " not in f"{said.get('DeviceAllow', '')} ":
        lacks.append(f"DeviceAllow={bus.kind} rw")
    if lacks:
        mend = f"sudo systemctl edit {installation.unit}: [Service] {' and '.join(lacks)}"
        words = f"the unit may not open the bus of {installation.settings.load_cell.converter}"
        yield found(Fault.UNIT_WITHOUT_BUS, "unit", words, mend)
