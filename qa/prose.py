"""Check of the project's prose: sentences that readers have to read twice.

    make prose ARGS="service tests/core"

It reads docstrings, comments and strings of Python files, and whole files of Markdown, TOML, JSON
and YAML. A hit is a hint: rewrite the sentence, or name it in ``EXCEPTIONS`` with the reason. Exits
with 1 if there was a hit.
"""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
SUFFIXES = {".py", ".md", ".toml", ".json", ".yaml"}
SKIPPED = {"qa/prose.py", "tests/test_prose.py", "tests/homeassistant/discovery.json"}
"""The rules themselves, their tests, and a message that the code makes."""

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("CHANGELOG.md", "the key `mend`"): "the name of the key in schema 1",
    ("service/setup-and-check.md", "`fix` was called `mend`"): "the name of the key in schema 1",
}
"""Reason for each hit that stays, by file and a part of the line. At most ten."""

OPENING = re.compile(
    r"(?:Who|Whom|Whose|Whether|How|What|So|As|That|Of|Where|When|Has|Have|Lets|Is|Are|Be)\b"
)
"""A docstring that opens so has a clause or a question where its subject should be."""

ARCHAIC = (
    *("anew", "whoever", "whatever (?:else|the)", "nought", "thereof", "therein", "wherein"),
    *("hitherto", "lest", "befalls?", "spoilt", "amiss", "wont", "mend(?:s|ed|ing)?", "told of"),
    *("tells of", "foremost", "henceforth", "withal", "thrice", "so many of", "as it comes"),
    *("as it is anew", "of before"),
)

RULES = {
    "archaic word": re.compile(rf"\b(?:{'|'.join(ARCHAIC)})\b", re.IGNORECASE),
    "clause as a subject": re.compile(
        r"(?:^|[.:;] )(?:Who|Whoever|Whom|What) [a-z ,']{2,60}?"
        r"\b(?:is|has|was|are|will|may|must|counts?|sits?|goes)\b(?![^.]*\?)"
    ),
    "'has something done'": re.compile(
        r"\b[Hh](?:as|ave) (?:the |a |an |Home Assistant |it )[a-z -]{2,40} "
        r"(?:know|live|forget|called|written|sent|told|decided|performed|done)\b"
    ),
    "'told' for published, logged or reported": re.compile(r"\b(?:is|are|was|were|be|been) told\b"),
    "pronoun without a noun": re.compile(
        r"\b(?:that there (?:is|are)|of which length|by which it counts|it is said (?:why|so)"
        r"|nobody knows)\b"
    ),
}


class Text(NamedTuple):
    """A piece of prose in a file."""

    line: int
    words: str
    is_docstring: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A piece of prose that breaks a rule."""

    file: str
    line: int
    rule: str
    words: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}: {self.words}"

    @property
    def is_excepted(self) -> bool:
        """The hit is named in ``EXCEPTIONS``."""
        return any(self.file == file and part in self.words for file, part in EXCEPTIONS)


def hits_in(file: str, source: str) -> Iterator[Hit]:
    """Yield every hit in the source of a file."""
    for text in _texts_of_python(source) if file.endswith(".py") else _lines(source):
        if text.is_docstring and OPENING.match(text.words):
            yield Hit(file, text.line, "docstring opens with a clause", text.words.split("\n")[0])
        for rule, pattern in RULES.items():
            for found in pattern.finditer(text.words):
                around = text.words[max(0, found.start() - 30) : found.end() + 40]
                yield Hit(file, text.line, rule, around.replace("\n", " "))


def _texts_of_python(source: str) -> Iterator[Text]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node)
            if docstring:
                yield Text(node.body[0].lineno, docstring, is_docstring=True)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Text(token.start[0], token.string.lstrip("# "))
        elif token.type == tokenize.STRING and '"""' not in token.string and " " in token.string:
            yield Text(token.start[0], token.string.strip("\"'rbfuRBFU"))


def _lines(source: str) -> Iterator[Text]:
    for number, line in enumerate(source.splitlines(), 1):
        yield Text(number, line)


def tracked_files(paths: Sequence[str]) -> list[str]:
    """Return the files below some paths that git knows and that hold prose."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *paths],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = filter(None, listed.stdout.split("\0"))
    return [name for name in names if Path(name).suffix in SUFFIXES and name not in SKIPPED]


def main(paths: Sequence[str]) -> int:
    """Print the hits below some paths; return 1 if there were any."""
    hits = [
        hit
        for file in tracked_files(paths or ["."])
        for hit in hits_in(file, (ROOT / file).read_text(encoding="utf-8"))
        if not hit.is_excepted
    ]
    for hit in hits:
        print(hit)
    print(f"{len(hits)} sentences to rewrite", file=sys.stderr)
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
