"""Discovery message: the one MQTT message that describes a chair and its entities.

Each entity is one row, the most useful first. The keys are those of Home Assistant's MQTT
integration. Every value comes from the state message, in which each key is always present.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, get_args

from unsit.core.events import Event
from unsit.mqtt.topics import QOS, Topics
from unsit.words import Words, english

NAME = "unsit"

Payload = dict[str, Any]

NO_NAME = "–"  # noqa: RUF001  # for people
"""Value of a sensor of names without a name."""

Entity = dict[str, Any]
Row = tuple[str, Entity]
"""Key and entity. By default the key is also that of the value in the state, or of the command."""


def _type_of(event: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower()


EVENT_TYPES = [*map(_type_of, get_args(Event)), "command_rejected"]
"""All values of ``type`` on the event topic."""

DURATION_MAX_MIN = 24 * 60
"""Longest duration in min that a number entity accepts."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """Equipment of the chair beyond its seat.

    load_cell: the sensor is load cells, not a mat. load: the load is published.
    exercises: there are exercises.
    """

    buzzer: bool = True
    load_cell: bool = False
    load: bool = False
    exercises: bool = True


def entities(equipment: Equipment, topics: Topics) -> dict[str, Entity]:
    """Return all entities for the equipment, by key; the key is part of the unique id."""
    rows = [*_sitting(topics), *_today(), _event(topics), *_controls(topics), *_diagnostics()]
    if equipment.buzzer:
        rows += _buzzer(topics)
    if equipment.exercises:
        rows += _exercises(topics)
    if equipment.load_cell:
        rows.append(_button("tare", topics, entity_category="config", icon="mdi:scale"))
    if equipment.load:
        rows.append(_load())
    return dict(rows)


def _sitting(topics: Topics) -> Iterator[Row]:
    yield _binary_sensor("occupied", device_class="occupancy", icon="mdi:seat")
    yield _move_due(topics)
    yield _sensor("sitting_since", device_class="timestamp", icon="mdi:clock-start")
    # Full minutes only, so that the recorder stores one row per minute.
    minutes = "(value_json.bout_s or 0) // 60"
    share = f"{{{{ dict(share={minutes} * 6000 // value_json.move_after_s) | to_json }}}}"
    yield _duration(
        "bout",
        minutes,
        "min",
        json_attributes_topic=topics.state,
        json_attributes_template=share,
        icon="mdi:timer-outline",
    )


def _move_due(topics: Topics) -> Row:
    """Return the binary sensor of a bout that is due.

    The blueprints find it among the entities of a device by its attribute ``due_since``, because a
    template sees no unique id, and a person may rename everything else.
    """
    sitting_since = "value_json.sitting_since if value_json.move_due else none"
    attributes = f"dict(due_since=value_json.due_since, sitting_since={sitting_since})"
    return _binary_sensor(
        "move_due",
        json_attributes_topic=topics.state,
        json_attributes_template=f"{{{{ {attributes} | to_json }}}}",
        icon="mdi:human-handsup",
    )


def _today() -> Iterator[Row]:
    yield _hours("seated_today", **_daily_total("mdi:seat-recline-normal"))
    yield _hours("longest_bout_today", icon="mdi:podium")
    yield _sensor("breaks_today", **_daily_total("mdi:walk"))
    yield _sensor("reminders_today", **_daily_total("mdi:bell"))
    yield _binary_sensor("daily_limit_reached", icon="mdi:seat-outline")
    response = (
        "(value_json.response_s / 60) | round(2) if value_json.response_s is not none else None"
    )
    yield _duration("response_time", response, "min", icon="mdi:run-fast")


def _event(topics: Topics) -> Row:
    return "event", {
        "platform": "event",
        "icon": "mdi:calendar-clock",
        "state_topic": topics.event,
        "event_types": EVENT_TYPES,
        "value_template": "{{ dict(value_json, event_type=value_json.type) | to_json }}",
    }


def _controls(topics: Topics) -> Iterator[Row]:
    yield _switch("hold", topics, icon="mdi:volume-off")
    yield _hold_until(topics)
    yield _button("snooze", topics, icon="mdi:alarm-snooze")
    yield _button("acknowledge", topics, icon="mdi:alarm-check")
    yield _number("move_after", topics, step=1, icon="mdi:timer-alert")
    yield _number("min_break", topics, step=0.5, icon="mdi:walk")
    yield _number("daily_limit", topics, step=5, icon="mdi:timer-sand", or_none=True)


def _hold_until(topics: Topics) -> Row:
    """Return the text entity that shows the end of the hold, and takes a time or a duration."""
    shown = "(value_json.hold_until | as_datetime | as_local).strftime('%H:%M')"
    return "hold_until", {
        "platform": "text",
        "command_topic": topics.command("hold"),
        "value_template": f"{{{{ {shown} if value_json.hold_until else '' }}}}",
        "max": 16,
        "icon": "mdi:volume-off",
    }


def _buzzer(topics: Topics) -> Iterator[Row]:
    yield _switch("buzzer", topics, entity_category="config", icon="mdi:volume-high")
    yield _button("test_buzzer", topics, entity_category="diagnostic", icon="mdi:bullhorn")


def _exercises(topics: Topics) -> Iterator[Row]:
    yield _name(
        "exercise",
        json_attributes_topic=topics.state,
        json_attributes_template="{{ dict(steps=value_json.exercise_steps,"
        " caution=value_json.exercise_caution, exercise=value_json.exercise_id) | to_json }}",
        icon="mdi:human-handsdown",
    )
    yield _name("exercise_offered", icon="mdi:yoga")
    yield _sensor("exercises_done_today", **_daily_total("mdi:check-all"))
    yield _sensor("exercises_owed_today", icon="mdi:playlist-check")
    yield _button("exercise_done", topics, icon="mdi:check")
    yield _button("exercise_pace", topics, icon="mdi:metronome")


def _load() -> Row:
    """Return the sensor of the load on the seat, which is disabled by default."""
    return _sensor(
        "load",
        "value_json.load_kg",
        device_class="weight",
        unit_of_measurement="kg",
        state_class="measurement",
        suggested_display_precision=1,
        enabled_by_default=False,
        entity_category="diagnostic",
        icon="mdi:weight",
    )


def _diagnostics() -> Iterator[Row]:
    problem = {"device_class": "problem", "entity_category": "diagnostic"}
    yield _binary_sensor("sensor_problem", "sensor_fault", **problem)
    yield _binary_sensor("storage_problem", "storage_fault", **problem)
    rows = (
        _sensor("version", icon="mdi:tag"),
        _sensor("uptime", "value_json.started_at", device_class="timestamp", icon="mdi:restart"),
        _sensor(
            "signal_quality",
            unit_of_measurement="%",
            state_class="measurement",
            icon="mdi:signal",
        ),
        _sensor("events_waiting", state_class="measurement", icon="mdi:tray-full"),
    )
    yield from ((key, entity | {"entity_category": "diagnostic"}) for key, entity in rows)


def _sensor(key: str, value: str = "", **more: Any) -> Row:
    """Return a sensor. value: the expression that it shows."""
    template = f"{{{{ {value or f'value_json.{key}'} }}}}"
    return key, {"platform": "sensor", "value_template": template, **more}


def _name(key: str, **more: Any) -> Row:
    """Return a sensor that shows a name, or a dash for none."""
    return _sensor(key, f"value_json.{key} or '{NO_NAME}'", **more)


def _hours(key: str, **more: Any) -> Row:
    """Return a sensor of whole minutes in the unit h.

    Home Assistant shows ``5h 53m`` and cuts off parts of a minute. The last digit is rounded up so
    that it shows the right minute.
    """
    shown = f"((value_json.{key}_s // 60) * 10000 / 60) | round(0, 'ceil') / 10000"
    return _duration(key, shown, "h", suggested_display_precision=2, **more)


def _duration(key: str, value: str, unit: str, **more: Any) -> Row:
    keys = {"device_class": "duration", "unit_of_measurement": unit, "state_class": "measurement"}
    return _sensor(key, value, **(keys | more))


def _daily_total(icon: str) -> Entity:
    """Return the keys of a total that is reset at midnight, for Home Assistant's statistics."""
    return {
        "state_class": "total",
        "last_reset_value_template": "{{ value_json.today_since }}",
        "icon": icon,
    }


