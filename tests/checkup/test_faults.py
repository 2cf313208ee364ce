"""Table of faults: a test plants each fault, and each fix names settings that exist."""

import re
from pathlib import Path

import pytest

from unsit.checkup.findings import Fault, fine, found
from unsit.cli.check import exit_code
from unsit.settings.load import known_keys, sections

HERE = Path(__file__).parent
PLANTED = "".join(page.read_text(encoding="utf-8") for page in HERE.glob("test_*_faults.py"))


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name.lower())
def test_each_fault_is_planted_by_a_test(fault: Fault) -> None:
    by_other_tests = {Fault.SETTINGS_BAD, Fault.LIBRARY_MISSING}

    assert f"Fault.{fault.name}" in PLANTED or fault in by_other_tests


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
