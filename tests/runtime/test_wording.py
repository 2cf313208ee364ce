"""Records in words, one line each."""

import pytest

from unsit.runtime.record import Record
from unsit.runtime.wording import in_words, spoken, what_happened
from unsit.words import english, words_of

AT = "2026-01-05T09:30:00.900+01:00"
BOUT = {"type": "bout_ended", "duration_s": 2465.2, "seated_s": 2420}

NAMED = {"exercise_name": "a walk"}

CASES: list[tuple[Record, str]] = [
    ({"type": "bout_started"}, "sat down"),
    ({"type": "move_due", "bout_s": 1800, "silent": False}, "time to move: sitting for 30m"),
    (
        {"type": "move_due", "bout_s": 1800, "silent": True},
        "time to move: sitting for 30m (silent)",
    ),
    (
        {"type": "move_reminder", "bout_s": 2100, "reminder": 2, "silent": False},
        "reminder 2: sitting for 35m",
    ),
    (
        {"type": "move_reminder", "bout_s": 2100, "reminder": 3, "silent": True},
        "reminder 3: sitting for 35m (silent)",
    ),
    (
        {"type": "gave_up", "bout_s": 3600},
        "no more reminders until the next break: sitting for 1h00m",
    ),
    ({"type": "stood_up", "bout_s": 95, "response_s": None}, "stood up after 1m35s"),
    (
        {"type": "stood_up", "bout_s": 1860, "response_s": 60},
        "stood up after 31m (1m after the call to move)",
    ),
    (
        {"type": "stood_up", "bout_s": 1800, "response_s": 0},
        "stood up after 30m (0s after the call to move)",
    ),
    (
        {"type": "move_due", "bout_s": 1800, "silent": True, "exercise": "walk", **NAMED},
        "time to move: sitting for 30m (silent, then: a walk)",
    ),
    ({"type": "sitting_cue", "text": "Feet flat."}, "how to sit: Feet flat."),
    ({"type": "exercise_due", "exercise": "walk", **NAMED}, "while you are up: a walk"),
    ({"type": "exercise_started", "lasts_s": 305, **NAMED}, "a walk: paced for 5m05s"),
    ({"type": "exercise_stopped", "reason": "sat down", **NAMED}, "a walk: stopped (sat down)"),
    ({"type": "exercise_done", **NAMED}, "a walk: done"),
    ({"type": "sat_back", "away_s": 45}, "back after 45s, too soon for a break"),
    (BOUT, "break: the bout lasted 41m05s, 40m20s of it seated"),
    ({"type": "break_ended", "break_s": 324}, "the break lasted 5m24s"),
    ({"type": "snoozed", "until": "2026-01-05T09:35:00.000+01:00"}, "snoozed until 09:35:00"),
    (
        {
            "type": "move_soon",
            "bout_s": 1680,
            "due": "2026-01-05T09:30:00.000+01:00",
            "silent": False,
        },
        "time to move soon, at 09:30:00: sitting for 28m",
    ),
    (
        {"type": "back_too_soon", "away_s": 45, "missing_s": 75},
        "not a break yet: 1m15s were missing",
    ),
    (
        {"type": "daily_limit_reached", "seated_s": 28800, "silent": False},
        "the daily limit is reached: 8h00m seated today",
    ),
    ({"type": "acknowledged", "bout_s": 1820}, "acknowledged, sitting for 30m20s"),
    ({"type": "hold_started", "reason": "button"}, "hold: no sound (button)"),
    ({"type": "hold_ended", "reason": "command"}, "the hold is over (command)"),
    ({"type": "sensor_fault", "reason": "stuck"}, "the sensor cannot be believed: stuck"),
    (
        {"type": "sensor_recovered", "reason": "stuck"},
        "the sensor works again; it was stuck",
    ),
    (
        {"type": "leaning_started", "side": "left", "since": "2026-01-05T09:41:00.000+01:00"},
        "leaning left since 09:41:00",
    ),
    (
        {"type": "leaning_ended", "side": "left", "leaned_s": 90},
        "upright again after leaning left for 1m30s",
    ),
    ({"type": "seat_tared", "noise_kg": 0.002}, "tared: the empty seat is zero (noise 0.002 kg)"),
    (
        {
            "type": "seat_calibrated",
            "weight_kg": 20,
            "span_counts": 214_740,
            "noise_kg": 0.002,
            "margin": 7500,
        },
        "calibrated with 20 kg: 214740 counts, noise 0.002 kg, the lightest person is 7500 times "
        "that",
    ),
    ({"type": "clock_stepped", "by_s": 90}, "the wall clock was set by +90s"),
    ({"type": "clock_stepped", "by_s": -2.5}, "the wall clock was set by -2.5s"),
    ({"type": "service_started"}, "the service has started"),
    ({"type": "service_stopped"}, "the service has stopped"),
]


def test_every_type_is_tried_below() -> None:
    assert {record["type"] for record, _ in CASES} == set(english().sections["events"])


@pytest.mark.parametrize(("record", "words"), CASES, ids=[words for _, words in CASES])
def test_a_record_is_said_in_words(record: Record, words: str) -> None:
    assert what_happened(record, english()) == words


def test_a_bout_that_a_recording_cuts_off_is_said_to_be_open() -> None:
    assert what_happened(BOUT | {"open": True}, english()).endswith(
        "the bout lasted 41m05s, 40m20s of it seated (still open at the end of the recording)"
    )


def test_a_line_begins_with_the_date_as_the_chairs_own_clock_showed_it() -> None:
    assert (
        in_words({"type": "bout_started", "at": AT}, english()) == "2026-01-05 09:30:00  sat down"
    )


def test_another_language_has_its_own_words_for_reasons_sides_and_remarks() -> None:
    leaning = {"type": "leaning_started", "side": "left", "since": "2026-01-05T09:41:00.000+01:00"}
    stood_up = {"type": "stood_up", "bout_s": 1860, "response_s": 60}

    assert what_happened(leaning, words_of("de")) == "lehnt seit 09:41:00 nach links"
    assert what_happened(stood_up, words_of("de")) == "aufgestanden nach 31m (1m nach dem Aufruf)"
    assert what_happened({"type": "hold_started", "reason": "desk/call"}, words_of("de")) == (
        "Ruhe: kein Ton (desk/call)"
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0s"),
        (0.4, "0s"),
        (12, "12s"),
        (59.4, "59s"),
        (59.6, "1m"),
        (60, "1m"),
        (61, "1m01s"),
        (270, "4m30s"),
        (3599, "59m59s"),
        (3599.6, "1h00m"),
        (3600, "1h00m"),
        (3900, "1h05m"),
        (31139, "8h38m"),
        (360000, "100h00m"),
    ],
)
def test_a_duration_is_said_as_people_say_it(seconds: float, words: str) -> None:
    assert spoken(seconds) == words
