"""``python -m fuzz``: give random and mutated inputs to a target."""

import argparse
import itertools
import logging
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random, SystemRandom

from fuzz import NAMES

PAGE = resource.getpagesize()
MAX_INPUT = 4096
"""Bytes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a target; end with a traceback and the input at the first bug."""
    options = _parser().parse_args(arguments)
    seed = SystemRandom().randrange(1, 2**31) if options.seed is None else options.seed
    logging.disable()  # the service logs each input that it ignores
    print(f"{options.target}: {options.count} times, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=_in_memory()) as folder:
        is_guided = not options.plain and _can_guide()
        take = _target(options.target, Path(folder), is_guided=is_guided)
        (_guided if is_guided else _plain)(Run(take, options.count), options.count, seed)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("fuzz", description=__doc__)
    parser.add_argument("target", choices=NAMES)
    parser.add_argument("--count", type=int, default=10_000, help="number of inputs (10000)")
    parser.add_argument(
        "--seed", type=int, help="seed of the inputs; random and printed if left out"
    )
    parser.add_argument("--plain", action="store_true", help="random inputs, without atheris")
    return parser


class Run:
    """Counter of inputs, which prints time and memory at the last."""

    def __init__(self, take: Callable[[bytes], None], count: int) -> None:
        self._take, self._count = take, count
        self._seen = 0
        self._settled = 0
        self._began = time.perf_counter()

    def take(self, data: bytes) -> None:
        """Give the next input to the target."""
        try:
            self._take(data)
        except BaseException:
            print(f"input {self._seen}: {data!r}", flush=True)
            raise
        self._seen += 1
        if self._seen == max(1, self._count // 10):
            self._settled = _resident()
        if self._seen == self._count:
            took = time.perf_counter() - self._began
            print(
                f"{self._seen} times in {took:.0f} s, no crash; resident after a tenth "
                f"{self._settled / 1e6:.1f} MB, at the end {_resident() / 1e6:.1f} MB",
                flush=True,
            )


def _resident() -> int:
    """Return the resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def _in_memory() -> str | None:
    """Return a folder in memory, if the machine has one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def _can_guide() -> bool:
    """Return whether atheris is installed; it steers by the code that an input reaches."""
    try:
        import atheris  # noqa: F401
    except ImportError:
        print("without atheris: random inputs", flush=True)
        return False
    return True


def _target(name: str, folder: Path, *, is_guided: bool) -> Callable[[bytes], None]:
    """Return the target; atheris instruments the code of the service, and no library."""
    if is_guided:
        import atheris

        with atheris.instrument_imports(include=["unsit", "unsit_firmware"]):
            from fuzz.targets import TARGETS
    else:
        from fuzz.targets import TARGETS
    return TARGETS[name](folder).take


def _plain(run: Run, count: int, seed: int) -> None:
    random = Random(seed)
    for _ in itertools.repeat(None, count):
        run.take(random.randbytes(random.randrange(1 + random.choice((8, 64, 256, MAX_INPUT)))))


def _guided(run: Run, count: int, seed: int) -> None:
    import atheris

    options = [f"-runs={count}", f"-seed={seed}", f"-max_len={MAX_INPUT}", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options, "-verbosity=0", "-rss_limit_mb=1024"], run.take)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
