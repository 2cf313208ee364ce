"""``unsit status``: the chair as the files of its state have it."""

import json
import os
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from support.fixtures import being_nobody
from support.program import Ended, here
from support.restarted_machine import NOON, SETTINGS, Machine, minutes
from unsit.assembly.memory import open_state
from unsit.core.inputs import Hold, Holder
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
    assert shown["today"].startswith("36m seated, longest bout 36m")
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
        "trouble": None,
    }


def test_it_speaks_the_language_of_the_chair(tmp_path: Path) -> None:
    after(tmp_path, minutes(1), sits=True)
    shown = status(tmp_path, "--set", "chair.language=de").lines
    assert [line.split("  ")[0] for line in shown[1:]] == [
        *("Dienst", "Sitz", "Sitzphase", "Bewegung", "heute", "Broker", "Verlauf")
    ]


def test_a_history_that_cannot_be_read_is_named_and_hides_nothing_else(tmp_path: Path) -> None:
    after(tmp_path, minutes(1), sits=True)
    (tmp_path / "history.sqlite").write_bytes(b"x" * 5000)
    shown = rows(status(tmp_path))
    assert shown["seat"] == "occupied"
    assert shown["history"].startswith(f"cannot be read: {tmp_path}/history.sqlite: ")
    assert "unsit check" in shown["history"]
    assert document(tmp_path)["history"]["trouble"] in shown["history"]


def test_events_that_a_full_outbox_has_dropped_are_counted(tmp_path: Path) -> None:
    after(tmp_path, minutes(1), sits=True)
    with closing(open_state(tmp_path)) as state:
        state.write(("insert or replace into counters values ('dropped', 3)", ()))
    assert rows(status(tmp_path))["broker"] == "none; dropped from the full outbox: 3"
    assert document(tmp_path)["waiting"]["dropped"] == 3


def test_several_holds_are_shown_with_their_reasons(tmp_path: Path) -> None:
    machine = Machine(tmp_path, SETTINGS)

    def hold(topic: str) -> None:
        machine.service.chair.decider.feed(Hold(topic, holder=Holder.TOPIC))

    topics = ("meeting", "call")
    script = [(minutes(1), partial(hold, topic)) for topic in topics]
    machine.run(minutes(5), sits=True, script=script)
    assert rows(status(tmp_path))["hold"] == "meeting, until 16:01; call, until 16:01"


def test_a_faulty_sensor_is_named_in_place_of_the_seat(tmp_path: Path) -> None:
    seat = replace(SETTINGS.seat, max_plausible_bout=minutes(10))
    machine = Machine(tmp_path, replace(SETTINGS, seat=seat))
    machine.run(minutes(20), sits=True)
    assert rows(status(tmp_path))["seat"] == "not known: the sensor is stuck"


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
