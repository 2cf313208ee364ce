"""Equipment of a real Home Assistant: a lamp, a speaker, a voice, blueprints and dashboard."""

import json
import shutil
from pathlib import Path

from support.real_home_assistant import RealHome

FOR_USERS = Path(__file__).parents[2] / "homeassistant"
LAMP, SPEAKER, VOICE, IN_A_CALL = (
    *("light.bed_light", "media_player.bedroom", "tts.parrot", "input_boolean.in_a_call"),
)

CONFIGURATION = """
automation: !include automations.yaml
scene:
demo:
parrot:
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

AUTOMATIONS = {
    "Lamp when it is time to move": (
        "light_when_due",
        {"move_due": "binary_sensor.my_chair_move_due", "lamp": LAMP, "brightness": 60},
    ),
    "Say that it is time to move": (
        "announce_when_due",
        {"event": "event.my_chair_event", "voice": VOICE, "speaker": SPEAKER},
    ),
    "Notify who is still sitting": (
        "notify_if_still_sitting",
        {
            "move_due": "binary_sensor.my_chair_move_due",
            "bout": "sensor.my_chair_bout",
            "after": 0.05,
        },
    ),
    "No sound during a call": (
        "hold_during_call",
        {"hold": "switch.my_chair_hold", "busy": IN_A_CALL},
    ),
}

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

FIXTURE_WARNINGS = ("custom integration parrot", "demo.device_tracker")
"""Parts of warnings that this equipment causes."""


def install_fixture(home: RealHome) -> None:
    """Install the equipment and restart Home Assistant."""
    config = home.run / "config"
    shutil.copytree(FOR_USERS / "blueprints", config / "blueprints", dirs_exist_ok=True)
    shutil.copy(FOR_USERS / "dashboard.yaml", config / "dashboard_chair.yaml")
    parrot = config / "custom_components" / "parrot"
    parrot.mkdir(parents=True)
    (parrot / "__init__.py").write_text(PARROT)
    manifest = {"domain": "parrot", "name": "Parrot", "version": "1", "dependencies": ["tts"]}
    (parrot / "manifest.json").write_text(json.dumps(manifest))
    automations = [
        {
            "id": blueprint,
            "alias": alias,
            "use_blueprint": {"path": f"unsit/{blueprint}.yaml", "input": given},
        }
        for alias, (blueprint, given) in AUTOMATIONS.items()
    ]
    (config / "automations.yaml").write_text(json.dumps(automations))  # JSON is YAML
    with (config / "configuration.yaml").open("a") as file:
        file.write(CONFIGURATION)
    home.restart("ha")
