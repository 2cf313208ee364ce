"""Discovery message: the one MQTT message that describes a chair and its entities.

Each entity is one row, the most useful first. The keys are those of Home Assistant's MQTT
integration. Every value comes from the state message, in which each key is always present.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, get_args

from unsit.core.events import Event
from unsit.core.rules import LIMITS, ReminderStyle
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

SHOWN = frozenset(
    (
        *("occupied", "move_due", "move_by", "bout", "seated_today", "exercise", "event"),
        *("hold", "hold_until_date", "snooze", "move_after", "reminder_style", "last_refusal"),
        "sensor_problem",
    )
)
"""Entities that are enabled when Home Assistant meets the chair: what to look at first.

An area page shows them all. The others are one click away on the page of the device.
"""

MINUTE_PART = 0.01
"""Step of a duration in min: it shows every second, and whole minutes are multiples of it."""

HOLD_UNTIL_REASON = "home_assistant"
"""Reason of the hold that the entity Hold until starts and ends."""

_SCALE_EVENTS = ("seat_tared", "seat_calibrated", "seat_corner_weighed")
_BALANCE_EVENTS = ("leaning_started", "leaning_ended")


@dataclass(frozen=True, slots=True)
class Equipment:
    """Equipment of the chair beyond its seat.

    load_cell: the sensor is load cells, not a mat. balance: they are several. load: the load is
    published. exercises: there are exercises.
    """

    buzzer: bool = True
    load_cell: bool = False
    load: bool = False
    exercises: bool = True
    balance: bool = False

    @property
    def event_types(self) -> list[str]:
        """Values of ``type`` that this chair can send on the event topic."""
        left_out: set[str] = set()
        if not self.load_cell:
            left_out.update(_SCALE_EVENTS)
        if not self.balance:
            left_out.update(_BALANCE_EVENTS)
        if not self.exercises:
            left_out.add("sitting_cue")
            left_out.update(kind for kind in EVENT_TYPES if kind.startswith("exercise_"))
        return [kind for kind in EVENT_TYPES if kind not in left_out]


def entities(equipment: Equipment, topics: Topics) -> dict[str, Entity]:
    """Return all entities for the equipment, by key; the key is part of the unique id."""
    rows = [
        *_sitting(topics),
        *_today(),
        _event(equipment, topics),
        *_controls(topics),
        *_diagnostics(topics),
    ]
    if equipment.buzzer:
        rows += _buzzer(topics)
    if equipment.exercises:
        rows += _exercises(topics)
    if equipment.load_cell:
        rows.append(_button("tare", topics, entity_category="config", icon="mdi:scale"))
    if equipment.load:
        rows.append(_load())
    return _with_defaults(dict(rows))


def _with_defaults(rows: dict[str, Entity]) -> dict[str, Entity]:
    """Return the entities, with all but ``SHOWN`` disabled until a person enables them."""
    return {
        key: entity if key in SHOWN else entity | {"enabled_by_default": False}
        for key, entity in rows.items()
    }


def _sitting(topics: Topics) -> Iterator[Row]:
    yield _binary_sensor("occupied", device_class="occupancy", icon="mdi:seat")
    yield _move_due(topics)
    yield _sensor("sitting_since", device_class="timestamp", icon="mdi:clock-start")
    yield _sensor("move_by", device_class="timestamp", icon="mdi:clock-alert-outline")
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


def _event(equipment: Equipment, topics: Topics) -> Row:
    return "event", {
        "platform": "event",
        "icon": "mdi:calendar-clock",
        "state_topic": topics.event,
        "event_types": equipment.event_types,
        "value_template": "{{ dict(value_json, event_type=value_json.type) | to_json }}",
    }


def _controls(topics: Topics) -> Iterator[Row]:
    yield _switch(
        "hold",
        topics,
        **_attributes(topics, "holds", until="hold_until", reasons="hold_reasons"),
        icon="mdi:volume-off",
    )
    yield _hold_until_text(topics)
    yield (
        "end_hold",
        {
            "platform": "button",
            "command_topic": topics.command(f"hold/{HOLD_UNTIL_REASON}"),
            "payload_press": "OFF",
            "retain": True,
            "icon": "mdi:volume-high",
        },
    )
    yield _button("snooze", topics, icon="mdi:alarm-snooze")
    yield _button("acknowledge", topics, icon="mdi:alarm-check")
    yield _number("move_after", topics, step=MINUTE_PART, icon="mdi:timer-alert")
    yield _number("min_break", topics, step=MINUTE_PART, icon="mdi:walk")
    yield _number("daily_limit", topics, step=1, icon="mdi:timer-sand", or_none=True)
    yield (
        "reminder_style",
        {
            "platform": "select",
            "command_topic": topics.command("reminder_style"),
            "value_template": "{{ value_json.reminder_style }}",
            "options": list(get_args(ReminderStyle)),
            "entity_category": "config",
            "icon": "mdi:bell-cog",
        },
    )


def _hold_until_text(topics: Topics) -> Row:
    """Return the text entity of the hold's end, for releases without entities for times.

    A time of day is one of Home Assistant's zone: it goes to the chair as a date with an offset.
    """
    tomorrow = "today_at(value) + timedelta(days=1)"
    date = f"(today_at(value) if today_at(value) > now() else {tomorrow}).isoformat()"
    is_time = "value is match('([01]?[0-9]|2[0-3]):[0-5][0-9]$')"
    shown = f"({_HOLD_UNTIL} | as_datetime | as_local).strftime('%H:%M')"
    return "hold_until", {
        "platform": "text",
        "command_topic": topics.command(f"hold/{HOLD_UNTIL_REASON}"),
        "command_template": f"{{{{ {date} if {is_time} else value }}}}",
        "value_template": f"{{{{ {shown} if {_HOLD_UNTIL} else '' }}}}",
        "retain": True,
        "max": 32,
        "icon": "mdi:volume-off",
    }


_HOLD_UNTIL = (
    f"(value_json.holds | selectattr('reason', 'eq', '{HOLD_UNTIL_REASON}')"
    " | map(attribute='until') | first | default(none, true))"
)
"""Expression for the end of the hold that Hold until has started, none without one."""


def times(topics: Topics) -> dict[str, Entity]:
    """Return the entities for dates and times of day, by key.

    Home Assistant has them since 2026.5. An older release refuses the whole message of a device
    with one of them, so they have a message of their own.
    """
    rows = {
        "hold_until_date": {
            "platform": "datetime",
            "command_topic": topics.command(f"hold/{HOLD_UNTIL_REASON}"),
            "value_template": f"{{{{ {_HOLD_UNTIL} }}}}",
            "retain": True,
            "icon": "mdi:volume-off",
        },
        "silent_before": _time("silent_before", topics, icon="mdi:clock-in"),
        "silent_after": _time("silent_after", topics, icon="mdi:clock-out"),
    }
    return _with_defaults(rows)


def _time(key: str, topics: Topics, **more: Any) -> Entity:
    """Return the entity of a time of day; midnight stands for none."""
    return {
        "platform": "time",
        "command_topic": topics.command(key),
        "command_template": "{{ value.strftime('%H:%M') }}",
        "value_template": f"{{{{ value_json.{key} or '00:00' }}}}",
        "entity_category": "config",
        **more,
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
    yield _sensor("exercises_owed_today", state_class="measurement", icon="mdi:playlist-check")
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
        entity_category="diagnostic",
        icon="mdi:weight",
    )


def _diagnostics(topics: Topics) -> Iterator[Row]:
    problem = {"device_class": "problem", "entity_category": "diagnostic"}
    yield _binary_sensor(
        "sensor_problem",
        "sensor_fault",
        **problem,
        **_attributes(topics, reason="sensor_fault"),
    )
    yield _binary_sensor(
        "storage_problem",
        "storage_fault",
        **problem,
        **_attributes(topics, reason="storage_fault"),
    )
    rows = (
        _sensor(
            "last_refusal",
            f"value_json.last_refusal.why if value_json.last_refusal else '{NO_NAME}'",
            json_attributes_topic=topics.state,
            json_attributes_template="{{ (value_json.last_refusal or {}) | to_json }}",
            icon="mdi:message-alert-outline",
        ),
        _sensor(
            "next_reminder",
            "value_json.next_reminder_at",
            device_class="timestamp",
            icon="mdi:bell-ring-outline",
        ),
        _sensor("snoozes_left", icon="mdi:alarm-snooze"),
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


def _attributes(topics: Topics, *keys: str, **renamed: str) -> Entity:
    """Return the keys of attributes with values of the state; renamed: attributes by their name."""
    pairs = {key: key for key in keys} | renamed
    values = ", ".join(f"{name}=value_json.{key}" for name, key in pairs.items())
    return {
        "json_attributes_topic": topics.state,
        "json_attributes_template": f"{{{{ dict({values}) | to_json }}}}",
    }


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
    """Return a number in min, without a fraction if it is whole; no value is shown as 0.

    Home Assistant cuts off parts of a second, so that fractions are rounded up: 20 s are 0.34 min.
    The box accepts multiples of the step from the least value that the chair accepts.
    """
    value = f"(value_json.{key}_s or 0)" if or_none else f"value_json.{key}_s"
    shown = f"{value} // 60 if {value} % 60 == 0 else ({value} / 60) | round(2, 'ceil')"
    least, most = (limit / timedelta(minutes=1) for limit in LIMITS[key])
    return key, {
        "platform": "number",
        "command_topic": topics.command(key),
        "command_template": "{{ value }}m",
        "value_template": f"{{{{ {shown} }}}}",
        "device_class": "duration",
        "unit_of_measurement": "min",
        "min": 0 if or_none else round(math.ceil(least / step) * step, 2),
        "max": round(math.floor(most / step) * step, 2),
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
    words: names of the entities and of the model; they do not change the ids.
    serial: serial number of the board, board: its model; None for unknown.
    url: page that Home Assistant links as the device's and as its support, None for none.
    has_times: whether entities for dates and times of day are announced.
    """

    topics: Topics
    name: str
    version: str
    area: str | None = None
    equipment: Equipment = field(default_factory=Equipment)
    words: Words = field(default_factory=english)
    serial: str | None = None
    board: str | None = None
    url: str | None = None
    has_times: bool = True

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
    message = _message(chair, entities(chair.equipment, chair.topics))
    message["components"]["reminder"] = _reminder_trigger(chair.topics)
    return message


def times_topic(prefix: str, chair: str) -> str:
    """Return the topic of the message with the entities for dates and times of day."""
    return f"{prefix}/device/{NAME}_{chair}_times/config"


def times_discovery(chair: Description) -> Payload:
    """Return the message with the entities for dates and times of day, of the same device."""
    return _message(chair, times(chair.topics))


def _message(chair: Description, components: dict[str, Entity]) -> Payload:
    kind = "load_cell" if chair.equipment.load_cell else "mat"
    device = {
        "identifiers": [chair.identity],
        "name": chair.name,
        "manufacturer": NAME,
        "model": chair.words.model(kind),
        "model_id": kind,
        "sw_version": chair.version,
        "hw_version": chair.board,
        "serial_number": chair.serial,
        "configuration_url": chair.url,
        "suggested_area": chair.area,
    }
    origin = {"name": NAME, "sw_version": chair.version, "support_url": chair.url}
    return {
        "device": {key: value for key, value in device.items() if value is not None},
        "origin": {key: value for key, value in origin.items() if value is not None},
        "availability_topic": chair.topics.availability,
        "state_topic": chair.topics.state,
        "components": {key: entity | chair.ids(key, entity) for key, entity in components.items()},
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
