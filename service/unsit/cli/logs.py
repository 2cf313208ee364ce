"""Where the log goes: standard error, which the journal takes from a service."""

import logging
import os
import sys


def set_up(*, debug: bool) -> None:
    """One line a message, with the time unless the journal adds it."""
    words = "%(message)s" if "JOURNAL_STREAM" in os.environ else "%(asctime)s %(message)s"
    logging.basicConfig(
        stream=sys.stderr,
        format=words,
        datefmt="%H:%M:%S",
        level=logging.DEBUG if debug else logging.INFO,
    )
