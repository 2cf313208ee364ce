"""``unsit demo``: a morning in about a minute, over a real broker."""

import pytest

from support.program import UNSIT, OnTerminal, run

pytestmark = pytest.mark.broker

STORY = (
    "sat down",
    "the buzzer sounds",
    "time to move: sitting for 30m (exercise: hip-flexor stretch)",
    "the buzzer is silent",
    "reminder 2: sitting for 35m",
    "stood up after 35m",
    "sat back down after 45s, too soon for a break",
    "reminder 3: sitting for 40m45s",
    "the buzzer is silent",
    "stood up after 41m",
    "while you are up: hip-flexor stretch",
    "the bout lasted 41m",
    "hip-flexor stretch: done",
    "the break lasted 5m",
    "sat down",
    "time to move: sitting for 30m",
    "snoozed until 10:26:30",
    "the bout lasted 30m",
    "the service has stopped",
    "Sitting: Mon 5 January 2026",
    "Mon 5 Jan",
    "Longest bout",
    "That was a morning.",
)


@pytest.mark.minute
def test_without_a_terminal_the_morning_is_printed_line_by_line_and_ends() -> None:
    ended = run("demo")

    assert (ended.code, ended.err) == (0, "")
    lines = iter(ended.lines)
    for words in STORY:
        assert any(words in line for line in lines), f"no {words!r} in order: {ended.out}"


def test_on_a_terminal_it_is_shown_as_a_picture_and_ends_with_ctrl_c() -> None:
    with OnTerminal(*UNSIT, "demo") as terminal:
        terminal.wait_for("sitting for")
        terminal.wait_for("bout_started")
        terminal.press_ctrl_c()
        ended = terminal.end()

    assert ended.code == 0
    assert "Traceback" not in ended.out
    assert ended.out.rstrip().endswith("\x1b[?25h")
