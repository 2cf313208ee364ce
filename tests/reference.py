"""Makes the reference blocks of the documentation from the code itself.

``make docs`` writes them; ``test_docs.py`` fails when one is stale.
"""

import ast
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

from unsit.core import button, reminders, seat, sitting
from unsit.core.instant import ZERO
from unsit.homeassistant.entities import Equipment, entities
from unsit.mqtt.topics import Topics
from unsit.settings.duration import format_duration, parse_duration
from unsit.settings.load import known_keys
from unsit.settings.model import Settings
from unsit.settings.parsing import parse_time
from unsit.words import english
from wiring import tables as hardware

ROOT = Path(__file__).parents[1]
MACHINES: dict[str, dict[Any, Any]] = {
    "seat": seat.TABLE,
    "sitting": sitting.TABLE,
    "reminders": reminders.TABLE,
}


def settings_table() -> str:
    """One row for each setting."""
    rows = ["| setting | default | what it is for |", "|---|---|---|"]
    for key in known_keys():
        field = _field(key)
        rows.append(f"| `{key}` | {_default(field)} | {field.metadata['description']} |")
    return "\n".join(rows)


def _field(key: str) -> Field[Any]:
    found: Any = Settings
    for name in key.split("."):
        [field] = [field for field in fields(found) if field.name == name]
        found = field.type
    return field


def _default(field: Field[Any]) -> str:
    if field.default is MISSING:
        return "from the machine"
    if field.default is None:
        return "not set"
    if hasattr(field.default, "total_seconds"):
        return f"`{format_duration(field.default)}`"
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def state_diagrams() -> str:
    """One diagram for each machine of the core, arrow by arrow from its table."""
    return "\n\n".join(_diagram(name, table) for name, table in MACHINES.items())


def _diagram(name: str, table: dict[Any, Any]) -> str:
    first = next(iter(table))[0]
    arrows = [f"    [*] --> {_id(first)}"]
    for (state, signal), target in table.items():
        after = target[0] if isinstance(target, tuple) else target
        arrows.append(f"    {_id(state)} --> {_id(after)}: {signal.value}")
    return f"`core/{name}.py`\n\n```mermaid\nstateDiagram-v2\n" + "\n".join(arrows) + "\n```"


def _id(state: Enum) -> str:
    return str(state.value).replace(" ", "_")


def commands_list() -> str:
    """The names of all commands."""
    from unsit.mqtt.command import CommandReader

    return ", ".join(
        f"`{name}`" for name in CommandReader(parse_duration, parse_time, lambda of_day: ZERO).names
    )


def button_table() -> str:
    """What the push button means."""
    rows = ["| finger | signal | then | means |", "|---|---|---|---|"]
    for (finger, signal), (after, press) in button.TABLE.items():
        meaning = "" if press is None else f"{press.value} press"
        rows.append(f"| {finger.value} | {signal.value} | {after.value} | {meaning} |")
    return "\n".join(rows)


def entities_table() -> str:
    """One row for each entity of a chair that has everything."""
    rows = ["| name | kind | entity id |", "|---|---|---|"]
    for key, entity in entities(Equipment(), Topics("unsit", "my-chair")).items():
        kind = [entity["platform"], entity.get("device_class"), entity.get("entity_category")]
        shown = ", ".join(part for part in kind if part)
        rows.append(
            f"| {english().entity(key)} | {shown} | `{entity['platform']}.my_chair_{key}` |"
        )
    return "\n".join(rows)


def faults_table() -> str:
    """One row for each fault that a check can name."""
    from unsit.checkup.faults import Fault

    rows = ["| fault | | what it means | the mend |", "|---|---|---|---|"]
    for fault in Fault:
        kind = fault.value
        code = f"{kind.verdict}, {kind.code}" if kind.verdict == "fail" else kind.verdict
        name = fault.name.lower()
        rows.append(f"| `{name}` | {code} | {kind.meaning} | {kind.mend} |")
    return "\n".join(rows)


def behaviours_table() -> str:
    """Every behaviour, numbered, below what its module is about."""
    parts, number = [], 0
    for file in sorted((ROOT / "tests" / "behaviours").glob("test_*.py")):
        module = ast.parse(file.read_text(encoding="utf-8"))
        rows = [
            f"### {str(ast.get_docstring(module)).partition('.')[0]}",
            "",
            "| | |",
            "|---:|---|",
        ]
        for sentence in _sentences(module):
            number += 1
            rows.append(f"| {number} | {sentence} |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def _sentences(module: ast.Module) -> list[str]:
    names = [one.name for one in module.body if isinstance(one, ast.FunctionDef)]
    said = [name.removeprefix("test_") for name in names if name.startswith("test_")]
    return [name.replace("_s_", "'s ").replace("_", " ").capitalize() for name in said]


BLOCKS: dict[str, dict[str, Callable[[], str]]] = {
    "service/README.md": {
        "settings": settings_table,
        "states": state_diagrams,
        "commands": commands_list,
        "button": button_table,
        "faults": faults_table,
    },
    "tests/behaviours/README.md": {"behaviours": behaviours_table},
    "homeassistant/README.md": {"entities": entities_table},
    "hardware/README.md": {"builds": hardware.builds_table, "pins": hardware.pins_table},
    "hardware/parts/README.md": {
        **{build: partial(hardware.shopping_list, build) for build in hardware.BUILDS},
        "optional": hardware.options_list,
    },
    "hardware/wiring.md": {"converters": hardware.converters_table},
    "hardware/build.md": {"shorts": hardware.shorts_table, "run-times": hardware.run_times_table},
}


def fresh(file: str) -> str:
    """A file of documentation with its blocks made anew."""
    text = (ROOT / file).read_text(encoding="utf-8")
    for name, make in BLOCKS[file].items():
        before, opening, rest = text.partition(f"<!-- {name} -->\n")
        _, closing, after = rest.partition(f"\n<!-- /{name} -->")
        assert opening, f"{file} has no block {name}"
        assert closing, f"{file} does not end the block {name}"
        text = f"{before}{opening}{make()}{closing}{after}"
    return text


if __name__ == "__main__":
    for name in BLOCKS:
        (ROOT / name).write_text(fresh(name), encoding="utf-8")
