"""The broker that the settings name."""

from pathlib import Path

from unsit.errors import SettingsError
from unsit.mqtt.link import Broker
from unsit.settings.model import MqttSettings

NO_BROKER = "none"


def broker_of(mqtt: MqttSettings) -> Broker | None:
    """The broker of the settings, None for a chair without one.

    Raises SettingsError for a password that cannot be read.
    """
    if mqtt.host == NO_BROKER:
        return None
    return Broker(
        host=mqtt.host,
        port=mqtt.port,
        version=mqtt.version,
        username=mqtt.username,
        password=_password(mqtt.password_file),
        keepalive=round(mqtt.keepalive.total_seconds()),
    )


def _password(file: str | None) -> str | None:
    if file is None:
        return None
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"mqtt.password_file = {file!r}: cannot be read: {error}") from error
    if not lines:
        raise SettingsError(f"mqtt.password_file = {file!r}: empty; expected a password on line 1")
    return lines[0]
