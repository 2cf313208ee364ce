"""The entities of a chair: one row for each, in the order of a reader's interest.

The keys are those of Home Assistant's MQTT integration. Every value comes out of the state message,
in which each key is always present.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from unsit.core.events import Event
from unsit.mqtt.topics import Topics

Entity = dict[str, Any]


def _type_of(event: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower()


EVENT_TYPES = [*map(_type_of, get_args(Event)), "command_rejected"]
"""Every ``type`` that the event topic carries."""

LONGEST_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Equipment:
    """What the chair has beyond a seat.

    load_cell: it weighs instead of feeling. load: it tells what it weighs. exercises: it has some.
    """

    buzzer: bool = True
    load_cell: bool = False
    load: bool = False
    exercises: bool = True


def entities(equipment: Equipment, topics: Topics) -> dict[str, Entity]:
    """All entities that the equipment has, by key; the key is part of the entity's identity."""
    rows = [*_sitting(), *_today(), *_happenings(topics), *_controls(topics), *_diagnostics()]
    if equipment.buzzer:
        rows += _sounds(topics)
    if equipment.exercises:
        rows += _exercises(topics)
    if equipment.load_cell:
        rows.append(_tare(topics))
    if equipment.load:
        rows.append(_load())
    return dict(rows)


Row = tuple[str, Entity]

NO_NAME = "–"  # noqa: RUF001  # for people


def _sitting() -> Iterator[Row]:
    yield "occupied", _yes_or_no("occupied", device_class="occupancy", icon="mdi:seat")
    yield "move_due", _yes_or_no("move_due", icon="mdi:human-handsup")
    yield (
        "sitting_since",
        _sensor("sitting_since", device_class="timestamp", icon="mdi:clock-start"),
    )
    # The last minute that is over: a row a minute in the recorder, and no more.
    yield (
        "bout",
        _duration("(value_json.bout_s or 0) // 60", "min", icon="mdi:timer-outline"),
    )


def _today() -> Iterator[Row]:
    yield (
        "seated_today",
        _hours("seated_today_s", **_of_the_day("mdi:seat-recline-normal")),
    )
    yield (
        "longest_bout_today",
        _hours("longest_bout_today_s", icon="mdi:podium"),
    )
    yield "breaks_today", _sensor("breaks_today", **_of_the_day("mdi:walk"))
    yield (
        "reminders_today",
        _sensor("reminders_today", **_of_the_day("mdi:bell")),
    )
    response = (
        "(value_json.response_s / 60) | round(2) if value_json.response_s is not none else None"
    )
    yield (
        "daily_limit_reached",
        _yes_or_no("daily_limit_reached", icon="mdi:seat-outline"),
    )
    yield "response_time", _duration(response, "min", icon="mdi:run-fast")


def _happenings(topics: Topics) -> Iterator[Row]:
    yield (
        "event",
        {
            "platform": "event",
            "icon": "mdi:calendar-clock",
            "state_topic": topics.event,
            "event_types": EVENT_TYPES,
            "value_template": "{{ dict(value_json, event_type=value_json.type) | to_json }}",
        },
    )


def _controls(topics: Topics) -> Iterator[Row]:
    yield "hold", _switch("hold", topics, icon="mdi:volume-off")
    yield "hold_until", _hold_until(topics)
    yield "snooze", _button("snooze", topics, icon="mdi:alarm-snooze")
    yield "acknowledge", _button("acknowledge", topics, icon="mdi:alarm-check")
    yield "move_after", _number("move_after", topics, step=1, icon="mdi:timer-alert")
    yield "min_break", _number("min_break", topics, step=0.5, icon="mdi:walk")
    yield "daily_limit", _number("daily_limit", topics, step=5, icon="mdi:timer-sand", or_none=True)


def _hold_until(topics: Topics) -> Entity:
    """The end of the hold in force, and where another is typed: a time of day or a duration."""
    shown = "(value_json.hold_until | as_datetime | as_local).strftime('%H:%M')"
    return {
        "platform": "text",
        "command_topic": topics.command("hold"),
        "value_template": f"{{{{ {shown} if value_json.hold_until else '' }}}}",
        "max": 16,
        "icon": "mdi:volume-off",
    }


def _sounds(topics: Topics) -> Iterator[Row]:
    yield (
        "buzzer",
        _switch("buzzer", topics, entity_category="config", icon="mdi:volume-high"),
    )
    yield (
        "test_buzzer",
        _button(
            "test_buzzer",
            topics,
            entity_category="diagnostic",
            icon="mdi:bullhorn",
        ),
    )


