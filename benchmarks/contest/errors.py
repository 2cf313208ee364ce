"""Errors of a comparison."""

from pathlib import Path


class ContestError(Exception):
    """Nothing can be measured; the message is for the user."""


class OutOfContestError(Exception):
    """One contender cannot be measured; the message goes into its row."""


def last_line(text: str) -> str:
    """Return the last line that is not empty, which in most programs is the reason."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def last_line_of(file: Path) -> str:
    """Return the last line of a program's output so far."""
    return last_line(file.read_text(errors="replace"))
