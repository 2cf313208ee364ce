"""The password and the keys: there, readable by this user, and by nobody else."""

from dataclasses import replace

from unsit.assembly.broker import credential_file, is_open_to_all
from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding, Findings, fine, found
from unsit.checkup.installation import Installation
from unsit.errors import SettingsError
from unsit.mqtt.link import Broker
from unsit.settings.mqtt import MqttSettings


def unreadable(error: SettingsError) -> Finding:
    """The password, a certificate or a key cannot be read, and why."""
    words, _, mend = str(error).partition("; ")
    return found(Fault.SECRET_UNREADABLE, "secrets", words, mend or None)


def check_privacy(settings: MqttSettings) -> Findings:
    """Who else can read the password and the key."""
    for key in ("password_file", "tls_key_file"):
        file = getattr(settings, key)
        if file is not None:
            yield from _privacy(f"mqtt.{key}", file)


def with_credential(broker: Broker, installation: Installation) -> Broker:
    """The broker with the password that systemd gives the unit, where no other is known here."""
    if broker.username is None or broker.password is not None:
        return broker
    said = installation.machine.text(credential_file(installation.unit))
    return replace(broker, password=said.partition("\n")[0]) if said else broker


def _privacy(key: str, file: str) -> Findings:
    if is_open_to_all(file):
        words = f"every user can read {file}, which {key} names"
        yield found(Fault.SECRET_OPEN, "secrets", words, f"sudo chmod o-rwx {file}")
    else:
        yield fine("secrets", f"{file} can be read, and not by everybody")
