"""Checks of the broker: secrets, address, TLS, login, publishing and retained messages.

The reason code of a refusal decides the advice, and a refusal of a message names its topic.
"""

import contextlib
import errno
import json
import os
import shlex
import shutil
import socket
import ssl
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from unsit.assembly.broker import (
    broker_of,
    is_open_to_all,
    is_this_machine,
    read_unit_password,
    secret_files,
    sends_plain_password,
    unit_credential_file,
)
from unsit.checkup.findings import Fault, Finding, Findings, fine, found, found_in
from unsit.checkup.home import NO_LISTENER, access_fix, all_access, check_home
from unsit.checkup.machine import Installation, apt_install, own_command
from unsit.errors import SettingsError, UnavailableError
from unsit.mqtt.connection import BAD_LOGIN, GENERAL_REFUSAL, UNSUPPORTED_VERSION, Broker
from unsit.mqtt.probe import Probe, ProbeRefused
from unsit.mqtt.tls import describe_error
from unsit.mqtt.topics import Topics
from unsit.settings.model import PORT, TLS_PORT, MqttSettings

CONNECT_TIMEOUT_S = 5.0

LOOK_TIMEOUT_S = 2.0
"""Time (s) for an answer at another port than the one of the settings."""

LATE_ALERT_S = 0.3
"""Time (s) in which a broker with TLS 1.3 rejects the client's certificate after the handshake."""

BAD_CLIENT_ID = 0x85
USE_ANOTHER_SERVER, SERVER_MOVED = 0x9C, 0x9D
OVERLOADED = {0x88, 0x89, 0x97, 0x9F}
"""Reason codes of MQTT 5 (OASIS MQTT 5, 2.4); paho translates those of MQTT 3.1.1. The last ones:
server unavailable, server busy, quota exceeded, connection rate exceeded.
"""

UNANSWERED = {socket.EAI_AGAIN}
NO_NETWORK = {errno.ENETUNREACH, errno.ENETDOWN}
NO_MACHINE = {errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.EHOSTDOWN}
"""Errors of a name that nobody resolves; of a connection from a machine without a network; and of
one to a machine that does not answer.
"""

SLOW_MIN_S = 1.0
"""Time (s) to the acknowledgement of a message from which on a broker is slow."""

NO_TLS = ("WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING")
"""OpenSSL's reasons for an answer that is no TLS."""

_EARLY, _EXPIRED = 9, 10
_OTHER_NAME = (62, 64)
"""OpenSSL's X509_V_ERR_ numbers."""

PAYLOAD = b"unsit check"

PACKET_MIN_BYTES = 16_384
"""Size in bytes of a packet into which the announcement of every chair fits."""


def check_broker(installation: Installation) -> Findings:
    """Check every step from the broker's name to the messages it keeps for Home Assistant."""
    settings = installation.settings.mqtt
    try:
        broker = broker_of(settings)
        if broker is not None:
            broker = _with_unit_password(broker, installation)
    except SettingsError as error:
        yield _unreadable(error, installation)
        return
    yield from _check_secrets(settings)
    if broker is not None and sends_plain_password(broker):
        words = f"the password goes to {broker!r} without TLS"
        yield found(Fault.PASSWORD_PLAIN, "secrets", words)
    if broker is None:
        yield fine("broker", "none, by the setting mqtt.host")
        return
    yield from check_connection(broker, installation)


def check_connection(broker: Broker, installation: Installation) -> Findings:
    """Check every step with a broker whose password is known."""
    reached = _check_address(broker, installation.settings.mqtt)
    yield from reached
    if any(finding.verdict == "fail" for finding in reached):
        return
    with ExitStack() as stack:
        probe = _probe(broker, installation)
        try:
            stack.enter_context(probe)
        except ProbeRefused as error:
            yield _refused(broker, error)
            return
        except UnavailableError as error:
            yield _mute(broker, installation, error)
            return
        user = f"as {broker.username}" if broker.username else "without a user name"
        yield fine("login", f"logged in {user}, MQTT {broker.version}")
        yield from _check_messages(probe, installation)


def _unreadable(error: SettingsError, installation: Installation) -> Finding:
    """Name a password, a certificate or a key that cannot be used."""
    if isinstance(error.__cause__, PermissionError) and os.geteuid() != 0:
        fix = own_command(installation, "check", sudo=True)
        return found(Fault.SECRET_UNREADABLE, "secrets", str(error), fix)
    file = installation.settings.mqtt.password_file
    if file is None or not str(error).startswith("mqtt.password_file"):
        return found_in(Fault.SECRET_UNREADABLE, "secrets", error)
    words = str(error).partition("; ")[0]
    name = shlex.quote(file)
    fix = f"put the password on line 1 of it, then sudo chgrp gpio {name} && sudo chmod 640 {name}"
    return found(Fault.SECRET_UNREADABLE, "secrets", words, fix)


