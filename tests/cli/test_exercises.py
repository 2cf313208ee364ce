"""``unsit exercises``: the programme in force, and how it stands today."""

import subprocess
from pathlib import Path

from cli.program import UNSIT, environment, here
from core.exercising import ONLY_STRETCH
from unsit.assembly.memory import Memory, open_state
from unsit.core.chair import Chair
from unsit.core.exercises import Coaching, Mark
from unsit.runtime.clock import LiveClock
from unsit.runtime.dates import Dates
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


def test_what_was_done_today_is_counted_and_what_was_done_the_day_before_is_not(
    tmp_path: Path,
) -> None:
    clock = LiveClock()
    dates = Dates(clock)
    yesterday = dates.midnight(clock.now()) - (clock.now() - dates.midnight(clock.now())) * 0.01
    done = (Mark("walk", yesterday), Mark("walk", clock.now()), Mark("glute_bridge", clock.now()))
    memory = Memory(open_state(tmp_path), Settings(), clock, dates)
    memory.keep_chair(Chair(programme=ONLY_STRETCH, coaching=Coaching(done=done)), 0, lasting=True)
    memory.close()

    shown = here("exercises", "--state-dir", str(tmp_path)).out

    assert "walk (walk): done 1 of 6 today" in shown
    assert "glute bridge (glute_bridge): done 1 of 2 today" in shown
    assert "(hip_flexor_stretch): done 0 of 2 today" in shown


def test_the_words_are_those_of_the_chairs_language_and_the_forms_those_that_are_set() -> None:
    shown = here(
        "exercises", "--set", "chair.language=de", "--set", "exercises.harder=glute_bridge"
    ).out

    assert "Brücke auf einem Bein (glute_bridge)" in shown


def test_a_chair_without_exercises_says_so() -> None:
    shown = here("exercises", "--set", "exercises.enabled=false").lines

    assert shown == [
        "there are no exercises; see exercises.enabled, exercises.builtin and exercises.file"
    ]


def test_a_bad_file_ends_in_one_line_and_the_exit_code_of_bad_settings(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[exercises.squat]\nhold = "1d"\n', encoding="utf-8")
    for command in ("exercises", "run"):
        ended = subprocess.run(
            [*UNSIT, command, "--set", f"exercises.file={file}"],
            capture_output=True,
            text=True,
            check=False,
            env=environment(),
        )
        assert ended.returncode == 78
        assert ended.stderr.startswith(f"unsit: {file}: exercises.squat.hold = '1d': ")
        assert ended.stderr.count("\n") == 1
