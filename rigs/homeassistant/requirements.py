"""Print the packages that the integrations of the rig need.

Home Assistant names them in each integration's manifest and installs them when it sets the
integration up. Installed beforehand, they let it start with --skip-pip and without a network.
"""

import json
from pathlib import Path
from typing import Any

from homeassistant.bootstrap import CORE_INTEGRATIONS, DEFAULT_INTEGRATIONS

import homeassistant

SET_UP = {
    *("api", "auth", "config", "frontend", "history", "http", "logbook", "lovelace", "mqtt"),
    *("onboarding", "recorder", "repairs", "search", "system_log", "websocket_api"),
}
ENTITIES = {
    *("binary_sensor", "button", "device_tracker", "event", "number", "select", "sensor"),
    *("switch", "text", "update"),
}
ONLY_IMPORTED = {"hassio"}
"""Imported by analytics and mqtt, and never set up here."""

COMPONENTS = Path(homeassistant.__file__).parent / "components"


def manifest(domain: str) -> dict[str, Any]:
    """Return an integration's manifest, empty if there is no such integration."""
    file = COMPONENTS / domain / "manifest.json"
    return dict(json.loads(file.read_text())) if file.exists() else {}


def requirements() -> set[str]:
    """Return the packages of all integrations that are set up, dependencies included."""
    todo = SET_UP | ENTITIES | set(DEFAULT_INTEGRATIONS) | set(CORE_INTEGRATIONS)
    seen: set[str] = set()
    found = {each for domain in ONLY_IMPORTED for each in manifest(domain).get("requirements", [])}
    while todo:
        domain = todo.pop()
        if domain not in seen:
            seen.add(domain)
            todo |= set(manifest(domain).get("dependencies", []))
            found |= set(manifest(domain).get("requirements", []))
    return found


if __name__ == "__main__":
    print("\n".join(sorted(requirements())))
