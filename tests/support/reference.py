"""Reference blocks of the documentation, made from the code.

``make docs`` writes them; ``test_docs.py`` fails when one is stale.
"""

import ast
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from datetime import date
from enum import Enum
from functools import partial
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from rich.console import Console

from brokers import table as brokers
from hours import verdict as hours
from support import miswired, setup_seats
from support.remedies import remedies_table
from support.sample_history import BERLIN, person
from unsit.core import button, reminders, seat, sitting
from unsit.core.instant import ZERO
from unsit.homeassistant.discovery import Equipment, entities
from unsit.mqtt.topics import Topics
from unsit.report.days import Period, days
from unsit.report.measures import PROLONGED_S, Reason, Tally
from unsit.report.summary import Norms, summarise
from unsit.report.tables import BOUT_COLUMNS, DAY_COLUMNS
from unsit.report.text import print_report
from unsit.report.wording import Wording
from unsit.runtime.clock import WallTime
from unsit.settings.load import known_keys
from unsit.settings.model import Settings
from unsit.settings.values import format_duration, parse_duration, parse_time
from unsit.words import english
from wiring import tables as hardware

ROOT = Path(__file__).parents[2]
MACHINES: dict[str, dict[Any, Any]] = {
    "seat": seat.TABLE,
    "sitting": sitting.TABLE,
    "reminders": reminders.TABLE,
}


def settings_table() -> str:
    """Return a table with a row for each setting."""
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
    """Return a diagram for each state machine of the core, from its table."""
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
    """Return the names of all commands."""
    from unsit.mqtt.command import CommandReader
    from unsit.settings.changes import Changes

    reset = Changes(Settings()).reset_request
    reader = CommandReader(parse_duration, parse_time, lambda of_day: ZERO, reset)
    return ", ".join(f"`{name}`" for name in reader.names)


def button_table() -> str:
    """Return the table of the push button."""
    rows = ["| finger | signal | then | means |", "|---|---|---|---|"]
    for (finger, signal), (after, press) in button.TABLE.items():
        meaning = "" if press is None else f"{press.value} press"
        rows.append(f"| {finger.value} | {signal.value} | {after.value} | {meaning} |")
    return "\n".join(rows)


def entities_table() -> str:
    """Return a table with a row for each entity of a chair with all equipment."""
    rows = ["| name | kind | entity id |", "|---|---|---|"]
    for key, entity in entities(Equipment(), Topics("unsit", "my-chair")).items():
        kind = [entity["platform"], entity.get("device_class"), entity.get("entity_category")]
        shown = ", ".join(part for part in kind if part)
        rows.append(
            f"| {english().entity(key)} | {shown} | `{entity['platform']}.my_chair_{key}` |"
        )
    return "\n".join(rows)


def faults_table() -> str:
    """Return a table with a row for each fault that a check can name."""
    from unsit.checkup.findings import Fault

    rows = ["| fault | | what it means | the fix |", "|---|---|---|---|"]
    for fault in Fault:
        kind = fault.value
        code = f"{kind.verdict}, {kind.code}" if kind.verdict == "fail" else kind.verdict
        name = fault.name.lower()
        rows.append(f"| `{name}` | {code} | {kind.meaning} | {kind.fix} |")
    return "\n".join(rows)


def behaviours_table() -> str:
    """Return every behaviour, numbered, below the subject of its module."""
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
    names = [node.name for node in module.body if isinstance(node, ast.FunctionDef)]
    tests = [name.removeprefix("test_") for name in names if name.startswith("test_")]
    return [name.replace("_s_", "'s ").replace("_", " ").capitalize() for name in tests]


def morning() -> str:
    """Return the events of the recording in the page on how the chair decides."""
    from support.program import here

    page = (ROOT / "service" / "how-the-chair-decides.md").read_text(encoding="utf-8")
    recording = page.partition("```csv\n")[2].partition("```")[0]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "morning.csv"
        file.write_text(recording, encoding="utf-8")
        replayed = here("replay", str(file), "--set", "exercises.enabled=false")
    *events, _summary = replayed.lines
    return "\n".join(("```text", *events, "```"))


