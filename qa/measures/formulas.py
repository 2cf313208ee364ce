"""Measures of a recording with numpy and pandas, from its rows and the formulas alone.

Nothing here comes from the product. Dwells are 0. Instants are in ms since 1970.

Sources: S. F. M. Chastin, M. H. Granat, Gait & Posture 31 (2010) 82-86 (alpha, Gini, W50); terms as
in M. S. Tremblay et al., IJBNPA 14 (2017) 75.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
MIN_BREAK_MS, MOVE_AFTER_MS, PROLONGED_S, SHORTEST_S = MINUTE_MS, 30 * MINUTE_MS, 1800, 60
ANSWERED_MS = 5 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Sitting:
    """Sitting of a recording.

    sits: a row for each time on the seat, with ``start``, ``end`` and the number of its ``bout``.
    bouts: a row for each bout. last: the end of the recording. zone: where its days are days.
    """

    sits: Any
    bouts: Any
    last: int
    zone: str


def read(file: Path, zone: str) -> Sitting:
    """Read a recording of a contact; dates without an offset are those of the zone."""
    rows = pd.read_csv(file, comment="#", skip_blank_lines=True, dtype={"ts": str})
    dates = [pd.Timestamp(text) for text in rows["ts"]]
    utc = [date.tz_localize(zone) if date.tzinfo is None else date for date in dates]
    at = np.array([date.value // 1_000_000 for date in utc], dtype=np.int64)
    level = rows["contact"].to_numpy(dtype=np.int64)
    before = np.concatenate(([0], level[:-1]))
    start, end = at[(level == 1) & (before == 0)], at[(level == 0) & (before == 1)]
    last = int(at[-1])
    if len(end) < len(start):
        end = np.append(end, last)
    is_longer = end > start
    sits = pd.DataFrame({"start": start[is_longer], "end": end[is_longer]})
    gap = sits["start"] - sits["end"].shift()
    sits["bout"] = (gap >= MIN_BREAK_MS).cumsum()
    sits["seated"] = sits["end"] - sits["start"]
    bouts = sits.groupby("bout").agg(
        start=("start", "min"), end=("end", "max"), seated=("seated", "sum")
    )
    bouts["length_s"] = (bouts["end"] - bouts["start"]) / 1000
    bouts["is_open"] = last - bouts["end"] < MIN_BREAK_MS
    bouts["due"] = [_due(sits[sits["bout"] == number]) for number in bouts.index]
    bouts["day"] = _local(bouts["start"], zone).dt.date.to_numpy()
    return Sitting(sits, bouts, last, zone)


def _due(sits: Any) -> float:
    """Return when a bout becomes due: seated at or after the time to move; NaN for never."""
    at = sits["start"].iloc[0] + MOVE_AFTER_MS
    later = sits[sits["end"] > at]
    return float(max(at, later["start"].iloc[0])) if len(later) else float("nan")


def _local(instants: Any, zone: str) -> Any:
    return pd.to_datetime(instants, unit="ms", utc=True).dt.tz_convert(zone)


def by_day(sitting: Sitting) -> dict[Any, int]:
    """Return the time on the seat (ms) of each local day with sitting."""
    pieces = pieces_by_day(sitting)
    return {day: int(ms) for day, ms in pieces.groupby("day")["ms"].sum().items()}


def pieces_by_day(sitting: Sitting) -> Any:
    """Return the times on the seat, cut at the local midnights."""
    made = []
    for start, end in sitting.sits[["start", "end"]].itertuples(index=False):
        first, last = (
            pd.Timestamp(at, unit="ms", tz="UTC").tz_convert(sitting.zone) for at in (start, end)
        )
        midnights = pd.date_range(first.normalize(), last.normalize(), freq="D")[1:]
        cuts = [start, *(one.value // 1_000_000 for one in midnights), end]
        for begin, until in pairwise(cuts):
            if until > begin:
                day = pd.Timestamp(begin, unit="ms", tz="UTC").tz_convert(sitting.zone).date()
                made.append((day, begin, until, until - begin))
    return pd.DataFrame(made, columns=["day", "start", "end", "ms"])


def hours_with_a_stand(sitting: Sitting) -> tuple[int, int]:
    """Return the clock hours with sitting, and those of them with a minute off the seat.

    The minute lies after the day's first sit-down, before its end, and within the recording.
    """
    seated = stands = 0
    pieces = pieces_by_day(sitting)
    for day, rows in pieces.groupby("day"):
        midnight = pd.Timestamp(day).tz_localize(sitting.zone)
        end_of_day = (midnight + pd.DateOffset(days=1)).value // 1_000_000
        starts = rows["start"].to_numpy()
        ends = rows["end"].to_numpy()
        free_from = ends
        free_to = np.append(starts[1:], min(end_of_day, max(sitting.last, ends[-1])))
        shift = int(midnight.utcoffset().total_seconds() * 1000) % HOUR_MS
        hours = {
            hour
            for start, end in zip(starts, ends, strict=True)
            for hour in range((start + shift) // HOUR_MS, (end - 1 + shift) // HOUR_MS + 1)
        }
        for hour in hours:
            begin = hour * HOUR_MS - shift
            within = np.minimum(free_to, begin + HOUR_MS) - np.maximum(free_from, begin)
            seated += 1
            stands += bool((within >= MINUTE_MS).any())
    return seated, stands


def measures(sitting: Sitting) -> dict[str, tuple[float | None, float | None]]:
    """Return each measure with what it is a part of; None for a value that too few bouts give."""
    bouts = sitting.bouts
    x = np.sort(bouts["length_s"].to_numpy(dtype=np.float64))
    n, total = len(x), x.sum()
    seated_s = bouts["seated"].sum() / 1000
    days = len(by_day(sitting))
    long = x[x >= PROLONGED_S]
    above = x[x >= SHORTEST_S]
    known = bouts[~bouts["is_open"]]
    response = (known["end"] - known["due"]).dropna()
    hours, stands = hours_with_a_stand(sitting)
    return {
        "seated_s": (seated_s, None),
        "seated_a_day_s": (seated_s / days, None),
        "bouts": (n, None),
        "longest_s": (x.max(), None),
        "median_s": (np.median(x), None),
        "w50_s": (x[np.searchsorted(np.cumsum(x), total / 2)], None),
        "prolonged": (len(long), n),
        "prolonged_share": (long.sum() / total, None),
        "breaks_per_seated_hour": (len(known) / (seated_s / 3600), None),
        "stand_hours": (stands, hours),
        "gini": (np.abs(x[:, None] - x).mean() / (2 * x.mean()) if n >= 30 else None, None),
        "alpha": (
            1 + len(above) / np.log(above / SHORTEST_S).sum() if len(above) >= 30 else None,
            None,
        ),
        "due": (int(bouts["due"].notna().sum()), None),
        "answered": (int((response <= ANSWERED_MS).sum()), len(response)),
        "response_s": (response.median() / 1000 if len(response) else None, None),
    }
