"""The dashboard and the blueprints as files: they name what there is.

``qa/homeassistant/test_blueprints.py`` runs them in a real Home Assistant.
"""

import re

from support.ha_fixture import AUTOMATIONS, FOR_USERS
from unsit.homeassistant.discovery import Equipment, entities
from unsit.mqtt.topics import Topics

ENTITIES = {
    f"{entity['platform']}.my_chair_{key}"
    for key, entity in entities(Equipment(), Topics("unsit", "my-chair")).items()
}


def test_the_dashboard_shows_every_entity_but_some_diagnostics() -> None:
    named = set(
        re.findall(r"[a-z_]+\.my_chair_[a-z_]+", (FOR_USERS / "dashboard.yaml").read_text())
    )
    left_out = {"sensor.my_chair_version", "sensor.my_chair_uptime", "button.my_chair_test_buzzer"}

    assert named == ENTITIES - left_out - {"sensor.my_chair_events_waiting"}


def test_every_blueprint_is_in_use_in_the_real_home_assistant() -> None:
    folder = FOR_USERS / "blueprints" / "automation" / "unsit"

    assert {file.stem for file in folder.iterdir()} == {name for name, _ in AUTOMATIONS.values()}
