"""Words for people: one file for each language, the same keys in all of them.

A new language is a new file: copy ``en.json`` to the two letters of the language, translate what
stands behind the colons, and leave what stands in braces. What it lacks is said in English.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

DEFAULT = "en"


@dataclass(frozen=True)
class Words:
    """The words of a language, by section and key.

    Raises KeyError for a key that not even English has.
    """

    language: str
    sections: Mapping[str, Mapping[str, Any]]

    def entity(self, key: str) -> str:
        """The name of an entity."""
        return str(self.sections["entities"][key])

    def event(self, kind: str) -> str:
        """What happened, with braces around the fields of the event."""
        return str(self.sections["events"][kind])

    def remark(self, key: str) -> str:
        """What may be added to an event."""
        return str(self.sections["remarks"][key])

    def term(self, text: str) -> str:
        """A reason, a side or a stage in the language; the text itself if there is no word."""
        return str(self.sections["terms"].get(text, text))

    def exercise(self, key: str) -> Mapping[str, Any]:
        """Name, steps and caution of an exercise; empty for one that has no words here."""
        found: Mapping[str, Any] = self.sections["exercises"].get(key, {})
        return found

    def cue(self, key: str) -> str | None:
        """A sitting cue; None for one that has no words here."""
        return self.sections["cues"].get(key)


def languages(folder: Path = HERE) -> list[str]:
    """Every language that there are words for in a folder."""
    return sorted(file.stem for file in folder.glob("*.json"))


@cache
def words_of(language: str, folder: Path = HERE) -> Words:
    """The words of a language. Raises KeyError for one that the folder has none for."""
    if language not in languages(folder):
        raise KeyError(language)
    english = read(DEFAULT, folder)
    chosen = read(language, folder)
    sections = {name: {**section, **chosen.get(name, {})} for name, section in english.items()}
    return Words(language, sections)


def english() -> Words:
    """The words that nobody has to choose."""
    return words_of(DEFAULT)


def read(language: str, folder: Path = HERE) -> dict[str, dict[str, Any]]:
    """What the file of a language says, by section and key."""
    text = (folder / f"{language}.json").read_text(encoding="utf-8")
    sections: dict[str, dict[str, Any]] = json.loads(text)
    return sections
