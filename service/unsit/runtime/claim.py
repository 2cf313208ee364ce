"""A directory of state serves one chair at a time."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unsit.errors import UnavailableError

log = logging.getLogger(__name__)


@contextmanager
def claimed(directory: Path) -> Iterator[None]:
    """Holds a directory of state for this process; it is made if it is not there.

    The claim ends with the process, however that ends. Where the directory cannot be made, or its
    file system has no locks (see flock(2)), there is none.

    Raises UnavailableError for a directory that another process has claimed.
    """
    line = _claim(directory)
    try:
        yield
    finally:
        if line is not None:
            os.close(line)


def _claim(directory: Path) -> int | None:
    line = None
    try:
        directory.mkdir(parents=True, exist_ok=True)
        line = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(line, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if line is not None:
            os.close(line)
        if not isinstance(error, BlockingIOError):
            log.debug("%s: cannot be claimed: %s", directory, error)
            return None
        raise UnavailableError(
            f"{directory}: another unsit keeps its state there; stop that one, or give this one a "
            "place of its own: --state-dir"
        ) from None
    return line
