"""Short form of the generated hours: two days of each kind; ``make hours`` is the long one."""

import pytest

from hours.verdict import Tally, judge
from recordings.sitters import KINDS

pytestmark = pytest.mark.slow

DAYS = 2


@pytest.mark.parametrize("kind", KINDS)
def test_people_are_found_and_nobody_is_invented(kind: str) -> None:
    tally = Tally()
    for seed in range(1, DAYS + 1):
        tally.add(judge(kind, seed))

    assert tally.stays > 10
    assert tally.holds, tally
    assert tally.missed == 0
