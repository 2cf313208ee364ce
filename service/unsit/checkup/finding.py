"""What a check says: one finding a line, and the faults by name."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from unsit.checkup.faults import Fault

Verdict = Literal["ok", "warn", "fail"]
Findings = Iterator["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check.

    subject: what was looked at; a setting's key where it is about one. words: what was found.
    fault: the name of what is wrong, None for nothing. mend: what to do about it.
    code: what the command is to end with, 0 unless the verdict is ``fail``.
    """

    verdict: Verdict
    subject: str
    words: str
    fault: str | None = None
    mend: str | None = None
    code: int = 0

    def __str__(self) -> str:
        said = self.words if self.mend is None else f"{self.words}; {self.mend}"
        return f"{self.verdict:<4}  {self.subject:<13}  {said}"

    def document(self) -> dict[str, Any]:
        """The finding as it stands in the JSON of a check."""
        return {key: value for key, value in asdict(self).items() if key != "code"}


def fine(subject: str, words: str) -> Finding:
    """Nothing is wrong."""
    return Finding("ok", subject, words)


def found(fault: Fault, subject: str, words: str, mend: str | None = None) -> Finding:
    """Something is wrong. mend: in place of the fault's usual one."""
    kind = fault.value
    code = kind.code if kind.verdict == "fail" else 0
    name = fault.name.lower()
    return Finding(kind.verdict, subject, " ".join(words.split()), name, mend or kind.mend, code)
