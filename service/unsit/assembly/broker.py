"""Broker of the settings, with its TLS context and its secrets.

The settings name files, whose content and rights change without the settings: the service does not
end because of one that cannot be read, and tries again. The service, ``unsit check`` and
``unsit setup`` read secrets through this module alone: the password, the client's key, and the
credential from systemd. A password is line 1 of its file, in UTF-8. A secret that every user can
read still works, with a warning.
"""

import contextlib
import logging
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from unsit.errors import SettingsError
from unsit.mqtt.connection import Broker
from unsit.settings.file import NoText, decode_text
from unsit.settings.model import MqttSettings

if TYPE_CHECKING:
    import ssl

log = logging.getLogger(__name__)

NO_BROKER = "none"
"""Value of ``mqtt.host`` for a chair without a broker."""

LOOPBACK_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")

PASSWORD_CREDENTIAL = "mqtt-password"  # noqa: S105  # its name
"""Name of the systemd credential (``LoadCredential=``) with the password if no file is set."""


def broker_of(mqtt: MqttSettings) -> Broker | None:
    """Return the broker of the settings, None for a chair without one.

    Raises SettingsError for a password, a certificate or a key that cannot be read.
    """
    if mqtt.host == NO_BROKER:
        return None
    broker = Broker(
        host=mqtt.host,
        port=mqtt.port,
        version=mqtt.version,
        username=mqtt.username,
        password=read_password(mqtt),
        keepalive=round(mqtt.keepalive.total_seconds()),
        tls=_tls(mqtt) if mqtt.tls else None,
    )
    _warn(mqtt, broker)  # once, and not with each attempt to read the files
    return broker


def read_broker(mqtt: MqttSettings) -> tuple[Broker | None, str | None]:
    """Return the broker of the settings, and why it cannot be used although it is set."""
    try:
        return broker_of(mqtt), None
    except (OSError, ValueError) as error:
        return None, str(error)


def _warn(mqtt: MqttSettings, broker: Broker) -> None:
    warn_of_open_secrets(mqtt)
    if sends_plain_password(broker):
        log.warning(
            "the password goes to the broker %r without TLS, and everybody on the way can read it; "
            "set mqtt.tls = true and mqtt.port = 8883, if the broker has a certificate",
            broker,
        )
    if mqtt.tls and not mqtt.tls_verify:
        log.warning(
            "mqtt.tls_verify is false: any machine that answers as %s is taken for the broker and "
            "receives the password",
            mqtt.host,
        )


def sends_plain_password(broker: Broker) -> bool:
    """Return whether a password leaves this machine without TLS."""
    is_sent = broker.username is not None and broker.password is not None
    return is_sent and broker.tls is None and not is_this_machine(broker.host)


def is_this_machine(host: str) -> bool:
    """Return whether a host is this machine, as far as that is known without asking a name server.

    It is the loopback interface by any of its names, an address of the machine's own, or its name.
    """
    name = host.lower().removesuffix(".")
    own = socket.gethostname().lower()
    if name in (*LOOPBACK_NAMES, own, f"{own}.local") or name.endswith(".localhost"):
        return True
    flags = socket.AI_NUMERICHOST
    try:
        found = socket.getaddrinfo(name, 9, type=socket.SOCK_DGRAM, flags=flags)
    except (OSError, UnicodeError):
        return False
    family, kind, protocol, _, address = found[0]
    # Connecting a datagram socket sends nothing; the kernel chooses the address that it would use.
    with contextlib.suppress(OSError), socket.socket(family, kind, protocol) as trial:
        trial.connect(address)
        own_end: str = trial.getsockname()[0]
        is_loopback = own_end == "::1" or own_end.removeprefix("::ffff:").startswith("127.")
        return is_loopback or own_end == trial.getpeername()[0]
    return False


def _tls(mqtt: MqttSettings) -> "ssl.SSLContext":
    from unsit.mqtt.tls import Tls, tls_context  # loads OpenSSL

    tls = Tls(mqtt.tls_ca_file, mqtt.tls_certificate_file, mqtt.tls_key_file, mqtt.tls_verify)
    return tls_context(tls)


def unit_credential_file(unit: str) -> str:
    """Return the file from which systemd reads a unit's password (see systemd/unsit.service)."""
    return f"/etc/credstore/{unit.replace('@', '-')}.{PASSWORD_CREDENTIAL}"


def secret_files(mqtt: MqttSettings) -> Iterator[tuple[str, str]]:
    """Yield each secret file with its setting. A certificate without a key file holds the key."""
    if mqtt.password_file is not None:
        yield "mqtt.password_file", mqtt.password_file
    if mqtt.tls_key_file is not None:
        yield "mqtt.tls_key_file", mqtt.tls_key_file
    elif mqtt.tls_certificate_file is not None:
        yield "mqtt.tls_certificate_file", mqtt.tls_certificate_file


def read_password(mqtt: MqttSettings) -> str | None:
    """Return the password from its file, else from this process's credential, else None.

    Raises SettingsError for a file that cannot be read, or is empty.
    """
    if mqtt.password_file is not None:
        source = f"mqtt.password_file = {mqtt.password_file!r}"
        password = _first_line(Path(mqtt.password_file), source)
        if not password:
            raise SettingsError(f"{source}: empty; expected a password on line 1")
        return password
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    if directory is None:
        return None
    credential = Path(directory) / PASSWORD_CREDENTIAL
    try:
        is_there = credential.exists()
    except OSError:  # then reading it reports why
        is_there = True
    return _credential(credential) if is_there else None


def read_unit_password(file: Path) -> str | None:
    """Return the password in the credential file of a unit, None if this user cannot read it.

    Raises SettingsError for a file that is no text.
    """
    return _credential(file) if os.access(file, os.R_OK) else None


def _credential(file: Path) -> str | None:
    return _first_line(file, f"the credential {PASSWORD_CREDENTIAL}") or None


def _first_line(file: Path, source: str) -> str:
    try:
        text = decode_text(file.read_bytes())
    except NoText as error:
        raise SettingsError(f"{source}: cannot be read: it is {error}") from None
    except OSError as error:
        raise SettingsError(f"{source}: cannot be read: {error}") from error
    if "\0" in text:
        raise SettingsError(f"{source}: cannot be read: it has zero bytes; save it as UTF-8 text")
    return text.partition("\n")[0]


def is_open_to_all(file: str) -> bool:
    """Return True if every user of this machine can read a regular file. Raises OSError."""
    mode = Path(file).stat().st_mode
    return stat.S_ISREG(mode) and bool(mode & stat.S_IROTH)


def warn_of_open_secrets(mqtt: MqttSettings) -> None:
    """Log a warning for each secret file that every user can read."""
    for key, file in secret_files(mqtt):
        with contextlib.suppress(OSError):  # the reader of the file reports it
            if is_open_to_all(file):
                log.warning("%s = %r: every user can read it; run: chmod o= %s", key, file, file)
