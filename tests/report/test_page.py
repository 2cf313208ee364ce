"""The page of a report: it loads nothing, foreign text is text, and the figures are right."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.samples import EXTREMES, Extreme
from support.examples import examples
from support.sample_history import BERLIN, MemoryHistory, person
from unsit.report.days import Period, PeriodName, days
from unsit.report.page import CALENDAR_DAYS_MAX, page
from unsit.report.summary import Norms, Summary, Unit, summarise
from unsit.report.wording import Wording, duration
from unsit.runtime.clock import WallTime
from unsit.words import languages, words_of

TODAY = date(2026, 11, 27)
VOID = {"meta", "path"}
"""Elements without an end: the ones of HTML, and those of SVG that are written as empty."""

NORMS = Norms(1800, 5)


@cache
def sample(begin: date) -> MemoryHistory:
    """Return the history of a person, which no test may change."""
    return person(begin, TODAY)


def summary(
    name: PeriodName, history: MemoryHistory | None = None, *, begin: date = date(2026, 1, 1)
) -> Summary:
    """Return the summary of a period up to ``TODAY``, with the period before."""
    history = sample(begin) if history is None else history
    period = Period.of(name, TODAY, begin)
    earlier = period.before()
    before = None
    if earlier is not None:
        before = earlier, NORMS.tally(days(history.read, earlier, WallTime(BERLIN)))
    period = period.until(TODAY)
    found = days(history.read, period, WallTime(BERLIN))
    unit: Unit = "day" if period.days <= CALENDAR_DAYS_MAX else "week"
    return summarise("Desk", period, found, NORMS, unit, before=before)


def page_of(made: Summary, language: str = "en") -> str:
    """Return the page of a summary."""
    return page(made, Wording(words_of(language)), TODAY)


class Reader(HTMLParser):
    """Reader of a page, which fails at a tag that is not balanced."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), f"an attribute of {tag} is there twice"
        if tag != "meta":
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an empty element."""
        assert tag in VOID
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data

    def named(self, tag: str) -> Iterator[dict[str, str | None]]:
        """Yield the attributes of all elements of a kind."""
        return (attributes for name, attributes in self.elements if name == tag)


PERIODS: list[PeriodName] = ["day", "week", "month", "year", "all"]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", PERIODS)
def test_a_page_is_balanced_and_loads_and_runs_nothing(name: PeriodName, language: str) -> None:
    text = page_of(summary(name, begin=date(2024, 6, 1)), language)
    found = Reader(text)
    assert {tag for tag, _ in found.elements} <= {
        *("html", "head", "meta", "title", "style", "body", "main", "header", "footer", "section"),
        *("h1", "h2", "h3", "p", "div", "span", "b", "i", "em", "small", "svg", "path"),
        *("table", "thead", "tbody", "tr", "th", "td", "details", "summary"),
    }
    for _, attributes in found.elements:
        assert not attributes.keys() & {"style", "src", "href", "action", "srcset", "xlink:href"}
        assert not [key for key in attributes if key.startswith("on")]
    assert not re.search(r"https?:|url\(|@import|//", text)
    [html] = found.named("html")
    assert html["lang"] == language


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("extreme", EXTREMES, ids=lambda extreme: extreme.name)
def test_an_extreme_history_has_a_balanced_page(extreme: Extreme, language: str) -> None:
    text = page_of(extreme.summary(), language)
    found = Reader(text)
    numbers = [
        number for path in found.named("path") for number in re.findall(r"[\d.]+", path["d"] or "")
    ]
    assert not re.search(r"nan|inf\b|None", text)
    assert all(0 <= float(number) <= 1440 for number in numbers)
    assert "<b>Chair</b>" not in text


def test_every_measure_of_a_page_says_what_is_better() -> None:
    made = summary("week")
    text = page_of(made)
    for measure, _ in made.shown_measures():
        name = Wording(words_of("en")).measure(measure.key)
        [row] = re.findall(f'"row">{name}</th>.*?</tbody>', text, re.DOTALL)
        said = {way for way in ("less", "more") if f"{way.title()} is better." in row}
        assert said == ({measure.better} - {"neither"}), measure.key


def test_the_bout_under_way_is_marked_on_its_day() -> None:
    [now] = [one for one in EXTREMES if one.name == "sitting-now-in-a-week"]
    text = page_of(now.summary())
    assert "Not over yet: a bout since Sun 15 Nov 23:00, 10h30m on the seat up to 09:30." in text
    assert text.count('class="w"') == 2  # on Monday, and in the legend


def test_the_policy_allows_the_one_style_sheet_and_nothing_else() -> None:
    text = page_of(summary("week"))
    [policy] = re.findall(r'Content-Security-Policy" content="(.*?)"', text)
    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{allowed}'"]
    assert "unsafe" not in policy
    assert text.index("Content-Security-Policy") < text.index("<style>")


@given(st.text(max_size=40))
@examples(100)
def test_foreign_text_is_shown_as_text(name: str) -> None:
    made = replace(summary("day", MemoryHistory()), chair=f"<script>{name}</b>\x1b\"'")
    found = Reader(page_of(made))
    assert "script" not in {tag for tag, _ in found.elements}
    assert "\x1b" not in page_of(made)
    assert f"<script>{name}"[:8] in found.text


def test_every_picture_has_a_name_or_is_hidden() -> None:
    for name in PERIODS:
        text = page_of(summary(name, begin=date(2024, 6, 1)))
        for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
            head = svg[: svg.index(">")]
            is_named = re.match(r"<svg[^>]*>\s*<title>[^<]+</title>", svg) or "aria-label" in head
            assert is_named or 'aria-hidden="true"' in head, head


def test_the_timeline_shows_the_hours_that_were_used() -> None:
    history = MemoryHistory()
    for day in (23, 24, 25, 26, 27):
        history.sit(datetime(2026, 11, day, 9, 10, tzinfo=BERLIN), 20)
        history.sit(datetime(2026, 11, day, 16, 10, tzinfo=BERLIN), 45)
    text = page_of(summary("week", history))
    boxes = set(re.findall(r'viewBox="(\d+) 0 (\d+) 20"', text)) - {("0", "20"), ("0", "100")}
    assert boxes == {("540", "480")}  # 9:00 to 17:00
    assert "M550 5h20v10h-20z" in text  # 9:10 to 9:30, low
    assert "M970 0h45v20h-45z" in text  # 16:10 to 16:55, high


def test_the_numbers_are_in_a_table_too() -> None:
    made = summary("month")
    text = page_of(made)
    for row in made.rows:
        if row.tally.days_watched:
            label = Wording(words_of("en")).dated_row(row, made)
            cells = f'<th scope="row">{label}</th><td>{duration(row.tally.seated_s)}</td>'
            assert f"{cells}<td>{len(row.tally.lengths_s)}</td>" in text


def test_a_day_that_was_not_watched_is_not_shown_as_one_without_sitting() -> None:
    history = MemoryHistory()
    begin = datetime(2026, 11, 23, tzinfo=BERLIN)
    history.sit(begin + timedelta(hours=9), 20)
    history.lose(begin + timedelta(days=1), begin + timedelta(days=2))
    text = page_of(summary("week", history))
    assert "Tue 24 Nov: not watched" in text
    assert "Wed 25 Nov: no sitting" in text


def test_a_refused_measure_has_its_reason() -> None:
    history = MemoryHistory()
    history.sit(datetime(2026, 11, 23, 9, tzinfo=BERLIN), 20)
    assert "No value: fewer than 30 bouts." in page_of(summary("week", history))


def test_a_period_of_which_nothing_is_known_says_so() -> None:
    history = MemoryHistory()
    history.lose(datetime(2020, 1, 1, tzinfo=BERLIN), datetime(2027, 1, 1, tzinfo=BERLIN))
    assert "Nothing is recorded of this time." in page_of(summary("week", history))


@pytest.mark.parametrize(
    ("name", "begin", "kilobytes"),
    [
        ("month", date(2026, 1, 1), 60),
        ("year", date(2026, 1, 1), 200),
        ("all", date(2024, 6, 1), 60),
    ],
)
def test_a_page_is_small_enough_to_mail(name: PeriodName, begin: date, kilobytes: int) -> None:
    assert len(page_of(summary(name, begin=begin))) < 1000 * kilobytes
