"""Faults of the unit: what systemctl says of it, told by a program of that name on the path."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checkup.planting import installed, named, sound
from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding
from unsit.checkup.unit import PROTECTION, check_unit
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import SeatSettings

Put = Callable[..., None]

RUNNING = {
    "LoadState": "loaded",
    "ActiveState": "active",
    "Result": "success",
    "UnitFileState": "enabled",
    "NRestarts": "0",
    "SupplementaryGroups": "gpio",
    "DeviceAllow": "char-gpiochip rw",
} | PROTECTION


@pytest.fixture
def said(program: Put, tmp_path: Path) -> Callable[..., list[Finding]]:
    """What a check says of a unit of which systemctl says that it runs, but for some properties."""
    level = "→ Overall exposure level for unsit.service: 1.4 OK :-)"
    program("systemd-analyze", level)

    def check(sections: dict[str, Any] | None = None, **but: str) -> list[Finding]:
        lines = (f"{name}={value}" for name, value in (RUNNING | but).items())
        program("systemctl", "\n".join(lines))
        return list(check_unit(installed(tmp_path, **(sections or {}))))

    return check


def test_a_unit_that_runs_as_shipped_is_told_with_its_exposure(
    said: Callable[..., list[Finding]],
) -> None:
    unit, hardening = sound(said())

    assert unit.words == "unsit.service is active, restarted 0 times"
    assert hardening.words == "as shipped; systemd-analyze security says 1.4 of 10"


@pytest.mark.parametrize(
    ("but", "fault", "mend"),
    [
        ({"LoadState": "not-found"}, Fault.UNIT_MISSING, "sudo systemd/install"),
        ({"LoadState": "masked"}, Fault.UNIT_MASKED, "sudo systemctl unmask unsit"),
        (
            {"ActiveState": "failed", "Result": "exit-code"},
            Fault.UNIT_FAILED,
            "journalctl -u unsit",
        ),
        ({"ActiveState": "activating", "Result": "watchdog"}, Fault.UNIT_FAILED, "journalctl"),
        ({"ActiveState": "inactive"}, Fault.UNIT_STOPPED, "sudo systemctl enable --now unsit"),
        ({"UnitFileState": "disabled"}, Fault.UNIT_DISABLED, "sudo systemctl enable unsit"),
    ],
)
def test_the_state_of_a_unit_that_does_not_serve_is_named(
    said: Callable[..., list[Finding]], but: dict[str, str], fault: Fault, mend: str
) -> None:
    assert mend in str(named(fault, said(**but)))


def test_protection_that_was_taken_away_is_named_property_by_property(
    said: Callable[..., list[Finding]],
) -> None:
    finding = named(Fault.UNIT_WEAKENED, said(NoNewPrivileges="no", ProtectSystem="no"))

    assert "NoNewPrivileges=no instead of yes, ProtectSystem=no instead of strict" in finding.words
    assert "sudo systemctl revert unsit" in str(finding)


def test_a_unit_that_may_not_open_the_bus_of_the_cells_is_named(
    said: Callable[..., list[Finding]],
) -> None:
    sections = {
        "seat": SeatSettings(kind="load_cell"),
        "load_cell": LoadCellSettings(converter="hx711_spi"),
    }

    finding = named(Fault.UNIT_WITHOUT_BUS, said(sections))

    assert "SupplementaryGroups=spi and DeviceAllow=char-spi rw" in str(finding)
    sound(said(sections, SupplementaryGroups="gpio spi", DeviceAllow="char-spi rw"))


def test_a_machine_without_systemd_has_no_unit_to_find_fault_with(
    program: Put, tmp_path: Path
) -> None:
    program("systemctl", "System has not been booted with systemd as init system", 1)

    assert [f.words for f in sound(check_unit(installed(tmp_path)))] == ["there is no systemd here"]
