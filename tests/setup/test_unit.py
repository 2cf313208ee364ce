"""``unsit setup`` and the service: out of the way first, started at the end."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from checkup.planting import stub
from cli.program import Program
from cli.terminal import Answer, set_up
from setup.answers import (
    NOTHING_ELSE,
    WRITE,
    sits_on,
)
from unsit_firmware.simulation import SimulatedContact, SimulatedPins

SetUp = Callable[..., str]


STOPPED = "LoadState=loaded\nActiveState=inactive\nResult=success\nUnitFileState=disabled"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a unit")
def test_the_unit_is_started_for_who_wants_it(
    pins: SimulatedPins, person: SetUp, tmp_path: Path
) -> None:
    stub(tmp_path / "programs", "systemctl", STOPPED)

    said = person(
        *sits_on(SimulatedContact(pins.pin(17))),
        *NOTHING_ELSE,
        WRITE,
        ("Start the service now", "y"),
    )

    assert said.endswith("It runs.\nWhether all is well: unsit check\n")


def test_where_no_unit_is_installed_the_one_command_is_told(
    pins: SimulatedPins, person: SetUp, tmp_path: Path
) -> None:
    stub(tmp_path / "programs", "systemctl", "LoadState=not-found")

    said = person(
        *sits_on(SimulatedContact(pins.pin(17))),
        *NOTHING_ELSE,
        WRITE,
    )

    assert "from a clone of unsit: sudo systemd/install" in said


def test_a_service_that_runs_is_not_disturbed(
    pins: SimulatedPins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("--config", str(tmp_path / "unsit.toml"), "--state-dir", str(tmp_path))
    service = ("run", "--simulate", "-", "--set", "mqtt.host=none", "--state-dir", str(tmp_path))
    asked: tuple[Answer, ...] = (("Stop it?", "n"),) if os.geteuid() == 0 else ()
    with Program(*service) as program:
        program.wait_for("the service has started")
        set_up(monkeypatch, *asked, options=options, code=69)

    assert not (tmp_path / "unsit.toml").exists()
