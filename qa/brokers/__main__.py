"""``python -m brokers``: try the service on each broker, and write the tables of the docs."""

import argparse
import sys
from collections.abc import Sequence

from brokers import table
from brokers.servers import SERVERS, folder, install_missing
from brokers.table import Result
from brokers.trial import try_server
from support import reference


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials; return 0 if every promise was kept on every broker, 1 if not."""
    options = _parser().parse_args(arguments)
    names = [server.name for server in SERVERS]
    if unknown := set(options.only) - set(names):
        _parser().error(f"no such broker: {', '.join(unknown)}; there are {', '.join(names)}")
    wanted = tuple(server for server in SERVERS if not options.only or server.name in options.only)
    if options.install:
        install_missing(wanted, print)
    results = []
    for server in wanted:
        if (version := server.version()) is None:
            print(f"{server.name} is skipped; {server.remedy}")
            continue
        for protocol in server.tried:
            result = Result(server.name, version, protocol, try_server(server, protocol))
            results.append(result)
            _show(result)
    if options.write:
        table.keep(results)
        page = reference.ROOT / table.PAGE
        page.write_text(reference.fresh(table.PAGE), encoding="utf-8")
    return 0 if all(result.is_kept for result in results) else 1


def _show(result: Result) -> None:
    print(f"{result.head}: {'everything is right' if result.is_kept else 'WRONG'}", flush=True)
    for promise, outcome in result.outcomes.items():
        if not outcome.kept or outcome.note:
            word = {True: "note", False: "WRONG", None: "not tried"}[outcome.kept]
            print(f"  {word:9} {promise}: {outcome.note}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("brokers", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="BROKER", help="only these")
    parser.add_argument(
        "--no-install",
        dest="install",
        action="store_false",
        help=f"skip what is not installed; by default it is, Debian's packages with apt-get (as "
        f"root), the others into {folder()}",
    )
    parser.add_argument(
        "--no-write",
        dest="write",
        action="store_false",
        help=f"leave results.json and {table.PAGE} as they are",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
