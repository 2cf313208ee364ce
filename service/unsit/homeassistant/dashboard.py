"""Dashboard of a chair for Home Assistant, as YAML for its raw configuration editor.

The cards name the entities by the ids that the discovery message asks for, and show those that the
chair has and that are enabled by default. The gauge shows the share of Move after, so that it
follows a change of that setting.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from unsit.homeassistant.discovery import Description, discovery, times_discovery

Card = dict[str, Any]

WIDE = {"grid_options": {"columns": "full"}}

GAUGE_PERCENT = {"green": 0, "yellow": 67, "red": 100}
"""Colors of the gauge, from these percentages of Move after: 67 % is 20 of 30 min."""

GAUGE_MAX_PERCENT = 150

HISTORY_HOURS = 12
STATISTICS_DAYS = 14


def dashboard(chair: Description, report: str | None = None) -> dict[str, Any]:
    """Return the dashboard of a chair.

    report: address of the page of ``unsit report --html`` as the browser sees it, such as
        ``/local/unsit.html``, for a view of its own. None for no such view.
    """
    cards = _Cards(chair)
    say = chair.words.dashboard
    sections = [
        cards.section("mdi:seat", say("now"), cards.now()),
        cards.section("mdi:calendar-today", say("today"), cards.today()),
        cards.section("mdi:yoga", say("exercises"), cards.exercises()),
        cards.section("mdi:tune", say("chair"), cards.settings()),
        cards.section("mdi:chart-bar", say("days"), cards.days()),
    ]
    today = {
        "title": say("today"),
        "path": "today",
        "type": "sections",
        "max_columns": 3,
        "sections": [section for section in sections if section is not None],
    }
    views = [today]
    if report is not None:
        page = {"type": "iframe", "url": report}
        views.append({"title": say("report"), "path": "report", "type": "panel", "cards": [page]})
    return {"title": chair.name, "views": views}


class _Cards:
    """Cards of one chair, in the order of each section."""

    def __init__(self, chair: Description) -> None:
        self._chair = chair
        announced = discovery(chair)["components"]
        if chair.has_times:
            announced |= times_discovery(chair)["components"]
        self._entities = {
            key: component
            for key, component in announced.items()
            if component.get("enabled_by_default", True) and "default_entity_id" in component
        }

    def section(self, icon: str, title: str, cards: Iterator[Card]) -> Card | None:
        """Return a section with a heading, or None without a card."""
        found = list(cards)
        if not found:
            return None
        heading = {"type": "heading", "heading": title, "icon": icon}
        return {"type": "grid", "cards": [heading, *found]}

    def now(self) -> Iterator[Card]:
        yield from self._tile("occupied")
        yield from self._tile("move_due", color="red")
        yield from self._gauge()
        yield from self._tile("move_by", **WIDE)
        yield from self._tile("sitting_since", **WIDE)
        yield from self._tile("snooze")
        yield from self._tile("acknowledge")
        yield from self._tile("hold", color="amber")
        yield from self._tile("hold_until_date", **WIDE)
        yield from self._tile("last_refusal", **WIDE)

    def today(self) -> Iterator[Card]:
        yield from self._tile("seated_today", **WIDE)
        yield from self._tile("longest_bout_today", **WIDE)
        yield from self._tile("breaks_today", **WIDE)
        yield from self._tile("reminders_today", **WIDE)
        yield from self._tile("response_time", **WIDE)
        yield from self._tile("daily_limit_reached", color="red", **WIDE)
        yield from self._tile("event", state_content=["event_type", "last-changed"], **WIDE)
        yield from self._history("occupied", "move_due", "hold")

    def exercises(self) -> Iterator[Card]:
        yield from self._tile("exercise", **WIDE)
        yield from self._steps()
        yield from self._tile("exercise_offered", **WIDE)
        yield from self._tile("exercises_done_today", **WIDE)
        yield from self._tile("exercises_owed_today", **WIDE)
        yield from self._tile("exercise_done", **WIDE)
        yield from self._tile("exercise_pace", **WIDE)

    def settings(self) -> Iterator[Card]:
        for key in ("move_after", "min_break", "daily_limit"):
            yield from self._tile(key, **WIDE)
        yield from self._tile("reminder_style", **WIDE)
        yield from self._tile("buzzer")
        yield from self._tile("signal_quality")
        yield from self._tile("sensor_problem", **WIDE)
        yield from self._tile("storage_problem")

    def days(self) -> Iterator[Card]:
        if "seated_today" in self._entities:
            yield {
                "type": "statistics-graph",
                "title": self._chair.words.dashboard("seated_per_day"),
                "chart_type": "bar",
                "period": "day",
                "days_to_show": STATISTICS_DAYS,
                "stat_types": ["change"],
                "hide_legend": True,
                "entities": [self._id("seated_today")],
                **WIDE,
            }

    def _id(self, key: str) -> str:
        return str(self._entities[key]["default_entity_id"])

    def _tile(self, key: str, **more: Any) -> Iterator[Card]:
        """Yield the tile of an entity, if the chair has it."""
        if key not in self._entities:
            return
        tile: Card = {
            "type": "tile",
            "entity": self._id(key),
            "name": self._chair.words.entity(key),
        }
        platform = self._entities[key]["platform"]
        if platform == "button":
            press = {"action": "perform-action", "perform_action": "button.press"}
            target = {"target": {"entity_id": self._id(key)}}
            tile |= {"hide_state": True, "tap_action": press | target}
        elif platform == "switch":
            tile |= {"tap_action": {"action": "toggle"}}
        yield tile | more

    def _gauge(self) -> Iterator[Card]:
        if "bout" in self._entities:
            yield {
                "type": "gauge",
                "entity": self._id("bout"),
                "attribute": "share",
                "name": self._chair.words.dashboard("gauge"),
                "unit": "%",
                "min": 0,
                "max": GAUGE_MAX_PERCENT,
                "needle": True,
                "severity": GAUGE_PERCENT,
            }

    def _steps(self) -> Iterator[Card]:
        """Yield the steps of the next exercise as a list, if there are exercises."""
        if "exercise" in self._entities:
            entity = self._id("exercise")
            content = (
                f"{{% for step in state_attr('{entity}', 'steps') or [] %}}\n"
                "1. {{ step }}\n"
                "{% endfor %}\n\n"
                f"{{{{ state_attr('{entity}', 'caution') or '' }}}}"
            )
            yield {"type": "markdown", "content": content, **WIDE}

    def _history(self, *keys: str) -> Iterator[Card]:
        shown = [
            {"entity": self._id(key), "name": self._chair.words.entity(key)}
            for key in keys
            if key in self._entities
        ]
        if shown:
            title = self._chair.words.dashboard("day")
            rows = {"title": title, "hours_to_show": HISTORY_HOURS, "entities": shown}
            yield {"type": "history-graph", **rows, **WIDE}


def as_yaml(value: Any, indent: int = 0) -> str:
    """Return lists and objects as YAML in block style; texts are quoted as in JSON."""
    pad = " " * indent

    def nested(inner: Any, deeper: int) -> str:
        is_block = bool(inner) and isinstance(inner, dict | list)
        return f"\n{as_yaml(inner, deeper)}" if is_block else f" {as_yaml(inner)}"

    if isinstance(value, dict) and value:
        return "".join(f"{pad}{key}:{nested(inner, indent + 2)}" for key, inner in value.items())
    if isinstance(value, list) and value:
        items = (as_yaml(item, indent + 2) for item in value)
        return "".join(f"{pad}- {item.removeprefix(f'{pad}  ')}" for item in items)
    text = json.dumps(value, ensure_ascii=False)
    return f"{pad}{escape_unless(str.isprintable, text)}\n"


def escape_unless(is_kept: Callable[[str], bool], text: str) -> str:
    """Escape characters inside of the double quotes of YAML or TOML, unless they are kept."""
    return "".join(one if is_kept(one) else _escape(one) for one in text)


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
