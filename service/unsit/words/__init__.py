"""Texts for people: one JSON file per language, with the same keys in every file.

To add a language, copy ``en.json`` to ``<language code>.json`` (such as ``fr.json``) and translate
the values. Keep the keys, and the fields in braces. A text that is missing is shown in English.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True)
class Words:
    """Texts of one language, by section and key.

    The methods raise KeyError for a key that is missing in English too.
    """

    language: str
    sections: Mapping[str, Mapping[str, Any]]

    def entity(self, key: str) -> str:
        """Return the name of an entity."""
        return str(self.sections["entities"][key])

    def model(self, kind: str) -> str:
        """Return the name of the kind of chair: ``mat`` or ``load_cell``."""
        return str(self.sections["models"][kind])

    def event(self, kind: str) -> str:
        """Return the text of an event, with its fields in braces."""
        return str(self.sections["events"][kind])

    def remark(self, key: str) -> str:
        """Return a remark that can follow the text of an event."""
        return str(self.sections["remarks"][key])

    def term(self, text: str) -> str:
        """Return the translation of a reason, a side or a stage, or ``text`` if there is none."""
        return str(self.sections["terms"].get(text, text))

    def exercise(self, key: str) -> Mapping[str, Any]:
        """Return name, steps and caution of an exercise; empty if the exercise is unknown."""
        exercise: Mapping[str, Any] = self.sections["exercises"].get(key, {})
        return exercise

    def report(self, key: str) -> Any:
        """Return a text of reports, or a list of names."""
        return self.sections["report"][key]

    def status(self, key: str) -> str:
        """Return a text of ``unsit status``, with its fields in braces."""
        return str(self.sections["status"][key])

    def dashboard(self, key: str) -> str:
        """Return a heading of the dashboard for Home Assistant."""
        return str(self.sections["dashboard"][key])

    def cue(self, key: str) -> str | None:
        """Return the text of a sitting cue, or None if the cue is unknown."""
        return self.sections["cues"].get(key)


def languages(folder: Path = HERE) -> list[str]:
    """Return the codes of all languages that have a file in the folder, sorted."""
    return sorted(file.stem for file in folder.glob("*.json"))


@cache
def words_of(language: str, folder: Path = HERE) -> Words:
    """Return the texts of a language. Raise KeyError if the folder has no file for it."""
    if language not in languages(folder):
        raise KeyError(language)
    english = read(DEFAULT_LANGUAGE, folder)
    chosen = read(language, folder)
    sections = {name: {**section, **chosen.get(name, {})} for name, section in english.items()}
    return Words(language, sections)


def english() -> Words:
    """Return the English texts, which are the default."""
    return words_of(DEFAULT_LANGUAGE)


def read(language: str, folder: Path = HERE) -> dict[str, dict[str, Any]]:
    """Return the content of a language file, by section and key."""
    text = (folder / f"{language}.json").read_text(encoding="utf-8")
    sections: dict[str, dict[str, Any]] = json.loads(text)
    return sections
