"""``python -m hours``: weigh generated hours and print what was found, by kind of sitter."""

import argparse
import itertools
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from math import ceil

from hours.verdict import Tally, judge, keep
from recordings.sitters import KINDS

Task = tuple[str, int]

SHORTEST_DAY_H = 14.5
"""Hours of the shortest generated day."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Weigh the hours; return 1 if a promise is broken."""
    options = _parser().parse_args(arguments)
    began = time.monotonic()
    tallies = {kind: Tally() for kind in options.kinds}
    with multiprocessing.Pool(options.processes) as pool:
        for task, tally in pool.imap(_judge, _tasks(options)):
            tallies[task[0]].add(tally)
            if tally.found < tally.stays or not tally.holds:
                print(f"WRONG {task[0]}, seed {task[1]}: {tally}", flush=True)
    for kind, tally in tallies.items():
        print(f"{kind:16}{tally}")
    whole = Tally()
    for tally in tallies.values():
        whole.add(tally)
    print(f"{'all':16}{whole}")
    print(f"{whole.hours:.0f} hours in {time.monotonic() - began:.0f} s")
    if options.keep:
        keep(options.keep, tallies)
    return 0 if whole.holds else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("hours", description=__doc__)
    parser.add_argument("--hours", type=float, default=10_000, help="hours to weigh (10000)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed (1)")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="all processors")
    parser.add_argument(
        "--keep", choices=("before", "after"), help="keep the results for the table of the docs"
    )
    return parser


def _tasks(options: argparse.Namespace) -> Iterator[Task]:
    days = ceil(options.hours / len(options.kinds) / SHORTEST_DAY_H)
    seeds = range(options.seed, options.seed + days)
    return ((kind, seed) for seed, kind in itertools.product(seeds, options.kinds))


def _judge(task: Task) -> tuple[Task, Tally]:
    return task, judge(*task)


if __name__ == "__main__":
    sys.exit(main())
