"""Count the rows of an eight-hour day with twelve bouts in Home Assistant's database.

    .venv/bin/python benchmarks/recorder.py [--speed X]

The whole service runs the day on simulated pins, X times faster than real time (default 120: four
minutes), beside a real Home Assistant, which rigs/homeassistant installs.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.mosquitto import LOOPBACK
from support.real_home_assistant import CHAIR, RealHome, missing_installation

BOUTS = 12
BOUT, BREAK = timedelta(minutes=35), timedelta(minutes=5)
GAP_AT, GAP = timedelta(minutes=15), timedelta(seconds=45)
"""Time and length of the gap in every other bout."""

ROWS = """
select states_meta.entity_id, count(*) from states join states_meta using (metadata_id)
where states_meta.entity_id like '%my_chair%' group by 1 order by 2 desc, 1
"""


def day() -> str:
    """Return the recording of the day."""
    at = datetime(2026, 1, 5, 8, 30)  # noqa: DTZ001  # a recording has local time
    rows = ["ts,contact"]
    for bout in range(BOUTS):
        edges = [(at, 1), (at + BOUT, 0)]
        if bout % 2 == 0:
            edges[1:1] = [(at + GAP_AT, 0), (at + GAP_AT + GAP, 1)]
        rows += [f"{when.isoformat()},{level}" for when, level in edges]
        at += BOUT + BREAK
    return "\n".join([*rows, f"{at.isoformat()},0", ""])


def run_day(home: RealHome, folder: Path, speed: float) -> None:
    """Run the service through the day."""
    (folder / "day.csv").write_text(day())
    settings = [f"mqtt.host={LOOPBACK}", f"mqtt.port={home.port}", f"chair.id={CHAIR}"]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "unsit", "run", "--simulate", str(folder / "day.csv")),
            *("--speed", str(speed), "--state-dir", str(folder / "state")),
            *(part for setting in settings for part in ("--set", setting)),
        ],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "the input has ended" in line:
            break
    process.terminate()
    process.communicate()


def main() -> None:
    """Print the number of rows of each entity, and their sum."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("--speed", type=float, default=120.0)
    speed = options.parse_args().speed
    if (reason := missing_installation()) is not None:
        sys.exit(reason)
    with tempfile.TemporaryDirectory() as folder:
        home = RealHome(Path(folder))
        try:
            run_day(home, Path(folder), speed)
            home.program("restart", "ha", "--half", "stop")
            with closing(sqlite3.connect(home.run / "config" / "home-assistant_v2.db")) as db:
                rows = db.execute(ROWS).fetchall()
        finally:
            home.down()
    for entity, count in [*rows, ("all", sum(count for _, count in rows))]:
        print(f"{count:6}  {entity}")


if __name__ == "__main__":
    main()
