"""Settings that commands change: the events, how long a change lasts, and what undoes it.

The later one wins, of a command, the settings file and ``unsit config --reset``, over any restart,
with any clock, and however quickly one follows the other.
"""

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.mosquitto import LOOPBACK, free_port
from support.program import Ended, here
from support.restarted_machine import Machine, Script, minutes
from unsit.runtime.state_file import StateFile, locked_directory
from unsit.settings.changes import CHANGEABLE, RESET, Sources, request_reset, requested_resets
from unsit.settings.load import load

FLAGS = ("chair.id=test-chair", "mqtt.host=none", "seat.sit_dwell=0", "seat.stand_dwell=0")
TOPIC = "unsit/test-chair/command"
TEXT = '[sitting]\nmove_after = "30m"\n'


class Chair:
    """Chair with a settings file; each of its starts loads that file."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "unsit.toml"
        self.state = folder / "state"
        self.state.mkdir()
        self.save(TEXT)
        self.records: list[dict[str, Any]] = []
        self.machine = Machine(self.state)

    def save(self, text: str) -> None:
        self.file.write_text(text, encoding="utf-8")

    def run(self, *commands: tuple[str, str], then: Callable[[], object] = lambda: None) -> None:
        """Start the service, give it commands, do something meanwhile, and kill it."""
        loaded = load(str(self.file) if self.file.exists() else None, FLAGS)
        self.machine._settings = loaded.settings
        self.machine._sources = Sources.of(loaded, self.state)
        self.machine.records = self.records

        def act() -> None:
            for name, payload in commands:
                assert self.machine.command(name, payload) is None
            then()

        self.machine.run(minutes(3), script=[(minutes(0.5), act)])
        self.machine.clock.pass_time(minutes(1))

    @property
    def move_after_s(self) -> int:
        """Value in force in the run that was killed last."""
        return int(self.machine.service._state()["move_after_s"])

    @property
    def noted(self) -> list[tuple[str, object, object, str]]:
        """Setting, former value, new value and source of each change that was recorded."""
        return [
            (record["setting"], record["from"], record["to"], record["by"])
            for record in self.records
            if record["type"] == "setting_changed"
        ]

    def config(self, *arguments: str) -> Ended:
        """Run ``unsit config`` for this chair."""
        flags = [word for flag in FLAGS for word in ("--set", flag)]
        places = ("--config", str(self.file), "--state-dir", str(self.state))
        return here("config", *places, *flags, *arguments)


@pytest.fixture
def chair(tmp_path: Path) -> Iterator[Chair]:
    yield Chair(tmp_path)
    for thread in threading.enumerate():
        if thread.name == "disk":
            thread.join()


MOVED = ("sitting.move_after", "30m", "50m", f"{TOPIC}/move_after")
MOVED_BACK = ("sitting.move_after", "50m", "30m")


def test_each_change_is_an_event_with_its_source_and_no_change_is_none(chair: Chair) -> None:
    chair.run(
        ("move_after", "50m"),
        ("move_after", "3000"),
        ("buzzer", "OFF"),
        ("daily_limit", "8h"),
        ("daily_limit", "OFF"),
        ("min_break", "2.5"),
    )

    assert chair.noted == [
        MOVED,
        ("buzzer.enabled", True, False, f"{TOPIC}/buzzer"),
        ("sitting.daily_limit", None, "8h", f"{TOPIC}/daily_limit"),
        ("sitting.daily_limit", "8h", None, f"{TOPIC}/daily_limit"),
        ("sitting.min_break", "2m", "2.5s", f"{TOPIC}/min_break"),
    ]


def test_style_and_working_hours_are_changed_kept_and_reset_like_other_settings(
    chair: Chair,
) -> None:
    chair.run(
        ("reminder_style", "insistent"),
        ("silent_before", "09:00"),
        ("silent_after", "17:30"),
        ("silent_before", "00:00"),
    )
    noted = [
        ("reminders.style", "normal", "insistent", f"{TOPIC}/reminder_style"),
        ("hours.silent_before", None, "09:00", f"{TOPIC}/silent_before"),
        ("hours.silent_after", None, "17:30", f"{TOPIC}/silent_after"),
        ("hours.silent_before", "09:00", None, f"{TOPIC}/silent_before"),
    ]
    assert chair.noted == noted
    chair.run()
    assert chair.noted == noted
    state = chair.machine.service._state()
    assert (state["reminder_style"], state["silent_before"], state["silent_after"]) == (
        "insistent",
        None,
        "17:30",
    )
    chair.run(("reset", ""))
    assert {change[0]: change[2] for change in chair.noted[4:]} == {
        "reminders.style": "normal",
        "hours.silent_after": None,
    }


def test_working_hours_hold_the_chair_at_once_and_give_it_free_again(chair: Chair) -> None:
    chair.run(("silent_before", "23:59"), ("silent_before", "OFF"))

    kinds = [record["type"] for record in chair.records]
    assert [kind for kind in kinds if kind.startswith("hold_")] == ["hold_started", "hold_ended"]


def test_a_working_day_that_ends_before_it_begins_is_refused_with_both_times(chair: Chair) -> None:
    refusals: list[str | None] = []
    chair.run(
        ("silent_after", "17:30"),
        then=lambda: refusals.append(chair.machine.command("silent_before", "18:00")),
    )

    assert refusals == [
        "hours.silent_before is 18:00 and hours.silent_after is 17:30; expected the earlier time "
        "in hours.silent_before"
    ]
    assert chair.machine.service._state()["silent_before"] is None


def test_a_file_that_contradicts_a_kept_time_wins(chair: Chair) -> None:
    chair.run(("silent_after", "17:30"))
    chair.machine._sources = None
    chair.save('[hours]\nsilent_before = "18:00"\n')
    chair.run()

    state = chair.machine.service._state()
    assert (state["silent_before"], state["silent_after"]) == ("18:00", None)


def test_the_event_of_a_change_comes_before_what_follows_from_it(chair: Chair) -> None:
    def sit_for_two_minutes() -> None:
        chair.machine.sit(True)
        chair.machine.service.loop.at(
            chair.machine.clock.now() + minutes(2),
            lambda: chair.machine.command("move_after", "1m"),
        )

    chair.run(then=sit_for_two_minutes)

    assert [record["type"] for record in chair.records[-2:]] == ["setting_changed", "move_due"]


def test_a_change_stays_over_a_kill_and_is_told_once(chair: Chair) -> None:
    chair.run(("move_after", "50m"))
    chair.run()
    chair.run()

    assert (chair.move_after_s, chair.noted) == (3000, [MOVED])


def resave(chair: Chair) -> None:
    chair.save(chair.file.read_text())


def replace_file(chair: Chair) -> None:
    """Save as editors do that write a new file beside the old one."""
    beside = chair.file.with_name("new")
    beside.write_text(TEXT)
    beside.replace(chair.file)


def set_date(chair: Chair, date: int) -> None:
    resave(chair)
    os.utime(chair.file, (date, date))


EDITS: dict[str, Callable[[Chair], object]] = {
    "it is saved again": resave,
    "another setting is changed": lambda chair: chair.save(TEXT + 'min_break = "2m"\n'),
    "a comment is added": lambda chair: chair.save(f"# mine\n{TEXT}"),
    "the setting becomes a default": lambda chair: chair.save(""),
    "an editor replaces it": replace_file,
    "the clock is in 1970": lambda chair: set_date(chair, 0),
    "the clock is in 2037": lambda chair: set_date(chair, 2_114_380_800),
    "it is deleted": lambda chair: chair.file.unlink(),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_settings_file_that_is_saved_later_wins_and_the_log_says_so_once(
    chair: Chair, edit: Callable[[Chair], object]
) -> None:
    chair.run(("move_after", "50m"), ("buzzer", "OFF"))
    edit(chair)
    chair.run()
    chair.run()

    assert chair.move_after_s == 1800
    assert chair.machine.service.chair.decider.chair.buzzer_on
    _, _, after, buzzer_after = chair.noted
    assert after[:3] == MOVED_BACK
    assert buzzer_after[:3] == ("buzzer.enabled", False, True)
    assert after[3] in (str(chair.file), "default")


def test_a_change_that_is_made_after_the_file_was_saved_wins(chair: Chair) -> None:
    """The service has read the file at its start, before it was saved."""

    def change() -> None:
        chair.save(f"# mine\n{TEXT}")
        chair.machine.command(*MOVE)

    chair.run(then=change)
    chair.run()

    assert (chair.move_after_s, chair.noted) == (3000, [MOVED])


MOVE = ("move_after", "50m")
SECOND = 1_795_000_000


def save_within_the_second(chair: Chair, text: str) -> None:
    """Save on a file system that keeps dates in whole seconds, all within one of them."""
    chair.save(text)
    os.utime(chair.file, (SECOND, SECOND))


@pytest.mark.parametrize("is_file_last", [True, False])
def test_of_two_changes_in_one_second_the_later_one_wins(chair: Chair, is_file_last: bool) -> None:
    save_within_the_second(chair, TEXT)

    def change() -> None:
        if is_file_last:
            chair.machine.command(*MOVE)
        save_within_the_second(chair, f"# mine\n{TEXT}")
        if not is_file_last:
            chair.machine.command(*MOVE)

    chair.run(then=change)
    chair.run()

    assert chair.move_after_s == (1800 if is_file_last else 3000)


def test_only_the_changes_before_the_file_was_saved_are_undone(chair: Chair) -> None:
    def change() -> None:
        chair.machine.command(*MOVE)
        resave(chair)
        chair.machine.command("buzzer", "OFF")

    chair.run(then=change)
    chair.run()

    assert chair.move_after_s == 1800
    assert not chair.machine.service.chair.decider.chair.buzzer_on


def test_another_configured_value_wins_wherever_it_comes_from(
    chair: Chair, monkeypatch: pytest.MonkeyPatch
) -> None:
    chair.run(("move_after", "50m"))
    monkeypatch.setenv("UNSIT_SITTING__MOVE_AFTER", "40m")
    chair.run()

    told = ("sitting.move_after", "50m", "40m", "UNSIT_SITTING__MOVE_AFTER")
    assert (chair.move_after_s, chair.noted) == (2400, [MOVED, told])


def test_a_change_that_a_former_version_kept_stays(chair: Chair) -> None:
    chair.run(("move_after", "50m"))
    state = StateFile(chair.state / "state.sqlite")
    kept = json.dumps({"sitting.move_after": {"value": "50m", "instead_of": "30m"}})
    state.write(("update documents set content = ? where name = 'settings'", (kept,)))
    state.close()
    chair.run()

    assert chair.move_after_s == 3000


def changes_waiting(folder: Path) -> list[str]:
    """Return the new values of the changes that wait in the outbox of a state directory."""
    state = StateFile(folder / "state.sqlite")
    records = [json.loads(text) for (text,) in state.rows("select record from outbox order by seq")]
    state.close()
    return [record["to"] for record in records if record["type"] == "setting_changed"]


def test_a_kill_at_any_statement_keeps_a_change_and_its_event_or_neither(tmp_path: Path) -> None:
    """And of a file that was saved later, the event comes once, however often a start is killed."""
    file = tmp_path / "unsit.toml"
    file.write_text(TEXT)
    loaded = load(str(file), [*FLAGS, f"mqtt.port={free_port()}", f"mqtt.host={LOOPBACK}"])

    def machine_at(folder: Path) -> Machine:
        return Machine(folder, loaded.settings, sources=Sources.of(loaded, folder))

    def killed_copies(folder: Path, name: str, script: Callable[[Machine], Script]) -> list[Path]:
        copies: list[Path] = []

        def snap(_: str) -> None:
            copies.append(tmp_path / f"{name}-{len(copies)}")
            shutil.copytree(folder, copies[-1])

        machine = machine_at(folder)
        machine.run(minutes(0.2), script=script(machine), watch=snap)
        return copies

    def change(machine: Machine) -> Script:
        return [(minutes(0.1), lambda: machine.command(*MOVE))]

    whole = tmp_path / "whole"
    outcomes = set()
    for folder in killed_copies(whole, "changed", change):
        machine = machine_at(folder)
        machine.run(minutes(0.01))
        outcomes.add((machine.service._state()["move_after_s"], *changes_waiting(folder)))
    assert outcomes == {(1800,), (3000, "50m")}

    file.write_text(f"# mine\n{TEXT}")
    outcomes = set()
    for folder in killed_copies(whole, "saved", lambda machine: ()):
        machine = machine_at(folder)
        machine.run(minutes(0.01))
        outcomes.add((machine.service._state()["move_after_s"], *changes_waiting(folder)))
    assert outcomes == {(1800, "50m", "30m")}


@pytest.mark.parametrize("payload", ["", "ALL", "PRESS"])
def test_the_command_reset_restores_everything(chair: Chair, payload: str) -> None:
    chair.run(("move_after", "50m"), ("buzzer", "OFF"), ("reset", payload))
    chair.run()

    assert chair.move_after_s == 1800
    assert chair.noted[2:] == [
        (*MOVED_BACK, f"{TOPIC}/reset"),
        ("buzzer.enabled", False, True, f"{TOPIC}/reset"),
    ]


@pytest.mark.parametrize("payload", ["sitting.move_after", "move_after"])
def test_the_command_reset_restores_one_setting(chair: Chair, payload: str) -> None:
    chair.run(("move_after", "50m"), ("buzzer", "OFF"), ("reset", payload))

    assert chair.noted[2:] == [(*MOVED_BACK, f"{TOPIC}/reset")]


def test_the_command_reset_names_what_it_can_restore(chair: Chair) -> None:
    chair.run()

    assert chair.machine.command("reset", "mqtt.host\n") == (
        "read 'mqtt.host'; expected one of sitting.move_after, sitting.min_break, "
        "sitting.daily_limit, buzzer.enabled, reminders.style, hours.silent_before, "
        "hours.silent_after, or nothing for all"
    )


def test_unsit_config_reset_is_done_by_the_running_service_within_a_minute(chair: Chair) -> None:
    shown: list[Ended] = []
    with locked_directory(chair.state):
        chair.run(("move_after", "50m"), then=lambda: shown.append(chair.config("--reset")))

    assert shown[0].out == "sitting.move_after: 50m becomes 30m, within a minute\n"
    assert (chair.move_after_s, chair.noted) == (1800, [MOVED, (*MOVED_BACK, RESET)])
    assert requested_resets(chair.state) == ()


def test_unsit_config_reset_is_done_by_the_next_start(chair: Chair) -> None:
    chair.run(("move_after", "50m"), ("buzzer", "OFF"))
    ended = chair.config("--reset", "move_after")

    assert ended.out == "sitting.move_after: 50m becomes 30m, at its next start\n"
    assert 'move_after = "30m"' in chair.config().out
    chair.run()
    assert chair.noted[2:] == [(*MOVED_BACK, RESET)]
    assert requested_resets(chair.state) == ()
    assert "enabled = false" in chair.config().out


def test_a_command_after_unsit_config_reset_wins(chair: Chair) -> None:
    def change() -> None:
        request_reset(chair.state, CHANGEABLE)
        chair.machine.command("move_after", "45m")

    chair.run(("move_after", "50m"), then=change)
    chair.run()

    assert chair.move_after_s == 2700
    assert [source for *_, source in chair.noted[1:]] == [RESET, f"{TOPIC}/move_after"]


def test_a_reset_with_nothing_to_reset_says_so_and_one_of_another_setting_is_refused(
    chair: Chair,
) -> None:
    assert chair.config("--reset").out == "no command has changed a setting; nothing to reset\n"
    assert requested_resets(chair.state) == ()
    refused = chair.config("--reset", "mqtt.host")
    assert refused.code == os.EX_USAGE
    assert refused.complaint.startswith("unsit: --reset: read 'mqtt.host'; expected one of ")


def test_a_request_for_a_reset_follows_no_link(chair: Chair) -> None:
    victim = chair.file.with_name("victim")
    (chair.state / "reset-sitting.move_after").symlink_to(victim)

    request_reset(chair.state, ["sitting.move_after"])

    assert not victim.exists()
    assert requested_resets(chair.state) == ("sitting.move_after",)


def test_a_request_that_cannot_be_removed_is_done_once(
    chair: Chair, caplog: pytest.LogCaptureFixture
) -> None:
    (chair.state / "reset-sitting.move_after").mkdir()

    chair.run(("move_after", "50m"))

    assert chair.move_after_s == 3000
    assert caplog.text.count("cannot be removed") == 1
