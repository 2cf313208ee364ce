"""The dashboard and the blueprints: they name what there is, in both languages.

``qa/homeassistant/test_blueprints.py`` runs them in a real Home Assistant.
"""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from support.ha_fixture import AUTOMATIONS, BLUEPRINTS, FOR_USERS
from support.program import here
from unsit.homeassistant.dashboard import as_yaml, dashboard
from unsit.homeassistant.discovery import Description, Equipment, discovery, times_discovery
from unsit.mqtt.topics import Topics
from unsit.words import languages, words_of

FULL = Equipment(load_cell=True, load=True)
EQUIPMENT = [FULL, Equipment(), Equipment(buzzer=False, exercises=False)]

LEFT_OUT = {"version", "uptime", "test_buzzer", "events_waiting", "tare", "load"}
"""Entities that nobody looks at every day."""


def chair(equipment: Equipment = FULL, language: str = "en", of: str = "my-chair") -> Description:
    topics = Topics("unsit", of)
    return Description(topics, "Chair", "1", equipment=equipment, words=words_of(language))


def named(text: str) -> set[str]:
    return set(re.findall(r"\b[a-z_]+\.my_chair_[a-z_]+", text))


@pytest.mark.parametrize("equipment", EQUIPMENT)
def test_the_dashboard_shows_every_enabled_entity_of_the_equipment_and_no_other(
    equipment: Equipment,
) -> None:
    components = discovery(chair(equipment))["components"]
    components |= times_discovery(chair(equipment))["components"]
    enabled = {
        component["default_entity_id"]
        for key, component in components.items()
        if "default_entity_id" in component
        and component.get("enabled_by_default", True)
        and key not in LEFT_OUT
    }

    assert named(as_yaml(dashboard(chair(equipment)))) == enabled


def test_no_section_of_the_dashboard_is_empty() -> None:
    bare = dashboard(chair(Equipment(buzzer=False, exercises=False)))
    [view] = bare["views"]

    assert "Exercises" not in [section["cards"][0]["heading"] for section in view["sections"]]
    assert all(len(section["cards"]) > 1 for section in view["sections"])


@pytest.mark.parametrize("language", languages())
def test_the_command_prints_the_dashboard_in_the_language_and_for_the_id_of_the_chair(
    language: str,
) -> None:
    options = ("--set", "chair.id=desk-2", "--set", f"chair.language={language}")
    ended = here("dashboard", *options)

    assert (ended.code, ended.err) == (0, "")
    assert yaml.safe_load(ended.out) == dashboard(
        chair(Equipment(), language, "desk-2"),
    )


def test_the_page_of_the_report_is_a_view_of_its_own_on_request() -> None:
    shown = yaml.safe_load(here("dashboard", "--report", "/local/unsit.html").out)

    assert shown["views"][1]["cards"] == [{"type": "iframe", "url": "/local/unsit.html"}]


@pytest.mark.parametrize("address", ["unsit.html", "javascript:alert(1)", "\x1b[31m", ""])
def test_an_address_that_no_browser_could_open_is_refused(address: str) -> None:
    ended = here("dashboard", "--report", address)

    assert ended.code == os.EX_USAGE
    assert "expected an address like /local/unsit.html" in ended.complaint
    assert "\x1b" not in ended.complaint


TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
VALUES = st.recursive(
    st.booleans() | st.integers() | st.none() | TEXTS,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.from_regex(r"[a-z_]{1,8}", fullmatch=True).filter(
                lambda key: isinstance(yaml.safe_load(key), str)
            ),
            inner,
        )
    ),
)


@given(VALUES)
def test_any_value_is_read_back_from_its_yaml(value: Any) -> None:
    assert yaml.safe_load(as_yaml(value)) == value


class _Blueprint(yaml.SafeLoader):  # type: ignore[misc]  # yaml has no types
    """Loader of blueprints, in which an input is a text."""


_Blueprint.add_constructor("!input", lambda loader, node: f"!input {node.value}")


def blueprint(file: Path) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), _Blueprint)  # noqa: S506  # a safe loader


def without_words(value: Any) -> Any:
    """Return a blueprint without names, descriptions and texts that are said."""
    if isinstance(value, dict):
        return {
            key: without_words(inner)
            for key, inner in value.items()
            if key not in ("name", "description")
            and not (key == "default" and isinstance(inner, str) and inner[0].isupper())
        }
    return [without_words(inner) for inner in value] if isinstance(value, list) else value


FILES = sorted(BLUEPRINTS.rglob("*.yaml"))


def test_every_blueprint_is_in_use_in_the_real_home_assistant() -> None:
    assert {file.stem for file in FILES} == {name for name, _ in AUTOMATIONS.values()}


def test_every_blueprint_is_explained() -> None:
    page = (FOR_USERS / "README.md").read_text(encoding="utf-8")

    assert all(f"| `{file.stem}` |" in page for file in FILES)


def test_the_blueprints_of_both_languages_differ_in_their_words_only() -> None:
    for english in (BLUEPRINTS / "unsit").glob("*.yaml"):
        german = BLUEPRINTS / "unsit_de" / english.name
        one, other = blueprint(english), blueprint(german)

        assert one != other
        assert without_words(one) == without_words(other), english.name


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_blueprint_asks_for_one_chair_and_names_no_entity_of_it(file: Path) -> None:
    content = blueprint(file)
    chosen = content["blueprint"]["input"]
    of_chair = {"integration": "mqtt", "manufacturer": "unsit"}

    assert chosen["chair"]["selector"] == {"device": {"filter": of_chair}}
    asked = [
        one["selector"]["entity"]["filter"]
        for one in chosen.values()
        if "entity" in (one.get("selector") or {})
    ]
    assert all("integration" not in one for one in asked)
    assert not re.search(r"(sensor|switch|event)\.\w+_(move_due|hold|event|bout)", file.read_text())


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_blueprint_says_the_oldest_home_assistant_and_has_no_condition_that_leaves_a_trace(
    file: Path,
) -> None:
    content = blueprint(file)

    assert content["blueprint"]["homeassistant"]["min_version"] == "2024.11.0"
    assert "conditions" not in content
