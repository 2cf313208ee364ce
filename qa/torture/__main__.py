"""``python -m torture``: run chairs side by side until enough bouts and kills, then judge them."""

import argparse
import collections
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom

from support.fake_boots import are_possible
from support.stalls import StallProbe
from torture.claims import Claims
from torture.faults import FAULTS, fault_plan
from torture.lane import Lane
from torture.verdict import SLACK, Oracle

MAX_SHOWN = 20
"""Complaints that are printed in full."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the torture; return 0 if every chair published what happened, 1 if not."""
    options = _parser().parse_args(arguments)
    seed = SystemRandom().randrange(10**6) if options.seed is None else options.seed
    kinds = [kind for kind in options.faults.split(",") if kind]
    if unknown := set(kinds) - FAULTS.keys():
        _parser().error(f"no such fault: {', '.join(unknown)}; there are {', '.join(FAULTS)}")
    if "clock" in kinds and not shutil.which("cc"):
        _parser().error("the fault clock needs a C compiler; sudo apt install gcc")
    if "reboot" in kinds and not are_possible(Path(tempfile.gettempdir())):
        _parser().error("the fault reboot needs namespaces; run as root, or choose other --faults")
    print(
        f"seed {seed}: repeat with --seed {seed} --lanes {options.lanes} --faults {options.faults}"
    )
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        run = Run(seed, options.lanes, kinds, options.every, Path(folder))
        run.run(options.bouts, options.kills, options.minutes * 60)
        return run.verdict(options.slack, options.keep)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("torture", description=__doc__)
    parser.add_argument(
        "--seed", type=int, help="seed of persons and faults; random and printed if left out"
    )
    parser.add_argument(
        "--bouts",
        type=int,
        default=200,
        help="run until the chairs had at least this many bouts together (200)",
    )
    parser.add_argument("--kills", type=int, default=50, help="and at least this many kill -9 (50)")
    parser.add_argument("--minutes", type=float, default=60, help="but no longer than this (60)")
    parser.add_argument("--lanes", type=int, default=4, help="chairs side by side (4)")
    parser.add_argument("--faults", default=",".join(FAULTS), help=f"any of {', '.join(FAULTS)}")
    parser.add_argument(
        "--every",
        type=float,
        default=9,
        help="seconds between two faults of a chair, on average (9)",
    )
    parser.add_argument(
        "--slack",
        type=float,
        default=SLACK,
        help=f"seconds that the machine may take over an edge ({SLACK})",
    )
    parser.add_argument("--keep", type=Path, help="folder for all details if something is wrong")
    return parser


class Run:
    """Lanes side by side.

    kinds: of faults; clocks are faked only if ``clock`` is among them.
    pause: seconds between two faults of a lane, on average.
    """

    def __init__(self, seed: int, lanes: int, kinds: list[str], pause: float, folder: Path) -> None:
        self._began = time.monotonic()
        self._probe = StallProbe()
        self._fault_counts: collections.Counter[str] = collections.Counter()
        clock, plan = "clock" in kinds, fault_plan(kinds, self._count, pause)
        self._lanes = [
            Lane(seed, number, folder / str(number), steps_clock=clock) for number in range(lanes)
        ]
        self._threads = [threading.Thread(target=lane.run, args=(plan,)) for lane in self._lanes]

    def _count(self, kind: str) -> None:
        self._fault_counts[kind] += 1

    def run(self, bouts: int, kills: int, seconds: float) -> None:
        """Run until there were enough bouts and kills, or the time is up; then settle the lanes."""
        with self._probe:
            self._run(bouts, kills, seconds)

    def _run(self, bouts: int, kills: int, seconds: float) -> None:
        for thread in self._threads:
            thread.start()
        pause = threading.Event()
        while (self._bouts < bouts or self._kills < kills) and not self._is_over(seconds):
            pause.wait(1.0)
        for lane in self._lanes:
            lane.leave()
        for thread in self._threads:
            thread.join()
        settling = [threading.Thread(target=lane.settle) for lane in self._lanes]
        for thread in settling:
            thread.start()
        for thread in settling:
            thread.join()
        for lane in self._lanes:
            lane.close()

    def verdict(self, slack: float = SLACK, keep: Path | None = None) -> int:
        """Print the figures and what is wrong with the log; return 1 if something is.

        slack: see ``Oracle``. keep: folder for truth and log if something is wrong.
        """
        claims = [Claims(lane.collector.log, lane.truth) for lane in self._lanes]
        wrong = [
            f"{lane.name}: {what}"
            for lane, claim in zip(self._lanes, claims, strict=True)
            for what in (
                *lane.broken,
                *claim.wrong,
                *Oracle(lane.truth, slack, self._stall).wrong_with(claim.bouts),
            )
        ]
        self._show_figures(claims)
        if wrong and keep is not None:
            for lane in self._lanes:
                lane.keep(keep)
        for what in wrong[:MAX_SHOWN]:
            print(f"WRONG  {what}")
        print(f"{len(wrong)} wrong" if wrong else "nothing is wrong")
        return 1 if wrong else 0

    def _stall(self, first: float, last: float) -> float:
        """Return the longest stall of the machine between two dates."""
        since_boot = time.monotonic() - time.time()
        return self._probe.longest(first + since_boot, last + since_boot)

    @property
    def _bouts(self) -> int:
        return sum(
            record["type"] == "bout_ended"
            for lane in self._lanes
            for record in list(lane.collector.log)
        )

    @property
    def _kills(self) -> int:
        return sum(lane.kills for lane in self._lanes)

    def _is_over(self, seconds: float) -> bool:
        return time.monotonic() - self._began > seconds or any(lane.broken for lane in self._lanes)

    def _show_figures(self, claims: list[Claims]) -> None:
        bouts = [bout for claim in claims for bout in claim.bouts]
        rows = {
            "chairs": len(self._lanes),
            "seconds": round(time.monotonic() - self._began),
            "kill -9 of the service": self._kills,
            "bouts": len(bouts),
            "of them cut": sum(bout.cut for bout in bouts),
            "reminders": sum(len(bout.reminders) for bout in bouts),
            "events": sum(len(claim.records) for claim in claims),
            "deliveries beyond the first": sum(claim.doubled for claim in claims),
            "commands refused": sum(lane.collector.rejected for lane in self._lanes),
        }
        for what, figure in rows.items():
            print(f"{what:<28} {figure:>7}")
        print(self._probe)
        print("faults:", ", ".join(f"{kind} {n}" for kind, n in sorted(self._fault_counts.items())))


if __name__ == "__main__":
    sys.exit(main())