def measures_table() -> str:
    """Return a table with a row for each measure of a report."""
    wording = Wording(english())
    rows = ["| measure | in JSON | what it is | better |", "|---|---|---|---|"]
    for measure in Tally(PROLONGED_S).measures():
        name, text = wording.measure(measure.key), wording.definition(measure.key)
        better = "" if measure.better == "neither" else measure.better
        rows.append(f"| {name} | `{measure.key}` | {text} | {better} |")
    return "\n".join(rows)


def report_on_a_terminal() -> str:
    """Return the report of a generated week as a terminal of 80 columns without colours has it."""
    history, zone = person(date(2026, 11, 1), date(2026, 11, 27), seed=5), WallTime(BERLIN)
    period, norms = Period.of("week", date(2026, 11, 19), date(2026, 11, 1)), Norms(PROLONGED_S, 5)
    earlier = period.before()
    assert earlier is not None
    before = earlier, norms.tally(days(history.read, earlier, zone))
    found = days(history.read, period, zone)
    made = summarise("Chair", period, found, norms, "day", before=before)
    out = StringIO()
    print_report(made, Wording(english()), Console(file=out, width=80, color_system=None))
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    return "\n".join(["```", *lines, "```"])


def columns_table() -> str:
    """Return a table with the columns of each CSV of a report."""
    tables = {"days": DAY_COLUMNS, "bouts": BOUT_COLUMNS}
    rows = ["| table | columns |", "|---|---|"]
    for name, columns in tables.items():
        rows.append(f"| `--csv {name}` | {', '.join(f'`{column}`' for column in columns)} |")
    return "\n".join(rows)


def reasons_table() -> str:
    """Return a table with a row for each reason why a measure has no value."""
    wording = Wording(english())
    rows = ["| `refused` | why there is no value |", "|---|---|"]
    rows += [f"| `{reason}` | {wording.text(reason)} |" for reason in get_args(Reason)]
    return "\n".join(rows)


BLOCKS: dict[str, dict[str, Callable[[], str]]] = {
    "service/rules.md": {"states": state_diagrams, "button": button_table},
    "service/settings.md": {"settings": settings_table},
    "service/messages.md": {"commands": commands_list},
    "service/setup-and-check.md": {"setup": setup_seats.transcript, "faults": faults_table},
    brokers.PAGE: {
        "broker-promises": brokers.promises_table,
        "broker-settings": brokers.settings_table,
        "broker-causes": brokers.causes_table,
    },
    hours.PAGE: {"sitters": hours.table},
    "service/report.md": {
        "terminal": report_on_a_terminal,
        "measures": measures_table,
        "columns": columns_table,
        "reasons": reasons_table,
    },
    "tests/checkup/README.md": {"remedies": partial(remedies_table, ROOT / "tests" / "checkup")},
    "tests/behaviours/README.md": {"behaviours": behaviours_table},
    "homeassistant/README.md": {"entities": entities_table},
    "hardware/README.md": {"builds": hardware.builds_table, "pins": hardware.pins_table},
    "hardware/parts/README.md": {
        **{build: partial(hardware.shopping_list, build) for build in hardware.BUILDS},
        "optional": hardware.options_list,
        "tools": hardware.tools_list,
    },
    "hardware/wiring.md": {
        "converters": hardware.converters_table,
        "limits": hardware.limits_table,
        **{f"leads-{build}": partial(hardware.leads_table, build) for build in hardware.BUILDS},
    },
    "hardware/build.md": {
        "shorts": hardware.shorts_table,
        "run-times": hardware.run_times_table,
        "loads": hardware.loads_table,
        "holes-four-cells": partial(hardware.holes_table, "four-cells"),
        "holes-one-cell": partial(hardware.holes_table, "single-cell"),
        "exchanges": miswired.exchanges_tables,
        "meter": miswired.meter_tables,
    },
    "service/how-the-chair-decides.md": {"morning": morning},
}


def fresh(file: str) -> str:
    """Return a file of documentation with up-to-date blocks."""
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
