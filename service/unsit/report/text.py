"""Report on a terminal: a timeline of each day, the totals, and all measures.

Without colours, and on a terminal that knows only ASCII, the timeline tells the same by its signs.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from textwrap import wrap

from rich.console import Console
from rich.text import Text

from unsit.errors import escaped
from unsit.report.days import Day
from unsit.report.measures import COMPARED_DAYS_MIN, PROLONGED_MS
from unsit.report.summary import Row, Summary, hours_used
from unsit.report.wording import NOTHING, Wording, duration

LONG, SHORT, LITTLE, UNKNOWN, EMPTY, NOT_ENDED = "█", "▒", "░", "·", " ", ">"
"""Signs of a cell of the timeline."""

STYLES = {LONG: "red", SHORT: "cyan", LITTLE: "cyan", UNKNOWN: "dim", EMPTY: "", NOT_ENDED: "bold"}

CELLS_AN_HOUR = (6, 4, 3, 2, 1)
"""Cells that an hour can have; the most that fit are used."""

LABEL_WIDTH = 12
"""Columns left of a timeline or bar."""

WIDE = 72
"""Columns of a terminal from which on rows have all their figures."""

BAR_MIN, BAR_MAX = 5, 40
"""Columns without which there is no bar, and of the longest bar."""

GAP = 2
"""Columns between two figures."""

HINT_WIDTH_MIN = 30
"""Columns that a hint needs to be beside its figure; else it is below."""


def print_report(summary: Summary, wording: Wording, console: Console) -> None:
    """Print a report. console: its width decides how fine the timeline is."""
    for line in _lines(summary, wording, console.width):
        console.print(line, soft_wrap=True)


def _lines(summary: Summary, wording: Wording, width: int) -> Iterator[Text]:
    title = f"{wording.text('title')}: {wording.period(summary.period)}"
    yield from _prose(title, width, "bold")
    yield from _prose(escaped(wording.chair(summary)), width, "dim")
    yield Text()
    if not summary.tally.days_watched:
        yield from _prose(wording.text("nothing"), width)
        return
    yield from (
        _timelines(summary, wording, width) if summary.timeline else _bars(summary, wording, width)
    )
    yield Text()
    if summary.under_way is not None:
        yield from _prose(wording.under_way(summary.under_way), width)
        yield Text()
    yield from _figures(summary, wording, width)
    yield Text()
    for remark in _remarks(summary, wording):
        yield from _prose(remark, width, "dim")


def _prose(text: str, width: int, style: str = "", indent: str = "") -> Iterator[Text]:
    """Yield the lines of a text, broken between words."""
    for line in wrap(text, max(width, 20), initial_indent=indent, subsequent_indent=indent):
        yield Text(line, style=style)


def _timelines(summary: Summary, wording: Wording, width: int) -> Iterator[Text]:
    first, last = hours_used(summary.timeline)
    head, *totals = _columns(summary.rows, wording, is_wide=width >= WIDE)
    room = width - LABEL_WIDTH - max(map(len, totals))
    fitting = [cells for cells in CELLS_AN_HOUR if cells * (last - first) <= room]
    cells = fitting[0] if fitting else 0
    yield Text(" " * LABEL_WIDTH + _scale(first, last, cells) + head, style="dim")
    for day, total in zip(summary.timeline, totals, strict=True):
        line = Text(f"{wording.weekday_date(day.date):<{LABEL_WIDTH}}")
        signs = cells_of(day, first, last, cells)
        if cells and (end := summary.end_of_under_way(day)) is not None:
            cell = max(0, ceil((end - first) * cells) - 1)
            signs = signs[:cell] + NOT_ENDED + signs[cell + 1 :]
        for sign in signs:
            line.append(sign, STYLES[sign])
        yield line.append(total)
    yield Text()
    more = (NOT_ENDED,) if summary.under_way else ()
    yield from _legend((LONG, SHORT, LITTLE, UNKNOWN, *more), wording, width)


def _scale(first: int, last: int, cells: int) -> str:
    """Return the hours above a timeline, as wide as it is."""
    if not cells:
        return ""
    step = next(hours for hours in (1, 2, 3, 6, 12, 24) if hours * cells >= 3)
    labels = (f"{hour:<{step * cells}}" for hour in range(first, last, step))
    return "".join(labels)[: (last - first) * cells]


def cells_of(day: Day, first: int, last: int, cells: int) -> str:
    """Return the signs of a day's timeline, from one clock hour to another."""
    if not day.is_watched:
        return UNKNOWN * ((last - first) * cells)
    total = 24 * cells
    seated, long = [0.0] * total, [0.0] * total
    for piece in day.pieces:
        start, end = piece.on_clock(day.date)
        is_long = piece.bout_ms >= PROLONGED_MS
        for cell in range(int(start * cells), min(total, int(end * cells) + 1)):
            share = min(end * cells, cell + 1) - max(start * cells, cell)
            if share > 0:
                seated[cell] += share
                long[cell] += share if is_long else 0
    known = _known_cells(day, cells)
    signs = [
        _sign(seated[cell], long[cell], is_known=cell in known)
        for cell in range(first * cells, last * cells)
    ]
    return "".join(signs)


def _sign(seated: float, long: float, *, is_known: bool) -> str:
    if seated <= 0:
        return EMPTY if is_known else UNKNOWN
    if long * 2 >= seated and seated >= 0.5:
        return LONG
    return SHORT if seated >= 0.5 else LITTLE


