"""``unsit exercises``: the programme in force, and how often each exercise is done today."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.program import here
from support.timeline import ONLY_STRETCH
from unsit.assembly.memory import Memory, open_state
from unsit.core.chair import Chair
from unsit.core.exercises import Coaching, ExerciseMark
from unsit.runtime.clock import Dates, LiveClock
from unsit.settings.model import Settings


def test_every_exercise_is_shown_with_its_dose_steps_caution_and_source(tmp_path: Path) -> None:
    ended = here("exercises", "--state-dir", str(tmp_path))

    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[:2] == [
        "hip-flexor stretch (hip_flexor_stretch): done 0 of 2 today",
        "   2 times on each side held 25s, rest of 10s; paced 2m25s",
    ]
    assert sum(line.startswith("   ! ") for line in ended.lines) == 3
    assert sum(line.startswith("   Source: ") for line in ended.lines) == 3
    assert ended.lines[-1] == (
        "Do not hook your feet under the chair. (unhook_feet): up to 3 times a day"
    )
    assert not list(tmp_path.iterdir())


def keep_done(state: Path, clock: LiveClock, *done: ExerciseMark) -> None:
    memory = Memory(open_state(state), Settings(), clock, Dates(clock))
    memory.keep_chair(Chair(programme=ONLY_STRETCH, coaching=Coaching(done=done)), 0, durable=True)
    memory.close()


def test_exercises_of_today_are_counted_and_those_of_yesterday_are_not(
    tmp_path: Path,
) -> None:
    clock = LiveClock()
    dates = Dates(clock)
    yesterday = dates.midnight(clock.now()) - (clock.now() - dates.midnight(clock.now())) * 0.01
    keep_done(
        tmp_path,
        clock,
        ExerciseMark("walk", yesterday),
        ExerciseMark("walk", clock.now()),
        ExerciseMark("glute_bridge", clock.now()),
    )

    shown = here("exercises", "--state-dir", str(tmp_path)).out

    assert "walk (walk): done 1 of 6 today" in shown
    assert "glute bridge (glute_bridge): done 1 of 2 today" in shown
    assert "(hip_flexor_stretch): done 0 of 2 today" in shown


@pytest.mark.parametrize(("hour", "done"), [(1, 0), (12, 1)])
def test_today_is_that_of_the_time_zone_of_the_hours(hour: int, done: int, tmp_path: Path) -> None:
    clock = LiveClock()
    keep_done(tmp_path, clock, ExerciseMark("walk", clock.now() - timedelta(hours=3)))
    west = (datetime.now(UTC).hour - hour + 12) % 24 - 12
    zone = f"Etc/GMT{west:+}" if west else "Etc/GMT"

    shown = here("exercises", "--state-dir", str(tmp_path), "--set", f"hours.timezone={zone}").out

    assert f"walk (walk): done {done} of 6 today" in shown


def test_texts_are_in_the_language_of_the_chair_and_in_the_chosen_form() -> None:
    shown = here(
        "exercises", "--set", "chair.language=de", "--set", "exercises.harder=glute_bridge"
    ).out

    assert "Einbeinige Schulterbrücke (glute_bridge)" in shown


def test_a_chair_without_exercises_says_so() -> None:
    shown = here("exercises", "--set", "exercises.enabled=false").lines

    assert shown == [
        "there are no exercises; see exercises.enabled, exercises.builtin and exercises.file"
    ]


@pytest.mark.program
def test_a_bad_file_is_an_error_of_one_line(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[exercises.squat]\nhold = "1d"\n', encoding="utf-8")
    for command in ("exercises", "run"):
        ended = here(command, "--set", f"exercises.file={file}")

        assert ended.code == os.EX_CONFIG
        assert ended.complaint.startswith(f"unsit: {file}: exercises.squat.hold = '1d': ")