def _with_unit_password(broker: Broker, installation: Installation) -> Broker:
    """Return the broker with the password of the unit's credential if it has no other."""
    if broker.username is None or broker.password is not None:
        return broker
    file = installation.machine.path(unit_credential_file(installation.unit))
    return replace(broker, password=read_unit_password(file))


def _check_secrets(settings: MqttSettings) -> Findings:
    for key, file in secret_files(settings):
        if is_open_to_all(file):
            words = f"every user can read {file}, the file of {key}"
            fix = f"sudo chmod o-rwx {shlex.quote(file)}"
            yield found(Fault.SECRET_OPEN, "secrets", words, fix)
        else:
            yield fine("secrets", f"{file} is readable, and not by every user")


def _check_address(broker: Broker, mqtt: MqttSettings) -> list[Finding]:
    try:
        addresses = socket.getaddrinfo(broker.host, broker.port, type=socket.SOCK_STREAM)
    except OSError as error:
        return [_unknown(broker, error)]
    resolved = fine("broker name", f"{broker.host} is {addresses[0][4][0]}")
    try:
        connection = socket.create_connection((broker.host, broker.port), CONNECT_TIMEOUT_S)
    except OSError as error:
        return [resolved, _no_connection(broker, mqtt, error)]
    with connection:
        opened = fine("broker port", f"{broker.port} is open")
        return [resolved, opened, _check_tls(broker, mqtt, connection)]


def _no_connection(broker: Broker, mqtt: MqttSettings, error: OSError) -> Finding:
    words = f"{broker!r}: {error.strerror or error}"
    if error.errno in NO_NETWORK:
        return found(Fault.NETWORK_DOWN, "broker port", words)
    if isinstance(error, TimeoutError) or error.errno in NO_MACHINE:
        return found(Fault.BROKER_UNREACHABLE, "broker port", words)
    return found(Fault.BROKER_DOWN, "broker port", words, _starting(broker, mqtt))


def _starting(broker: Broker, mqtt: MqttSettings) -> str | None:
    """Return how to get a broker at the address: another port of it, or one that is installed."""
    if elsewhere := _other_port(broker, mqtt):
        return elsewhere
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"
    if is_this_machine(broker.host) and shutil.which("mosquitto", path=path) is None:
        return f"{apt_install('mosquitto')}, which starts it"
    return None


def _other_port(broker: Broker, mqtt: MqttSettings) -> str | None:
    """Return the settings for the usual port at which the broker's machine answers, if it does.

    A port that has what the settings want, TLS or none, goes before one that has not.
    """
    wants_tls = broker.tls is not None
    for port, tls in sorted(
        ((PORT, False), (TLS_PORT, True)), key=lambda it: it[1] is not wants_tls
    ):
        if (port, tls) == (broker.port, wants_tls):
            continue  # that was tried
        there = replace(broker, port=port)
        if _speaks_tls(there) if tls else _is_open(there):
            settings = [] if port == broker.port else [f"mqtt.port = {port}"]
            settings += [] if tls is wants_tls else [f"mqtt.tls = {str(tls).lower()}"]
            of_tls = ("tls_ca_file", "tls_certificate_file", "tls_key_file")
            unused = [f"mqtt.{name}" for name in of_tls if not tls and getattr(mqtt, name)]
            return ", ".join(settings) + (f", without {' and '.join(unused)}" if unused else "")
    return None


def _is_open(broker: Broker) -> bool:
    """Return whether something listens there."""
    try:
        socket.create_connection((broker.host, broker.port), LOOK_TIMEOUT_S).close()
    except OSError:
        return False
    return True


def _unknown(broker: Broker, error: OSError) -> Finding:
    if error.errno in UNANSWERED:
        words = f"{broker.host}: {error.strerror or error}"
        return found(Fault.NAMES_UNANSWERED, "broker name", words)
    fix = None
    if broker.host.endswith(".local"):
        install = apt_install("libnss-mdns", "avahi-daemon")
        fix = f"{install}, or set mqtt.host to its address"
    words = f"{broker.host}: {error.strerror or error}"
    return found(Fault.BROKER_UNKNOWN, "broker name", words, fix)


