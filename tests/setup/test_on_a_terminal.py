"""``unsit setup`` as a program on a real pseudo-terminal."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.pseudo_terminal import CTRL_C, CTRL_D, INTERRUPTED
from support.setup_answers import written
from support.setup_person import Answers, SetUpOnTerminal

pytestmark = pytest.mark.program


@pytest.fixture
def terminal(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SetUpOnTerminal]:
    """Yield a terminal with the setup of a chair with a mat."""
    monkeypatch.setenv("PATH", str(tmp_path / "no-programs"))  # no systemctl: no systemd
    options = ("--config", str(file), "--state-dir", str(tmp_path / "state"))
    with SetUpOnTerminal(tmp_path, options=options) as terminal:
        yield terminal


def test_levels_are_shown_live_and_enter_sets_a_chair_up(
    terminal: SetUpOnTerminal, file: Path
) -> None:
    assert terminal.answer_all(Answers(terminal)) == 0, terminal.screen

    assert "\r  closed to ground: no pin" in terminal.screen
    assert "\r  closed to ground: GPIO17 (header pin 11)" in terminal.screen
    assert written(file)["seat"] == {"kind": "mat", "pin": 17, "normally_closed": False}
    assert terminal.screen.endswith("To check the chair at any time: unsit check\r\n")


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["Ctrl-C", "Ctrl-D"])
def test_a_key_while_levels_are_shown_stops_the_setup(
    terminal: SetUpOnTerminal, file: Path, key: str
) -> None:
    assert "under the cushion" in (terminal.next_question() or "")
    terminal.type("\n")
    assert "Stand up" in (terminal.next_question() or "")
    terminal.type(key)

    assert terminal.end() == INTERRUPTED
    assert terminal.screen.endswith("\r\nStopped; nothing was written.\r\n")
    assert not file.exists()
