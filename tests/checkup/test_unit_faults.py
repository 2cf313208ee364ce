"""Faults of the unit, planted with a systemctl on the path that obeys the fix."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support.places import RIGS
from support.planted_faults import faultless, finding_of, installed, with_path, write
from support.remedies import Cure, FakeSystemd
from unsit.checkup.findings import Fault, Finding
from unsit.checkup.service import LATELY_S, PROTECTION, check_unit
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import MqttSettings, SeatSettings

Put = Callable[..., None]

RUNNING = {
    "LoadState": "loaded",
    "ActiveState": "active",
    "Result": "success",
    "UnitFileState": "enabled",
    "NRestarts": "0",
    "ExecMainStatus": "0",
    "NeedDaemonReload": "no",
    "ExecStart": f"{{ path={sys.prefix}/bin/unsit ; argv[]={sys.prefix}/bin/unsit run ; }}",
    "SupplementaryGroups": "gpio",
    "DeviceAllow": "char-gpiochip rw",
    "MemoryMax": "134217728",
    "TasksMax": "32",
    "PrivateNetwork": "no",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "IPAddressDeny": "",
    "IPAddressAllow": "",
} | PROTECTION

CELLS: dict[str, Any] = {
    "seat": SeatSettings(kind="load_cell"),
    "load_cell": LoadCellSettings(converter="hx711_spi"),
}
BROKER: dict[str, Any] = {"mqtt": MqttSettings(host="broker.example")}

Check = Callable[..., list[Finding]]


@pytest.fixture
def systemd(program: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSystemd:
    program("systemd-analyze", "→ Overall exposure level for unsit.service: 1.4 OK :-)")
    monkeypatch.setenv("PATH", with_path(tmp_path / "programs"))
    return FakeSystemd(tmp_path, RUNNING)


@pytest.fixture
def check(systemd: FakeSystemd, tmp_path: Path) -> Check:
    """Return a function that checks the unit, with some properties changed if there are any."""

    def check(sections: dict[str, Any] | None = None, **but: str) -> list[Finding]:
        if but:
            systemd.plant(**but)
        return list(check_unit(installed(tmp_path, tmp_path / "root", **(sections or {}))))

    return check


def test_a_unit_that_runs_as_shipped_is_reported_with_its_exposure(check: Check) -> None:
    unit, hardening = faultless(check())

    assert unit.words == "unsit.service is active, restarted 0 times"
    assert hardening.words == "as shipped; systemd-analyze security says 1.4 of 10"


@pytest.mark.parametrize(
    ("but", "fault", "fix"),
    [
        ({"LoadState": "masked"}, Fault.UNIT_MASKED, "sudo systemctl unmask unsit"),
        (
            {"ActiveState": "failed", "Result": "exit-code"},
            Fault.UNIT_FAILED,
            "journalctl -u unsit",
        ),
        ({"ActiveState": "activating", "Result": "watchdog"}, Fault.UNIT_FAILED, "journalctl"),
        ({"ActiveState": "failed", "Result": "start-limit-hit"}, Fault.UNIT_FAILED, "reset-failed"),
        ({"ActiveState": "failed", "Result": "oom-kill"}, Fault.UNIT_OUT_OF_MEMORY, "free -h"),
        (
            {"ActiveState": "failed", "Result": "exit-code", "ExecMainStatus": "78"},
            Fault.UNIT_WITH_BAD_SETTINGS,
            "journalctl -u unsit -n 20 names the setting",
        ),
        ({"ActiveState": "inactive"}, Fault.UNIT_STOPPED, "sudo systemctl enable --now unsit"),
        ({"UnitFileState": "disabled"}, Fault.UNIT_DISABLED, "sudo systemctl enable unsit"),
        ({"NeedDaemonReload": "yes"}, Fault.UNIT_STALE, "sudo systemctl daemon-reload && "),
        ({"NoNewPrivileges": "no"}, Fault.UNIT_WEAKENED, "sudo systemctl revert unsit"),
        ({"MemoryMax": "33554432"}, Fault.UNIT_SQUEEZED, "sudo systemctl revert unsit"),
        ({"TasksMax": "8"}, Fault.UNIT_SQUEEZED, "sudo systemctl revert unsit"),
    ],
)
def test_the_state_of_a_unit_that_does_not_serve_is_named_and_its_fix_works(
    cure: Cure,
    systemd: FakeSystemd,
    check: Check,
    but: dict[str, str],
    fault: Fault,
    fix: str,
) -> None:
    systemd.plant(**but)

    finding = cure.by_command(fault, check)

    assert fix in str(finding.fix)


@pytest.mark.parametrize(
    "but",
    [
        {"PrivateNetwork": "yes"},
        {"RestrictAddressFamilies": "AF_UNIX"},
        {"RestrictAddressFamilies": "~AF_INET AF_INET6"},
        {"IPAddressDeny": "::/0 0.0.0.0/0"},
    ],
)
def test_a_unit_that_may_not_use_the_network_is_named_though_the_check_may(
    cure: Cure, systemd: FakeSystemd, check: Check, but: dict[str, str]
) -> None:
    systemd.plant(**but)

    finding = cure.by_command(Fault.UNIT_WITHOUT_NETWORK, lambda: check(BROKER))

    assert next(iter(but)) in finding.words


def test_a_chair_without_a_broker_needs_no_network(check: Check) -> None:
    faultless(check(PrivateNetwork="yes"))


def test_protection_that_was_taken_away_is_named_property_by_property(check: Check) -> None:
    finding = finding_of(Fault.UNIT_WEAKENED, check(NoNewPrivileges="no", ProtectSystem="no"))

    assert "NoNewPrivileges=no instead of yes, ProtectSystem=no instead of strict" in finding.words


def test_a_unit_that_may_not_open_the_bus_of_the_cells_is_named(cure: Cure, check: Check) -> None:
    finding = cure.by_command(Fault.UNIT_WITHOUT_BUS, lambda: check(CELLS))

    assert "SupplementaryGroups=spi and DeviceAllow=char-spi rw" in str(finding)


@pytest.mark.parametrize(
    ("but", "lack"),
    [
        ({"SupplementaryGroups": ""}, "SupplementaryGroups=gpio"),
        ({"DeviceAllow": "/dev/null rw"}, "DeviceAllow=char-gpiochip rw"),
        ({"SupplementaryGroups": "video", "DeviceAllow": ""}, " and "),
    ],
)
def test_a_unit_that_may_not_open_the_pins_is_named(
    cure: Cure, systemd: FakeSystemd, check: Check, but: dict[str, str], lack: str
) -> None:
    systemd.plant(**but)

    finding = cure.by_command(Fault.UNIT_WITHOUT_PINS, check)

    assert lack in str(finding)


def test_the_group_of_the_pins_is_that_of_this_machine(check: Check, tmp_path: Path) -> None:
    chip = write(tmp_path / "root/dev/gpiochip0", "")
    os.chown(chip, 0, 44)

    assert "SupplementaryGroups=video" in str(finding_of(Fault.UNIT_WITHOUT_PINS, check()))


def test_a_service_that_fails_again_and_again_is_named_although_it_runs(
    cure: Cure, systemd: FakeSystemd, check: Check
) -> None:
    began = {"NRestarts": "17", "ActiveEnterTimestampMonotonic": f"{time.monotonic_ns() // 1000}"}
    systemd.plant(**began)

    finding = cure.by_command(Fault.UNIT_RESTARTING, check)

    assert finding.words == "restarted 17 times, the last time 0 s ago"
    long_ago = time.monotonic() - LATELY_S
    if long_ago > 0:  # the machine has run for longer
        faultless(check(NRestarts="17", ActiveEnterTimestampMonotonic=f"{long_ago * 1e6:.0f}"))


def test_a_unit_of_another_installation_is_named_with_the_check_to_run(
    cure: Cure, systemd: FakeSystemd, check: Check, tmp_path: Path
) -> None:
    program = write(tmp_path / "srv" / "bin" / "unsit", "")
    other = f"{{ path={program} ; argv[]={program} run ; ignore_errors=no }}"
    faultless(check(ExecStart=other))
    write(tmp_path / "srv" / "pyvenv.cfg", "")

    systemd.plant(ExecStart=other)
    ran = tmp_path / "ran"
    program.write_text(f"#!/bin/sh\n[ \"$*\" = 'check --unit unsit' ] && touch {ran}\n")
    program.chmod(0o755)

    finding = finding_of(Fault.UNIT_OF_OTHER_PROGRAM, check())

    assert finding.fix == f"sudo {program} check --unit unsit"
    cure.by_command(
        Fault.UNIT_OF_OTHER_PROGRAM, check, then=lambda: systemd.plant() if ran.exists() else None
    )


@pytest.mark.parametrize(("name", "options"), [("unsit", ""), ("unsit@left", " --chair left")])
def test_a_unit_that_is_not_installed_is_named_with_the_script_that_does_it(
    cure: Cure, systemd: FakeSystemd, tmp_path: Path, name: str, options: str
) -> None:
    systemd.plant(LoadState="not-found")
    chair = replace(installed(tmp_path, tmp_path / "root"), unit=name)

    finding = cure.by_hand(
        Fault.UNIT_MISSING, lambda: check_unit(chair), "systemd/install", systemd.plant
    )

    folder, script, rest = str(finding.fix).removeprefix("sudo ").partition("systemd/install")
    assert Path(folder or RIGS.parent, script).is_file()  # a wheel has no source beside it
    assert rest.removesuffix(", in the folder of unsit's source") == options


def test_a_machine_without_systemd_has_no_fault_of_the_unit(program: Put, tmp_path: Path) -> None:
    program("systemctl", "System has not been booted with systemd as init system", 1)

    findings = faultless(check_unit(installed(tmp_path)))
    assert [finding.words for finding in findings] == ["this machine has no systemd"]
