"""Faults of the settings file, each corrected as its line says."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.planted_faults import write
from support.program import here
from support.remedies import Cure
from unsit.checkup.findings import Fault, Finding

UNSEEN = set(Fault) - {Fault.SETTINGS_BAD}
"""Faults that a check sees only with settings."""


@pytest.fixture
def check(tmp_path: Path) -> Callable[[], list[Finding]]:
    """Return a function that runs ``unsit check`` with the settings file of the test."""

    def check() -> list[Finding]:
        ended = here(
            *("check", "--json", "--config", str(tmp_path / "unsit.toml")),
            *("--set", "mqtt.host=none", "--state-dir", str(tmp_path / "state")),
        )
        return [_finding(document) for document in json.loads(ended.out)["findings"]]

    return check


def _finding(document: dict[str, Any]) -> Finding:
    """Return a finding of the JSON, which has no exit code for each."""
    fault = document["fault"]
    code = Fault[fault.upper()].value.code if document["verdict"] == "fail" else 0
    return Finding(**document, code=code)


@pytest.mark.program
@pytest.mark.parametrize(
    ("wrong", "asks", "right"),
    [
        (
            "[sitting]\nmove_aftr = '30m'\n",
            "the nearest is sitting.move_after",
            "move_after = '30m'",
        ),
        ("[sitting]\nmove_after = 'soon'\n", "correct the setting", "move_after = '45m'"),
        ("[sitting]\nmove_after = 30 min\n", "correct the setting", "move_after = '30m'"),
        ("[seat]\npin = 99\n", "correct the setting", "pin = 24"),
        ("[seat]\npin = 18\n", "each needs its own pin", "pin = 24"),
        ("[seat]\nseat.pin = 24\n", "write seat.pin as pin below [seat]", "pin = 24"),
    ],
)
def test_a_setting_that_is_wrong_is_named_until_it_is_corrected(
    cure: Cure,
    check: Callable[[], list[Finding]],
    tmp_path: Path,
    wrong: str,
    asks: str,
    right: str,
) -> None:
    file = write(tmp_path / "unsit.toml", wrong)
    header = wrong.partition("\n")[0]

    cure.by_hand(
        Fault.SETTINGS_BAD,
        check,
        asks,
        lambda: write(file, f"{header}\n{right}\n"),
        uncovers=UNSEEN,
    )


@pytest.mark.parametrize("content", ["", "[mqtt]\nhost = 'none'\n", "chair.name = 'desk'\n"])
@pytest.mark.parametrize("fix", ["seat.pin = 24, seat.normally_closed = true", "buzzer.pin = 12"])
def test_settings_of_a_fix_hold_at_the_top_of_any_file(
    tmp_path: Path, content: str, fix: str
) -> None:
    lines = "\n".join(fix.split(", "))
    file = write(tmp_path / "unsit.toml", f"{lines}\n{content}")

    ended = here("config", "--config", str(file))

    assert ended.code == 0, ended.err
    for line in fix.split(", "):
        assert line.partition(".")[2] in ended.out


def test_settings_of_a_fix_below_another_section_are_refused_with_their_place(
    tmp_path: Path,
) -> None:
    file = write(tmp_path / "unsit.toml", "[mqtt]\nhost = 'none'\nseat.pin = 24\n")

    ended = here("config", "--config", str(file))

    assert ended.code == 78
    assert "write seat.pin as pin below [seat], or above the first section" in ended.complaint
