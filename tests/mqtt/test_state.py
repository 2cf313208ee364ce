"""Signal quality in the state: the share of levels in time that held for their dwell."""

import pytest

from unsit.core.seat import Seat
from unsit.mqtt.state import signal_quality


@pytest.mark.parametrize(
    ("settled", "blips", "missed_edges", "percent"),
    [
        (0, 0, 0, 100),
        (50, 0, 0, 100),
        (49, 1, 0, 98),
        (50, 1, 0, 98),
        (49, 0, 1, 97),
        (0, 3, 0, 0),
        (1, 0, 2, 0),
    ],
)
def test_the_signal_quality_is_the_share_of_levels_that_came_in_time_and_held(
    settled: int, blips: int, missed_edges: int, percent: int
) -> None:
    seat = Seat(settled=settled, blips=blips)

    assert signal_quality(seat, missed_edges) == percent
