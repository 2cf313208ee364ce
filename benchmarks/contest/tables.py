"""Tables of the figures in Markdown, and the figures as an object for JSON."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from contest.result import Result, Spread

NOT_MEASURED = "-"

Figure = Callable[[Result], float | None]


def figures(results: Sequence[Result], edges: int) -> str:
    """Return the table of figures. The row of a failed contender has the reason."""
    columns: dict[str, Callable[[Result], str]] = {
        "": _name,
        "wakeups/s": lambda result: _formatted(_cost(result, "wakeups_per_s"), ",.2f"),
        "CPU %": lambda result: _formatted(_cost(result, "cpu_percent"), ".4f"),
        "RSS MB": lambda result: _formatted(_cost(result, "rss_mb"), ".1f"),
        "PSS MB": lambda result: _formatted(_cost(result, "pss_mb"), ".1f"),
        "edge to subscriber, ms: p50 (lives) / p95 / p99": _latency,
        "edges reported": lambda result: _count(
            len(result.latency) if result.latency else None, edges
        ),
        "edges reported at 50/s": lambda result: _count(result.caught, edges),
        "start to READY, ms: best / median": lambda result: _start(result.ready),
        "start to broker, ms: best / median": lambda result: _start(result.there),
        "replay, s": lambda result: _replay(result.replay),
    }
    rows = [[cell(result) for cell in columns.values()] for result in results]
    return _table(list(columns), rows)


def ratios(results: Sequence[Result], reference: Result, imports: Result) -> str:
    """Return the table of ratios to one contender; the start also relative to the imports alone.

    2.50 is two and a half times as much, 1/40 is a fortieth.
    """
    costs: dict[str, Figure] = {
        "wakeups": lambda result: _cost(result, "wakeups_per_s"),
        "CPU": lambda result: _cost(result, "cpu_percent"),
        "RSS": lambda result: _cost(result, "rss_mb"),
        "PSS": lambda result: _cost(result, "pss_mb"),
        "edge p50": lambda result: _cut(result.latency, "p50"),
        "edge p95": lambda result: _cut(result.latency, "p95"),
        "edge p99": lambda result: _cut(result.latency, "p99"),
        "start to broker": lambda result: _cut(result.there, "p50"),
    }
    starts: dict[str, Figure] = {
        "start to READY : imports": lambda result: _cut(result.ready, "p50"),
        "start to broker : imports": lambda result: _cut(result.there, "p50"),
    }
    yardstick = _cut(imports.ready, "p50")
    rows = [
        [result.name]
        + [_ratio(figure(result), figure(reference)) for figure in costs.values()]
        + [_ratio(figure(result), yardstick) for figure in starts.values()]
        for result in results
    ]
    return _table(["", *costs, *starts], rows)


def as_json(result: Result) -> dict[str, Any]:
    """Return the figures of a contender in milliseconds, None if not measured."""
    durations = {
        "latency_ms": Spread.of(result.latency),
        "ready_ms": Spread.of(result.ready),
        "there_ms": Spread.of(result.there),
        "replay_ms": Spread.of(result.replay),
    }
    return {
        "name": result.name,
        "failure": result.failure,
        "cost": asdict(result.cost) if result.cost else None,
        "medians_ms": result.medians,
        "told": len(result.latency) if result.latency else None,
        "told_at_50_per_s": result.caught,
        **{name: asdict(spread) if spread else None for name, spread in durations.items()},
    }


def _name(result: Result) -> str:
    return f"{result.name}: **{_escaped(result.failure)}**" if result.failure else result.name


def _cost(result: Result, figure: str) -> float | None:
    return None if result.cost is None else float(getattr(result.cost, figure))


def _cut(milliseconds: list[float], cut: str) -> float | None:
    spread = Spread.of(milliseconds)
    return None if spread is None else float(getattr(spread, cut))


def _formatted(figure: float | None, form: str) -> str:
    return NOT_MEASURED if figure is None else format(figure, form)


def _latency(result: Result) -> str:
    spread, medians = Spread.of(result.latency), result.medians
    if spread is None:
        return NOT_MEASURED
    lives = f"{min(medians):.2f} to {max(medians):.2f}"
    return f"{spread.p50:.2f} ({lives}) / {spread.p95:.2f} / {spread.p99:.2f}"


def _count(reported: int | None, of: int) -> str:
    return NOT_MEASURED if reported is None else f"{reported}/{of}"


def _start(milliseconds: list[float]) -> str:
    spread = Spread.of(milliseconds)
    return f"{spread.best:.0f} / {spread.p50:.0f}" if spread else NOT_MEASURED


def _replay(milliseconds: list[float]) -> str:
    return f"{min(milliseconds) / 1000:.2f}" if milliseconds else NOT_MEASURED


def _ratio(figure: float | None, to: float | None) -> str:
    if figure is None or not to:
        return NOT_MEASURED
    if figure == 0:
        return "0"
    return f"{figure / to:.2f}" if figure / to >= 0.1 else f"1/{to / figure:,.0f}"


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
