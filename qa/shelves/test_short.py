"""Short form of the kills while the service shelves; ``make shelves`` is the long one."""

import pytest

from shelves.__main__ import main

pytestmark = pytest.mark.program


def test_no_event_is_lost_or_doubled_by_kills_full_disks_losses_of_power_and_worn_pages(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["--kills", "25", "--seed", "2"])

    assert code == 0, capsys.readouterr().out
