"""TLS: how the chair and the broker authenticate each other, and texts for failures."""

import contextlib
import ssl
from dataclasses import dataclass
from typing import Any

from unsit.errors import SettingsError

_NOT_READY = (ssl.SSLWantReadError, ssl.SSLWantWriteError)

_UNKNOWN_AUTHORITY = "an unknown authority has signed it"

_CERTIFICATE_FAULTS = {
    9: ("it is not valid yet", "set this machine's clock: sudo timedatectl set-ntp true"),
    10: ("it has expired", "renew it on the broker, or set this machine's clock"),
    18: ("it is self-signed", "name it, or the authority that signed it, in mqtt.tls_ca_file"),
    19: (_UNKNOWN_AUTHORITY, "name that authority in mqtt.tls_ca_file"),
    20: (_UNKNOWN_AUTHORITY, "name that authority in mqtt.tls_ca_file"),
    21: (_UNKNOWN_AUTHORITY, "name that authority in mqtt.tls_ca_file"),
    62: ("it is for another name", "set mqtt.host to the name in it"),
    64: ("it is for another address", "set mqtt.host to the name or address in it"),
}
"""Fault of a certificate and its fix, by OpenSSL's X509_V_ERR_ number."""

_SEE_OWN = "see mqtt.tls_certificate_file and mqtt.tls_key_file"

_CLOSES = "it closes the connection during the TLS handshake; see mqtt.port and mqtt.tls"

_HANDSHAKE_FAULTS = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": f"it asks for a certificate of the chair; {_SEE_OWN}",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": (
        f"it refuses the chair, most likely because the chair has no certificate; {_SEE_OWN}"
    ),
    "TLSV1_ALERT_UNKNOWN_CA": (
        f"it does not trust the authority of the chair's certificate; {_SEE_OWN}"
    ),
    "SSLV3_ALERT_BAD_CERTIFICATE": f"it refuses the chair's certificate; {_SEE_OWN}",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": f"the chair's certificate has expired; {_SEE_OWN}",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": f"the chair's certificate was revoked; {_SEE_OWN}",
    "WRONG_VERSION_NUMBER": "the server there does not speak TLS; see mqtt.port and mqtt.tls",
    "UNEXPECTED_EOF_WHILE_READING": _CLOSES,
}
"""Text of a failed handshake, by OpenSSL's reason."""


@dataclass(frozen=True, slots=True)
class Tls:
    """TLS settings for a broker.

    ca_file: certificates of the trusted authorities, None for those of the system.
    certificate_file, key_file: the chair's own; without a key file the key is with the certificate.
    verify: whether to check the broker's certificate.
    """

    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    verify: bool = True


def tls_context(tls: Tls) -> ssl.SSLContext:
    """Return the context of a client. Raises SettingsError for a file that cannot be used."""
    context = _context(tls.ca_file)
    # A private authority rarely follows RFC 5280 to the letter. Python 3.13 became strict; all
    # versions of Python accept the same certificates here.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.sslsocket_class = _WatchedSocket
    if tls.certificate_file is not None:
        _load_own(context, tls.certificate_file, tls.key_file)
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def describe_error(error: OSError) -> str:
    """Return the text of a network error, with the fix if it is an error of TLS."""
    if isinstance(error, ssl.SSLCertVerificationError):
        fault, fix = _CERTIFICATE_FAULTS.get(
            error.verify_code, (error.verify_message, "see mqtt.tls_ca_file")
        )
        return f"its certificate is not trusted: {fault}; {fix}"
    if isinstance(error, ssl.SSLError):
        return _HANDSHAKE_FAULTS.get(error.reason or "", f"TLS fails: {error}")
    return str(error)


def _context(ca_file: str | None) -> ssl.SSLContext:
    """Return a context that trusts only the authorities in a file, or those of the system."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise SettingsError(
            f"mqtt.tls_ca_file = {ca_file!r}: {_reason(error)}; expected certificates in PEM form"
        ) from error


def _load_own(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    given = f"mqtt.tls_certificate_file = {certificate!r}" + (
        "" if key is None else f", mqtt.tls_key_file = {key!r}"
    )
    try:
        context.load_cert_chain(certificate, key, password=_no_passphrase)
    except _PassphraseError:
        raise SettingsError(
            f"{given}: the key has a passphrase, and nobody is here to type it; take it off with "
            "openssl pkey -in KEY -out NEW_KEY"
        ) from None
    except OSError as error:
        raise SettingsError(
            f"{given}: {_reason(error)}; expected a certificate and its own key in PEM form"
        ) from error


class _PassphraseError(Exception):
    """Request of a passphrase for a key."""


def _no_passphrase() -> str:
    raise _PassphraseError


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or "it cannot be read").lower().replace("_", " ")
        return f"cannot be used: {reason}"
    return f"cannot be read: {error.strerror}"


class _WatchedSocket(ssl.SSLSocket):
    """TLS socket that stores its last error of TLS, which paho does not report."""

    last_error: ssl.SSLError | None = None

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands like ``ssl.SSLSocket.do_handshake``, and close the socket on failure."""
        try:
            super().do_handshake(block)
        except ConnectionResetError as error:
            self.close()
            raise ConnectionResetError(_CLOSES) from error
        except OSError:
            self.close()
            raise

    def read(self, *arguments: Any) -> Any:
        """Read like ``ssl.SSLSocket.read``, which ``recv`` and ``recv_into`` call."""
        try:
            return super().read(*arguments)
        except _NOT_READY:
            raise
        except ssl.SSLError as error:
            self.last_error = error
            raise

    def send(self, *arguments: Any) -> int:
        """Send like ``socket.send``."""
        try:
            return super().send(*arguments)
        except _NOT_READY:
            raise
        except OSError:
            with contextlib.suppress(OSError):
                self.recv(1)  # read the alert that the other side sent before it closed
            raise
