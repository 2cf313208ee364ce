"""Compare unsit with similar programs: the same seat, the same broker, one run.

    python benchmarks/peers.py [--idle SECONDS] [--rounds N] [--edges N] [--starts N] [--only NAME]
        [--json FILE]

Build unsit from this tree, mqtt-io and a program of twenty lines in separate environments, and
measure them in turn on a fake GPIO chip and a private mosquitto.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
from contextlib import ExitStack, closing, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from contest.chip import compile_chip
from contest.contenders import CONTENDERS, Contender
from contest.environments import UNSIT, Environment
from contest.errors import ContestError, OutOfContestError
from contest.report import Report
from contest.result import Result
from contest.subscriber import Subscriber
from contest.trial import EDGES_A_LIFE_MAX, Extent, Trial
from contest.versions import versions
from support.mosquitto import Mosquitto, program


def main() -> None:
    """Measure all contenders and print the tables."""
    arguments = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    extent = Extent(arguments.idle, arguments.rounds, arguments.edges, arguments.starts)
    try:
        report = contest(chosen(arguments.only), extent)
    except ContestError as error:
        sys.exit(f"peers.py: {error}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    print(report.as_markdown(), end="")
    if arguments.json is not None:
        save(report, arguments.json)


def chosen(names: list[str]) -> list[Contender]:
    """Return the contenders with one of the names in theirs. Raises ContestError for none."""
    found = [one for one in CONTENDERS if any(name in one.name for name in names or [""])]
    if not found:
        known = "; ".join(one.name for one in CONTENDERS)
        raise ContestError(f"--only {' '.join(names)}: expected a part of one of: {known}")
    return found


def contest(contenders: list[Contender], extent: Extent) -> Report:
    """Build the environments and measure all. Raises ContestError if nothing can be measured."""
    if program() is None:
        raise ContestError("no mosquitto; install it: sudo apt install mosquitto")
    library = compile_chip()
    entries = [(contender, Result(contender.name)) for contender in contenders]
    built = build(entries)
    load, _, _ = os.getloadavg()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="peers-")))
        broker = Mosquitto(folder)
        stack.callback(broker.stop)
        broker.start()
        subscriber = stack.enter_context(closing(Subscriber(broker.port)))
        trial = Trial(library, folder, broker.port, subscriber, extent, progress)
        imports = trial.starts(entries)
        trial.rounds(entries)
        for contender, result in entries:
            trial.measure(contender, result)
    return Report(versions(built), extent, [result for _, result in entries], imports, load)


def build(entries: list[tuple[Contender, Result]]) -> list[Environment]:
    """Build all environments. A contender whose environment fails is not measured."""
    built = []
    for environment in dict.fromkeys([UNSIT, *(one.environment for one, _ in entries)]):
        progress(f"environment {environment.name}")
        try:
            environment.build()
        except OutOfContestError as failure:
            if environment is UNSIT:
                raise ContestError(f"unsit: {failure}") from failure
            for _, result in (entry for entry in entries if entry[0].environment is environment):
                result.failure = str(failure)
        else:
            built.append(environment)
    return built


def save(report: Report, file: Path) -> None:
    """Write the figures as JSON."""
    try:
        file.write_text(json.dumps(report.as_object(), indent=2) + "\n")
    except OSError as error:
        sys.exit(f"peers.py: --json {file}: {error.strerror}")


def progress(text: str) -> None:
    """Print the progress on standard error."""
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--idle", type=_seconds, default=120, metavar="SECONDS", help="the idle window (120)"
    )
    parser.add_argument(
        "--rounds",
        type=_count,
        default=5,
        metavar="N",
        help="lives of each program, in turn with the others (5)",
    )
    parser.add_argument(
        "--edges",
        type=_edges,
        default=EDGES_A_LIFE_MAX,
        metavar="N",
        help=f"edges of each kind in each life, 2 to {EDGES_A_LIFE_MAX} ({EDGES_A_LIFE_MAX})",
    )
    parser.add_argument("--starts", type=_count, default=10, metavar="N", help="starts (10)")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="only contenders with this in their name; may be given several times",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser


def _seconds(text: str) -> float:
    with suppress(ValueError):
        if 0 < (seconds := float(text)) < float("inf"):
            return seconds
    raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")


def _edges(text: str) -> int:
    with suppress(ValueError):
        if 2 <= (number := int(text)) <= EDGES_A_LIFE_MAX:
            return number
    raise argparse.ArgumentTypeError(
        f"{text} is not a whole number from 2 to {EDGES_A_LIFE_MAX}: unsit takes a seat with more "
        "edges in a minute for a loose wire; take more --rounds"
    )


def _count(text: str) -> int:
    with suppress(ValueError):
        if (number := int(text)) >= 1:
            return number
    raise argparse.ArgumentTypeError(f"{text} is not a whole number of 1 or more")


if __name__ == "__main__":
    main()
