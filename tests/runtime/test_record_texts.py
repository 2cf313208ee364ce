"""One-line texts of records."""

import pytest

from unsit.runtime.record import Record, record_line, record_text, short_duration
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
        "time to move: sitting for 30m (silent, exercise: a walk)",
    ),
    ({"type": "sitting_cue", "text": "Feet flat."}, "posture tip: Feet flat."),
    ({"type": "exercise_due", "exercise": "walk", **NAMED}, "while you are up: a walk"),
    ({"type": "exercise_started", "lasts_s": 305, **NAMED}, "a walk: started, takes 5m05s"),
    ({"type": "exercise_stopped", "reason": "sat down", **NAMED}, "a walk: stopped (sat down)"),
    ({"type": "exercise_done", **NAMED}, "a walk: done"),
    ({"type": "sat_back", "away_s": 45}, "sat back down after 45s, too soon for a break"),
    (BOUT, "the bout lasted 41m05s, 40m20s of it seated"),
    ({"type": "break_ended", "break_s": 324}, "the break lasted 5m24s"),
    ({"type": "snoozed", "until": "2026-01-05T09:35:00.000+01:00"}, "snoozed until 09:35:00"),
    (
        {
            "type": "move_soon",
            "bout_s": 1680,
            "due": "2026-01-05T09:30:00.000+01:00",
            "silent": False,
        },
        "almost time to move, at 09:30:00: sitting for 28m",
    ),
    (
        {"type": "back_too_soon", "away_s": 45, "missing_s": 75},
        "not a break: 1m15s too short",
    ),
    (
        {"type": "daily_limit_reached", "seated_s": 28800, "silent": False},
        "daily limit reached: 8h00m seated today",
    ),
    ({"type": "acknowledged", "bout_s": 1820}, "acknowledged: sitting for 30m20s"),
    ({"type": "hold_started", "reason": "button"}, "hold started: no sound (button)"),
    (
        {
            "type": "hold_changed",
            "reasons": ["hours", "call"],
            "until": "2026-01-05T09:41:00.000+01:00",
        },
        "still no sound: schedule, call (until 09:41:00)",
    ),
    ({"type": "hold_changed", "reasons": ["call"], "until": None}, "still no sound: call"),
    ({"type": "hold_ended", "reason": "command"}, "hold ended (command)"),
    ({"type": "sensor_fault", "reason": "stuck"}, "sensor fault: stuck"),
    (
        {"type": "sensor_recovered", "reason": "stuck"},
        "the sensor works again; the fault was: stuck",
    ),
    (
        {"type": "leaning_started", "side": "left", "since": "2026-01-05T09:41:00.000+01:00"},
        "leaning left since 09:41:00",
    ),
    (
        {"type": "leaning_ended", "side": "left", "leaned_s": 90},
        "upright again after leaning left for 1m30s",
    ),
    (
        {"type": "seat_tared", "noise_kg": 0.002},
        "tared: the empty seat now reads zero (noise 0.002 kg)",
    ),
    (
        {
            "type": "seat_calibrated",
            "weight_kg": 20,
            "span_counts": 214_740,
            "noise_kg": 0.002,
            "margin": 7500,
        },
        "calibrated with 20 kg: 214740 counts, noise 0.002 kg; the lightest person "
        "weighs 7500 times the noise",
    ),
    (
        {
            "type": "seat_corner_weighed",
            "corner": "left_front",
            "weight_kg": 10,
            "load_kg": -6.2,
            "missing": [],
            "wrong": "left front (-62 %): exchange its wires",
        },
        "at the left front corner the seat reads -6.2 kg of 10 kg (left front (-62 %): exchange "
        "its wires)",
    ),
    ({"type": "clock_stepped", "by_s": 90}, "the system clock was changed by +90s"),
    ({"type": "clock_stepped", "by_s": -2.5}, "the system clock was changed by -2.5s"),
    (
        {
            "type": "setting_changed",
            "setting": "sitting.daily_limit",
            "from": None,
            "to": "8h",
            "by": "unsit/desk/command/daily_limit",
        },
        "the setting sitting.daily_limit was none and is now 8h, changed by "
        "unsit/desk/command/daily_limit",
    ),
    (
        {
            "type": "setting_changed",
            "setting": "buzzer.enabled",
            "from": True,
            "to": False,
            "by": "/etc/\x1b[2J",
        },
        r"the setting buzzer.enabled was true and is now false, changed by /etc/\x1b[2J",
    ),
    ({"type": "service_started"}, "the service has started"),
    ({"type": "service_stopped"}, "the service has stopped"),
]


def test_every_event_type_has_a_case() -> None:
    assert {record["type"] for record, _ in CASES} == set(english().sections["events"])


@pytest.mark.parametrize(("record", "words"), CASES, ids=[words for _, words in CASES])
def test_a_record_becomes_one_line_of_text(record: Record, words: str) -> None:
    assert record_text(record, english()) == words


def test_a_bout_that_is_open_at_the_end_of_a_recording_has_a_remark() -> None:
    assert record_text(BOUT | {"open": True}, english()).endswith(
        "the bout lasted 41m05s, 40m20s of it seated (still open at the end of the recording)"
    )


def test_a_line_starts_with_the_local_time_of_the_record() -> None:
    assert (
        record_line({"type": "bout_started", "at": AT}, english())
        == "2026-01-05 09:30:00  sat down"
    )


def test_german_texts_translate_reasons_sides_and_remarks() -> None:
    leaning = {"type": "leaning_started", "side": "left", "since": "2026-01-05T09:41:00.000+01:00"}
    stood_up = {"type": "stood_up", "bout_s": 1860, "response_s": 60}

    assert record_text(leaning, words_of("de")) == "seit 09:41:00 nach links gelehnt"
    assert record_text(stood_up, words_of("de")) == (
        "aufgestanden nach 31m (1m nach der Aufforderung)"
    )
    assert record_text({"type": "hold_started", "reason": "desk/call"}, words_of("de")) == (
        "stummgeschaltet (desk/call)"
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
def test_a_duration_has_a_short_form(seconds: float, words: str) -> None:
    assert short_duration(seconds) == words
