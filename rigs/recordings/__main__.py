"""Write the generated recordings into a folder.

PYTHONPATH=rigs python -m recordings FOLDER [--seed N] [NAME ...]
"""

import argparse
from pathlib import Path

from recordings.catalogue import RECIPES, make, write


def main() -> None:
    """Write the files, and print what each holds."""
    parser = argparse.ArgumentParser(prog="recordings", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(RECIPES)}")
    parser.add_argument("--seed", type=int, default=1, help="draws other people (1)")
    options = parser.parse_args()
    unknown = set(options.names) - set(RECIPES)
    if unknown:
        parser.error(f"no recording is called {', '.join(sorted(unknown))}")
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.names or RECIPES:
        made = make(name, options.seed)
        write(made, options.folder)
        print(f"{name:24}{len(made.rows):7} rows  {made.about}")


if __name__ == "__main__":
    main()
