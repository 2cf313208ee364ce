"""TLS: whom the chair believes to be the broker, and what to do when it does not."""

import contextlib
import ssl
from dataclasses import dataclass
from typing import Any

from unsit.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Tls:
    """How to speak TLS with a broker.

    ca_file: certificates of who may have signed the broker's, None for those of the system.
    certificate_file, key_file: the chair's own; without a key file the key is with the certificate.
    verify: False believes whoever answers.
    """

    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    verify: bool = True


def tls_context(tls: Tls) -> ssl.SSLContext:
    """What a client needs. Raises SettingsError for a file that cannot be used."""
    context = _context(tls.ca_file)
    # What a household's own CA signs is rarely to the letter of RFC 5280, and Python 3.13 began to
    # mind; all Pythons do the same here.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.sslsocket_class = _Line
    if tls.certificate_file is not None:
        _load_own(context, tls.certificate_file, tls.key_file)
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def in_words(error: OSError) -> str:
    """An error of the network in words, with the mend where TLS is to blame."""
    if isinstance(error, ssl.SSLCertVerificationError):
        what, mend = _MISTRUST.get(
            error.verify_code, (error.verify_message, "see mqtt.tls_ca_file")
        )
        return f"its certificate is not believed: {what}; {mend}"
    if isinstance(error, ssl.SSLError):
        return _ALERTS.get(error.reason or "", f"TLS fails: {error}")
    return str(error)


def _context(ca_file: str | None) -> ssl.SSLContext:
    """Trusts the certificates in a file, and no others; without a file, those of the system."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise SettingsError(
            f"mqtt.tls_ca_file = {ca_file!r}: {_why(error)}; expected certificates in PEM form"
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
            f"{given}: {_why(error)}; expected a certificate and its own key in PEM form"
        ) from error


class _PassphraseError(Exception):
    """A key asks for a passphrase."""


def _no_passphrase() -> str:
    raise _PassphraseError


def _why(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or "it cannot be read").lower().replace("_", " ")
        return f"cannot be used: {reason}"
    return f"cannot be read: {error.strerror}"


class _Line(ssl.SSLSocket):
    """A connection that remembers what went wrong; paho says only that something did."""

    trouble: OSError | None = None

    def do_handshake(self, block: bool = False) -> None:
        """See ``ssl.SSLSocket.do_handshake``; one that fails leaves nothing open."""
        try:
            super().do_handshake(block)
        except ConnectionResetError as error:
            self.close()
            raise ConnectionResetError(_HANGS_UP) from error
        except OSError:
            self.close()
            raise

    def recv(self, *how: Any, **more: Any) -> bytes:
        """See ``socket.recv``."""
        try:
            return super().recv(*how, **more)
        except _LATER:
            raise
        except OSError as error:
            self.trouble = error
            raise

    def send(self, *what: Any) -> int:
        """See ``socket.send``."""
        try:
            return super().send(*what)
        except _LATER:
            raise
        except OSError:
            with contextlib.suppress(OSError):
                self.recv(1)  # what the other side said before it hung up
            raise


_LATER = (ssl.SSLWantReadError, ssl.SSLWantWriteError)

_MISTRUST = {
    9: ("it is not valid yet", "set this machine's clock"),
    10: ("it has expired", "renew it on the broker, or set this machine's clock"),
    18: ("it has signed itself", "name it, or who signed it, in mqtt.tls_ca_file"),
    19: ("nobody trusted has signed it", "name who did in mqtt.tls_ca_file"),
    20: ("nobody trusted has signed it", "name who did in mqtt.tls_ca_file"),
    21: ("nobody trusted has signed it", "name who did in mqtt.tls_ca_file"),
    62: ("it is for another name", "set mqtt.host to the name in it"),
    64: ("it is for another address", "set mqtt.host to the name or address in it"),
}
"""By OpenSSL's X509_V_ERR_ numbers: what is wrong, and the mend."""

_OWN = "see mqtt.tls_certificate_file and mqtt.tls_key_file"

_HANGS_UP = "it hangs up on TLS; see mqtt.port and mqtt.tls"

_ALERTS = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": f"it asks for a certificate of the chair; {_OWN}",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "it refuses the chair, most likely for want of a certificate; "
    + _OWN,
    "TLSV1_ALERT_UNKNOWN_CA": f"it does not trust who signed the chair's certificate; {_OWN}",
    "SSLV3_ALERT_BAD_CERTIFICATE": f"it refuses the chair's certificate; {_OWN}",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": f"the chair's certificate has expired; {_OWN}",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": f"the chair's certificate was revoked; {_OWN}",
    "WRONG_VERSION_NUMBER": "what answers there does not speak TLS; see mqtt.port and mqtt.tls",
    "UNEXPECTED_EOF_WHILE_READING": _HANGS_UP,
}
"""By OpenSSL's reasons: what the other side has against the chair."""
