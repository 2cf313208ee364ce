"""``unsit check``: its lines, exit codes and JSON, and its guided steps."""

import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest
from gpiozero import Device

from support.program import Ended, here, run
from support.pseudo_terminal import at_the_terminal
from unsit.checkup.findings import Fault
from unsit_firmware.simulation.pins import SimulatedContact, SimulatedPins

ON_SIMULATED_PINS = {"GPIOZERO_PIN_FACTORY": "unsit_sim"}
NO_BROKER = ("--set", "mqtt.host=none")


def check(*arguments: str, state: Path, env: dict[str, str] | None = None) -> Ended:
    simulated = ON_SIMULATED_PINS | (env or {})
    return here("check", "--state-dir", str(state), *arguments, env=simulated)


def line(ended: Ended, subject: str) -> str:
    """Return the line about a subject."""
    [found] = [line for line in ended.lines if line[6:].startswith(f"{subject} ")]
    return found


def test_everything_is_checked_and_warnings_alone_end_with_0(tmp_path: Path) -> None:
    wired = ("--set", "button.pin=27", "--set", "led.pin=22")

    ended = run("check", "--state-dir", str(tmp_path), *NO_BROKER, *wired, env=ON_SIMULATED_PINS)

    assert (ended.code, ended.err) == (0, "")
    assert line(ended, "settings") == (
        "ok    settings       3 of them are not the default; see: unsit config"
    )
    assert line(ended, "pins").endswith("unsit_sim, because GPIOZERO_PIN_FACTORY names it")
    assert line(ended, "seat.pin").endswith("GPIO17 is free; the circuit is open: not pressed")
    assert line(ended, "buzzer.pin").endswith("GPIO18 is free; the output is off")
    assert line(ended, "button.pin").endswith("GPIO27 is free; the circuit is open: not pressed")
    assert line(ended, "led.pin").endswith("GPIO22 is free; the output is off")
    assert line(ended, "state").startswith("ok    state ")
    for subject in ("board", "kernel", "python", "gpiozero", "paho-mqtt", "broker", "clock"):
        assert line(ended, subject)


def test_a_pressed_mat_is_seen_and_a_normally_closed_one_is_inverted(
    tmp_path: Path,
) -> None:
    sitting = {"UNSIT_SIM_SCRIPT": "sit 1h"}

    closed = check(*NO_BROKER, state=tmp_path, env=sitting)
    opening = check(*NO_BROKER, "--set", "seat.normally_closed=true", state=tmp_path)

    assert line(closed, "seat.pin").endswith("the circuit is closed to ground: pressed")
    assert line(opening, "seat.pin").endswith("the circuit is open: pressed")


def test_the_exit_code_is_that_of_the_failure_to_fix_first(tmp_path: Path) -> None:
    down = ("--set", "mqtt.host=127.0.0.1", "--set", "mqtt.port=1")
    absent = (
        *("--set", "mqtt.username=chair"),
        *("--set", f"mqtt.password_file={tmp_path / 'absent'}"),
    )

    assert check(*down, state=tmp_path).code == os.EX_UNAVAILABLE
    assert check(*down, *absent, state=tmp_path).code == os.EX_CONFIG


def test_bad_settings_are_a_finding_and_the_checks_without_settings_still_run(
    tmp_path: Path,
) -> None:
    ended = check("--set", "seat.pin=99", state=tmp_path)

    assert (ended.code, ended.err) == (os.EX_CONFIG, "")
    assert line(ended, "settings").startswith("fail  settings       --set seat.pin: seat.pin = ")
    assert line(ended, "clock")
    assert "GPIO" not in ended.out


def test_the_json_has_the_same_findings(tmp_path: Path) -> None:
    ended = check("--json", *NO_BROKER, "--set", "seat.pin=3", state=tmp_path)

    document: dict[str, Any] = json.loads(ended.out)
    assert set(document) == {"schema", "unsit", "verdict", "exit", "findings"}
    assert (document["schema"], document["exit"]) == (2, ended.code)
    faults = {None, *(fault.name.lower() for fault in Fault)}
    for finding in document["findings"]:
        assert set(finding) == {"verdict", "subject", "words", "fault", "fix"}
        assert finding["verdict"] in ("ok", "warn", "fail")
        assert finding["fault"] in faults
        assert (finding["fix"] is None) is (finding["fault"] is None)
    pages = Path(__file__).parents[2] / "service"
    page = (pages / "setup-and-check.md").read_text(encoding="utf-8")
    for key in (*document, *document["findings"][0]):
        assert f"`{key}`" in page
    worst = {finding["verdict"] for finding in document["findings"]}
    assert document["verdict"] == (
        "fail" if "fail" in worst else "warn" if "warn" in worst else "ok"
    )


def test_guided_without_a_terminal_is_refused(tmp_path: Path) -> None:
    ended = check("--guided", state=tmp_path)

    assert (ended.code, ended.complaint) == (
        os.EX_USAGE,
        "unsit: unsit check --guided asks questions; run it in a terminal",
    )


@pytest.mark.parametrize("both", [("--json", "--guided"), ("--guided", "--json")])
def test_json_and_guided_exclude_each_other(both: tuple[str, str]) -> None:
    assert here("check", *both).code == os.EX_USAGE


def test_the_guided_steps_find_a_mat_at_another_pin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = SimulatedPins()
    monkeypatch.setattr(Device, "pin_factory", pins)
    mat = SimulatedContact(pins.pin(24))
    answers = (
        ("leave the seat empty", ""),
        ("Sit down", "", lambda: mat.set(True)),
        ("Stand up again", "", lambda: mat.set(False)),
        ("Listen", ""),
        ("Did you hear", "y"),
    )
    command = ("check", "--guided", *NO_BROKER, "--state-dir", str(tmp_path))

    output = at_the_terminal(monkeypatch, command, answers, code=os.EX_UNAVAILABLE)

    assert "fail  seat           GPIO24 follows you, not GPIO17; seat.pin = 24" in output
    assert "ok    buzzer         heard at GPIO18" in output


def test_warnings_are_logged_again_after_a_check(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    here("check", *NO_BROKER, "--state-dir", str(tmp_path))
    logging.getLogger("unsit").warning("the log is heard")

    assert "the log is heard" in caplog.text
