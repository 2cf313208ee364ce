"""Replays of recordings, each made once for all tests."""

import functools
import json
from pathlib import Path
from typing import Any

from support.program import Ended, here

Record = dict[str, Any]


@functools.cache
def replayed(file: Path, dwell: tuple[int, int]) -> Ended:
    """Replay a recording with a ``min_break`` of 1 min and a mat that never counts as stuck.

    dwell: ``seat.sit_dwell`` and ``seat.stand_dwell`` in seconds.
    """
    sit, stand = dwell
    return here(
        "replay",
        str(file),
        "--json",
        *("--set", f"seat.sit_dwell={sit}"),
        *("--set", f"seat.stand_dwell={stand}"),
        *("--set", "sitting.min_break=60s"),
        *("--set", "seat.max_plausible_bout=7d"),
    )


@functools.cache
def records_of(ended: Ended) -> tuple[list[Record], Record]:
    """Return the events and the summary after them."""
    *events, summary = map(json.loads, ended.lines)
    return events, summary


def of_type(records: list[Record], *kinds: str) -> list[Record]:
    """Return the records of some types."""
    return [record for record in records if record["type"] in kinds]