def _known_cells(day: Day, cells: int) -> set[int]:
    """Return the cells of a day of which anything is known."""
    known: set[int] = set()
    for piece in day.known:
        start, end = piece.on_clock(day.date)
        known.update(range(int(start * cells), ceil(end * cells)))
    return known


def _columns(rows: Sequence[Row], wording: Wording, *, is_wide: bool) -> list[str]:
    """Return the figures right of the timelines, as lines of one width: the head and each row.

    is_wide: whether there is room for bouts and the longest of them too.
    """
    names = ("seated", "bouts", "longest") if is_wide else ("seated",)
    cells = [tuple(wording.text(f"column_{name}") for name in names)]
    for row in rows:
        tally = row.tally
        if not tally.days_watched:
            cells.append((NOTHING,) * len(names))
        else:
            longest = duration(tally.longest_s) if tally.lengths_s else NOTHING
            figures = (duration(tally.seated_s), str(len(tally.lengths_s)), longest)
            cells.append(figures[: len(names)])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "".join(f"  {cell:>{width}}" for cell, width in zip(line, widths, strict=True))
        for line in cells
    ]


LEGEND = {
    LONG: "legend_long",
    SHORT: "legend_short",
    LITTLE: "legend_little",
    UNKNOWN: "legend_unknown",
    NOT_ENDED: "legend_under_way",
}
"""Texts of the signs."""


def _legend(signs: Iterable[str], wording: Wording, width: int) -> Iterator[Text]:
    """Yield the meaning of signs, as many in a line as there is room for."""
    line = Text()
    for sign in signs:
        entry = Text("  " if line else "").append(sign, STYLES[sign])
        entry.append(f" {wording.text(LEGEND[sign])}")
        if line and len(line) + len(entry) > width:
            yield line
            line, entry = Text(), entry[2:]
        line.append(entry)
    yield line


def _bars(summary: Summary, wording: Wording, width: int) -> Iterator[Text]:
    """Yield a bar for each row: hours on the seat a day, the part in prolonged bouts in front."""
    means = [row.tally.seated_s / (row.tally.days_seated or 1) for row in summary.rows]
    texts = [_total(row, mean, wording) for row, mean in zip(summary.rows, means, strict=True)]
    room = min(BAR_MAX, width - LABEL_WIDTH - max(map(len, texts), default=0) - 1)
    room = room if room >= BAR_MIN else 0
    most = max(means, default=0.0) or 1.0
    for row, mean, text in zip(summary.rows, means, texts, strict=True):
        line = Text(f"{wording.row(row, summary):<{LABEL_WIDTH}}")
        filled = round(room * mean / most)
        long = round(filled * row.tally.seated_long_ms / (row.tally.seated_ms or 1))
        line.append(LONG * long, STYLES[LONG]).append(SHORT * (filled - long), STYLES[SHORT])
        line.append(" " * (room - filled + bool(room)) + text)
        yield line
    if room:
        yield Text()
        yield from _legend((LONG, SHORT), wording, width)


def _total(row: Row, mean: float, wording: Wording) -> str:
    """Return the time on the seat of a row. mean: seconds a day."""
    if not row.tally.days_watched:
        return wording.text("not_watched")
    if not row.tally.days_seated:
        return wording.text("no_sitting")
    days = wording.text("on_days", days=row.tally.days_seated)
    return f"{wording.text('a_day', duration=duration(mean))}, {days}"


def _figures(summary: Summary, wording: Wording, width: int) -> Iterator[Text]:
    """Yield all measures. Their hints are beside them, or below them on a narrow terminal."""
    before = summary.before
    rows = [("", "", "", "", "")]
    if before is not None:
        periods = wording.short_period(summary.period), wording.short_period(before[0])
        rows = [("", *periods, "", "")]
    for measure, then in summary.shown_measures():
        earlier = "" if then is None else wording.value(then)
        change = wording.change(measure, then, summary)
        name, value = wording.measure(measure.key), wording.value(measure)
        rows.append((name, value, earlier, change, wording.hint(measure)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    used = sum(one + GAP for one in widths[:4] if one)
    for name, value, earlier, change, hint in rows if before else rows[1:]:
        if name and used > width:
            yield Text(name)
            name = ""
        label = GAP if used > width else widths[0]
        line = Text(f"{name:<{label}}{' ' * GAP}{value:>{widths[1]}}")
        if before is not None:
            line.append(f"{' ' * GAP}{earlier:>{widths[2]}}{' ' * GAP}{change:<{widths[3]}}")
        if width - used < min(HINT_WIDTH_MIN, widths[4]):
            line.rstrip()
            yield line
            yield from _prose(hint, width, "dim", indent="  ")
            continue
        first, *others = wrap(hint, width - used) or [""]
        line.append(f"{' ' * (used - len(line))}{first}", "dim")
        line.rstrip()
        yield line
        for other in others:
            yield Text(" " * used + other, style="dim")


def _remarks(summary: Summary, wording: Wording) -> Iterator[str]:
    if summary.before is not None:
        yield wording.text("compared_with", period=wording.period(summary.before[0]))
        days = summary.tally.days_seated, summary.before[1].days_seated
        if min(days) < COMPARED_DAYS_MIN:
            yield wording.text("few_days")
    yield wording.text("help")
