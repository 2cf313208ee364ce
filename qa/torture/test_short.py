"""Short form of the torture; ``make torture`` is the long one."""

import pytest

from torture.__main__ import main

pytestmark = pytest.mark.broker


def test_two_chairs_publish_what_happened_in_spite_of_faults(
    mosquitto_is_here: None, capsys: pytest.CaptureFixture[str]
) -> None:
    size = ("--lanes", "2", "--bouts", "6", "--kills", "4", "--minutes", "0.6", "--slack", "1")

    code = main([*size, "--faults", "kill,kill-broker,lose-store,cut,stall,flood"])

    assert code == 0, capsys.readouterr().out
