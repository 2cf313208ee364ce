"""``python -m fuzz``: random and mutated input to a target, so many times."""

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
LARGEST = 4096


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it; ends with a traceback and the input at the first bug."""
    asked = _parser().parse_args(arguments)
    seed = SystemRandom().randrange(1, 2**31) if asked.seed is None else asked.seed
    logging.disable()  # what is passed over is said each time
    print(f"{asked.target}: {asked.count} times, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=_in_memory()) as folder:
        is_guided = not asked.plain and _can_guide()
        take = _target(asked.target, Path(folder), is_guided=is_guided)
        (_guided if is_guided else _plain)(Run(take, asked.count), asked.count, seed)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("fuzz", description=__doc__)
    parser.add_argument("target", choices=NAMES)
    parser.add_argument("--count", type=int, default=10_000, help="how many times (10000)")
    parser.add_argument("--seed", type=int, help="what all is drawn from; printed if left out")
    parser.add_argument("--plain", action="store_true", help="at random, without atheris")
    return parser


class Run:
    """Counts inputs, and prints at the last what it took."""

    def __init__(self, take: Callable[[bytes], None], count: int) -> None:
        self._take, self._count = take, count
        self._seen = 0
        self._settled = 0
        self._began = time.perf_counter()

    def take(self, data: bytes) -> None:
        """The next input."""
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
    """Bytes of memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def _in_memory() -> str | None:
    """Where files cost no disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def _can_guide() -> bool:
    """Whether atheris is here, which steers by the code that an input reaches."""
    try:
        import atheris  # noqa: F401
    except ImportError:
        print("without atheris: at random", flush=True)
        return False
    return True


def _target(name: str, folder: Path, *, is_guided: bool) -> Callable[[bytes], None]:
    """What takes inputs; its own code, and no library's, tells where they reach."""
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
        run.take(random.randbytes(random.randrange(1 + random.choice((8, 64, 256, LARGEST)))))


def _guided(run: Run, count: int, seed: int) -> None:
    import atheris

    options = [f"-runs={count}", f"-seed={seed}", f"-max_len={LARGEST}", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options, "-verbosity=0", "-rss_limit_mb=1024"], run.take)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
