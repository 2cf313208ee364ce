"""The template of a settings file."""

import re
import tomllib

from settings.conftest import WriteToml
from unsit.settings.edit import as_template
from unsit.settings.load import known_keys, load
from unsit.settings.model import Settings


def uncommented(template: str) -> str:
    """Return the template with every default in force."""
    return re.sub(r"^#(?=\w+ = )", "", template, flags=re.M)


def test_a_template_of_defaults_sets_nothing() -> None:
    sections = tomllib.loads(as_template(load()))

    assert not any(sections.values())


def test_its_commented_lines_are_the_defaults(write_toml: WriteToml) -> None:
    file = write_toml(uncommented(as_template(load())))

    loaded = load(file)

    assert loaded.settings == Settings()
    assert len(loaded.origins) > 30


def test_every_setting_is_in_the_template_with_its_description() -> None:
    template = as_template(load())

    for key in known_keys():
        section, _, name = key.partition(".")
        part = template.partition(f"\n[{section}]\n")[2].partition("\n[")[0]
        assert re.search(rf"^# .+\n#{name} = |^# .+\n# {name} is not set$", part, re.M), key


def test_given_values_are_in_force_and_the_rest_stays_a_default(write_toml: WriteToml) -> None:
    given = load(flags=["mqtt.host=broker.lan", "sitting.move_after=45m"])

    again = load(write_toml(as_template(given)))

    assert again.settings == given.settings
    assert set(again.origins) == {"mqtt.host", "sitting.move_after"}


def test_no_line_is_longer_than_100_characters() -> None:
    assert max(map(len, as_template(load()).splitlines())) <= 100
