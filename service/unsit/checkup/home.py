"""What the broker keeps for Home Assistant, and whether anybody listens to it."""

import json
from collections import Counter
from importlib.metadata import version
from typing import Any

from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding, Findings, fine, found
from unsit.checkup.installation import Installation
from unsit.homeassistant.discovery import discovery_topic
from unsit.mqtt.topics import ONLINE, Topics
from unsit.mqtt.visit import Visit
from unsit.settings.model import HomeAssistantSettings

NO_LISTENER = 16
"""The reason code with which a broker of MQTT 5 says that nobody has subscribed."""


def check_home(
    visit: Visit, installation: Installation, topics: Topics, *, tells_of_listeners: bool
) -> Findings:
    """The chair's retained messages, and Home Assistant's side of them.

    tells_of_listeners: whether the broker says so when nobody listens to a topic.
    """
    home = installation.settings.homeassistant
    everywhere = ["+/+/+/config", "+/+/+/+/config"]
    held = visit.retained([topics.availability, topics.state, *everywhere])
    yield _availability(held, topics)
    trouble = _document(held.get(topics.state, b"")).get("storage_fault")
    if trouble:
        yield found(Fault.NOTHING_KEPT, "state", f"the service says: {trouble}")
    if not home.discovery:
        yield fine("discovery", "off, by the setting homeassistant.discovery")
        return
    own = discovery_topic(home.discovery_prefix, topics.chair)
    announced = {topic: said for topic, said in held.items() if topic.endswith("/config")}
    yield from _announcement(installation, announced, own)
    if own not in announced:
        yield from _other_prefix(announced, home, own)
        return
    yield from _listeners(visit, announced, home, own, tells_of_listeners)


def _availability(held: dict[str, bytes], topics: Topics) -> Finding:
    said = held.get(topics.availability, b"").decode("utf-8", "replace")
    if not said:
        return fine("availability", "nothing yet; the service has never been at this broker")
    state = _document(held.get(topics.state, b""))
    if said != ONLINE or not state:
        return fine("availability", f"the chair is {said}")
    seat = "somebody sits" if state.get("occupied") else "the seat is empty"
    fault = state.get("sensor_fault")
    trouble = f"; the sensor is at fault: {fault}" if fault else ""
    return fine("availability", f"the chair is {said}: {seat}{trouble}")


def _announcement(installation: Installation, announced: dict[str, bytes], own: str) -> Findings:
    of_chair = own.partition("/device/")[2]
    for topic in sorted(announced):
        if topic != own and topic.partition("/device/")[2] == of_chair:
            words = f"the chair is announced at {topic} as well, where {own} is its place"
            yield found(Fault.ANNOUNCED_ELSEWHERE, "discovery", words)
    if own not in announced:
        mend = f"sudo systemctl start {installation.unit}"
        yield found(Fault.NOT_ANNOUNCED, "discovery", f"nothing at {own}", mend)
        return
    said = _document(announced[own]).get("origin", {}).get("sw_version")
    here = version("unsit")
    if said != here:
        mend = f"sudo systemctl restart {installation.unit}"
        words = f"{own} is of unsit {said}, and this is {here}"
        yield found(Fault.OTHER_VERSION, "discovery", words, mend)
    else:
        yield fine("discovery", f"announced at {own}")


def _listeners(
    visit: Visit,
    announced: dict[str, bytes],
    home: HomeAssistantSettings,
    own: str,
    tells_of_listeners: bool,
) -> Findings:
    """Says again what is said already, which Home Assistant ignores, to see who hears it."""
    answer = visit.publish(own, announced[own], retain=True)
    if answer is not None and answer.is_failure:
        mend = f"in the broker's acl_file: topic readwrite {home.discovery_prefix}/#"
        yield found(Fault.PUBLISH_REFUSED, "home", f"on {own}: {answer}", mend)
    elif not tells_of_listeners or answer is None:
        words = "this broker does not tell whether anybody listens"
        yield fine("home", f"{words}; Home Assistant says that it is there on {home.birth_topic}")
    elif answer.value != NO_LISTENER:
        words = f"somebody listens to {home.discovery_prefix}/…"
        yield fine("home", f"{words}; its birth topic is {home.birth_topic}")
    else:
        others = list(_other_prefix(announced, home, own))
        words = f"nobody listens to {home.discovery_prefix}/… at this broker"
        yield from others or [found(Fault.HOME_ABSENT, "home", words)]


def _other_prefix(announced: dict[str, bytes], home: HomeAssistantSettings, own: str) -> Findings:
    """Where everybody but the chair is announced, if that is not where the chair is."""
    chair = own.partition("/device/")[2]
    others = [topic for topic, said in announced.items() if _is_discovery(topic, said, chair)]
    prefixes = Counter(topic.partition("/")[0] for topic in others)
    if not prefixes or home.discovery_prefix in prefixes:
        return
    [(prefix, devices)] = prefixes.most_common(1)
    words = f"{devices} other devices are announced at {prefix}/…, and none at "
    mend = (
        f'homeassistant.discovery_prefix = "{prefix}", '
        f'homeassistant.birth_topic = "{prefix}/status"'
    )
    yield found(Fault.OTHER_PREFIX, "home", f"{words}{home.discovery_prefix}/…", mend)


def _is_discovery(topic: str, said: bytes, chair: str) -> bool:
    if topic.partition("/device/")[2] == chair:
        return False
    content = _document(said)
    return bool({"unique_id", "uniq_id", "components", "cmps"} & content.keys())


def _document(said: bytes) -> dict[str, Any]:
    try:
        content = json.loads(said)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