def _check_tls(broker: Broker, mqtt: MqttSettings, connection: socket.socket) -> Finding:
    """Make the same TLS handshake as the service."""
    if broker.tls is None:
        return fine("TLS", "off, by the setting mqtt.tls")
    try:
        with broker.tls.wrap_socket(connection, server_hostname=broker.host) as secured:
            secured.settimeout(LATE_ALERT_S)
            with contextlib.suppress(TimeoutError):
                secured.recv(1)
            version = secured.version()
    except OSError as error:
        words, _, fix = describe_error(error).partition("; ")
        if isinstance(error, TimeoutError):
            words = "it does not answer a TLS handshake"
        fault = _fault_of_tls(error)
        if fault is Fault.TLS_ABSENT:
            fix = _other_port(broker, mqtt) or ""
        elif fault is Fault.CERTIFICATE_NAME and (names := _names_in_certificate(broker)):
            words += f"; it has {', '.join(names)}"
            fix = f"mqtt.host = {json.dumps(names[0], ensure_ascii=False)}"
        return found(fault, "TLS", f"{broker!r}: {words}", fix or None)
    if broker.tls.check_hostname:
        return fine("TLS", f"{version}, the broker's certificate is trusted")
    words = f"{version}, the broker's certificate is not verified"
    return found(Fault.CERTIFICATE_UNCHECKED, "TLS", words)


def _names_in_certificate(broker: Broker) -> list[str]:
    """Return the names, then the addresses, that the broker's certificate is for."""
    context = broker.tls
    if context is None:
        return []
    context.check_hostname = False
    try:
        with (
            socket.create_connection((broker.host, broker.port), CONNECT_TIMEOUT_S) as connection,
            context.wrap_socket(connection) as secured,
        ):
            certificate = secured.getpeercert() or {}
    except OSError:
        return []
    finally:
        context.check_hostname = True
    entries: Any = certificate.get("subjectAltName", ())
    hosts = [name for kind, name in entries if kind == "DNS" and "*" not in name]
    return [*hosts, *(address for kind, address in entries if kind == "IP Address")]


def _fault_of_tls(error: OSError) -> Fault:
    """Return the fault of a failed handshake, since each needs another fix."""
    if isinstance(error, ssl.SSLCertVerificationError):
        by_number = dict.fromkeys(_OTHER_NAME, Fault.CERTIFICATE_NAME)
        by_number |= {_EXPIRED: Fault.CERTIFICATE_EXPIRED, _EARLY: Fault.CERTIFICATE_EARLY}
        return by_number.get(error.verify_code, Fault.CERTIFICATE_BAD)
    if not isinstance(error, ssl.SSLError) or error.reason in NO_TLS:
        return Fault.TLS_ABSENT
    return Fault.CERTIFICATE_WANTED


def _refused(broker: Broker, error: ProbeRefused) -> Finding:
    """Name the reason of a refused connection: only some have to do with the login."""
    code = error.reason.value
    words = f"{broker!r} refuses the connection: {error.reason}"
    if code in (GENERAL_REFUSAL, UNSUPPORTED_VERSION):
        words = f"{broker!r} does not speak MQTT {broker.version}: {error.reason}"
        return found(Fault.BROKER_OLD, "login", words, f'mqtt.version = "{_other(broker)}"')
    if code in BAD_LOGIN:
        return _bad_login(broker, error)
    if code == BAD_CLIENT_ID:
        return found(Fault.CLIENT_ID_REFUSED, "login", words)
    if code in OVERLOADED:
        return found(Fault.BROKER_BUSY, "login", words)
    if code in (USE_ANOTHER_SERVER, SERVER_MOVED):
        fix = f"mqtt.host = {json.dumps(error.server)}" if error.server else None
        return found(Fault.BROKER_ELSEWHERE, "login", words, fix)
    return found(Fault.BROKER_REFUSES, "login", words)


def _bad_login(broker: Broker, error: ProbeRefused) -> Finding:
    user = f"the user {broker.username}" if broker.username else "a client without a user name"
    words = f"{broker!r} refuses {user}: {error.reason}"
    if broker.username is None:
        fix = "set mqtt.username and mqtt.password_file to a user of the broker"
        return found(Fault.LOGIN_MISSING, "login", words, fix)
    if broker.password is None:
        fix = f"write the password of {broker.username} to a file, and set mqtt.password_file"
        return found(Fault.LOGIN_MISSING, "login", f"{words}; there is no password", fix)
    return found(Fault.LOGIN_REFUSED, "login", words)


def _other(broker: Broker) -> str:
    """Return the other version of MQTT."""
    return "3.1.1" if broker.version == "5" else "5"


def _probe(broker: Broker, installation: Installation) -> Probe:
    topics = _topics(installation)
    return Probe(broker, topics.client_id("check"), topics.check)


def _topics(installation: Installation) -> Topics:
    return Topics(installation.settings.mqtt.prefix, installation.settings.chair.id)


