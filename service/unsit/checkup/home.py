"""Checks of the chair's retained messages, and of Home Assistant's side.

Anybody who may publish at the broker can retain anything on any topic. A message on a topic of the
chair that the chair cannot have sent is a finding; it is never believed, and shown as one line.
"""

import json
import shlex
import shutil
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from unsit.checkup.findings import Fault, Finding, Findings, fine, first_of, found
from unsit.checkup.machine import Installation, apt_install, running_services
from unsit.core.instant import ZERO
from unsit.errors import printable
from unsit.homeassistant.discovery import discovery_topic, times_topic
from unsit.mqtt.command import CommandRejected
from unsit.mqtt.holds import HoldSources
from unsit.mqtt.probe import Probe, Retained
from unsit.mqtt.topics import OFFLINE, ONLINE, Topics, payload_text
from unsit.settings.model import HomeAssistantSettings, new_chair_id
from unsit.settings.values import parse_duration

NO_LISTENER = 16
"""Reason code with which an MQTT 5 broker reports that no client has subscribed to the topic."""

ANNOUNCEMENTS = ["+/+/+/config", "+/+/+/+/config"]
"""Discovery topics of every device under any prefix."""

DOCUMENT_MAX_BYTES = 65_536
"""Bytes of the largest message that a chair retains."""

OF_THE_SERVICE = {
    fault.name.lower() for fault in (Fault.SENSOR_AT_FAULT, Fault.OFFLINE_THOUGH_RUNNING)
}
"""Faults that the retained messages tell of the service, and that are none of the broker's."""

CLIENT_ID = "the client id "
"""Beginning of the name by which a service reports that another client has its id."""


def check_home(
    probe: Probe, installation: Installation, topics: Topics, *, reports_listeners: bool
) -> Findings:
    """Check the chair's retained messages, and that Home Assistant listens to them.

    reports_listeners: the broker's acknowledgement says if no client listens to a topic.
    """
    home = installation.settings.homeassistant
    own = discovery_topic(home.discovery_prefix, topics.chair)
    holds = installation.settings.hold.watched
    by_name = [topics.availability, topics.state, own, *holds]
    filters = [topics.commands] if probe.grants.wildcards else []
    retained = probe.retained([*by_name, *filters, *ANNOUNCEMENTS])
    yield from _unseen(retained, by_name, installation)
    yield from _state_and_availability(retained.payloads, topics, installation)
    yield from first_of(_commands(retained.payloads, topics, installation), "commands")
    for topic in holds:
        yield from _hold(retained.payloads.get(topic, b""), topic, installation)
    if not home.discovery:
        yield fine("discovery", "off, by the setting homeassistant.discovery")
        return
    if own in retained.failures:
        return
    announced = {
        topic: payload for topic, payload in retained.payloads.items() if topic.endswith("/config")
    }
    announced.pop(times_topic(home.discovery_prefix, topics.chair), None)  # of the same device
    yield from _announcement(installation, announced, own)
    if own in announced:
        yield from _listeners(probe, announced, installation, topics, own, reports_listeners)
    else:
        yield from _other_prefix(announced, home, own)


def _unseen(retained: Retained, by_name: list[str], installation: Installation) -> Findings:
    """Name the topics of the chair of which the broker shows nothing."""
    for topic in (topic for topic in by_name if topic in retained.failures):
        words = f"{topic}: {retained.failures[topic]}"
        fix = access_fix(installation, f"topic read {topic}")
        yield found(Fault.MESSAGES_UNSEEN, "retained", words, fix)


def access_fix(installation: Installation, *lines: str) -> str:
    """Return how to give the chair's user these lines in the access list of mosquitto."""
    user = installation.settings.mqtt.username
    where = f"below user {user}" if user else "above the first user"
    return (
        f"in the broker's acl_file, {where}: {', '.join(lines)}; "
        "then sudo systemctl reload mosquitto"
    )


def all_access(installation: Installation, topics: Topics) -> list[str]:
    """Return the lines of an access list for everything that a chair sends and receives."""
    settings = installation.settings
    lines = [f"topic readwrite {topics.root}/#"]
    lines += [f"topic read {topic}" for topic in settings.hold.watched]
    home = settings.homeassistant
    if home.discovery:
        for topic_of in (discovery_topic, times_topic):
            lines.append(f"topic readwrite {topic_of(home.discovery_prefix, topics.chair)}")
        lines.append(f"topic read {home.birth_topic}")
    return lines


