"""``unsit setup`` on a pseudo-terminal, from nothing to a running unit, for each build.

Run as root in a container by test_on_a_real_systemd.py. The parts are simulated: a mat or HX711s
with cells on the pins, moved by what the questions ask. The unit itself has pins without parts.
"""

import json
import shutil
import time
import tomllib
from pathlib import Path

import pytest

from support.setup_person import CORNERS, Answers, SetUpOnTerminal
from systemd.machine import (
    SETTINGS,
    done,
    install,
    of_unit,
    run,
    simulate_pins,
    version_in_use,
)

STATE = Path("/var/lib/private/unsit")
CALIBRATION = Path("/var/lib/unsit/load_cells.json")

ANSWERS_MAX_S = 180.0

CTRL_C, INTERRUPTED = "\x03", 130

BUILDS = {
    "mat": ([], "seat"),
    "one": (["5:6"], "seat"),
    "two": (["5:6", "13:19"], "left,right"),
    "four": (["5:6", "13:19", "16:26", "20:21"], ",".join(CORNERS)),
}
"""Pins of the converters, and the cells that the setup must find."""


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """Install unsit on simulated pins."""
    simulate_pins()
    ended = install()
    assert (ended.code, ended.err) == (0, ""), ended


@pytest.fixture
def nothing_set_up() -> None:
    """Remove settings and state, and stop the unit."""
    done("systemctl", "stop", "unsit")
    run("systemctl", "disable", "unsit")
    SETTINGS.unlink(missing_ok=True)
    shutil.rmtree(STATE, ignore_errors=True)
    CALIBRATION.parent.unlink(missing_ok=True)


def python() -> str:
    """Return the interpreter of the installation."""
    return str(version_in_use() / "bin" / "python")


def by_hand(pairs: list[str]) -> dict[str, list[str]]:
    """Return the answers that name the pins of several converters."""
    if len(pairs) < 2:
        return {}
    pins = [[f"GPIO{pin}" for pin in pair.split(":")] for pair in pairs]
    return {
        "Which converter": ["pin"],
        "data wire": [data for data, _ in pins],
        "its clock": [clock for _, clock in pins],
        "another one?": ["y"] * (len(pairs) - 1),
    }


@pytest.mark.parametrize("build", BUILDS)
def test_a_chair_is_set_up_from_nothing_to_a_running_unit(
    nothing_set_up: None, tmp_path: Path, build: str
) -> None:
    pairs, cells = BUILDS[build]
    begun = time.monotonic()
    with SetUpOnTerminal(tmp_path, pairs, python=python()) as terminal:
        code = terminal.answer_all(Answers(terminal, by_hand(pairs)))
    took_s = time.monotonic() - begun

    assert code == 0, terminal.screen
    assert took_s < ANSWERS_MAX_S
    assert "It runs." in terminal.screen
    assert of_unit("ActiveState") == "active"
    assert of_unit("UnitFileState") == "enabled"
    settings = tomllib.loads(SETTINGS.read_text())
    assert settings["seat"]["kind"] == ("load_cell" if pairs else "mat")
    if pairs:
        assert settings["load_cell"]["cells"] == cells
        assert list(json.loads(CALIBRATION.read_text())["cells"]) == cells.split(",")
        assert CALIBRATION.stat().st_uid == STATE.stat().st_uid != 0


def test_a_service_that_was_stopped_for_the_questions_runs_again_after_ctrl_c(
    tmp_path: Path,
) -> None:
    SETTINGS.write_text('[chair]\nid = "kept"\n')
    before = SETTINGS.read_text()
    done("systemctl", "restart", "unsit")
    with SetUpOnTerminal(tmp_path, python=python()) as terminal:
        assert "Stop it?" in (terminal.next_question() or "")
        terminal.type("y\n")
        assert "under the cushion" in (terminal.next_question() or "")
        assert of_unit("ActiveState") == "inactive"
        terminal.type(CTRL_C)
        code = terminal.end()

    assert code == INTERRUPTED, terminal.screen
    assert terminal.screen.endswith(
        "\r\nStopped; nothing was written.\r\nThe service runs again.\r\n"
    )
    assert of_unit("ActiveState") == "active"
    assert SETTINGS.read_text() == before
