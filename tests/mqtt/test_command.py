"""Commands are read strictly, and what cannot be read says why."""

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unsit.core.inputs import (
    Acknowledge,
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
    TestBuzzer,
)
from unsit.core.instant import ZERO
from unsit.mqtt.command import CommandReader, CommandRejected
from unsit.settings.duration import parse_duration
from unsit.settings.parsing import parse_time

NOW = timedelta(hours=1)
EVENING = timedelta(hours=9)
READER = CommandReader(
    parse_duration, parse_time, {time(17, 30): EVENING, time(0, 0): ZERO}.__getitem__
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
        ("exercise_done", b"", FinishExercise()),
        ("exercise_done", b"PRESS", FinishExercise()),
        ("exercise_done", b"glute_bridge", FinishExercise("glute_bridge")),
        ("exercise_pace", b"PRESS", PaceExercise()),
        ("exercise_pace", b"on", PaceExercise()),
        ("exercise_pace", b'"walk"', PaceExercise("walk")),
        ("exercise_pace", b"off", StopPacing("command")),
    ],
)
def test_a_command_asks_for_one_thing(name: str, payload: bytes, request_: Request) -> None:
    assert READER.read(name, payload, retained=False, now=NOW) == request_


@pytest.mark.parametrize("payload", [b"", b"0", b"-5m", b"24h1s", b"nan", b"inf", b"{}", b"null"])
@pytest.mark.parametrize("name", ["move_after", "min_break", "hold"])
def test_a_duration_out_of_range_or_of_no_form_is_rejected(name: str, payload: bytes) -> None:
    with pytest.raises(CommandRejected, match="expected"):
        READER.read(name, payload, retained=False, now=NOW)


@pytest.mark.parametrize("payload", [b"[" * 4096, b'{"":' * 1000, b"9" * 4096, b'"' * 4096])
def test_what_is_nested_or_long_beyond_reason_is_rejected_like_anything_else(
    payload: bytes,
) -> None:
    with pytest.raises(CommandRejected):
        READER.read("move_after", payload, retained=False, now=NOW)


@given(name=st.text(), payload=st.binary(max_size=5000), retained=st.booleans())
def test_nothing_on_the_wire_raises_anything_but_a_rejection(
    name: str, payload: bytes, retained: bool
) -> None:
    for command in (name, *READER.names):
        assert obeyed(command, payload, retained) <= (command in READER.names and not retained)


def obeyed(command: str, payload: bytes, retained: bool) -> bool:
    try:
        READER.read(command, payload, retained=retained, now=NOW)
    except CommandRejected:
        return False
    return True
