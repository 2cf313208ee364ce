"""A service that is killed before each statement of its state file, and its successor."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support.mosquitto import LOOPBACK, free_port
from support.restarted_machine import SETTINGS, Machine, Script, minutes
from unsit.runtime.state_file import StateFile
from unsit.settings.model import MqttSettings, Settings

END = minutes(43)

pytestmark = pytest.mark.slow


@pytest.fixture
def without_a_broker() -> Settings:
    """Events wait in the outbox."""
    return replace(SETTINGS, mqtt=MqttSettings(host=LOOPBACK, port=free_port()))


def script_from(machine: Machine) -> Script:
    """Return a script: the person sits from 0 to 37, comes back at 38 and leaves at 40 for good."""
    steps = [(0, True), (37, False), (38, True), (40, False)]
    now = machine.clock.now()
    return [
        (minutes(at) - now, lambda seated=seated: machine.sit(seated))  # type: ignore[misc]
        for at, seated in steps
        if minutes(at) > now or (at == 0 and not machine.records and not now)
    ]


def waiting(folder: Path) -> list[dict[str, Any]]:
    """Return all events by number."""
    state = StateFile(folder / "state.sqlite")
    records = [json.loads(text) for (text,) in state.rows("select record from outbox order by seq")]
    state.close()
    return records


def what_happened(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events of the chair without their number, id and date."""
    service = ("service_started", "service_stopped")
    left_out = {"id", "seq"}
    return [
        {key: value for key, value in record.items() if key not in left_out}
        for record in records
        if record["type"] not in service
    ]


def test_no_event_is_lost_or_doubled_at_any_statement(
    tmp_path: Path, without_a_broker: Settings
) -> None:
    whole = Machine(tmp_path / "whole", without_a_broker)
    snapshots: list[tuple[Path, bool]] = []
    instants: list[Any] = []

    def snap(statement: str) -> None:
        if "'known'" in statement or len(snapshots) > 400:
            return
        copy = tmp_path / f"{len(snapshots)}"
        shutil.copytree(tmp_path / "whole", copy)
        snapshots.append((copy, whole.seated))
        instants.append((whole.clock.now(), whole.clock.date))

    whole.run(END, script=script_from(whole), watch=snap)
    expected = what_happened(waiting(tmp_path / "whole"))
    assert [record["type"] for record in expected].count("move_due") == 1

    for (copy, seated), (now, date) in zip(snapshots, instants, strict=True):
        resumed = Machine(copy, without_a_broker)
        resumed.seated = seated
        resumed.clock.set(now, date)
        resumed.run(END - now, script=script_from(resumed))

        records = waiting(copy)
        assert [record["seq"] for record in records] == list(range(1, len(records) + 1)), copy
        assert what_happened(records) == expected, copy
    assert len(snapshots) > 60
