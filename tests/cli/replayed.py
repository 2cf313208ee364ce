"""Recordings that were replayed, each once for all tests."""

import functools
import json
from pathlib import Path
from typing import Any

from cli.program import (
    Ended,
    here,
)

Record = dict[str, Any]


@functools.cache
def replayed(file: Path, dwell: tuple[int, int]) -> Ended:
    """A recording's replay with a ``min_break`` of a minute, on a mat that is always believed."""
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
    """The events, and the summary after them."""
    *events, summary = map(json.loads, ended.lines)
    return events, summary


def of_type(records: list[Record], *kinds: str) -> list[Record]:
    return [record for record in records if record["type"] in kinds]
