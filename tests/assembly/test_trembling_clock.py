"""A wall clock that is read a little wrong each time, as on a busy machine."""

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from support.restarted_machine import Machine, MachineClock, minutes
from unsit.core.instant import Instant

MILLISECOND = timedelta(milliseconds=1)


class TremblingClock(MachineClock):
    """A clock whose dates are up to 40 ms off."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._chance = Random(seed)

    def wall(self, at: Instant) -> datetime:
        return super().wall(at) + self._chance.randint(-40, 40) * MILLISECOND


@pytest.mark.parametrize("seed", range(5))
def test_an_instant_has_one_date_and_a_duration_is_the_difference_of_its_dates(
    seed: int, tmp_path: Path
) -> None:
    machine = Machine(tmp_path, clock=TremblingClock(seed))
    changes = [(1, True), (20, False), (21, True), (50.5, False)]
    sits = [(minutes(at), lambda seated=seated: machine.sit(seated)) for at, seated in changes]
    machine.run(minutes(60), script=sits)

    records = {record["type"]: record for record in machine.records}
    bout = records["bout_ended"]
    begin, end = (datetime.fromisoformat(bout[key]) for key in ("started", "ended"))

    assert bout["started"] == records["bout_started"]["at"]
    assert bout["ended"] == records["stood_up"]["at"]
    assert (end - begin).total_seconds() == bout["duration_s"] == 49.5 * 60
    assert "clock_stepped" not in records
