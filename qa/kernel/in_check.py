"""``unsit check`` on a real kernel, which names the holder of a line; run by test_check.py."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import gpiod
import pytest

from support.gpio_benches import BUZZER, MAT
from support.gpio_lines import chip_control
from support.program import Program

CHIP = "/dev/gpiochip0"
NO_BROKER = ("--set", "mqtt.host=none")


@pytest.fixture(autouse=True)
def seat() -> None:
    """Connect an open mat to its pin."""
    chip_control().connect(MAT, False)


def check(state: Path) -> dict[str, dict[str, Any]]:
    """Return the findings of ``unsit check`` by subject."""
    ended = subprocess.run(
        [sys.executable, "-m", "unsit", "check", "--json", *NO_BROKER, "--state-dir", str(state)],
        capture_output=True,
        text=True,
    )
    assert ended.stdout, ended.stderr
    return {finding["subject"]: finding for finding in json.loads(ended.stdout)["findings"]}


def test_the_board_its_chip_and_its_lines_are_named(tmp_path: Path) -> None:
    found = check(tmp_path)

    assert found["board"]["words"].startswith("Raspberry Pi Zero 2 W Rev 1.0, ")
    assert found["rights"]["words"] == "root may open gpiochip0"
    assert found["pins"]["words"].startswith(f"gpiod on {CHIP} (pinctrl-bcm2835), because ")
    assert found["seat.pin"]["words"] == "GPIO17 is free; the circuit is open: not pressed"
    assert found["buzzer.pin"]["words"] == "GPIO18 is free; the output is off"


def test_a_line_that_another_program_holds_is_named_with_that_program(tmp_path: Path) -> None:
    with gpiod.request_lines(CHIP, {BUZZER: gpiod.LineSettings()}, consumer="radio"):
        buzzer = check(tmp_path)["buzzer.pin"]

    assert (buzzer["fault"], buzzer["words"]) == ("pin_held", "GPIO18 is held by radio")


def test_a_running_service_is_distinguished_from_another_chair_and_not_disturbed(
    tmp_path: Path,
) -> None:
    ours, others = tmp_path / "ours", tmp_path / "others"
    with Program("run", *NO_BROKER, "--state-dir", str(ours)) as service:
        service.wait_for("the service has started")
        beside, other = check(ours), check(others)
        chip_control().connect(MAT, True)
        service.wait_for("sat down")

    for key in ("seat.pin", "buzzer.pin"):
        assert beside[key]["verdict"] == "ok"
        assert "is held by the running service" in beside[key]["words"]
        assert other[key]["fault"] == "two_on_pin"
