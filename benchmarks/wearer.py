"""Count reminders and sounds in a month of a person who ignores the chair.

    python benchmarks/wearer.py [--generated SEED]

It needs the real recordings in ``$UNSIT_SHARED`` or beside the project, see
``tests/support/month.py``. ``--generated`` takes the month of a simulated person in their place.
The documentation has the table.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "rigs"))

from support import month
from support.places import SHARED


def main() -> None:
    """Print a column for each chair."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--generated", type=int, metavar="SEED", help="a simulated person's month")
    seed = parser.parse_args().generated
    if seed is None and not (SHARED / "data").is_dir():
        sys.exit(f"no real recordings at {SHARED / 'data'}; set UNSIT_SHARED, or: --generated 1")
    stretches = month.month_of(SHARED / "data") if seed is None else month.generated_month(seed)
    with tempfile.TemporaryDirectory() as folder:
        lives = {
            name: month.replay_month(stretches, settings, Path(folder))
            for name, settings in month.CHAIRS.items()
        }
    print(month.table(lives))


if __name__ == "__main__":
    main()
