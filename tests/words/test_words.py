"""The words for people: the same keys and the same fields in every language."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from unsit.homeassistant.discovery import Description, discovery
from unsit.homeassistant.entities import Equipment, entities
from unsit.mqtt.topics import Topics
from unsit.words import HERE, english, languages, read, words_of

TOPICS = Topics("unsit", "my-chair")
EVERYTHING = Equipment(load_cell=True, load=True)


def leaves(tree: Any, above: str = "") -> dict[str, str]:
    """Every text of a tree by its place in it."""
    if isinstance(tree, str):
        return {above: tree}
    parts = enumerate(tree) if isinstance(tree, list) else tree.items()
    return {
        key: text for name, part in parts for key, text in leaves(part, f"{above}/{name}").items()
    }


def own(language: str) -> dict[str, str]:
    """What a language says itself, without what it has from English."""
    return leaves(read(language))


def test_english_and_german_are_there() -> None:
    assert {"de", "en"} <= set(languages())


@pytest.mark.parametrize("language", languages())
def test_a_language_has_every_key_and_no_other(language: str) -> None:
    assert set(own(language)) == set(own("en"))


@pytest.mark.parametrize("language", languages())
def test_no_text_is_empty_and_none_has_lost_a_field(language: str) -> None:
    for key, text in own(language).items():
        assert text.strip() == text != "", key
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", own("en")[key])), (
            key
        )


@pytest.mark.parametrize("language", languages())
def test_every_entity_has_a_name_of_its_own(language: str) -> None:
    named = words_of(language).sections["entities"]

    assert set(named) == set(entities(EVERYTHING, TOPICS))
    assert len(set(named.values())) == len(named)


def test_a_chair_that_speaks_german_has_german_names_and_the_same_identities() -> None:
    german = discovery(Description(TOPICS, "Stuhl", "1", words=words_of("de")))["components"]
    in_english = discovery(Description(TOPICS, "Chair", "1"))["components"]

    assert german["occupied"]["name"] == "Besetzt"
    for key, entity in german.items():
        assert {**entity, "name": ""} == {**in_english[key], "name": ""}


def test_what_a_new_language_lacks_is_said_in_english(tmp_path: Path) -> None:
    shutil.copy(HERE / "en.json", tmp_path)
    (tmp_path / "fr.json").write_text('{"entities": {"hold": "Silence"}}', "utf-8")

    assert languages(tmp_path) == ["en", "fr"]
    french = words_of("fr", tmp_path)

    assert french.entity("hold") == "Silence"
    assert french.entity("bout") == english().entity("bout")


def test_a_language_that_nobody_has_written_is_refused() -> None:
    with pytest.raises(KeyError):
        words_of("tlh")


def test_a_reason_without_a_word_is_said_as_it_is() -> None:
    assert words_of("de").term("desk/call") == "desk/call"
