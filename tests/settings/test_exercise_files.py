"""Files of exercises: the built-in one, a person's own, and errors in them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from unsit.core.programme import Exercise, Occasion, Part, Programme
from unsit.errors import SettingsError
from unsit.settings.load import load
from unsit.words import languages

WriteToml = Callable[[str], str]

CALF_RAISE = """
[exercises.calf_raise]
name = "calf raise"
steps = ["Rise on the toes.", "Lower."]
hold = "2s"
"""


def sec(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def programme(*flags: str) -> Programme:
    return load(flags=flags).programme


def by_id(*flags: str) -> dict[str, Exercise]:
    return {exercise.id: exercise for exercise in programme(*flags).exercises}


def complaint(*flags: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load(flags=flags)
    return str(refused.value)


@pytest.fixture
def own(tmp_path: Path) -> Callable[[str], str]:
    """Return a function that writes a file of exercises and returns the flag that names it."""

    def write(content: str, name: str = "own.toml") -> str:
        (tmp_path / name).write_text(content, encoding="utf-8")
        return f"exercises.file={tmp_path / name}"

    return write


def test_the_built_in_exercises_are_a_stretch_a_bridge_and_a_walk_in_this_order() -> None:
    assert list(by_id()) == ["hip_flexor_stretch", "glute_bridge", "walk"]


def test_the_stretch_is_held_20_to_30_s_two_to_three_times_a_side_twice_a_day() -> None:
    for harder in ("", "hip_flexor_stretch"):
        stretch = by_id(f"exercises.harder={harder}")["hip_flexor_stretch"]
        assert sec(20) <= stretch.dose.hold <= sec(30)
        assert 2 <= stretch.dose.repetitions <= 3
        assert (stretch.dose.has_sides, stretch.times_a_day) == (True, 2)


def test_the_bridge_is_held_10_s_and_lowered_slowly_10_to_15_times() -> None:
    bridge = by_id()["glute_bridge"]

    assert bridge.dose.hold == sec(10)
    assert bridge.dose.lower >= sec(3)
    assert 10 <= bridge.dose.repetitions <= 15
    assert 1 <= bridge.times_a_day <= 2


def test_the_harder_forms_are_on_one_leg_and_with_the_arms_overhead() -> None:
    harder = by_id("exercises.harder=glute_bridge, hip_flexor_stretch")

    assert harder["glute_bridge"].name == "glute bridge on one leg"
    assert harder["glute_bridge"].dose.has_sides
    assert "overhead" in harder["hip_flexor_stretch"].name
    assert [exercise.is_harder for exercise in harder.values()] == [True, True, False]
    assert harder["glute_bridge"].times_a_day == by_id()["glute_bridge"].times_a_day


def test_a_walk_counts_as_done_after_5_minutes_off_the_seat() -> None:
    assert by_id()["walk"].counts_after == sec(300)


@pytest.mark.parametrize("language", languages())
def test_every_exercise_has_steps_a_caution_and_a_source_and_every_cue_a_text(
    language: str,
) -> None:
    read = programme(f"chair.language={language}")

    assert all(
        exercise.steps and exercise.caution and exercise.source for exercise in read.exercises
    )
    assert all(cue.text and cue.source for cue in read.cues)


def test_the_built_in_cues_are_sit_back_feet_flat_and_unhook_feet() -> None:
    cues = {cue.id: cue for cue in programme().cues}

    assert list(cues) == ["sit_back", "feet_flat", "unhook_feet"]
    assert cues["sit_back"].occasions == {Occasion.SITTING, Occasion.LEANING}


def test_an_own_exercise_comes_before_the_built_in_ones(own: Callable[[str], str]) -> None:
    read = by_id(own(CALF_RAISE))

    assert list(read) == ["calf_raise", "hip_flexor_stretch", "glute_bridge", "walk"]
    assert read["calf_raise"].caution == "Stop if it hurts. This is not medical advice."
    assert read["calf_raise"].dose.stages[0].part is Part.HOLD


def test_a_built_in_exercise_can_have_another_dose_and_keeps_its_texts(
    own: Callable[[str], str],
) -> None:
    read = by_id(own('[exercises.walk]\nhold = "2m"\ntimes_a_day = 12\n'))

    assert (read["walk"].name, read["walk"].dose.hold) == ("walk", sec(120))
    assert read["walk"].counts_after is None
    assert list(read) == ["walk", "hip_flexor_stretch", "glute_bridge"]


def test_an_own_harder_form_inherits_the_keys_that_it_does_not_set(
    own: Callable[[str], str],
) -> None:
    harder = '[exercises.calf_raise.harder]\nname = "on one leg"\nsides = true\n'
    exercise = by_id(own(CALF_RAISE + harder), "exercises.harder=calf_raise")["calf_raise"]

    assert (exercise.name, exercise.steps) == ("on one leg", ("Rise on the toes.", "Lower."))
    assert (exercise.dose.hold, exercise.dose.has_sides) == (sec(2), True)


def test_a_directory_is_read_file_by_file_in_the_order_of_their_names(
    own: Callable[[str, str], str], tmp_path: Path
) -> None:
    own(CALF_RAISE, "2.toml")
    own('[cues.chin]\ntext = "Chin back."\n', "1.toml")
    (tmp_path / "notes.txt").write_text("none of this", encoding="utf-8")

    read = programme(f"exercises.file={tmp_path}", "exercises.builtin=false")

    assert [exercise.id for exercise in read.exercises] == ["calf_raise"]
    assert [cue.text for cue in read.cues] == ["Chin back."]


def test_single_exercises_and_cues_can_be_left_out() -> None:
    read = programme("exercises.without=glute_bridge, feet_flat")

    assert "glute_bridge" not in [exercise.id for exercise in read.exercises]
    assert "feet_flat" not in [cue.id for cue in read.cues]


def test_disabled_exercises_read_no_file() -> None:
    assert programme("exercises.enabled=false", "exercises.file=/nowhere") == Programme()


def test_the_programme_has_the_times_and_the_button_of_the_settings() -> None:
    read = programme("exercises.offer_after=20m", "exercises.cue_after=3m", "exercises.button=pace")

    assert (read.offer_after, read.cue_after, read.press_paces) == (sec(1200), sec(180), True)


REFUSED = [
    ("hold = 5", "exercises = 5", "exercises = 5: expected [exercises.ID]"),
    ("", "", "the file is empty; expected [exercises.ID] or [cues.ID]"),
    ("", "[exercise.a]\nhold = 1", "exercise: expected [exercises.ID] and [cues.ID]"),
    (
        'hold = "2s"',
        'hold = "0s"',
        "exercises.calf_raise.hold = '0s': Input should be greater than",
    ),
    ('hold = "2s"', 'hold = "2 sofas"', "hold = '2 sofas': expected a duration like 30m"),
    ('hold = "2s"', "", "exercises.calf_raise.hold is missing"),
    (
        'hold = "2s"',
        'hold = "2s"\nholdd = 3',
        "holdd: there is no such key; the nearest is hold; there",
    ),
    (
        'hold = "2s"',
        'hold = "2s"\nrepetitions = 101',
        "repetitions = 101: Input should be less than",
    ),
    ('hold = "2s"', 'hold = "2s"\nrepetitions = true', "repetitions = True: expected a number"),
    (
        'hold = "2s"',
        'hold = "1h"\nrepetitions = 3',
        "exercises.calf_raise takes 3h; expected at most 2h",
    ),
    ('name = "calf raise"', "", "exercises.calf_raise.name is missing; expected the text"),
    (
        'name = "calf raise"',
        'name = ""',
        "exercises.calf_raise.name = '': String should have at least",
    ),
    (
        '["Rise on the toes.", "Lower."]',
        "[]",
        "exercises.calf_raise.steps = []: List should have at",
    ),
    ("calf_raise", "Calf-Raise", "exercises.Calf-Raise: expected an id of 1 to 40 lower-case"),
    (
        "[exercises.calf_raise]",
        "[exercises]\ncalf_raise = 3\n[cues.x]",
        "exercises.calf_raise = 3:",
    ),
    (
        'hold = "2s"',
        'hold = "2s"\n[exercises.calf_raise.harder]\nhold = 0',
        "calf_raise.harder.hold = 0",
    ),
    (
        'hold = "2s"',
        'hold = "2s"\n[cues.chin]\ntimes_a_day = 2',
        "cues.chin.text is missing; expected",
    ),
    (
        'hold = "2s"',
        'hold = "2s"\n[cues.chin]\ntext = "x"\nwhen = ["lying"]',
        "cues.chin.when.0 = 'lying'",
    ),
    ('hold = "2s"', "hold = ", "not TOML: "),
]


@pytest.mark.parametrize(
    ("text", "replacement", "reason"), REFUSED, ids=[reason for _, _, reason in REFUSED]
)
def test_a_bad_file_is_named_with_the_key_and_the_expected_value(
    own: Callable[[str], str], text: str, replacement: str, reason: str
) -> None:
    is_part = text != "" and text in CALF_RAISE
    content = CALF_RAISE.replace(text, replacement) if is_part else replacement
    flag = own(content)
    error = complaint(flag)

    assert error.startswith(flag.removeprefix("exercises.file=") + ": ")
    assert reason in error
    assert "\n" not in error


def test_an_exercise_in_two_files_is_refused_with_both(
    own: Callable[[str, str], str], tmp_path: Path
) -> None:
    own(CALF_RAISE, "1.toml")
    own(CALF_RAISE, "2.toml")

    first, second = tmp_path / "1.toml", tmp_path / "2.toml"
    assert complaint(f"exercises.file={tmp_path}") == (
        f"{second}: calf_raise is in {first} too; expected each id once"
    )


@pytest.mark.parametrize(
    ("flag", "reason"),
    [
        (
            "exercises.without=squat",
            "exercises.without: there is no squat; there are feet_flat, glute",
        ),
        (
            "exercises.harder=walk",
            "exercises.harder: there is no walk; there are glute_bridge, hip",
        ),
        ("exercises.harder=walk,walk", "expected each exercise once"),
        (
            "exercises.file=/nowhere.toml",
            "/nowhere.toml: there is no such file; expected a file of ex",
        ),
        (f"exercises.file={'0' * 300}.toml", ".toml: the name is too long; expected a file of ex"),
        ("exercises.button=long", "'done' or 'pace'"),
    ],
)
def test_a_setting_that_names_something_missing_is_refused(flag: str, reason: str) -> None:
    assert reason in complaint(flag)


def test_a_directory_without_a_file_is_refused(tmp_path: Path) -> None:
    assert "no file in it ends in .toml" in complaint(f"exercises.file={tmp_path}")
