"""``unsit setup`` on real lines: it finds the mat, and the buzzer beeps twice.

Run as root in a guest by test_unit.py. ``qa/systemd/in_beep.py`` follows the page that leads here.
"""

import tomllib
from pathlib import Path

import pytest

from kernel.in_systemd import put_installation
from support.gpio_benches import BUZZER, MAT
from support.setup_person import Answers, SetUpOnTerminal

ON_CHIP = Path(__file__).parents[2] / "tests" / "support" / "setup_on_chip.py"
SETTINGS = Path("/etc/unsit/unsit.toml")


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """Write the program and the unit as an installation leaves them, without settings."""
    put_installation("")


def test_the_setup_finds_the_mat_and_beeps_twice(tmp_path: Path) -> None:
    beeps = 0
    with SetUpOnTerminal(tmp_path, program=ON_CHIP) as terminal:
        answers = Answers(terminal)
        while (question := terminal.next_question()) is not None:
            if "Listen for" in question:
                terminal.beeps()
            if "Did you hear" in question:
                beeps = terminal.beeps()
            terminal.type(f"{answers.answer(question)}\n")
        assert terminal.end() == 0, terminal.screen

    assert beeps == 2, terminal.screen
    settings = tomllib.loads(SETTINGS.read_text())
    assert (settings["seat"]["pin"], settings["buzzer"]["pin"]) == (MAT, BUZZER)
