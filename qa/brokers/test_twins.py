"""Two chairs with one id at a real mosquitto, as after a copy of an SD card."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from support.mosquitto import LOOPBACK, Mosquitto
from support.program import UNSIT, environment

pytestmark = pytest.mark.broker

SHORT_S, LONG_S = 20, 120
LINES_MAX = 20


def start(version: str, broker: Mosquitto, state: Path) -> subprocess.Popen[str]:
    settings = [f"mqtt.host={LOOPBACK}", f"mqtt.port={broker.port}", f"mqtt.version={version}"]
    options = [part for one in (*settings, f"chair.id=v{version[0]}") for part in ("--set", one)]
    return subprocess.Popen(
        [*UNSIT, "run", "--simulate", "-", "--state-dir", str(state), *options],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("lasts_s", [SHORT_S, LONG_S], ids=["short", "long"])
def test_two_chairs_with_one_id_both_name_the_cause_in_a_few_lines(
    lasts_s: int, broker: Mosquitto, tmp_path: Path
) -> None:
    names = [(version, name) for version in ("5", "3.1.1") for name in ("one", "other")]
    twins = [start(version, broker, tmp_path / f"{version}-{name}") for version, name in names]
    end = time.monotonic() + lasts_s
    for twin in twins:
        with pytest.raises(subprocess.TimeoutExpired):
            twin.wait(max(end - time.monotonic(), 0.1))
    for twin in twins:
        twin.send_signal(signal.SIGINT)
        said, _ = twin.communicate(timeout=10)
        assert "give each chair a chair.id of its own" in said
        assert len(said.splitlines()) <= LINES_MAX, said