def _binary_sensor(key: str, state_key: str = "", **more: Any) -> Row:
    template = _on_or_off(state_key or key)
    return key, {"platform": "binary_sensor", "value_template": template, **more}


def _switch(key: str, topics: Topics, **more: Any) -> Row:
    return key, {
        "platform": "switch",
        "command_topic": topics.command(key),
        "value_template": _on_or_off(key),
        **more,
    }


def _button(key: str, topics: Topics, **more: Any) -> Row:
    return key, {"platform": "button", "command_topic": topics.command(key), **more}


def _number(key: str, topics: Topics, *, step: float, icon: str, or_none: bool = False) -> Row:
    """Return a number in min, without a fraction if it is whole; no value is shown as 0."""
    value = f"(value_json.{key}_s or 0)" if or_none else f"value_json.{key}_s"
    shown = f"{value} // 60 if {value} % 60 == 0 else ({value} / 60) | round(2)"
    return key, {
        "platform": "number",
        "command_topic": topics.command(key),
        "command_template": "{{ value }}m",
        "value_template": f"{{{{ {shown} }}}}",
        "device_class": "duration",
        "unit_of_measurement": "min",
        "min": 0,
        "max": DURATION_MAX_MIN,
        "step": step,
        "mode": "box",
        "entity_category": "config",
        "icon": icon,
    }


