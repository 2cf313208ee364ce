"""README of the hardware package: its facts match the code, and its examples run."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

import unsit_firmware
from unsit_firmware import PATTERNS, libgpiod, simulation

ROOT = Path(__file__).parents[2]
README = ROOT / "firmware" / "README.md"
TEXT = README.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
CLASSES = ["SimulatedPins", "SimulatedContact", "Person", "Recording", "RecordingWriter"]

RunProgram = Callable[..., str]


@pytest.fixture
def run_example(run_on_simulated_pins: RunProgram) -> Callable[[str], str]:
    """Return a function that runs the example with a word in it, with a person at pin 17."""

    def run(word: str) -> str:
        [example] = [example for example in EXAMPLES if word in example]
        return run_on_simulated_pins(example, UNSIT_SIM_SCRIPT="stand 0.5s, sit 1h")

    return run


def test_the_example_of_the_mat_sees_somebody_sit_down(run_example: Callable[[str], str]) -> None:
    assert run_example("mat.reread()") == "empty\nsat down 0.0 s ago\n"


def test_the_example_of_the_button_and_another_contact_runs(
    run_example: Callable[[str], str],
) -> None:
    assert run_example("PushButton(") == "pressed\n"


def test_the_example_of_the_buzzers_names_every_pattern(
    run_example: Callable[[str], str],
) -> None:
    assert run_example("PATTERNS") == f"patterns: {', '.join(PATTERNS)}\n"


def test_the_example_of_the_simulated_pins_sits_and_stands(
    run_example: Callable[[str], str],
) -> None:
    assert run_example("SimulatedPins(") == "True\nFalse\n" * 2


def test_the_example_of_recordings_writes_and_reads(run_example: Callable[[str], str]) -> None:
    moves = [(timedelta(0), True), (timedelta(minutes=40), False)]
    assert run_example("RecordingWriter(") == f"0:40:00 {moves[0]} {moves[1]}\n[True, False]\n"


def test_every_example_is_run_by_one_of_these_tests() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    words = re.findall(r'run_example\("(.*?)"\)', source)
    run = [example for word in words for example in EXAMPLES if word in example]
    assert sorted(run) == sorted(EXAMPLES)


def test_every_class_has_an_example() -> None:
    devices = [name for name in unsit_firmware.__all__ if not name.endswith("Error")]
    missing = [name for name in [*devices, *CLASSES] if name not in "".join(EXAMPLES)]
    assert missing == ["Pattern"]  # an alias for a tuple of beeps, which an example has


def test_the_example_of_the_choice_names_the_back_end(run_example: Callable[[str], str]) -> None:
    chosen = "unsit_sim, because GPIOZERO_PIN_FACTORY names it"
    assert run_example("choose_pins(") == f"{chosen}\nSimulatedPins False\n"


def test_every_module_is_named_and_no_other() -> None:
    package = ROOT / "firmware" / "unsit_firmware"
    modules = {path.stem for path in package.glob("*.py") if path.stem != "__init__"}
    modules |= {path.parent.name for path in package.glob("*/__init__.py")}
    assert set(re.findall(r"^\| `(\w+)` \| ", TEXT, re.MULTILINE)) - VARIABLES == modules


VARIABLES = set(re.findall(r"UNSIT_SIM_\w+", simulation.__doc__ or ""))


def test_the_table_names_exactly_the_variables_of_the_simulated_pins() -> None:
    assert VARIABLES
    assert set(re.findall(r"^\| `(UNSIT_SIM_\w+)` \| ", TEXT, re.MULTILINE)) == VARIABLES
    assert set(re.findall(r"UNSIT_SIM_\w+", TEXT)) == VARIABLES


def test_the_labels_and_the_variable_of_the_pin_factory_are_named() -> None:
    assert set(re.findall(r"pinctrl-\w+", TEXT)) == set(libgpiod.HEADER_LABELS)
    assert libgpiod.CHIP_VARIABLE in TEXT


def test_the_table_has_the_defaults_of_the_simulated_pins() -> None:
    documented = dict(
        re.findall(
            r"``(UNSIT_SIM_\w+)``[^`]*?Default (\w+)\.$", simulation.__doc__ or "", re.MULTILINE
        )
    )
    table = dict(re.findall(r"^\| `(UNSIT_SIM_\w+)` \| (\w+) \|", TEXT, re.MULTILINE))
    assert documented
    assert table == dict.fromkeys(VARIABLES, "nobody") | documented


def test_every_link_and_every_file_that_is_named_exists() -> None:
    links = re.findall(r"\]\((\.[^)#]*)", TEXT)
    files = re.findall(r"`((?:firmware|service|tests|hardware)/[\w/.]+)`", TEXT)
    assert "../hardware/README.md" in links
    assert [link for link in links if not (README.parent / link).exists()] == []
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_the_readme_is_short() -> None:
    assert len(TEXT.splitlines()) < 180
