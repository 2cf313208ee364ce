"""What a month with the chair is like for somebody who never heeds it: the table of the docs.

    python benchmarks/wearer.py

Needs the real recordings in ``$UNSIT_SHARED`` or beside the project; see ``tests/month.py``.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import month
from shared import SHARED


def main() -> None:
    """Prints a column for each chair."""
    stretches = month.month_of(SHARED / "data")
    with tempfile.TemporaryDirectory() as folder:
        lives = {
            name: month.live(stretches, settings, Path(folder))
            for name, settings in month.CHAIRS.items()
        }
    print(month.table(lives))


if __name__ == "__main__":
    main()
