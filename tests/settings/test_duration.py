"""Durations: every form that is parsed, and the form in which they are shown."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unsit.settings.values import format_duration, parse_duration

MILLISECOND = timedelta(milliseconds=1)
MAX_DURATION = timedelta(days=400)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30m", 1800),
        ("1h30m", 5400),
        ("90s", 90),
        ("2.5", 2.5),
        ("0", 0),
        ("0s", 0),
        ("1.5h", 5400),
        ("0.25s", 0.25),
        ("1d2h3m4.5s", 93784.5),
        ("2d", 172800),
        ("PT30M", 1800),
        ("PT1H30M", 5400),
        ("PT0.5S", 0.5),
        ("P1D", 86400),
        ("P1DT2H", 93600),
        ("PT36H", 129600),
        ("  45m\n", 2700),
        ("1h 30m", 5400),
    ],
)
def test_every_form_is_parsed(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "h", "P", "PT", "soon"),
        *("inf", "-inf", "nan", "Infinity", "1e400", "1e308", "999999999999d"),
        *("True", "true", "false", "none", "null"),
        *("5ms", "1h30", "3m2h", "1m1m", "1,5", "1:30", "00:01:00", "30 minutes", "30M", "0x10"),
        *("-30m", "-PT5M", "P-1D", "PT-5S", "- 5"),
    ],
)
def test_any_other_text_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(ValueError, match=r"30m, 1h30m, 90s, 2\.5 \(seconds\) or PT30M"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("duration", "shown"),
    [
        (timedelta(0), "0s"),
        (timedelta(minutes=30), "30m"),
        (timedelta(hours=1, minutes=30), "1h30m"),
        (timedelta(seconds=90), "1m30s"),
        (timedelta(seconds=2.5), "2.5s"),
        (timedelta(days=2), "48h"),
        (timedelta(hours=1, milliseconds=1), "1h0.001s"),
    ],
)
def test_a_duration_is_shown_in_hours_minutes_and_seconds(duration: timedelta, shown: str) -> None:
    assert format_duration(duration) == shown


@given(st.integers(0, MAX_DURATION // MILLISECOND))
def test_a_formatted_duration_is_parsed_to_the_same_duration(milliseconds: int) -> None:
    duration = milliseconds * MILLISECOND

    assert parse_duration(format_duration(duration)) == duration
