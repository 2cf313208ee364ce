"""The report on a terminal: readable on a narrow one, without colours, and in ASCII."""

import io
from dataclasses import replace
from datetime import datetime

import pytest
from rich.console import Console

from report.test_page import TODAY, summary
from support.sample_history import BERLIN, MemoryHistory, person
from unsit.history.derived import BoutFlags
from unsit.report.days import Period, PeriodName, days
from unsit.report.summary import Norms, Summary, hours_used, summarise
from unsit.report.text import LITTLE, LONG, NOT_ENDED, SHORT, UNKNOWN, cells_of, print_report
from unsit.report.wording import Wording
from unsit.runtime.clock import WallTime
from unsit.words import languages, words_of

WAYS = ("less", "more")


def printed(made: Summary, width: int = 100, language: str = "en", *, colours: bool = False) -> str:
    """Return the report as it is printed on a terminal."""
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colours, color_system="standard" if colours else None
    )
    print_report(made, Wording(words_of(language)), console)
    return out.getvalue()


def by_month(made: Summary) -> Summary:
    """Return the summary of a year as the terminal shows it."""
    history = MemoryHistory()
    for day in range(1, 28):
        history.sit(datetime(2026, 11, day, 9, tzinfo=BERLIN), 40)
    found = days(history.read, made.period, WallTime(BERLIN))
    return summarise("Desk", made.period, found, Norms(1800), "month")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("width", [20, 40, 60, 72, 80, 100, 200])
def test_a_timeline_is_never_wider_than_the_terminal(width: int, language: str) -> None:
    lines = printed(summary("week"), width, language).splitlines()
    names = words_of(language).report("weekdays")
    rows = [line for line in lines if line[:3].strip() in names and (LONG in line or SHORT in line)]
    assert len(rows) == (5 if width >= 40 else 0)
    assert max((len(line) for line in rows), default=0) <= width


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", ["day", "week", "month", "year"])
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_nothing_is_wider_than_the_terminal_and_every_figure_says_what_is_better(
    width: int, name: PeriodName, language: str
) -> None:
    made = by_month(summary(name)) if name == "year" else summary(name)
    text = printed(made, width, language)
    assert max(map(len, text.splitlines())) <= width
    wording = Wording(words_of(language))
    flat = " ".join(text.split())
    for measure, _ in made.shown_measures():
        assert wording.measure(measure.key) in flat
    counted = (sum(one.better == way for one, _ in made.shown_measures()) for way in WAYS)
    assert list(counted) == [flat.count(wording.text(way)) for way in WAYS]


def test_a_bout_under_way_is_marked_where_it_ends_so_far() -> None:
    history = MemoryHistory()
    history.sit(datetime(2026, 11, 27, 9, tzinfo=BERLIN), 45)
    history.bouts[0] = replace(history.bouts[0], flags=BoutFlags.UNDER_WAY)
    text = printed(replace(summary("day", history), under_way=history.bouts[0]))
    assert "Not over yet: a bout since 09:00, 45m on the seat up to 09:45." in text
    [row] = [line for line in text.splitlines() if line.startswith("Fri 27 Nov")]
    assert row.split()[3] == f"{LONG * 4}{NOT_ENDED}"


def test_without_colours_there_is_no_escape_sequence_and_with_them_there_is() -> None:
    assert "\x1b" not in printed(summary("week"))
    assert "\x1b" in printed(summary("week"), colours=True)


def test_the_signs_of_a_day_tell_long_short_little_and_unknown() -> None:
    history = MemoryHistory()
    history.sit(datetime(2026, 11, 27, 9, tzinfo=BERLIN), 45)
    history.sit(datetime(2026, 11, 27, 10, tzinfo=BERLIN), 15)
    history.sit(datetime(2026, 11, 27, 11, tzinfo=BERLIN), 5)
    history.lose(
        datetime(2026, 11, 27, 12, tzinfo=BERLIN), datetime(2026, 11, 27, 13, tzinfo=BERLIN)
    )
    [day] = days(history.read, Period("day", TODAY, TODAY), WallTime(BERLIN))
    assert cells_of(day, 9, 14, 4) == f"{LONG * 3} {SHORT}   {LITTLE}   {UNKNOWN * 4}    "


def test_hours_are_those_from_the_first_sit_down_to_the_last_stand_up() -> None:
    history = MemoryHistory()
    history.sit(datetime(2026, 11, 27, 8, 59, tzinfo=BERLIN), 10)
    history.sit(datetime(2026, 11, 27, 17, 30, tzinfo=BERLIN), 31)
    found = list(days(history.read, Period("day", TODAY, TODAY), WallTime(BERLIN)))
    assert hours_used(found) == (8, 19)
    assert hours_used([]) == (8, 18)


def test_a_year_has_a_bar_for_each_month() -> None:
    text = printed(by_month(summary("year")))
    assert "Nov 2026" in text
    assert "40m a day, on 27 days" in text


def test_no_figure_is_there_twice() -> None:
    names = [line.split("  ")[0] for line in printed(summary("week")).splitlines()]
    assert "Prolonged bouts" in names
    assert "Bouts up to the call" not in names


def test_bouts_up_to_the_call_are_shown_where_the_call_does_not_come_after_30_min() -> None:
    made = summary("week")
    found = days(person(TODAY, TODAY).read, made.period, WallTime(BERLIN))
    text = printed(summarise("Desk", made.period, found, Norms(2700), "day"))
    assert "Bouts up to the call" in text


def test_a_comparison_names_both_periods_and_says_what_became_better() -> None:
    history = MemoryHistory()
    for day in range(16, 28):
        for hour in (9, 11):
            start = datetime(2026, 11, day, hour, tzinfo=BERLIN)
            history.sit(start, 40 if day < 23 else 20)
    text = printed(summary("week", history))
    assert "Compared with week 47 of 2026" in text
    [line] = [line for line in text.splitlines() if line.startswith("Median bout")]
    assert line.split()[:5] == ["Median", "bout", "20m", "40m", "better"]
    assert ["week", "48", "week", "47"] in [line.split() for line in text.splitlines()]


def test_foreign_text_is_escaped() -> None:
    text = printed(replace(summary("day"), chair="[red]a\x1b[2Jb\n"))
    assert "[red]a\\x1b[2Jb\\n\n" in text


def test_a_german_report_has_german_words_and_decimal_commas() -> None:
    text = printed(summary("month"), language="de")
    assert "Sitzen: November 2026" in text
    assert "Pausen pro Sitzstunde" in text
    [line] = [line for line in text.splitlines() if line.startswith("Gini-Index")]
    assert "0," in line


def test_an_unknown_period_says_so_and_shows_no_figures() -> None:
    history = MemoryHistory()
    history.lose(datetime(2020, 1, 1, tzinfo=BERLIN), datetime(2027, 1, 1, tzinfo=BERLIN))
    text = printed(summary("week", history))
    assert "Nothing is recorded of this time." in text
    assert "Gini" not in text
