"""The password and the keys: there, readable by this user, and by nobody else."""

import stat
from dataclasses import replace
from pathlib import Path

from unsit.assembly.broker import PASSWORD_CREDENTIAL, broker_of
from unsit.checkup.faults import Fault
from unsit.checkup.finding import Findings, fine, found
from unsit.checkup.installation import Installation
from unsit.errors import SettingsError
from unsit.mqtt.link import Broker
from unsit.settings.mqtt import MqttSettings


def check_secrets(settings: MqttSettings) -> Findings:
    """Whether the password, certificates and keys can be read, and by whom."""
    try:
        broker_of(settings)
    except SettingsError as error:
        words, _, mend = str(error).partition("; ")
        yield found(Fault.SECRET_UNREADABLE, "secrets", words, mend if mend else None)
        return
    for key in ("password_file", "tls_key_file"):
        file = getattr(settings, key)
        if file is not None:
            yield from _privacy(f"mqtt.{key}", file)


def with_credential(broker: Broker, installation: Installation) -> Broker:
    """The broker with the password that systemd gives the unit, where no other is known here."""
    if broker.username is None or broker.password is not None:
        return broker
    name = f"{installation.unit.replace('@', '-')}.{PASSWORD_CREDENTIAL}"
    said = installation.machine.text(f"/etc/credstore/{name}")
    return replace(broker, password=said.partition("\n")[0]) if said else broker


def _privacy(key: str, file: str) -> Findings:
    if Path(file).stat().st_mode & stat.S_IROTH:
        words = f"every user can read {file}, which {key} names"
        yield found(Fault.SECRET_OPEN, "secrets", words, f"sudo chmod o-rwx {file}")
    else:
        yield fine("secrets", f"{file} can be read, and not by everybody")
