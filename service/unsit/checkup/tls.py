"""TLS: whether the chair and the broker believe each other."""

import contextlib
import socket

from unsit.checkup.faults import Fault
from unsit.checkup.finding import Findings, fine, found
from unsit.mqtt.link import Broker
from unsit.mqtt.tls import in_words

LATEST_OBJECTION = 0.3
"""Seconds. With TLS 1.3 a broker says that it wants another certificate after the handshake."""


def check_tls(broker: Broker, line: socket.socket) -> Findings:
    """Shakes hands as the service does, on a connection to the broker."""
    if broker.tls is None:
        yield fine("TLS", "off, by the setting mqtt.tls")
        return
    try:
        with broker.tls.wrap_socket(line, server_hostname=broker.host) as secured:
            secured.settimeout(LATEST_OBJECTION)
            with contextlib.suppress(TimeoutError):
                secured.recv(1)
            version = secured.version()
    except OSError as error:
        words, _, mend = in_words(error).partition("; ")
        yield found(Fault.CERTIFICATE_BAD, "TLS", f"{broker!r}: {words}", mend or None)
        return
    if broker.tls.check_hostname:
        yield fine("TLS", f"{version}, the broker's certificate is believed")
    else:
        yield found(Fault.CERTIFICATE_UNCHECKED, "TLS", f"{version}, with whoever answers")
