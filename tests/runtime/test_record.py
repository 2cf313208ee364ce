"""Records: every event as it leaves the chair, field by field."""

import json
import re
import typing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from unsit.core.events import (
    Acknowledged,
    BackTooSoon,
    BoutEnded,
    BoutStarted,
    BreakEnded,
    ClockStepped,
    DailyLimitReached,
    Event,
    ExerciseDone,
    ExerciseDue,
    ExerciseStarted,
    ExerciseStopped,
    GaveUp,
    HoldChanged,
    HoldEnded,
    HoldStarted,
    LeaningEnded,
    LeaningStarted,
    MoveDue,
    MoveReminder,
    MoveSoon,
    SatBack,
    SeatCalibrated,
    SeatCornerWeighed,
    SeatTared,
    SensorFault,
    SensorRecovered,
    ServiceStarted,
    ServiceStopped,
    SettingChanged,
    SittingCue,
    Snoozed,
    StoodUp,
)
from unsit.core.instant import ZERO, Instant
from unsit.core.programme import Cue, Dose, Exercise
from unsit.runtime.record import Record, Recorder, record_text, seconds, stamp
from unsit.words import languages, words_of

START = datetime(2026, 1, 5, 9, tzinfo=timezone(timedelta(hours=1)))


def sec(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def wall(at: Instant) -> datetime:
    return START + at


AT = sec(3600)
SHOWN = "2026-01-05T10:00:00.000+01:00"
BOUT = BoutEnded(at=AT, started=ZERO, ended=sec(3480.25), seated=sec(3400), reminders=2, open=False)
BOUT_FIELDS = {
    "started": "2026-01-05T09:00:00.000+01:00",
    "ended": "2026-01-05T09:58:00.250+01:00",
    "duration_s": 3480.25,
    "seated_s": 3400,
    "reminders": 2,
}
STRETCH = Exercise(
    "stretch", "the stretch", ("kneel", "hold"), Dose(2, sec(20)), caution="stop if it hurts"
)
NAMED = {"exercise": "stretch", "exercise_name": "the stretch"}
CASES: list[tuple[Event, str, dict[str, Any]]] = [
    (BoutStarted(AT), "bout_started", {}),
    (
        MoveDue(AT, bout=sec(1800), silent=False),
        "move_due",
        {"bout_s": 1800, "reminder": 1, "silent": False},
    ),
    (
        MoveDue(AT, bout=sec(1800.5), silent=True),
        "move_due",
        {"bout_s": 1800.5, "reminder": 1, "silent": True},
    ),
    (
        MoveReminder(AT, bout=sec(2100), reminder=2, silent=False),
        "move_reminder",
        {"bout_s": 2100, "reminder": 2, "silent": False},
    ),
    (GaveUp(AT, bout=sec(3600)), "gave_up", {"bout_s": 3600}),
    (
        StoodUp(AT, bout=sec(1860), response=sec(59.9)),
        "stood_up",
        {"bout_s": 1860, "response_s": 59.9},
    ),
    (StoodUp(AT, bout=sec(60), response=None), "stood_up", {"bout_s": 60, "response_s": None}),
    (StoodUp(AT, bout=sec(60), response=ZERO), "stood_up", {"bout_s": 60, "response_s": 0}),
    (SatBack(AT, away=sec(45.125)), "sat_back", {"away_s": 45.125}),
    (BOUT, "bout_ended", BOUT_FIELDS),
    (replace(BOUT, cut=True), "bout_ended", BOUT_FIELDS | {"cut": True}),
    (replace(BOUT, shifts=7), "bout_ended", BOUT_FIELDS | {"shifts": 7}),
    (replace(BOUT, open=True), "bout_ended", BOUT_FIELDS | {"open": True}),
    (BreakEnded(AT, pause=sec(324)), "break_ended", {"break_s": 324}),
    (
        MoveSoon(AT, sec(1680), sec(3720), silent=False),
        "move_soon",
        {"bout_s": 1680, "due": "2026-01-05T10:02:00.000+01:00", "silent": False},
    ),
    (
        MoveDue(AT, sec(1800), silent=False, cue="lamp"),
        "move_due",
        {"bout_s": 1800, "reminder": 1, "silent": False, "cue": "lamp"},
    ),
    (
        MoveReminder(AT, sec(2100), 2, silent=False, cue="tick"),
        "move_reminder",
        {"bout_s": 2100, "reminder": 2, "silent": False, "cue": "tick"},
    ),
    (
        MoveDue(AT, sec(1800), silent=False, exercise=STRETCH),
        "move_due",
        {"bout_s": 1800, "reminder": 1, "silent": False, **NAMED},
    ),
    (
        ExerciseDue(AT, STRETCH),
        "exercise_due",
        {**NAMED, "steps": ["kneel", "hold"], "caution": "stop if it hurts"},
    ),
    (ExerciseStarted(AT, STRETCH, sec(145)), "exercise_started", {**NAMED, "lasts_s": 145}),
    (ExerciseStopped(AT, STRETCH, "sat down"), "exercise_stopped", {**NAMED, "reason": "sat down"}),
    (ExerciseDone(AT, STRETCH, paced=True), "exercise_done", {**NAMED, "paced": True}),
    (
        SittingCue(AT, Cue("feet", "Feet flat.", frozenset()), silent=False),
        "sitting_cue",
        {"cue": "feet", "text": "Feet flat.", "silent": False},
    ),
    (BackTooSoon(AT, sec(45), sec(75)), "back_too_soon", {"away_s": 45, "missing_s": 75}),
    (
        DailyLimitReached(AT, sec(28800), silent=True),
        "daily_limit_reached",
        {"seated_s": 28800, "silent": True},
    ),
    (Acknowledged(AT, sec(1800)), "acknowledged", {"bout_s": 1800}),
    (Snoozed(AT, until=sec(3900)), "snoozed", {"until": "2026-01-05T10:05:00.000+01:00"}),
    (HoldStarted(AT, reason="button"), "hold_started", {"reason": "button"}),
    (
        HoldChanged(AT, ("hours", "call"), until=sec(3900)),
        "hold_changed",
        {"reasons": ["hours", "call"], "until": "2026-01-05T10:05:00.000+01:00"},
    ),
    (
        HoldChanged(AT, ("call",), until=None),
        "hold_changed",
        {"reasons": ["call"], "until": None},
    ),
    (HoldEnded(AT, reason="its time is over"), "hold_ended", {"reason": "its time is over"}),
    (SensorFault(AT, reason="stuck"), "sensor_fault", {"reason": "stuck"}),
    (SensorRecovered(AT, reason="stuck"), "sensor_recovered", {"reason": "stuck"}),
    (
        LeaningStarted(AT, side="left", since=AT),
        "leaning_started",
        {"side": "left", "since": SHOWN},
    ),
    (
        LeaningEnded(AT, side="left", leaned=sec(90)),
        "leaning_ended",
        {"side": "left", "leaned_s": 90},
    ),
    (SeatTared(AT, noise=0.00213), "seat_tared", {"noise_kg": 0.0021}),
    (
        SeatCalibrated(AT, weight=20, span=214_740.4, noise=0.002, margin=float("inf")),
        "seat_calibrated",
        {"weight_kg": 20, "span_counts": 214_740, "noise_kg": 0.002, "margin": 1_000_000},
    ),
    (
        SeatCalibrated(
            AT, weight=20, span=1.0, noise=0.002, margin=50, shares={"left": 0.52, "right": 0.48}
        ),
        "seat_calibrated",
        {
            "weight_kg": 20,
            "span_counts": 1,
            "noise_kg": 0.002,
            "margin": 50,
            "shares": {"left": 0.52, "right": 0.48},
        },
    ),
    (
        SeatCornerWeighed(AT, corner="left_front", weight=10, load=9.876, missing=("left_back",)),
        "seat_corner_weighed",
        {"corner": "left_front", "weight_kg": 10, "load_kg": 9.88, "missing": ["left_back"]},
    ),
    (
        SeatCornerWeighed(
            AT, "left_back", 10, -3.0, readings={"left_back": -0.6212}, wrong="left back"
        ),
        "seat_corner_weighed",
        {
            "corner": "left_back",
            "weight_kg": 10,
            "load_kg": -3.0,
            "missing": [],
            "readings": {"left_back": -0.621},
            "wrong": "left back",
        },
    ),
    (ClockStepped(AT, by=sec(-3599.5)), "clock_stepped", {"by_s": -3599.5}),
    (
        SettingChanged(AT, "sitting.move_after", sec(1800), sec(2.5), "unsit/desk/command/reset"),
        "setting_changed",
        {
            "setting": "sitting.move_after",
            "from": "30m",
            "to": "2.5s",
            "by": "unsit/desk/command/reset",
        },
    ),
    (
        SettingChanged(AT, "sitting.daily_limit", None, sec(28800), "/etc/unsit/unsit.toml"),
        "setting_changed",
        {"setting": "sitting.daily_limit", "from": None, "to": "8h", "by": "/etc/unsit/unsit.toml"},
    ),
    (
        SettingChanged(AT, "buzzer.enabled", True, False, "unsit/desk/command/buzzer"),
        "setting_changed",
        {"setting": "buzzer.enabled", "from": True, "to": False, "by": "unsit/desk/command/buzzer"},
    ),
    (ServiceStarted(AT), "service_started", {}),
    (ServiceStopped(AT), "service_stopped", {}),
]
IDS = [f"{index} {kind}" for index, (_, kind, _) in enumerate(CASES)]


def record(event: Event) -> Record:
    return Recorder("kitchen", wall).record(event)


def test_every_event_has_a_case_below() -> None:
    assert {type(event) for event, _, _ in CASES} == set(typing.get_args(Event))


@pytest.mark.parametrize(("event", "kind", "fields"), CASES, ids=IDS)
def test_an_event_has_exactly_its_fields_and_whole_seconds_are_whole_numbers(
    event: Event, kind: str, fields: dict[str, Any]
) -> None:
    made = record(event)

    expected = {"id": made["id"], "seq": 1, "chair": "kitchen", "at": SHOWN, "type": kind}
    assert json.dumps(made) == json.dumps(expected | fields)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(("event", "kind", "fields"), CASES, ids=IDS)
def test_every_record_has_a_text(
    event: Event, kind: str, fields: dict[str, Any], language: str
) -> None:
    words = record_text(record(event), words_of(language))

    assert words
    assert "{" not in words


@pytest.mark.parametrize(
    ("duration", "shown"),
    [
        (ZERO, "0"),
        (sec(90), "90"),
        (sec(0.001), "0.001"),
        (sec(2.5), "2.5"),
        (timedelta(microseconds=1_000_400), "1"),
        (timedelta(microseconds=1_499_900), "1.5"),
        (timedelta(microseconds=-1_500_200), "-1.5"),
        (timedelta(days=400, milliseconds=3), "34560000.003"),
    ],
)
def test_durations_are_seconds_to_the_millisecond(duration: timedelta, shown: str) -> None:
    assert json.dumps(seconds(duration)) == shown


@pytest.mark.parametrize(
    ("date", "shown"),
    [
        (START, "2026-01-05T09:00:00.000+01:00"),
        (START.astimezone(UTC), "2026-01-05T08:00:00.000+00:00"),
        (START + timedelta(microseconds=100_700), "2026-01-05T09:00:00.100+01:00"),
        (
            START.astimezone(timezone(timedelta(hours=-3, minutes=-30))),
            "2026-01-05T04:30:00.000-03:30",
        ),
    ],
)
def test_dates_have_an_offset_and_milliseconds(date: datetime, shown: str) -> None:
    assert stamp(date) == shown


def test_the_numbers_count_up_by_one() -> None:
    recorder = Recorder("kitchen", wall)

    numbers = [recorder.record(event)["seq"] for event, _, _ in CASES]

    assert numbers == list(range(1, len(CASES) + 1))


def test_the_numbers_go_on_from_the_last_one_given() -> None:
    recorder = Recorder("kitchen", wall, seq=41)

    assert recorder.record(BoutStarted(ZERO))["seq"] == 42
    assert recorder.seq == 42


def test_an_id_is_32_hex_digits() -> None:
    assert re.fullmatch("[0-9a-f]{32}", record(BoutStarted(AT))["id"])


def test_no_two_events_share_an_id() -> None:
    recorders = [Recorder(chair, wall) for chair in ("kitchen", "office")]

    made = [recorder.record(event)["id"] for event, _, _ in CASES for recorder in recorders]

    assert len(set(made)) == 2 * len(CASES)


def test_the_same_event_always_has_the_same_id() -> None:
    assert record(BOUT)["id"] == record(BOUT)["id"]


def test_ids_sort_by_time() -> None:
    seconds_in = [0, 0, 0.001, 0.999, 1, 59, 3600, 86400, 400 * 86400]
    recorder = Recorder("kitchen", wall)

    made = [recorder.record(BoutStarted(sec(at)))["id"] for at in seconds_in]

    assert made == sorted(made)


def test_ids_sort_by_time_for_all_numbers_and_chairs() -> None:
    earlier = Recorder("office", wall, seq=5000).record(BoutStarted(sec(1)))
    later = Recorder("kitchen", wall).record(BoutStarted(sec(2)))

    assert earlier["id"] < later["id"]


def test_ids_sort_by_time_and_not_by_the_local_time_of_day() -> None:
    before = datetime(2026, 10, 25, 2, 59, tzinfo=timezone(timedelta(hours=2)))
    after = datetime(2026, 10, 25, 2, 1, tzinfo=timezone(timedelta(hours=1)))

    first = Recorder("kitchen", lambda _: before, seq=7).record(BoutStarted(ZERO))
    second = Recorder("kitchen", lambda _: after, seq=8).record(BoutStarted(ZERO))

    assert first["id"] < second["id"]
