"""``unsit status``: the chair as the files of its state have it."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from support.fixtures import being_nobody
from support.program import Ended, here
from support.restarted_machine import NOON, SETTINGS, Machine, minutes
from unsit.runtime.state_file import locked_directory

SETTINGS_OF_IT = (
    "chair.id=test-chair",
    "chair.name=My chair",
    "mqtt.host=none",
    "exercises.enabled=false",
)
OPTIONS = [part for setting in SETTINGS_OF_IT for part in ("--set", setting)]
MOVES_ON = ("at", "name", "bout_s", "seated_today_s", "longest_bout_today_s", "today_since")


def status(folder: Path, *arguments: str) -> Ended:
    return here("status", *arguments, "--state-dir", str(folder), *OPTIONS)


def document(folder: Path) -> dict[str, Any]:
    ended = status(folder, "--json")
    assert (ended.code, ended.err) == (0, "")
    found: dict[str, Any] = json.loads(ended.out)
    return found


def after(folder: Path, lapse: timedelta, *, sits: bool) -> Machine:
    """Run a chair for a while, on whose seat somebody sits or not, and stop it."""
    machine = Machine(folder, SETTINGS)
    machine.run(lapse, sits=sits)
    return machine


def rows(ended: Ended) -> dict[str, str]:
    """Return the texts by their labels."""
    assert (ended.code, ended.err) == (0, "")
    first, *others = ended.lines
    assert first == "My chair (test-chair)"
    return {line.split("  ")[0]: line.split("  ", 1)[1].strip() for line in others}


def test_a_person_who_sits_too_long_is_shown_with_what_is_due(tmp_path: Path) -> None:
    after(tmp_path, minutes(36.5), sits=True)
    shown = rows(status(tmp_path))
    assert shown["service"].startswith("does not run; the rest is from 2026-11-24 ")
    assert shown["seat"] == "occupied"
    assert shown["bout"].startswith("since ")
    assert shown["bout"].endswith("for 36m")
    assert shown["moving"].startswith("due since ")
    assert "2 of 6 reminders, the next at " in shown["moving"]
    assert shown["today"].startswith("35m seated, longest bout 35m")
    assert shown["broker"] == "none"


def test_the_json_has_the_state_as_it_is_published_and_nothing_that_only_the_service_knows(
    tmp_path: Path,
) -> None:
    machine = after(tmp_path, minutes(20), sits=True)
    found = document(tmp_path)
    assert (found["schema"], found["chair"], found["running"]) == (1, "test-chair", False)
    known = datetime.fromisoformat(found["at"]) - NOON
    assert minutes(19) <= known <= minutes(20)
    published = machine.service._state()
    for key, value in found["state"].items():
        if key not in MOVES_ON:
            assert published[key] == value, key
    assert not {"version", "started_at", "storage_fault"} & set(found["state"])


def test_a_running_service_is_shown_as_it_is_now(tmp_path: Path) -> None:
    after(tmp_path, minutes(20), sits=False)
    with locked_directory(tmp_path):
        assert document(tmp_path)["running"] is True
        assert rows(status(tmp_path))["service"] == "runs"


def test_an_empty_seat_has_no_bout_and_nothing_is_due(tmp_path: Path) -> None:
    after(tmp_path, minutes(1), sits=False)
    assert rows(status(tmp_path)).keys() == {"service", "seat", "today", "broker", "history"}


def test_a_hold_is_shown_with_its_reason(tmp_path: Path) -> None:
    machine = Machine(tmp_path, SETTINGS)
    machine.run(minutes(5), sits=True, script=[(minutes(1), lambda: machine.command("hold", "2h"))])
    assert rows(status(tmp_path))["hold"].startswith("command, until ")


def test_events_that_wait_are_counted(tmp_path: Path) -> None:
    after(tmp_path, minutes(1), sits=True)
    found = document(tmp_path)
    assert found["waiting"]["for_broker"] == 0
    assert found["history"] == {
        "file": f"{tmp_path}/history.sqlite",
        "bytes": 0,
        "first": None,
        "last": None,
    }


def test_it_speaks_the_language_of_the_chair(tmp_path: Path) -> None:
    after(tmp_path, minutes(1), sits=True)
    shown = status(tmp_path, "--set", "chair.language=de").lines
    assert [line.split("  ")[0] for line in shown[1:]] == [
        *("Dienst", "Sitz", "Sitzphase", "Bewegung", "heute", "Broker", "Verlauf")
    ]


def test_nothing_is_changed_by_looking(tmp_path: Path) -> None:
    after(tmp_path, minutes(1), sits=True)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    status(tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_without_a_state_it_says_so(tmp_path: Path) -> None:
    ended = status(tmp_path / "none")
    assert ended.code == os.EX_UNAVAILABLE
    assert "there is no state of a chair" in ended.complaint


def test_a_damaged_state_is_no_bug(tmp_path: Path) -> None:
    after(tmp_path, minutes(1), sits=True)
    (tmp_path / "state.sqlite").write_bytes(b"x" * 5000)
    ended = status(tmp_path)
    assert ended.code == os.EX_UNAVAILABLE


def test_another_user_is_told_to_use_sudo(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    after(folder, minutes(1), sits=True)
    folder.chmod(0o700)
    with being_nobody(folder):
        ended = status(folder)
    assert ended.code == os.EX_NOPERM
    assert "use sudo" in ended.complaint
