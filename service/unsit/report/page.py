"""Report as a page: one HTML file that loads nothing, sends nothing and runs nothing.

The pictures are SVG without text: labels are HTML beside them, so that they keep their size on a
phone. Each picture has its figures as its title, and all of them are in tables too. The content
security policy of the page allows its one style sheet, by its hash, and nothing else.

Long time on the seat is drawn higher than short time, and not only in another colour.
"""

import base64
import hashlib  # noqa: TID251  # no service runs here
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from html import escape
from itertools import groupby
from pathlib import Path

from unsit.errors import escaped
from unsit.report.days import HOUR_MS, Day
from unsit.report.measures import LENGTH_EDGES_S, PROLONGED_MS, PROLONGED_S, Measure
from unsit.report.summary import Row, Summary, hours_used
from unsit.report.wording import NOTHING, Wording, duration

CALENDAR_DAYS_MAX = 731
"""Days up to which each is a field of a calendar; of more, each week is one."""

LABELS_MAX = 8
"""Labels of the hours above a timeline that fit on a phone."""

STEPS_H = (1, 2, 3, 4, 6, 12)
"""Hours between two labels of a timeline."""

SHADES_H = (2, 4, 6, 8)
"""Hours on the seat from which on a day has the next shade in a calendar."""

TILES = ("seated_a_day_s", "longest_s", "prolonged_share", "answered")
"""Measures that are shown large."""

STYLE_FILE = Path(__file__).with_name("page.css")


def page(summary: Summary, wording: Wording, made_on: date) -> str:
    """Return the page. The rows of the summary are days, or weeks beyond ``CALENDAR_DAYS_MAX``."""
    return "".join(_page(summary, wording, made_on))


def _page(summary: Summary, wording: Wording, made_on: date) -> Iterator[str]:
    title = f"{wording.text('title')}: {wording.period(summary.period)}"
    style = STYLE_FILE.read_text(encoding="utf-8")
    mark = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{mark}'; base-uri 'none'; form-action 'none'"
    yield f'<!doctype html>\n<html lang="{_e(wording.words.language)}">\n<head>\n'
    yield '<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>{_e(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
    yield f'<header>\n<p class="over">{_e(wording.text("title"))}</p>\n'
    yield f"<h1>{_e(wording.period_name(summary.period))}</h1>\n"
    for line in (*wording.period_dates(summary.period), wording.chair(summary)):
        yield f"<p>{_e(line)}</p>\n"
    if summary.under_way is not None:
        yield f"<p>{_e(wording.under_way(summary.under_way))}</p>\n"
    yield "</header>\n"
    if summary.tally.days_watched:
        yield from _content(summary, wording)
    else:
        yield _section(wording.text("nothing"))
    yield f"<footer>{_e(wording.text('footer', date=wording.full_date(made_on)))}</footer>\n"
    yield "</main>\n</body>\n</html>\n"


def _content(summary: Summary, wording: Wording) -> Iterator[str]:
    yield from _tiles(summary, wording)
    if summary.timeline:
        yield from _timelines(summary, wording)
        if len(summary.rows) > 1:
            yield from _columns(summary.rows, summary, wording)
    elif summary.unit == "day":
        yield from _columns(list(summary.grouped("week")), summary, wording)
        yield from _calendar(summary, wording)
    else:
        yield from _years(summary, wording)
    yield '<div class="two">\n'
    yield from _lengths(summary, wording)
    yield from _responses(summary, wording)
    yield "</div>\n"
    yield from _figures(summary, wording)
    yield from _numbers(summary, wording)


def _tiles(summary: Summary, wording: Wording) -> Iterator[str]:
    yield '<div class="tiles">\n'
    for measure, then in summary.shown_measures():
        if measure.key in TILES:
            yield f"<div><span>{_e(wording.measure(measure.key))}</span>"
            yield f"<b>{_e(wording.value(measure))}</b>"
            if then is not None and then.value is not None:
                earlier = wording.text("value_before", value=wording.value(then))
                change = _change(measure, then, summary, wording)
                yield f"<small>{_e(earlier)}{', ' if change else ''}{change}</small>"
            yield f"<small>{_e(wording.better(measure))}</small></div>\n"
    yield "</div>\n"


