"""Equipment of a real Home Assistant: a lamp, a speaker, a voice, blueprints and dashboard."""

import json
import shutil
from pathlib import Path
from typing import Any

from support.real_home_assistant import CHAIR, RealHome
from unsit.homeassistant.dashboard import as_yaml, dashboard
from unsit.homeassistant.discovery import Description
from unsit.mqtt.topics import Topics
from unsit.words import words_of

FOR_USERS = Path(__file__).parents[2] / "homeassistant"
BLUEPRINTS = FOR_USERS / "blueprints" / "automation"
LAMP, SPEAKER, VOICE, IN_A_CALL = (
    *("light.desk", "media_player.bedroom", "tts.parrot", "input_boolean.in_a_call"),
)
LAMP_TOPIC = "test/desk-lamp"
COLOURED_LAMP = "light.bed_light"

# The lamp is what its last command says, as a real one is, also after a restart of Home Assistant.
CONFIGURATION = f"""
automation: !include automations.yaml
scene:
demo:
parrot:
mqtt:
  - light:
      name: Desk
      unique_id: desk
      schema: json
      command_topic: {LAMP_TOPIC}
      state_topic: {LAMP_TOPIC}
      retain: true
      brightness: true
      supported_color_modes: [brightness]
input_boolean:
  in_a_call:
    name: In a call
lovelace:
  dashboards:
    chair-today:
      mode: yaml
      filename: dashboard_chair.yaml
      title: Chair
      icon: mdi:seat
"""

AUTOMATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "Lamp when it is time to move": ("light_when_due", {"lamp": LAMP, "brightness": 60}),
    "Coloured lamp when it is time to move": ("light_when_due", {"lamp": COLOURED_LAMP}),
    "Say that it is time to move": ("announce_when_due", {"voice": VOICE, "speaker": SPEAKER}),
    "Notify who is still sitting": ("notify_if_still_sitting", {"after": 0.05}),
    "No sound during a call": ("hold_during_call", {"busy": IN_A_CALL}),
}
"""Blueprint and inputs of each automation, without the chair."""

# Home Assistant's demo has no voice that tts.speak accepts.
PARROT = """
from homeassistant.components.tts import TextToSpeechEntity


class Parrot(TextToSpeechEntity):
    _attr_name = "Parrot"
    _attr_unique_id = "parrot"
    entity_id = "tts.parrot"
    default_language = "en"
    supported_languages = ["en"]

    def get_tts_audio(self, message, language, options):
        return "mp3", b""


async def async_setup(hass, config):
    await hass.data["tts"].async_add_entities([Parrot()])
    return True
"""

RESTART_WARNINGS = (
    "The system could not validate that the sqlite3 database",
    "Ended unfinished session",
)
"""Parts of warnings of a Home Assistant that was killed, or that takes too long to end."""

FIXTURE_WARNINGS = ("custom integration parrot", "demo.device_tracker")
"""Parts of warnings that this equipment causes."""


def install_fixture(home: RealHome, language: str = "en") -> None:
    """Install the equipment and restart Home Assistant. language: that of the dashboard."""
    config = home.run / "config"
    shutil.copytree(FOR_USERS / "blueprints", config / "blueprints", dirs_exist_ok=True)
    shown = dashboard(Description(Topics("unsit", CHAIR), "Chair", "1", words=words_of(language)))
    (config / "dashboard_chair.yaml").write_text(as_yaml(shown), encoding="utf-8")
    parrot = config / "custom_components" / "parrot"
    parrot.mkdir(parents=True)
    (parrot / "__init__.py").write_text(PARROT)
    manifest = {"domain": "parrot", "name": "Parrot", "version": "1", "dependencies": ["tts"]}
    (parrot / "manifest.json").write_text(json.dumps(manifest))
    (config / "automations.yaml").write_text("[]")
    with (config / "configuration.yaml").open("a") as file:
        file.write(CONFIGURATION)
    home.restart("ha")


def use_blueprints(home: RealHome, folder: str = "unsit") -> None:
    """Make an automation of each blueprint for the chair, which has announced itself.

    folder: that of a language.
    """
    chair = home.device()["id"]
    automations = [
        {
            "id": alias,
            "alias": alias,
            "use_blueprint": {
                "path": f"{folder}/{blueprint}.yaml",
                "input": {"chair": chair, **given},
            },
        }
        for alias, (blueprint, given) in AUTOMATIONS.items()
    ]
    file = home.run / "config" / "automations.yaml"
    file.write_text(json.dumps(automations))  # JSON is YAML
    home.request("/api/services/automation/reload", {})
