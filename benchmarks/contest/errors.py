"""What keeps a figure from being measured."""

from pathlib import Path


class ContestError(Exception):
    """Nothing can be measured at all; the message is for the person who asked."""


class OutOfContestError(Exception):
    """One contender cannot be measured further; the message goes into its row."""


def last_line(text: str) -> str:
    """The last line that says something, which in most programs is the reason."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def last_line_of(file: Path) -> str:
    """The last line of what a program has written so far."""
    return last_line(file.read_text(errors="replace"))
