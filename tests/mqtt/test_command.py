"""Commands: strict parsing, and rejections with a reason."""

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unsit.core.inputs import (
    Acknowledge,
    Calibrate,
    FinishExercise,
    Hold,
    PaceExercise,
    Release,
    Request,
    SetDailyLimit,
    SetMinBreak,
    SetMoveAfter,
    Snooze,
    StopPacing,
    SwitchBuzzer,
    Tare,
    TestBuzzer,
)
from unsit.core.instant import ZERO
from unsit.mqtt.command import CommandReader, CommandRejected
from unsit.settings.changes import Changes
from unsit.settings.model import Settings
from unsit.settings.values import parse_duration, parse_time

NOW = timedelta(hours=1)
EVENING = timedelta(hours=9)
READER = CommandReader(
    parse_duration,
    parse_time,
    {time(17, 30): EVENING, time(0, 0): ZERO}.__getitem__,
    Changes(Settings()).reset_request,
)


@pytest.mark.parametrize(
    ("name", "payload", "request_"),
    [
        ("snooze", b"", Snooze()),
        ("snooze", b"anything", Snooze()),
        ("test_buzzer", b"", TestBuzzer()),
        ("hold", b"ON", Hold("command")),
        ("hold", b"on", Hold("command")),
        ("hold", b"OFF", Release("command")),
        ("hold", b"90s", Hold("command", NOW + timedelta(seconds=90))),
        ("hold", b"17:30", Hold("command", EVENING)),
        ("hold", b'"0:00"', Hold("command", ZERO)),
        ("acknowledge", b"", Acknowledge()),
        ("move_after", b"45m", SetMoveAfter(timedelta(minutes=45))),
        ("move_after", b' "45m" ', SetMoveAfter(timedelta(minutes=45))),
        ("daily_limit", b"8h", SetDailyLimit(timedelta(hours=8))),
        ("daily_limit", b"off", SetDailyLimit(None)),
        ("daily_limit", b"0m", SetDailyLimit(None)),
        ("min_break", b"120", SetMinBreak(timedelta(minutes=2))),
        ("buzzer", b"OFF", SwitchBuzzer(on=False)),
        ("buzzer", b"ON", SwitchBuzzer(on=True)),
        ("tare", b"", Tare()),
        ("tare", b"PRESS", Tare()),
        ("tare", b"Force", Tare(surely_empty=True)),
        ("calibrate", b"10", Calibrate(10)),
        ("calibrate", b"7.5 left_front", Calibrate(7.5, "left_front")),
        ("calibrate", b'"7.5  Right BACK"', Calibrate(7.5, "right_back")),
        ("exercise_done", b"", FinishExercise()),
        ("exercise_done", b"PRESS", FinishExercise()),
        ("exercise_done", b"glute_bridge", FinishExercise("glute_bridge")),
        ("exercise_pace", b"PRESS", PaceExercise()),
        ("exercise_pace", b"on", PaceExercise()),
        ("exercise_pace", b'"walk"', PaceExercise("walk")),
        ("exercise_pace", b"off", StopPacing("command")),
    ],
)
def test_a_command_becomes_one_request(name: str, payload: bytes, request_: Request) -> None:
    assert READER.read(name, payload, retained=False, now=NOW) == request_


@pytest.mark.parametrize("payload", [b"", b"0", b"-5m", b"24h1s", b"nan", b"inf", b"{}", b"null"])
@pytest.mark.parametrize("name", ["move_after", "min_break", "hold"])
def test_a_malformed_duration_or_one_out_of_range_is_rejected(name: str, payload: bytes) -> None:
    with pytest.raises(CommandRejected, match="expected"):
        READER.read(name, payload, retained=False, now=NOW)


@pytest.mark.parametrize("payload", [b"[" * 4096, b'{"":' * 1000, b"9" * 4096, b'"' * 4096])
def test_a_deeply_nested_or_very_long_payload_is_rejected(
    payload: bytes,
) -> None:
    with pytest.raises(CommandRejected):
        READER.read("move_after", payload, retained=False, now=NOW)


@given(name=st.text(), payload=st.binary(max_size=5000), retained=st.booleans())
def test_no_message_raises_another_error_than_a_rejection(
    name: str, payload: bytes, retained: bool
) -> None:
    for command in (name, *READER.names):
        assert is_accepted(command, payload, retained) <= (command in READER.names and not retained)


def is_accepted(command: str, payload: bytes, retained: bool) -> bool:
    try:
        READER.read(command, payload, retained=retained, now=NOW)
    except CommandRejected:
        return False
    return True
