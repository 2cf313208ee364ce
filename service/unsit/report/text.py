"""Report on a terminal: a timeline of each day, the totals, and all measures.

Without colours, and on a terminal that knows only ASCII, the timeline tells the same by its signs.
"""

from collections.abc import Iterator, Sequence
from math import ceil

from rich.console import Console
from rich.table import Table
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

LABEL_WIDTH, TOTALS_WIDTH = 12, 24
"""Columns left of a timeline or bar, and right of a bar."""

WIDE = 72
"""Columns of a terminal from which on rows have all their figures."""


BAR_MAX = 40
"""Longest bar, in columns."""


def print_report(summary: Summary, wording: Wording, console: Console) -> None:
    """Print a report. console: its width decides how fine the timeline is."""
    for line in _lines(summary, wording, console.width):
        console.print(line, soft_wrap=True)
    if summary.tally.days_watched:
        if summary.under_way is not None:
            console.print(wording.under_way(summary.under_way), soft_wrap=True)
            console.print()
        console.print(_measures(summary, wording, is_wide=console.width >= WIDE))
        for remark in _remarks(summary, wording):
            console.print(Text(remark, style="dim"), soft_wrap=True)


def _lines(summary: Summary, wording: Wording, width: int) -> Iterator[Text]:
    title = f"{wording.text('title')}: {wording.period(summary.period)}"
    yield Text(title, style="bold")
    watched = wording.count(summary.tally.days_watched, summary.tally.days)
    yield Text(f"{escaped(summary.chair)}, {wording.text('watched', days=watched)}", style="dim")
    yield Text()
    if not summary.tally.days_watched:
        yield Text(wording.text("nothing"))
    elif summary.timeline:
        yield from _timelines(summary, wording, width)
        yield Text()
    else:
        yield from _bars(summary, wording, width)
        yield Text()


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
    yield _legend(wording, *((NOT_ENDED,) if summary.under_way is not None else ()))


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


def _legend(wording: Wording, *more: str) -> Text:
    """Return the meaning of the signs of a timeline. more: signs that few timelines have."""
    names = {
        LONG: "legend_long",
        SHORT: "legend_short",
        LITTLE: "legend_little",
        UNKNOWN: "legend_unknown",
        NOT_ENDED: "legend_under_way",
    }
    legend = Text()
    for sign in (LONG, SHORT, LITTLE, UNKNOWN, *more):
        legend.append(sign, STYLES[sign]).append(f" {wording.text(names[sign])}  ")
    return legend


def _bars(summary: Summary, wording: Wording, width: int) -> Iterator[Text]:
    """Yield a bar for each row: hours on the seat a day, the part in prolonged bouts in front."""
    room = max(5, min(BAR_MAX, width - LABEL_WIDTH - TOTALS_WIDTH))
    means = [row.tally.seated_s / (row.tally.days_seated or 1) for row in summary.rows]
    most = max(means, default=0.0) or 1.0
    for row, mean in zip(summary.rows, means, strict=True):
        tally = row.tally
        line = Text(f"{wording.row(row, summary):<{LABEL_WIDTH}}")
        filled = round(room * mean / most)
        long = round(filled * tally.seated_long_ms / (tally.seated_ms or 1))
        line.append(LONG * long, STYLES[LONG]).append(SHORT * (filled - long), STYLES[SHORT])
        line.append(" " * (room - filled))
        if not tally.days_watched:
            line.append(f"  {wording.text('not_watched')}")
        elif tally.days_seated:
            days = wording.text("on_days", days=tally.days_seated)
            line.append(f" {wording.text('a_day', duration=duration(mean))}, {days}")
        yield line
    yield Text()
    legend = Text()
    for sign, key in ((LONG, "legend_long"), (SHORT, "legend_short")):
        legend.append(sign, STYLES[sign]).append(f" {wording.text(key)}  ")
    yield legend


def _measures(summary: Summary, wording: Wording, *, is_wide: bool) -> Table:
    table = Table.grid(padding=(0, 2), pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    compared = summary.before is not None
    if compared:
        table.add_column(justify="right")
        table.add_column()
    if is_wide:
        table.add_column(style="dim")
    if compared:
        table.add_row("", wording.text("now"), wording.text("before"), style="dim")
    for measure, then in summary.shown_measures():
        cells = [wording.measure(measure.key), wording.value(measure)]
        if compared:
            cells.append("" if then is None else wording.value(then))
            cells.append(wording.change(measure, then, summary))
        if is_wide:
            cells.append(wording.better(measure))
        table.add_row(*cells)
    return table


def _remarks(summary: Summary, wording: Wording) -> Iterator[str]:
    yield ""
    if summary.before is not None:
        yield wording.text("compared_with", period=wording.period(summary.before[0]))
        days = summary.tally.days_seated, summary.before[1].days_seated
        if min(days) < COMPARED_DAYS_MIN:
            yield wording.text("few_days")
    yield wording.text("help")