def _on_or_off(key: str) -> str:
    return f"{{{{ 'ON' if value_json.{key} else 'OFF' }}}}"


@dataclass(frozen=True, slots=True)
class Description:
    """Description of a chair.

    name: name that Home Assistant shows. area: room that it suggests, None for no suggestion.
    words: names of the entities; they do not change the ids.
    """

    topics: Topics
    name: str
    version: str
    area: str | None = None
    equipment: Equipment = field(default_factory=Equipment)
    words: Words = field(default_factory=english)

    @property
    def identity(self) -> str:
        """Id of the device, and prefix of all unique ids; it must never change."""
        return f"{NAME}_{self.topics.chair}"

    def entity_id(self, key: str, entity: Entity) -> str:
        """Return the id that Home Assistant gives to an entity, unless a person has changed it."""
        return f"{entity['platform']}.{self._object_id(key)}"

    def ids(self, key: str, entity: Entity) -> Entity:
        """Return the name of an entity, and the keys that identify it."""
        return {
            "name": self.words.entity(key),
            "unique_id": f"{self.identity}_{key}",
            "object_id": self._object_id(key),
            "default_entity_id": self.entity_id(key, entity),
            "qos": QOS,
        }

    def _object_id(self, key: str) -> str:
        return f"{self.topics.chair.replace('-', '_')}_{key}"


def discovery_topic(prefix: str, chair: str) -> str:
    """Return the topic of a chair's discovery message."""
    return f"{prefix}/device/{NAME}_{chair}/config"


def discovery(chair: Description) -> Payload:
    """Return the discovery message of a chair.

    Some releases of Home Assistant need a key that others ignore: entity ids come from
    ``object_id`` before 2025.10 and from ``default_entity_id`` since then, so both are set.
    """
    device = {
        "identifiers": [chair.identity],
        "name": chair.name,
        "manufacturer": NAME,
        "model": f"Chair with {'load cells' if chair.equipment.load_cell else 'a pressure mat'}",
        "sw_version": chair.version,
    }
    return {
        "device": device if chair.area is None else device | {"suggested_area": chair.area},
        "origin": {"name": NAME, "sw_version": chair.version},
        "availability_topic": chair.topics.availability,
        "state_topic": chair.topics.state,
        "components": {
            **{
                key: entity | chair.ids(key, entity)
                for key, entity in entities(chair.equipment, chair.topics).items()
            },
            "reminder": _reminder_trigger(chair.topics),
        },
    }


def _reminder_trigger(topics: Topics) -> Entity:
    """Return the device trigger of a reminder that sounds, which automations can choose by device.

    A trigger on the event entity would start an automation for every event of the chair.
    """
    sounds = "value_json.type in ('move_due', 'move_reminder') and not value_json.silent"
    return {
        "platform": "device_automation",
        "automation_type": "trigger",
        "type": "reminder",
        "subtype": "move",
        "topic": topics.event,
        "value_template": f"{{{{ 'sounds' if {sounds} else '' }}}}",
        "payload": "sounds",
        "qos": QOS,
    }


def removal(platforms: dict[str, str], payload: Payload) -> Payload | None:
    """Return the message that removes the entities of an earlier message that a new one lacks.

    It is None if there are none. An entity whose platform has changed is removed too.
    platforms: platform of each entity in the earlier message, by key. payload: the new message.
    """
    new = platforms_of(payload)
    removed = {key: platform for key, platform in platforms.items() if new.get(key) != platform}
    if not removed:
        return None
    kept = {key: entity for key, entity in payload["components"].items() if key not in removed}
    stubs = {key: {"platform": platform} for key, platform in removed.items()}
    return payload | {"components": kept | stubs}


def split(payload: Payload, fits: Callable[[Payload], bool]) -> tuple[list[Payload], list[str]]:
    """Return the parts of a message that fit, and the keys of entities that fit in none.

    There is one part if the whole message fits. Together the parts have all other entities.
    """
    if fits(payload):
        return [payload], []
    parts: list[Payload] = []
    too_large: list[str] = []
    for key, entity in payload["components"].items():
        alone = payload | {"components": {key: entity}}
        grown = payload | {"components": parts[-1]["components"] | {key: entity}} if parts else None
        if grown is not None and fits(grown):
            parts[-1] = grown
        elif fits(alone):
            parts.append(alone)
        else:
            too_large.append(key)
    return parts, too_large


def platforms_of(payload: Payload) -> dict[str, str]:
    """Return the platform of each entity in a message, by key."""
    return {key: entity["platform"] for key, entity in payload["components"].items()}
