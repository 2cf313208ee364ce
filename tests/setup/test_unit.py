"""``unsit setup`` and the systemd unit: stopped before the questions, started after them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from support.planted_faults import stub
from support.program import Program
from support.pseudo_terminal import Answer, set_up
from support.setup_answers import (
    NOTHING_ELSE,
    WRITE,
    sits_on,
)
from unsit_firmware.simulation.pins import SimulatedContact, SimulatedPins

SetUp = Callable[..., str]


STOPPED = "LoadState=loaded\nActiveState=inactive\nResult=success\nUnitFileState=disabled"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a unit")
def test_the_unit_is_started_if_the_person_agrees(
    pins: SimulatedPins, person: SetUp, tmp_path: Path
) -> None:
    stub(tmp_path / "programs", "systemctl", STOPPED)

    output = person(
        *sits_on(SimulatedContact(pins.pin(17))),
        *NOTHING_ELSE,
        WRITE,
        ("Start the service now", "y"),
    )

    assert output.endswith("It runs.\nTo check the chair at any time: unsit check\n")


def test_the_command_that_installs_a_missing_unit_is_printed(
    pins: SimulatedPins, person: SetUp, tmp_path: Path
) -> None:
    stub(tmp_path / "programs", "systemctl", "LoadState=not-found")

    output = person(
        *sits_on(SimulatedContact(pins.pin(17))),
        *NOTHING_ELSE,
        WRITE,
    )

    assert "from a clone of unsit: sudo systemd/install" in output


def test_a_running_service_is_not_stopped_without_consent(
    pins: SimulatedPins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("--config", str(tmp_path / "unsit.toml"), "--state-dir", str(tmp_path))
    service = ("run", "--simulate", "-", "--set", "mqtt.host=none", "--state-dir", str(tmp_path))
    asked: tuple[Answer, ...] = (("Stop it?", "n"),) if os.geteuid() == 0 else ()
    with Program(*service) as program:
        program.wait_for("the service has started")
        set_up(monkeypatch, *asked, options=options, code=os.EX_UNAVAILABLE)

    assert not (tmp_path / "unsit.toml").exists()
