"""The broker that the settings name."""

import contextlib
import logging
import os
import ssl
import stat
from pathlib import Path

from unsit.errors import SettingsError
from unsit.mqtt.link import Broker
from unsit.mqtt.tls import Tls, tls_context
from unsit.settings.mqtt import MqttSettings

log = logging.getLogger(__name__)

NO_BROKER = "none"

PASSWORD_CREDENTIAL = "mqtt-password"  # noqa: S105  # the name of it
"""The systemd credential (``LoadCredential=``) that is the password where no file is named."""


def credential_file(unit: str) -> str:
    """Where systemd looks for the password of a unit's chair (see systemd/unsit.service)."""
    return f"/etc/credstore/{unit.replace('@', '-')}.{PASSWORD_CREDENTIAL}"


def broker_of(mqtt: MqttSettings) -> Broker | None:
    """The broker of the settings, None for a chair without one.

    Raises SettingsError for a password, a certificate or a key that cannot be read.
    """
    if mqtt.host == NO_BROKER:
        return None
    return Broker(
        host=mqtt.host,
        port=mqtt.port,
        version=mqtt.version,
        username=mqtt.username,
        password=_password(mqtt),
        keepalive=round(mqtt.keepalive.total_seconds()),
        tls=_tls(mqtt) if mqtt.tls else None,
    )


def _password(mqtt: MqttSettings) -> str | None:
    if mqtt.password_file is not None:
        _warn_if_open("mqtt.password_file", mqtt.password_file)
        password = _first_line(mqtt.password_file, f"mqtt.password_file = {mqtt.password_file!r}")
        if not password:
            raise SettingsError(
                f"mqtt.password_file = {mqtt.password_file!r}: empty; expected a password on line 1"
            )
        return password
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder is None:
        return None
    credential = Path(folder) / PASSWORD_CREDENTIAL
    if not credential.exists():
        return None
    return _first_line(str(credential), f"the credential {PASSWORD_CREDENTIAL}") or None


def _first_line(file: str, what: str) -> str:
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        # The error itself would show what it could not decode.
        raise SettingsError(f"{what}: cannot be read: it is not UTF-8 text") from None
    except OSError as error:
        raise SettingsError(f"{what}: cannot be read: {error}") from error
    return lines[0] if lines else ""


def _tls(mqtt: MqttSettings) -> ssl.SSLContext:
    if mqtt.tls_key_file is not None:
        _warn_if_open("mqtt.tls_key_file", mqtt.tls_key_file)
    elif mqtt.tls_certificate_file is not None:
        _warn_if_open("mqtt.tls_certificate_file, with the key in it,", mqtt.tls_certificate_file)
    if not mqtt.tls_verify:
        log.warning(
            "mqtt.tls_verify is false: whoever answers as %s is believed to be the broker, and is "
            "told the password",
            mqtt.host,
        )
    tls = Tls(mqtt.tls_ca_file, mqtt.tls_certificate_file, mqtt.tls_key_file, mqtt.tls_verify)
    return tls_context(tls)


def is_open_to_all(file: str) -> bool:
    """Whether everybody on this machine may read a file; one of a group is the group's own.

    Raises OSError for one that cannot be looked at.
    """
    mode = Path(file).stat().st_mode
    return stat.S_ISREG(mode) and bool(mode & stat.S_IROTH)


def _warn_if_open(key: str, file: str) -> None:
    with contextlib.suppress(OSError):  # whoever reads it says so
        if is_open_to_all(file):
            log.warning("%s = %r can be read by everybody here; run: chmod o= %s", key, file, file)
