"""Service whose state file is locked, deleted or unwritable while it runs, and its successor."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.restarted_machine import Machine, minutes
from unsit.assembly.memory import FILE
from unsit.mqtt.outbox import Outbox
from unsit.runtime.state_file import StateFile

SECOND = minutes(1) / 60
END = minutes(40)


def locked(folder: Path) -> Callable[[], object]:
    """Lock the state file as a backup does, and return what unlocks it."""
    other = sqlite3.connect(folder / FILE, isolation_level=None)
    other.execute("begin exclusive")
    return other.close


def deleted(folder: Path) -> Callable[[], object]:
    """Delete the state file, and return nothing to do."""
    for file in folder.glob(f"{FILE}*"):
        file.unlink()
    return lambda: None


def replaced(folder: Path) -> Callable[[], object]:
    """Put a new database in the place of the state file."""
    (folder / FILE).unlink()
    with sqlite3.connect(folder / FILE) as db:
        db.execute("create table documents (name text primary key, content text not null)")
    db.close()
    return lambda: None


FAULTS = pytest.mark.parametrize("fault", [locked, deleted, replaced])


def what_happened(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events without their ids."""
    return [{key: record[key] for key in record if key != "id"} for record in records]


@FAULTS
@pytest.mark.parametrize("begins", [3.0, 29.995])
def test_a_fault_of_the_file_changes_no_event_and_delays_none(
    tmp_path: Path, fault: Callable[[Path], Callable[[], object]], begins: float
) -> None:
    """It is there for 8 s, in which the call to move may fall; then the service restarts."""
    usual, faulty = Machine(tmp_path / "usual"), Machine(tmp_path / "faulty")
    undo: list[Callable[[], object]] = []
    script = [
        (minutes(begins), lambda: undo.append(fault(faulty.file))),
        (minutes(begins) + 8 * SECOND, lambda: undo.pop()()),
    ]
    for machine in (usual, faulty):
        machine.run(END, sits=True, script=script if machine is faulty else ())
        machine.run(minutes(3), sits=False)

    assert what_happened(faulty.records) == what_happened(usual.records)
    assert faulty.beeps == usual.beeps > 0
    assert usual.types().count("move_due") == 1


@FAULTS
def test_a_number_told_during_a_fault_is_not_given_again_after_a_kill(
    tmp_path: Path, fault: Callable[[Path], Callable[[], object]]
) -> None:
    machine = Machine(tmp_path / "state")
    undo: list[Callable[[], object]] = []
    told: list[dict[str, Any]] = []

    def kill() -> None:
        told.extend(machine.records)
        shutil.copytree(machine.file, tmp_path / "left")

    script = [
        (minutes(29.99), lambda: undo.append(fault(machine.file))),
        (minutes(29.99), machine_looks_at_its_file(machine)),
        (minutes(30.1), kill),
        (minutes(30.2), lambda: undo.pop()()),
    ]
    machine.run(minutes(31), sits=True, script=script)
    assert told[-1]["type"] == "move_due"

    again = Machine(tmp_path / "left")
    again.seated = True
    again.run(minutes(40))
    numbers = [record["seq"] for record in told + again.records]
    assert len(numbers) > len(told) + 1
    assert numbers == sorted(set(numbers))


def machine_looks_at_its_file(machine: Machine) -> Callable[[], object]:
    """Return the look that the service takes once a minute."""
    return lambda: machine.service._memory.file.check()


def test_a_stop_during_a_lock_keeps_what_happened_in_it(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    undo: list[Callable[[], object]] = []
    script = [
        (minutes(1), lambda: undo.append(locked(machine.file))),
        (minutes(1) + SECOND, lambda: machine.sit(True)),
        (minutes(1) + 2 * SECOND, lambda: undo.pop()()),
        (minutes(1) + 2 * SECOND, lambda: machine.service.loop.stop()),
    ]
    machine.run(minutes(5), script=script)
    assert "bout_started" in machine.types()

    state = StateFile(tmp_path / FILE)
    assert Outbox(state).last_seq == machine.records[-1]["seq"]
    state.close()