def _mute(broker: Broker, installation: Installation, error: UnavailableError) -> Finding:
    """Try the other version of MQTT, since some brokers hang up on one that they do not know."""
    other, mqtt = _other(broker), installation.settings.mqtt
    words = f"{broker!r} does not speak MQTT {broker.version}"
    speaks_other = found(Fault.BROKER_OLD, "login", words, f'mqtt.version = "{other}"')
    try:
        with _probe(replace(broker, version=other), installation):
            return speaks_other
    except ProbeRefused as refused:
        if refused.reason.value not in (GENERAL_REFUSAL, UNSUPPORTED_VERSION):
            return speaks_other
    except UnavailableError:
        pass
    if broker.tls is None and _speaks_tls(broker):
        words = f"{broker!r} speaks TLS"
        return found(Fault.BROKER_SPEAKS_TLS, "login", words)
    if b"HTTP/" in _answer_to_http(broker):
        words = f"{broker!r} speaks HTTP; a broker's port for MQTT is mostly {PORT}"
        fix = _other_port(broker, mqtt) or f"mqtt.port = {PORT}"
        return found(Fault.BROKER_SPEAKS_HTTP, "login", words, fix)
    words = str(error).partition("; ")[0]
    return found(Fault.BROKER_MUTE, "login", words, _other_port(broker, mqtt))


def _speaks_tls(broker: Broker) -> bool:
    """Return whether a server answers a TLS handshake, whatever its certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((broker.host, broker.port), LOOK_TIMEOUT_S) as connection,
            context.wrap_socket(connection),
        ):
            return True
    except ssl.SSLError as error:  # an alert is an answer too
        return "ALERT" in (error.reason or "")
    except OSError:
        return False


def _answer_to_http(broker: Broker) -> bytes:
    """Return the beginning of what a server answers to a request of a browser."""
    try:
        with socket.create_connection((broker.host, broker.port), CONNECT_TIMEOUT_S) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return connection.recv(64)
    except OSError:
        return b""


def _check_messages(probe: Probe, installation: Installation) -> Findings:
    """Publish on a topic of the chair's own, then look at what the broker retains."""
    topics = _topics(installation)
    topic = topics.check
    answer = probe.publish(topic, PAYLOAD)
    if answer is None or answer.is_failure or not probe.receives_own(PAYLOAD):
        is_refused = answer is not None and answer.is_failure
        reason = str(answer) if is_refused else "the message does not come back"
        words = f"on {topic}: {reason}"
        fix = access_fix(installation, *all_access(installation, topics))
        yield found(Fault.PUBLISH_REFUSED, "publish", words, fix)
        return
    yield fine("publish", f"a message on {topic} was accepted and came back")
    yield from _check_speed(probe)
    yield from _check_subscriptions(probe, installation, topics)
    yield from _check_limits(probe)
    yield _check_retained(probe, topic)
    reports_listeners = answer.value == NO_LISTENER
    yield from check_home(probe, installation, topics, reports_listeners=reports_listeners)


def _check_speed(probe: Probe) -> Findings:
    if probe.slowest_s is not None and probe.slowest_s > SLOW_MIN_S:
        words = f"{probe.slowest_s:.1f} s until a message is acknowledged"
        yield found(Fault.BROKER_SLOW, "publish", words)


def _check_subscriptions(probe: Probe, installation: Installation, topics: Topics) -> Findings:
    """Subscribe to everything that the service subscribes to."""
    settings = installation.settings
    wanted = [topics.commands if probe.grants.wildcards else topics.command("hold")]
    wanted += settings.hold.watched
    if settings.homeassistant.discovery:
        wanted.append(settings.homeassistant.birth_topic)
    for topic, why in probe.subscription_failures(wanted).items():
        fix = access_fix(installation, f"topic read {topic}")
        yield found(Fault.SUBSCRIBE_REFUSED, "subscribe", f"{topic}: {why}", fix)


def _check_limits(probe: Probe) -> Findings:
    """Name what the broker does not grant; retained messages have a check of their own."""
    for what, why in probe.grants.shortfalls().items():
        if what != "retained messages":
            yield found(Fault.BROKER_LIMITED, "limits", f"{what}: {why}")
    limit = probe.grants.packet_bytes
    if limit is not None and limit < PACKET_MIN_BYTES:
        words = f"packets of at most {limit} bytes: the announcement may go in parts"
        yield found(Fault.BROKER_LIMITED, "limits", words)


def _check_retained(probe: Probe, topic: str) -> Finding:
    is_kept = False
    if probe.grants.retain:
        try:
            probe.publish(topic, PAYLOAD, retain=True)
            is_kept = topic in probe.retained([topic]).payloads
        finally:
            probe.publish(topic, b"", retain=True)
    if is_kept:
        return fine("retained", "the broker keeps a retained message")
    return found(Fault.NOT_RETAINED, "retained", "the broker does not keep a retained message")
