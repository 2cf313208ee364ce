"""``python -m torture``: chairs side by side for so many bouts and kills, and the verdict."""

import argparse
import collections
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom

from boots import are_possible
from torture.claims import Claims
from torture.faults import FAULTS, fate
from torture.lane import FAKETIME, Lane
from torture.verdict import SLACK, Oracle

SHOWN = 20
"""How many complaints are printed in full."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it; 0 if every chair told what happened, 1 if not."""
    asked = _parser().parse_args(arguments)
    seed = SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    kinds = [kind for kind in asked.faults.split(",") if kind]
    if unknown := set(kinds) - FAULTS.keys():
        _parser().error(f"no such fault: {', '.join(unknown)}; there are {', '.join(FAULTS)}")
    if "clock" in kinds and not FAKETIME.exists():
        _parser().error(f"there is no {FAKETIME} for the fault clock; sudo apt install libfaketime")
    if "reboot" in kinds and not are_possible(Path(tempfile.gettempdir())):
        _parser().error("the fault reboot needs namespaces; run as root, or choose other --faults")
    print(f"seed {seed}: again with --seed {seed} --lanes {asked.lanes} --faults {asked.faults}")
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        run = Run(seed, asked.lanes, kinds, asked.every, Path(folder))
        run.until(asked.bouts, asked.kills, asked.minutes * 60)
        return run.verdict(asked.slack, asked.keep)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("torture", description=__doc__)
    parser.add_argument("--seed", type=int, help="what all is drawn from; printed if left out")
    parser.add_argument("--bouts", type=int, default=200, help="at least so many in all (200)")
    parser.add_argument("--kills", type=int, default=50, help="at least so many kill -9 (50)")
    parser.add_argument("--minutes", type=float, default=60, help="at most so long (60)")
    parser.add_argument("--lanes", type=int, default=4, help="chairs side by side (4)")
    parser.add_argument("--faults", default=",".join(FAULTS), help=f"of {', '.join(FAULTS)}")
    parser.add_argument(
        "--every", type=float, default=9, help="seconds between two faults of a chair (9)"
    )
    parser.add_argument(
        "--slack", type=float, default=SLACK, help=f"seconds a machine may take ({SLACK})"
    )
    parser.add_argument("--keep", type=Path, help="a folder for all details if something is wrong")
    return parser


class Run:
    """Lanes side by side.

    kinds: of faults; a clock is faked only for its own. pause: see ``fate``.
    """

    def __init__(self, seed: int, lanes: int, kinds: list[str], pause: float, folder: Path) -> None:
        self._began = time.monotonic()
        self._befell: collections.Counter[str] = collections.Counter()
        clock, plan = "clock" in kinds, fate(kinds, self._count, pause)
        self._lanes = [
            Lane(seed, number, folder / str(number), steps_clock=clock) for number in range(lanes)
        ]
        self._threads = [threading.Thread(target=lane.run, args=(plan,)) for lane in self._lanes]

    def _count(self, kind: str) -> None:
        self._befell[kind] += 1

    def until(self, bouts: int, kills: int, seconds: float) -> None:
        """Runs until there were so many bouts and kills, or for so long; then has all settle."""
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
        """Prints what happened and what was wrong with what was told of it.

        slack: see ``Oracle``. keep: where all of it goes if something was wrong.
        """
        claims = [Claims(lane.collector.log, lane.truth) for lane in self._lanes]
        wrong = [
            f"{lane.name}: {what}"
            for lane, claim in zip(self._lanes, claims, strict=True)
            for what in (
                *lane.broken,
                *claim.wrong,
                *Oracle(lane.truth, slack).wrong_with(claim.bouts),
            )
        ]
        self._show_figures(claims)
        if wrong and keep is not None:
            for lane in self._lanes:
                lane.keep(keep)
        for what in wrong[:SHOWN]:
            print(f"WRONG  {what}")
        print(f"{len(wrong)} wrong" if wrong else "all of it is as it should be")
        return 1 if wrong else 0

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
        print("faults:", ", ".join(f"{kind} {n}" for kind, n in sorted(self._befell.items())))


if __name__ == "__main__":
    sys.exit(main())