# Timelines


def _timelines(summary: Summary, wording: Wording) -> Iterator[str]:
    first, last = hours_used(summary.timeline)
    step = next(hours for hours in STEPS_H if -((first - last) // hours) < LABELS_MAX)
    last = min(24, first + -((first - last) // step) * step)
    first = last - -((first - last) // step) * step
    yield _section(wording.text("each_day"), end="")
    yield '<div class="row"><span></span><div class="scale" aria-hidden="true">'
    yield "".join(f"<span>{hour}</span>" for hour in range(first, last + 1, step))
    yield "</div><span></span></div>\n"
    for day, row in zip(summary.timeline, summary.rows, strict=True):
        kind = "row weekend" if day.date.weekday() >= 5 else "row"
        yield f'<div class="{kind}"><span>{_e(wording.weekday_date(day.date))}</span>'
        end = summary.end_of_under_way(day)
        title = _in_words(row, summary, wording)
        if end is not None and summary.under_way is not None:
            title = f"{title}. {wording.under_way(summary.under_way)}"
        yield from _timeline(day, first, last, step, title, end)
        yield f"<span>{_e(_total(row, wording))}</span></div>\n"
    is_under_way = any(summary.end_of_under_way(day) is not None for day in summary.timeline)
    yield from _key(wording, ("l", "s", "u", *(("w",) if is_under_way else ())))
    yield "</section>\n"


def _timeline(
    day: Day, first: int, last: int, step: int, title: str, end: float | None
) -> Iterator[str]:
    """Yield the picture of a day. end: the hour up to which the bout under way is known."""
    yield f'<svg viewBox="{60 * first} 0 {60 * (last - first)} 20" preserveAspectRatio="none" '
    yield f'role="img"><title>{_e(title)}</title>'
    yield from _path("u", _unknown(day), 8, 4)
    lines = "".join(f"M{60 * hour} 0v20" for hour in range(first + step, last, step))
    yield f'<path class="g" vector-effect="non-scaling-stroke" d="{lines}"/>'
    long = [piece.on_clock(day.date) for piece in day.pieces if piece.bout_ms >= PROLONGED_MS]
    short = [piece.on_clock(day.date) for piece in day.pieces if piece.bout_ms < PROLONGED_MS]
    yield from _path("s", short, 5, 10)
    yield from _path("l", long, 0, 20)
    if end is not None:
        yield f'<path class="w" vector-effect="non-scaling-stroke" d="M{60 * end:.4g} 0v20"/>'
    yield "</svg>"


def _path(kind: str, spans: Sequence[tuple[float, float]], top: int, height: int) -> Iterator[str]:
    if spans:
        yield f'<path class="{kind}" d="'
        for start, end in spans:
            left, width = 60 * start, max(1.0, 60 * (end - start))
            yield f"M{left:.4g} {top}h{width:.3g}v{height}h-{width:.3g}z"
        yield '"/>'


def _unknown(day: Day) -> list[tuple[float, float]]:
    """Return the hours of a day that are not known."""
    known = [piece.on_clock(day.date) for piece in sorted([*day.known, *day.pieces])]
    spans, at = [], 0.0
    for start, end in [*known, (24.0, 24.0)]:
        if start > at + 1 / 60:
            spans.append((at, start))
        at = max(at, end)
    return spans


def _key(wording: Wording, kinds: Sequence[str]) -> Iterator[str]:
    shapes = {
        "l": ("legend_long", "M0 0h20v20h-20z"),
        "s": ("legend_short", "M0 5h20v10h-20z"),
        "u": ("legend_unknown", "M0 8h20v4h-20z"),
        "w": ("legend_under_way", "M10 0v20"),
    }
    yield '<p class="key">'
    for kind in kinds:
        name, shape = shapes[kind]
        yield '<span><svg viewBox="0 0 20 20" preserveAspectRatio="none" aria-hidden="true">'
        yield f'<path class="{kind}" vector-effect="non-scaling-stroke" d="{shape}"/></svg>'
        yield f"{_e(wording.text(name))}</span>"
    yield "</p>\n"


# Columns and calendars


def _columns(rows: Sequence[Row], summary: Summary, wording: Wording) -> Iterator[str]:
    """Yield a column for each day, or for each week with its mean over the days with sitting."""
    hours = [row.tally.seated_ms / HOUR_MS / (row.tally.days_seated or 1) for row in rows]
    top = max(2, -(-int(max(hours, default=0.0) + 0.999) // 2) * 2)
    is_weekly = len(rows) != len(summary.rows)
    yield _section(wording.text("hours_a_day_by_week" if is_weekly else "hours_a_day"), end="")
    yield f'<div class="bars"><div class="axis" aria-hidden="true"><span>{top} h</span>'
    yield f"<span>{top // 2} h</span><span>0</span></div>"
    density = " dense" if len(rows) > 7 else " few"
    yield f'<div class="columns{density}">\n'
    named = 0
    for row, value in zip(rows, hours, strict=True):
        share = row.tally.seated_long_ms / (row.tally.seated_ms or 1)
        long, short = (100 * value / top * part for part in (share, 1 - share))
        label, is_shown = str(row.first.day), row.first.weekday() == 0
        if is_weekly:
            is_first = row.first.month != named
            label = wording.month(row.first) if is_first else ""
            is_shown = is_first and row.first.month % 3 == 1
        named = row.first.month
        yield '<div class="shown">' if is_shown else "<div>"
        yield '<svg viewBox="0 0 10 100" preserveAspectRatio="none" role="img">'
        yield f"<title>{_e(_in_words(row, summary, wording, is_weekly=is_weekly))}</title>"
        if not row.tally.days_watched:
            yield '<path class="u" d="M0 97h10v3h-10z"/>'
        elif value:
            yield f'<path class="l" d="M0 {100 - long:.1f}h10V100H0z"/>'
            yield f'<path class="s" d="M0 {100 - long - short:.1f}h10v{short:.1f}H0z"/>'
        yield '<path class="g" vector-effect="non-scaling-stroke" d="M0 50h10"/></svg>'
        yield f'<span aria-hidden="true"><i>{_e(label)}</i></span></div>\n'
    yield "</div></div>\n"
    yield from _key(wording, ("l", "s"))
    yield "</section>\n"


def _calendar(summary: Summary, wording: Wording) -> Iterator[str]:
    """Yield a small calendar for each month, a week in each line."""
    yield _section(wording.text("calendar"), end="")
    yield f'<p class="note">{_e(wording.text("calendar_note"))}</p>'
    yield '<div class="months">\n'
    for (year, number), days in groupby(
        summary.rows, key=lambda row: (row.first.year, row.first.month)
    ):
        month = wording.month(date(year, number, 1))
        offset = date(year, number, 1).weekday()
        yield f'<div><h3>{_e(month)} {year}</h3><svg viewBox="0 0 70 60" role="group" '
        yield f'aria-label="{_e(month)} {year}">'
        for row in days:
            place = row.first.day - 1 + offset
            yield from _field(10 * (place % 7), 10 * (place // 7), row, summary, wording)
        yield "</svg></div>\n"
    yield "</div>\n"
    yield from _shades(wording)
    yield "</section>\n"


def _years(summary: Summary, wording: Wording) -> Iterator[str]:
    """Yield a line for each year, with a field for each of its weeks."""
    yield _section(wording.text("hours_a_day_by_week"), end="")
    for year, weeks in groupby(summary.rows, key=lambda row: row.first.isocalendar().year):
        rows = list(weeks)
        total = sum(row.tally.seated_s for row in rows)
        seated = sum(row.tally.days_seated for row in rows) or 1
        yield f'<div class="row"><span>{year}</span><svg viewBox="0 0 530 12" '
        yield f'preserveAspectRatio="none" role="group" aria-label="{year}">'
        for row in rows:
            left = 10 * (row.first.isocalendar().week - 1)
            yield from _field(left, 1, row, summary, wording)
        yield f"</svg><span>{_e(duration(total / seated))}</span></div>\n"
    yield from _shades(wording)
    yield "</section>\n"


def _field(left: int, top: int, row: Row, summary: Summary, wording: Wording) -> Iterator[str]:
    hours = row.tally.seated_ms / HOUR_MS / (row.tally.days_seated or 1)
    kind = "u" if not row.tally.days_watched else "n" if not hours else f"c{_shade(hours)}"
    size = "h9v3h-9z" if kind == "u" else "h9v9h-9z"
    begin = top + 3 if kind == "u" else top
    title = _in_words(row, summary, wording, is_weekly=summary.unit == "week")
    yield f'<path role="img" class="{kind}" d="M{left} {begin}{size}">'
    yield f"<title>{_e(title)}</title></path>"


def _shade(hours: float) -> int:
    return 1 + sum(hours >= edge for edge in SHADES_H)


def _shades(wording: Wording) -> Iterator[str]:
    edges = [0, *SHADES_H]
    yield '<p class="key">'
    for number, edge in enumerate(edges, 1):
        above = f"{edge}–{edges[number]} h" if number < len(edges) else f"≥ {edge} h"  # noqa: RUF001
        yield '<span><svg viewBox="0 0 20 20" preserveAspectRatio="none" aria-hidden="true">'
        yield f'<path class="c{number}" d="M0 0h20v20h-20z"/></svg>{above}</span>'
    yield '<span><svg viewBox="0 0 20 20" preserveAspectRatio="none" aria-hidden="true">'
    yield f'<path class="u" d="M0 6h20v7h-20z"/></svg>{_e(wording.text("legend_unknown"))}</span>'
    yield "</p>\n"


# Bars


def _lengths(summary: Summary, wording: Wording) -> Iterator[str]:
    times = summary.tally.time_by_length_s
    total = sum(times) or 1.0
    kinds = ["s" if edge <= PROLONGED_S else "l" for edge in LENGTH_EDGES_S] + ["l"]
    labels = [f"{name} min" for name in wording.length_classes()]
    values = [
        f"{duration(time)}, {wording.percent(time / total)}" if time else "0" for time in times
    ]
    yield from _bars("by_length", labels, times, kinds, values, wording)


def _responses(summary: Summary, wording: Wording) -> Iterator[str]:
    counts = summary.tally.response_classes()
    labels = [f"{name} min" for name in wording.response_classes()]
    kinds = ["s"] * 3 + ["l"] * (len(counts) - 3)
    values = [str(count) for count in counts]
    yield from _bars("by_response", labels, counts, kinds, values, wording)


def _bars(
    key: str,
    labels: Iterable[str],
    sizes: Sequence[float],
    kinds: Iterable[str],
    values: Iterable[str],
    wording: Wording,
) -> Iterator[str]:
    yield _section(wording.text(key), end="")
    yield f'<p class="note">{_e(wording.text(f"{key}_note"))}</p><div class="lengths">\n'
    most = max(sizes, default=0.0) or 1.0
    for label, size, kind, value in zip(labels, sizes, kinds, values, strict=True):
        top, height = (0, 20) if kind == "l" else (5, 10)
        yield f'<div class="row"><span>{_e(label)}</span><svg viewBox="0 0 100 20" '
        yield 'preserveAspectRatio="none" aria-hidden="true">'
        yield f'<path class="{kind}" d="M0 {top}h{100 * size / most:.1f}v{height}H0z"/></svg>'
        yield f"<span>{_e(value)}</span></div>\n"
    yield "</div>\n</section>\n"


# Tables


def _figures(summary: Summary, wording: Wording) -> Iterator[str]:
    """Yield the table of all measures, each with its definition, and with what is better."""
    before = summary.before
    yield _section(wording.text("figures"), end="")
    if before is not None:
        compared = wording.text("compared_with", period=wording.period(before[0]))
        yield f'<p class="note">{_e(compared)}</p>'
    yield '<table class="figures">\n'
    if before is not None:
        heads = (wording.short_period(one) for one in (summary.period, before[0]))
        cells = "".join(f'<th scope="col">{_e(head)}</th>' for head in heads)
        yield f"<thead><tr><td></td>{cells}<td></td></tr></thead>\n"
    for measure, then in summary.shown_measures():
        yield f'<tbody>\n<tr><th scope="row">{_e(wording.measure(measure.key))}</th>'
        yield f"<td>{_e(wording.value(measure))}</td>"
        if before is not None:
            yield f"<td>{_e('' if then is None else wording.value(then))}</td>"
            yield f"<td>{_change(measure, then, summary, wording)}</td>"
        yield f'</tr>\n<tr><td colspan="{2 if before is None else 4}" class="soft">'
        if measure.value is None and measure.refused is not None:
            yield f"<em>{_e(wording.text('no_value', reason=wording.text(measure.refused)))}</em> "
        yield _e(wording.definition(measure.key))
        if better := wording.better(measure):
            yield f" <em>{_e(better[0].upper() + better[1:])}.</em>"
        yield "</td></tr>\n</tbody>\n"
    yield "</table>\n</section>\n"


def _numbers(summary: Summary, wording: Wording) -> Iterator[str]:
    """Yield the table behind the pictures, with a line for each row that was watched."""
    columns = ("seated", "bouts", "longest", "prolonged", "due", "answered", "exercises")
    long = "" if summary.timeline else ' class="long"'
    title = wording.text("the_numbers")
    yield f"<section{long}><details><summary><h2>{_e(title)}</h2></summary>\n"
    yield f'<div class="scroll" role="region" aria-label="{_e(title)}" tabindex="0"><table>\n'
    yield "<thead><tr>"
    yield f'<th scope="col">{_e(wording.text(f"column_{summary.unit}"))}</th>'
    for column in columns:
        yield f'<th scope="col">{_e(wording.text(f"column_{column}"))}</th>'
    yield "</tr></thead>\n<tbody>\n"
    for row in summary.rows:
        if row.tally.days_watched:
            cells = "".join(f"<td>{_e(cell)}</td>" for cell in _cells(row, wording))
            yield f'<tr><th scope="row">{_e(wording.dated_row(row, summary))}</th>{cells}</tr>\n'
    yield "</tbody>\n</table></div></details></section>\n"


def _cells(row: Row, wording: Wording) -> Iterator[str]:
    tally = row.tally
    yield duration(tally.seated_s)
    yield str(len(tally.lengths_s))
    yield duration(tally.longest_s) if tally.lengths_s else NOTHING
    yield str(len(tally.prolonged()))
    yield str(tally.due)
    yield wording.count(tally.answered, tally.answerable)
    yield str(tally.exercises)


# Texts


def _in_words(row: Row, summary: Summary, wording: Wording, *, is_weekly: bool = False) -> str:
    """Return what a picture of a row shows."""
    tally = row.tally
    name = wording.week(row.first) if is_weekly else wording.row(row, summary)
    if not tally.days_watched:
        return f"{name}: {wording.text('not_watched')}"
    if not tally.days_seated:
        return f"{name}: {wording.text('no_sitting')}"
    mean = duration(tally.seated_s / tally.days_seated)
    seated = wording.text("a_day", duration=mean) if is_weekly else mean
    bouts = wording.text(
        "bouts_longest", bouts=len(tally.lengths_s), longest=duration(tally.longest_s)
    )
    return f"{name}: {seated}, {bouts}"


def _total(row: Row, wording: Wording) -> str:
    if not row.tally.days_watched:
        return NOTHING
    return duration(row.tally.seated_s) if row.tally.days_seated else "0"


def _change(measure: Measure, then: Measure | None, summary: Summary, wording: Wording) -> str:
    """Return how a measure has changed, empty if that is not known."""
    change = wording.change(measure, then, summary)
    if not change:
        return ""
    kind = next((key for key in ("better", "worse") if change == wording.text(key)), "soft")
    return f'<span class="{kind}">{_e(change)}</span>'


def _section(title: str, end: str = "</section>\n") -> str:
    return f"<section>\n<h2>{_e(title)}</h2>\n{end}"


def _e(text: object) -> str:
    """Return a text for HTML, also a foreign one."""
    return escape(escaped(str(text)))