def _state_and_availability(
    retained: dict[str, bytes], topics: Topics, installation: Installation
) -> Findings:
    restart = f"sudo systemctl restart {installation.unit}, which sends it again"
    state: dict[str, Any] = {}
    if topics.state in retained:
        content = _read(retained[topics.state])
        if isinstance(content, Spoilt):
            words = f"{topics.state} {content.why}"
            yield found(Fault.MESSAGE_SPOILT, "state", words, restart)
        else:
            state = content
    availability = retained.get(topics.availability, b"")
    if availability in (b"", ONLINE.encode(), OFFLINE.encode()):
        yield from _availability(availability.decode(), state, installation)
    else:
        words = (
            f"{topics.availability} says {printable(availability)}; expected {ONLINE} or {OFFLINE}"
        )
        yield found(Fault.MESSAGE_SPOILT, "availability", words, restart)
    yield from _reports(state, installation)


def _availability(availability: str, state: dict[str, Any], installation: Installation) -> Findings:
    if not availability:
        yield fine("availability", "none yet; the service has never connected to this broker")
        return
    services = running_services(installation)
    if availability == OFFLINE and services:
        words = f"the service runs (pid {services[0].pid}), and the broker has it as {OFFLINE}"
        fix = f"journalctl -u {installation.unit} -n 50 names the reason"
        yield found(Fault.OFFLINE_THOUGH_RUNNING, "availability", words, fix)
        return
    if availability == ONLINE and not services and installation.is_stopped:
        words = (
            "the chair is online, and its service does not run here; if it was not killed just "
            "now, another machine has its id"
        )
        fix = f'chair.id = "{new_chair_id()}" on one of them'
        yield found(Fault.ID_IN_USE, "availability", words, fix)
        return
    seat = ""
    if availability == ONLINE and state:
        seat = ": somebody sits" if state.get("occupied") is True else ": the seat is empty"
    yield fine("availability", f"the chair is {availability}{seat}")


def _reports(state: dict[str, Any], installation: Installation) -> Findings:
    """Pass on what the running service reports of itself."""
    fault, storage = state.get("sensor_fault"), state.get("storage_fault")
    if fault:
        yield found(Fault.SENSOR_AT_FAULT, "sensor", f"the service reports: {_shown(fault)}")
    if storage:
        yield found(Fault.NOTHING_KEPT, "state", f"the service reports: {_shown(storage)}")
    dropped = state.get("events_dropped")
    if isinstance(dropped, int) and dropped > 0:
        words = f"the service reports: {dropped} events were dropped"
        yield found(Fault.EVENTS_LOST, "state", words)
    refused = state.get("refused")
    if isinstance(refused, dict):
        yield from first_of(map(_refusal, refused.items()), "state")


def _refusal(refused: tuple[str, Any]) -> Finding:
    what, why = refused
    words = f"the service reports: the broker refuses {printable(what)}: {_shown(why)}"
    if what.startswith(CLIENT_ID):
        fix = f'chair.id = "{new_chair_id()}" on one of the machines'
        return found(Fault.ID_TAKEN, "state", words, fix)
    return found(Fault.REFUSED_NOW, "state", words)


def _commands(retained: dict[str, bytes], topics: Topics, installation: Installation) -> Findings:
    """Name retained commands: the chair refuses each of them with every connection.

    A hold by reason is meant to be retained, and is named only if the chair cannot take it.
    """
    sources = HoldSources(topics, parse_duration, lambda date: ZERO, list)
    for topic in sorted(retained):
        name = topics.command_name(topic)
        if name != topic and retained[topic]:
            words = f"a retained message on {printable(topic)} is refused with every connection"
            if sources.is_source(topic):
                try:
                    sources.request_of(topic, retained[topic], retained=True, now=ZERO)
                except CommandRejected as rejected:
                    words = f"{words}: {printable(str(rejected))}"
                else:
                    continue
            fix = _clearing(topic, installation)
            yield found(Fault.COMMAND_RETAINED, "commands", words, fix)


def _hold(payload: bytes, topic: str, installation: Installation) -> Findings:
    try:
        payload_text(payload)
    except ValueError as error:
        words = f"the retained message on {topic}: {error}"
        yield found(Fault.HOLD_UNREADABLE, "hold", words, _clearing(topic, installation))


def _clearing(topic: str, installation: Installation) -> str:
    """Return the command that deletes the retained message of a topic, and how to get it.

    A person types the password and, if the chair verifies no certificate, the authority's file.
    """
    mqtt = installation.settings.mqtt
    command = ["mosquitto_pub", "--host", mqtt.host, "--port", str(mqtt.port)]
    if mqtt.username is not None:
        command += ["--username", mqtt.username, "--pw", "PASSWORD"]
    if mqtt.tls:
        trusted = mqtt.tls_ca_file
        if trusted is None and not mqtt.tls_verify:
            trusted = "CA_FILE"  # mosquitto_pub trusts nobody without one
        command += ["--tls-use-os-certs"] if trusted is None else ["--cafile", trusted]
        if mqtt.tls_certificate_file is not None:
            key = mqtt.tls_key_file or mqtt.tls_certificate_file
            command += ["--cert", mqtt.tls_certificate_file, "--key", key]
        if not mqtt.tls_verify:
            command.append("--insecure")
    clearing = shlex.join([*command, "--retain", "--null-message", "--topic", topic])
    if shutil.which(command[0]) is None:
        return f"{apt_install('mosquitto-clients')}, then {clearing}"
    return clearing


