"""The file of settings to begin with."""

import re
import tomllib

from settings.conftest import WriteToml
from unsit.settings.load import known_keys, load
from unsit.settings.model import Settings
from unsit.settings.template import as_template


def uncommented(template: str) -> str:
    """The template with every default put in force."""
    return re.sub(r"^#(?=\w+ = )", "", template, flags=re.M)


def test_a_template_of_defaults_puts_nothing_in_force() -> None:
    sections = tomllib.loads(as_template(load()))

    assert not any(sections.values())


def test_its_commented_lines_are_the_defaults(write_toml: WriteToml) -> None:
    file = write_toml(uncommented(as_template(load())))

    loaded = load(file)

    assert loaded.settings == Settings()
    assert len(loaded.origins) > 30


def test_every_setting_is_there_with_what_it_is_for() -> None:
    template = as_template(load())

    for key in known_keys():
        section, _, name = key.partition(".")
        part = template.partition(f"\n[{section}]\n")[2].partition("\n[")[0]
        assert re.search(rf"^# .+\n#{name} = |^# .+\n# {name} is not set$", part, re.M), key


def test_what_is_given_is_in_force_and_the_rest_stays_a_default(write_toml: WriteToml) -> None:
    given = load(flags=["mqtt.host=broker.lan", "sitting.move_after=45m"])

    again = load(write_toml(as_template(given)))

    assert again.settings == given.settings
    assert set(again.origins) == {"mqtt.host", "sitting.move_after"}


def test_no_line_is_longer_than_a_terminal_is_wide() -> None:
    assert max(map(len, as_template(load()).splitlines())) <= 100