def _exercises(topics: Topics) -> Iterator[Row]:
    yield (
        "exercise",
        _name(
            "exercise",
            json_attributes_topic=topics.state,
            json_attributes_template="{{ dict(steps=value_json.exercise_steps,"
            " caution=value_json.exercise_caution, exercise=value_json.exercise_id) | to_json }}",
            icon="mdi:human-handsdown",
        ),
    )
    yield "exercise_offered", _name("exercise_offered", icon="mdi:yoga")
    done = _of_the_day("mdi:check-all")
    yield "exercises_done_today", _sensor("exercises_done_today", **done)
    yield "exercises_owed_today", _sensor("exercises_owed_today", icon="mdi:playlist-check")
    yield "exercise_done", _button("exercise_done", topics, icon="mdi:check")
    yield "exercise_pace", _button("exercise_pace", topics, icon="mdi:metronome")


def _tare(topics: Topics) -> Row:
    how = {"entity_category": "config", "icon": "mdi:scale"}
    return "tare", _button("tare", topics, **how)


def _load() -> Row:
    """The load on the seat, which is not what a person weighs; off until it is switched on."""
    how: Entity = {
        "device_class": "weight",
        "unit_of_measurement": "kg",
        "state_class": "measurement",
        "suggested_display_precision": 1,
        "enabled_by_default": False,
        "entity_category": "diagnostic",
        "icon": "mdi:weight",
    }
    return "load", _sensor("load_kg", **how)


def _diagnostics() -> Iterator[Row]:
    problem = {"device_class": "problem", "entity_category": "diagnostic"}
    yield "sensor_problem", _yes_or_no("sensor_fault", **problem)
    yield "storage_problem", _yes_or_no("storage_fault", **problem)
    rows: list[tuple[str, str, Entity]] = [
        ("version", "version", {"icon": "mdi:tag"}),
        (
            "uptime",
            "started_at",
            {"device_class": "timestamp", "icon": "mdi:restart"},
        ),
        (
            "signal_quality",
            "signal_quality",
            {"unit_of_measurement": "%", "state_class": "measurement", "icon": "mdi:signal"},
        ),
        (
            "events_waiting",
            "events_waiting",
            {"state_class": "measurement", "icon": "mdi:tray-full"},
        ),
    ]
    for key, value, more in rows:
        yield key, _sensor(value, entity_category="diagnostic", **more)


def _sensor(key: str, **more: Any) -> Entity:
    template = f"{{{{ value_json.{key} }}}}"
    return {"platform": "sensor", "value_template": template, **more}


def _name(key: str, **more: Any) -> Entity:
    """A name, or a dash: that there is none is known."""
    return _sensor(key, **more) | {"value_template": f"{{{{ value_json.{key} or '{NO_NAME}' }}}}"}


def _hours(key: str, **more: Any) -> Entity:
    """Whole minutes, in hours: Home Assistant shows ``5h 53m`` and cuts off what is no full minute.

    So the last digit is rounded up.
    """
    minutes = f"value_json.{key} // 60"
    shown = f"(({minutes}) * 10000 / 60) | round(0, 'ceil') / 10000"
    return _duration(shown, "h", suggested_display_precision=2, **more)


def _duration(expression: str, unit: str, **more: Any) -> Entity:
    return {
        "platform": "sensor",
        "value_template": f"{{{{ {expression} }}}}",
        "device_class": "duration",
        "unit_of_measurement": unit,
        "state_class": "measurement",
        **more,
    }


def _of_the_day(icon: str) -> Entity:
    """A total that begins anew at midnight; told so, statistics add up the days."""
    return {
        "state_class": "total",
        "last_reset_value_template": "{{ value_json.today_since }}",
        "icon": icon,
    }


def _yes_or_no(key: str, **more: Any) -> Entity:
    return {"platform": "binary_sensor", "value_template": _on_or_off(key), **more}


def _switch(key: str, topics: Topics, **more: Any) -> Entity:
    return {
        "platform": "switch",
        "command_topic": topics.command(key),
        "value_template": _on_or_off(key),
        **more,
    }


def _button(key: str, topics: Topics, **more: Any) -> Entity:
    return {"platform": "button", "command_topic": topics.command(key), **more}


def _number(key: str, topics: Topics, *, step: float, icon: str, or_none: bool = False) -> Entity:
    """A duration in minutes; a value that is whole is shown whole, and none as 0."""
    value = f"(value_json.{key}_s or 0)" if or_none else f"value_json.{key}_s"
    shown = f"{value} // 60 if {value} % 60 == 0 else ({value} / 60) | round(2)"
    return {
        "platform": "number",
        "command_topic": topics.command(key),
        "command_template": "{{ value }}m",
        "value_template": f"{{{{ {shown} }}}}",
        "device_class": "duration",
        "unit_of_measurement": "min",
        "min": 0,
        "max": LONGEST_MINUTES,
        "step": step,
        "mode": "box",
        "entity_category": "config",
        "icon": icon,
    }


def _on_or_off(key: str) -> str:
    return f"{{{{ 'ON' if value_json.{key} else 'OFF' }}}}"
