"""The discovery message: everything Home Assistant must know of a chair, in one."""

from dataclasses import dataclass, field
from typing import Any

from unsit.homeassistant.entities import Entity, Equipment, entities
from unsit.mqtt.topics import Topics
from unsit.words import Words, english

NAME = "unsit"
QOS = 1

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Description:
    """Who the chair is.

    name: what people read. area: the room that Home Assistant suggests, None for no suggestion.
    words: the names of the entities; they change no identity.
    """

    topics: Topics
    name: str
    version: str
    area: str | None = None
    equipment: Equipment = field(default_factory=Equipment)
    words: Words = field(default_factory=english)

    @property
    def identity(self) -> str:
        """What the device and every entity derive their identity from; it must never change."""
        return f"{NAME}_{self.topics.chair}"


def discovery_topic(prefix: str, chair: str) -> str:
    """The topic of the chair's discovery message."""
    return f"{prefix}/device/{NAME}_{chair}/config"


def discovery(of: Description) -> Payload:
    """The message for a chair.

    A value may be what Home Assistant ignores silently in one release and needs in another: both
    ``object_id`` (before 2025.10) and ``default_entity_id`` name the entity.
    """
    device = {
        "identifiers": [of.identity],
        "name": of.name,
        "manufacturer": NAME,
        "model": f"Chair with {'load cells' if of.equipment.load_cell else 'a pressure mat'}",
        "sw_version": of.version,
    }
    return {
        "device": device if of.area is None else device | {"suggested_area": of.area},
        "origin": {"name": NAME, "sw_version": of.version},
        "availability_topic": of.topics.availability,
        "state_topic": of.topics.state,
        "components": {
            key: entity | _names(of, key, entity)
            for key, entity in entities(of.equipment, of.topics).items()
        },
    }


def removal(platforms: dict[str, str], payload: Payload) -> Payload | None:
    """The message that takes entities away which an earlier message had and this one has not.

    platforms: the earlier message's entities. None if all of them are still there; one whose
    platform is another now is not.
    """
    now = platforms_of(payload)
    gone = {key: platform for key, platform in platforms.items() if now.get(key) != platform}
    if not gone:
        return None
    stay = {key: entity for key, entity in payload["components"].items() if key not in gone}
    stubs = {key: {"platform": platform} for key, platform in gone.items()}
    return payload | {"components": stay | stubs}


def platforms_of(payload: Payload) -> dict[str, str]:
    """The platform of each entity in a message."""
    return {key: entity["platform"] for key, entity in payload["components"].items()}


def _names(of: Description, key: str, entity: Entity) -> Entity:
    object_id = f"{of.topics.chair.replace('-', '_')}_{key}"
    return {
        "name": of.words.entity(key),
        "unique_id": f"{of.identity}_{key}",
        "object_id": object_id,
        "default_entity_id": f"{entity['platform']}.{object_id}",
        "qos": QOS,
    }
