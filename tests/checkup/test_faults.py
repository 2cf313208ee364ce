"""Table of faults: a test plants each one and carries out its fix, which names real settings."""

import re
from pathlib import Path

import pytest

from support.remedies import carried_out
from unsit.checkup.findings import Fault, fine, found
from unsit.cli.check import exit_code
from unsit.settings.load import known_keys, sections

HERE = Path(__file__).parent
NOT_CARRIED_OUT: dict[Fault, str] = {}
"""Faults whose fix no test can carry out, with the reason."""


def test_the_fix_of_each_fault_is_carried_out_by_a_test() -> None:
    carried = {it.fault for it in carried_out(HERE)}

    assert carried | set(NOT_CARRIED_OUT) == set(Fault)
    assert not carried & set(NOT_CARRIED_OUT)


@pytest.mark.parametrize(
    "call", ["cure.by_hand(Fault.NO_PULL, check, 'x', act)", "cure.by_x(fault)"]
)
def test_a_remedy_counts_only_for_the_faults_of_its_call(tmp_path: Path, call: str) -> None:
    """A fault that a test names elsewhere, such as one that may follow, is not cured by it."""
    (tmp_path / "test_one.py").write_text(
        "@pytest.mark.parametrize('fault', [Fault.NO_PULL])\n"
        f"def test_one(cure, fault):\n    {call}\n    finding_of(Fault.PIN_HELD, check())\n"
        "def test_two(fault):\n    finding_of(Fault.NO_CHIP, check())\n"
    )

    assert [it.fault for it in carried_out(tmp_path)] == [Fault.NO_PULL]


def test_the_table_of_faults_is_long() -> None:
    assert len(Fault) >= 120


def test_every_setting_that_a_fix_names_exists() -> None:
    names = "|".join(sections())
    for fault in Fault:
        named = re.findall(rf"\b((?:{names})\.[a-z_]+)", fault.value.fix)
        assert {key for key in named if not key.endswith(".service")} <= set(known_keys()), fault


def test_the_exit_code_is_that_of_the_failure_to_fix_first() -> None:
    absent, closed = found(Fault.NO_CHIP, "pins", "none"), found(Fault.NOT_IN_GROUP, "pins", "no")
    settings = found(Fault.SETTINGS_BAD, "settings", "bad")
    warning = found(Fault.NO_PI, "board", "none")

    assert exit_code([absent, closed, settings]) == 78
    assert exit_code([absent, warning, closed]) == 77
    assert exit_code([warning, absent]) == 69
    assert exit_code([warning, fine("pins", "well")]) == 0


def test_a_finding_is_one_line_even_if_its_words_are_not() -> None:
    finding = found(Fault.UNIT_FAILED, "unit", "it\nhas\n failed", "restart it")

    assert str(finding) == "fail  unit           it has failed; restart it"
