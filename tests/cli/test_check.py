"""``unsit check``: one line each, the worst failure's exit code, JSON, and a person who helps."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from gpiozero import Device

from cli.program import Ended, here, run
from cli.terminal import at_the_terminal
from unsit.checkup.faults import Fault
from unsit_firmware.simulation import SimulatedContact, SimulatedPins

ON_SIMULATED_PINS = {"GPIOZERO_PIN_FACTORY": "unsit_sim"}
NO_BROKER = ("--set", "mqtt.host=none")


def check(*arguments: str, state: Path, env: dict[str, str] | None = None) -> Ended:
    simulated = ON_SIMULATED_PINS | (env or {})
    return run("check", "--state-dir", str(state), *arguments, env=simulated)


def line(ended: Ended, subject: str) -> str:
    """The line about a subject."""
    [found] = [line for line in ended.lines if line[6:].startswith(f"{subject} ")]
    return found


def test_it_looks_at_everything_and_warnings_alone_end_with_0(tmp_path: Path) -> None:
    wired = ("--set", "button.pin=27", "--set", "led.pin=22")

    ended = check(*NO_BROKER, *wired, state=tmp_path)

    assert (ended.code, ended.err) == (0, "")
    assert line(ended, "settings") == (
        "ok    settings       3 of them are not the default; see: unsit config"
    )
    assert line(ended, "pins").endswith("unsit_sim, because GPIOZERO_PIN_FACTORY names it")
    assert line(ended, "seat.pin").endswith("GPIO17 is free; the circuit is open: not pressed")
    assert line(ended, "buzzer.pin").endswith("GPIO18 is free; an output that is off")
    assert line(ended, "button.pin").endswith("GPIO27 is free; the circuit is open: not pressed")
    assert line(ended, "led.pin").endswith("GPIO22 is free; an output that is off")
    assert line(ended, "state").startswith("ok    state ")
    for subject in ("board", "kernel", "python", "gpiozero", "paho-mqtt", "broker", "clock"):
        assert line(ended, subject)


def test_a_mat_that_is_pressed_is_seen_and_one_that_opens_is_read_the_other_way_round(
    tmp_path: Path,
) -> None:
    sitting = {"UNSIT_SIM_SCRIPT": "sit 1h"}

    closed = check(*NO_BROKER, state=tmp_path, env=sitting)
    opening = check(*NO_BROKER, "--set", "seat.normally_closed=true", state=tmp_path)

    assert line(closed, "seat.pin").endswith("the circuit is closed to ground: pressed")
    assert line(opening, "seat.pin").endswith("the circuit is open: pressed")


def test_the_exit_code_is_that_of_what_must_be_mended_first(tmp_path: Path) -> None:
    down = ("--set", "mqtt.host=127.0.0.1", "--set", "mqtt.port=1")
    absent = (
        *("--set", "mqtt.username=chair"),
        *("--set", f"mqtt.password_file={tmp_path / 'absent'}"),
    )

    assert check(*down, state=tmp_path).code == 69
    assert check(*down, *absent, state=tmp_path).code == 78


def test_bad_settings_are_a_line_and_what_needs_no_settings_is_looked_at_all_the_same(
    tmp_path: Path,
) -> None:
    ended = check("--set", "seat.pin=99", state=tmp_path)

    assert (ended.code, ended.err) == (78, "")
    assert line(ended, "settings").startswith("fail  settings       --set seat.pin: seat.pin = ")
    assert line(ended, "clock")
    assert "GPIO" not in ended.out


def test_as_json_it_says_the_same_to_programs(tmp_path: Path) -> None:
    ended = check("--json", *NO_BROKER, "--set", "seat.pin=3", state=tmp_path)

    said: dict[str, Any] = json.loads(ended.out)
    assert set(said) == {"schema", "unsit", "verdict", "exit", "findings"}
    assert (said["schema"], said["exit"]) == (1, ended.code)
    faults = {None, *(fault.name.lower() for fault in Fault)}
    for finding in said["findings"]:
        assert set(finding) == {"verdict", "subject", "words", "fault", "mend"}
        assert finding["verdict"] in ("ok", "warn", "fail")
        assert finding["fault"] in faults
        assert (finding["mend"] is None) is (finding["fault"] is None)
    page = (Path(__file__).parents[2] / "service" / "README.md").read_text(encoding="utf-8")
    for key in (*said, *said["findings"][0]):
        assert f"`{key}`" in page
    worst = {finding["verdict"] for finding in said["findings"]}
    assert said["verdict"] == ("fail" if "fail" in worst else "warn" if "warn" in worst else "ok")


def test_guided_without_a_terminal_is_refused(tmp_path: Path) -> None:
    ended = check("--guided", state=tmp_path)

    assert (ended.code, ended.complaint) == (
        64,
        "unsit: unsit check --guided asks questions; run it in a terminal",
    )


@pytest.mark.parametrize("both", [("--json", "--guided"), ("--guided", "--json")])
def test_programs_are_not_asked_to_sit_down(both: tuple[str, str]) -> None:
    assert here("check", *both).code == 64


def test_guided_it_finds_with_a_person_what_no_program_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = SimulatedPins(environment={})
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

    said = at_the_terminal(monkeypatch, command, answers, code=69)

    assert "fail  seat           GPIO24 follows you, and not GPIO17; seat.pin = 24" in said
    assert "ok    buzzer         heard at GPIO18" in said


def test_what_is_warned_of_after_a_check_is_logged_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    here("check", *NO_BROKER, "--state-dir", str(tmp_path))
    logging.getLogger("unsit").warning("the log is heard")

    assert "the log is heard" in caplog.text
