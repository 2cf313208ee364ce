"""The broker, step by step: its name, its port, the login, publishing, retained messages."""

import socket
from contextlib import ExitStack

from unsit.assembly.broker import broker_of
from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding, Findings, fine, found
from unsit.checkup.home import NO_LISTENER, check_home
from unsit.checkup.installation import Installation
from unsit.checkup.secrets import check_privacy, unreadable, with_credential
from unsit.checkup.tls import check_tls
from unsit.errors import SettingsError, UnavailableError
from unsit.mqtt.link import Broker
from unsit.mqtt.topics import Topics
from unsit.mqtt.visit import Refused, Visit

PATIENCE = 5.0
"""Seconds for a connection to be taken."""

UNSUPPORTED_VERSION = 132
"""A reason code of MQTT 5 (OASIS, section 2.4)."""


def check_broker(installation: Installation) -> Findings:
    """Every step from the broker's name to what it keeps for Home Assistant."""
    settings = installation.settings.mqtt
    try:
        broker = broker_of(settings)
    except SettingsError as error:
        yield unreadable(error)
        return
    yield from check_privacy(settings)
    if broker is None:
        yield fine("broker", "none, by the setting mqtt.host")
        return
    yield from check_connection(with_credential(broker, installation), installation)


def check_connection(broker: Broker, installation: Installation) -> Findings:
    """Every step with a broker whose password is known."""
    reached = _reach(broker)
    yield from reached
    if any(finding.fault for finding in reached):
        return
    with ExitStack() as stack:
        visit = Visit(broker, f"unsit-{installation.settings.chair.id}-check")
        try:
            stack.enter_context(visit)
        except Refused as error:
            yield _refused(broker, error)
            return
        except UnavailableError as error:
            yield found(Fault.BROKER_MUTE, "login", str(error).partition("; ")[0])
            return
        who = f"as {broker.username}" if broker.username else "without a name"
        yield fine("login", f"let in {who}, MQTT {broker.version}")
        yield from _speak(visit, installation)


def _reach(broker: Broker) -> list[Finding]:
    try:
        addresses = socket.getaddrinfo(broker.host, broker.port, type=socket.SOCK_STREAM)
    except OSError as error:
        return [_unknown(broker, error)]
    named = fine("broker name", f"{broker.host} is {addresses[0][4][0]}")
    try:
        line = socket.create_connection((broker.host, broker.port), PATIENCE)
    except OSError as error:
        why = error.strerror or str(error)
        return [named, found(Fault.BROKER_DOWN, "broker port", f"{broker!r}: {why}")]
    with line:
        opened = fine("broker port", f"{broker.port} is open")
        return [named, opened, *check_tls(broker, line)]


def _unknown(broker: Broker, error: OSError) -> Finding:
    mend = None
    if broker.host.endswith(".local"):
        mend = "sudo apt install libnss-mdns avahi-daemon, or mqtt.host = its address"
    words = f"{broker.host}: {error.strerror or error}"
    return found(Fault.BROKER_UNKNOWN, "broker name", words, mend)


def _refused(broker: Broker, error: Refused) -> Finding:
    if error.reason.value in (1, UNSUPPORTED_VERSION):
        words = f"{broker!r} does not speak MQTT {broker.version}"
        return found(Fault.BROKER_OLD, "login", words)
    who = f"the user {broker.username}" if broker.username else "a client without a name"
    return found(Fault.LOGIN_REFUSED, "login", f"{broker!r} refuses {who}: {error.reason}")


def _speak(visit: Visit, installation: Installation) -> Findings:
    topics = Topics(installation.settings.mqtt.prefix, installation.settings.chair.id)
    topic = f"{topics.root}/check"
    answer = visit.publish(topic, b"unsit check")
    if answer is None or answer.is_failure or not visit.hears_itself(topic, b"unsit check"):
        why = "it does not come back" if answer is None or not answer.is_failure else str(answer)
        yield found(
            Fault.PUBLISH_REFUSED, "publish", f"on {topic}: {why}", _acl(installation, topic)
        )
        return
    yield fine("publish", f"taken and given back on {topic}")
    yield _retained(visit, topic)
    tells = answer.value == NO_LISTENER
    yield from check_home(visit, installation, topics, tells_of_listeners=tells)


def _acl(installation: Installation, topic: str) -> str:
    user = installation.settings.mqtt.username
    below = f", below user {user}" if user else ""
    return f"in the broker's acl_file{below}: topic readwrite {topic}"


def _retained(visit: Visit, topic: str) -> Finding:
    kept = False
    if visit.keeps_retained:
        try:
            visit.publish(topic, b"unsit check", retain=True)
            kept = topic in visit.retained([topic])
        finally:
            visit.publish(topic, b"", retain=True)
    if kept:
        return fine("retained", "a retained message is kept")
    return found(Fault.NOT_RETAINED, "retained", "a retained message is not kept")