def _announcement(installation: Installation, announced: dict[str, bytes], own: str) -> Findings:
    yield from first_of(_elsewhere(announced, own, installation), "discovery")
    if own not in announced:
        fix = f"sudo systemctl restart {installation.unit}"
        yield found(Fault.NOT_ANNOUNCED, "discovery", f"nothing at {own}", fix)
        return
    content = _read(announced[own])
    if isinstance(content, Spoilt):
        fix = f"sudo systemctl restart {installation.unit}, which sends it again"
        yield found(Fault.MESSAGE_SPOILT, "discovery", f"{own} {content.why}", fix)
        return
    origin = content.get("origin")
    announcer = origin.get("sw_version") if isinstance(origin, dict) else None
    here = version("unsit")
    if announcer == here:
        yield fine("discovery", f"announced at {own}")
    else:
        fix = f"sudo systemctl restart {installation.unit}"
        words = f"{own} is of unsit {_shown(announcer)}, and this is unsit {here}"
        yield found(Fault.OTHER_VERSION, "discovery", words, fix)


def _elsewhere(announced: dict[str, bytes], own: str, installation: Installation) -> Findings:
    for topic in sorted(announced):
        if topic != own and _device(topic) == _device(own):
            words = f"the chair is announced at {printable(topic)} too; its place is {own}"
            fix = _clearing(topic, installation)
            yield found(Fault.ANNOUNCED_ELSEWHERE, "discovery", words, fix)


def _listeners(
    probe: Probe,
    announced: dict[str, bytes],
    installation: Installation,
    topics: Topics,
    own: str,
    reports_listeners: bool,
) -> Findings:
    """Publish the retained announcement again; Home Assistant ignores one that has not changed."""
    home = installation.settings.homeassistant
    answer = probe.publish(own, announced[own], retain=True)
    if answer is not None and answer.is_failure:
        fix = access_fix(installation, *all_access(installation, topics))
        yield found(Fault.PUBLISH_REFUSED, "home", f"on {own}: {answer}", fix)
    elif not reports_listeners or answer is None:
        words = "this broker does not report listeners"
        yield fine("home", f"{words}; Home Assistant's birth topic is {home.birth_topic}")
    elif answer.value != NO_LISTENER:
        words = f"a client listens to {home.discovery_prefix}/…"
        yield fine("home", f"{words}; Home Assistant's birth topic is {home.birth_topic}")
    else:
        others = list(_other_prefix(announced, home, own))
        words = f"no client listens to {home.discovery_prefix}/… at this broker"
        yield from others or [found(Fault.HOME_ABSENT, "home", words)]


def _other_prefix(announced: dict[str, bytes], home: HomeAssistantSettings, own: str) -> Findings:
    """Find the prefix of all other devices if none of them is at the chair's."""
    others = [
        topic
        for topic, payload in announced.items()
        if _device(topic) != _device(own) and _is_discovery(payload)
    ]
    prefixes = Counter(topic.partition("/")[0] for topic in others)
    if not prefixes or home.discovery_prefix in prefixes:
        return
    [(most_common, devices)] = prefixes.most_common(1)
    prefix = printable(most_common)
    words = (
        f"{devices} other devices are announced at {prefix}/…, and none at "
        f"{home.discovery_prefix}/…"
    )
    fix = (
        f"homeassistant.discovery_prefix = {json.dumps(prefix)}, "
        f"homeassistant.birth_topic = {json.dumps(f'{prefix}/status')}"
    )
    yield found(Fault.OTHER_PREFIX, "home", words, fix)


def _device(topic: str) -> str:
    """Return the part of a discovery topic that names the device, empty for an entity's topic."""
    return topic.partition("/device/")[2]


def _is_discovery(payload: bytes) -> bool:
    content = _read(payload)
    return isinstance(content, dict) and bool(
        {"unique_id", "uniq_id", "components", "cmps"} & content.keys()
    )


@dataclass(frozen=True, slots=True)
class Spoilt:
    """Message that is no JSON object of a sane size, and why."""

    why: str


def _read(payload: bytes) -> dict[str, Any] | Spoilt:
    """Return the JSON object of a message from anybody."""
    if len(payload) > DOCUMENT_MAX_BYTES:
        return Spoilt(f"has more than {DOCUMENT_MAX_BYTES} bytes")
    try:
        content = json.loads(payload)
    except (ValueError, RecursionError):
        return Spoilt("is not JSON that can be read")
    return content if isinstance(content, dict) else Spoilt("is no JSON object")


def _shown(value: Any) -> str:
    """Return a value of foreign JSON as text; of a list or an object only its kind.

    A nested one may be too deep for Python to print.
    """
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return printable(value)
