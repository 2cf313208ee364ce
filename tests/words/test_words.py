"""Texts for people: the same keys and the same fields in every language."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from unsit.homeassistant.discovery import Description, Equipment, discovery, entities, times
from unsit.mqtt.topics import Topics
from unsit.words import HERE, english, languages, read, words_of

TOPICS = Topics("unsit", "my-chair")
EVERYTHING = Equipment(load_cell=True, load=True)


def leaves(tree: Any, above: str = "") -> dict[str, str]:
    """Return every text of a tree by its path."""
    if isinstance(tree, str):
        return {above: tree}
    parts = enumerate(tree) if isinstance(tree, list) else tree.items()
    return {
        key: text for name, part in parts for key, text in leaves(part, f"{above}/{name}").items()
    }


def texts_of(language: str) -> dict[str, str]:
    """Return the texts in the file of a language, without the fallback to English."""
    return leaves(read(language))


def test_english_and_german_are_there() -> None:
    assert {"de", "en"} <= set(languages())


@pytest.mark.parametrize("language", languages())
def test_a_language_has_every_key_and_no_other(language: str) -> None:
    assert set(texts_of(language)) == set(texts_of("en"))


@pytest.mark.parametrize("language", languages())
def test_no_text_is_empty_and_every_text_has_the_fields_of_the_english_one(language: str) -> None:
    for key, text in texts_of(language).items():
        assert text.strip() == text != "", key
        assert sorted(re.findall(r"{\w+}", text)) == sorted(
            re.findall(r"{\w+}", texts_of("en")[key])
        ), key


@pytest.mark.parametrize("language", languages())
def test_every_entity_has_a_name_of_its_own(language: str) -> None:
    named = words_of(language).sections["entities"]

    assert set(named) == {*entities(EVERYTHING, TOPICS), *times(TOPICS)}
    assert len(set(named.values())) == len(named)


def test_a_german_chair_has_german_names_and_the_same_identities() -> None:
    german = discovery(Description(TOPICS, "Stuhl", "1", words=words_of("de")))["components"]
    in_english = discovery(Description(TOPICS, "Chair", "1"))["components"]

    assert german["occupied"]["name"] == "Besetzt"
    for key, entity in german.items():
        assert {**entity, "name": ""} == {**in_english[key], "name": ""}


def test_a_text_missing_in_a_language_is_shown_in_english(tmp_path: Path) -> None:
    shutil.copy(HERE / "en.json", tmp_path)
    (tmp_path / "fr.json").write_text('{"entities": {"hold": "Silence"}}', "utf-8")

    assert languages(tmp_path) == ["en", "fr"]
    french = words_of("fr", tmp_path)

    assert french.entity("hold") == "Silence"
    assert french.entity("bout") == english().entity("bout")


def test_a_language_without_a_file_raises_key_error() -> None:
    with pytest.raises(KeyError):
        words_of("tlh")


def test_a_reason_without_a_translation_is_shown_as_it_is() -> None:
    assert words_of("de").term("desk/call") == "desk/call"
