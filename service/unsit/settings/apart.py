"""Reads the settings in a process of their own.

The validator takes half of the start-up and a third of the memory of a chair that then runs for
months without it. So a child reads the settings, while the parent imports the rest, and takes the
validator with it when it ends.
"""

import os
import pickle
import traceback
from collections.abc import Sequence
from typing import NoReturn

from unsit.errors import UnavailableError
from unsit.settings.loaded import Loaded


class SettingsReading:
    """Settings that are being read; the arguments are those of ``unsit.settings.load.load``.

    To be made before the process has a second thread, since it forks.
    """

    def __init__(self, config: str | None = None, flags: Sequence[str] = ()) -> None:
        self._answer, question = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            os.close(self._answer)
            _read_and_tell(question, config, flags)
        os.close(question)

    def result(self) -> Loaded:
        """Waits for the settings. To be called once.

        Raises what ``load`` raised, and UnavailableError for a child that ended without a word.
        """
        with os.fdopen(self._answer, "rb") as pipe:
            answer = pipe.read()
        _, status = os.waitpid(self._child, 0)
        if not answer:
            code = os.waitstatus_to_exitcode(status)
            raise UnavailableError(
                f"the settings could not be read: the process that reads them ended with {code}; "
                "if memory is short, end other programs"
            )
        outcome = pickle.loads(answer)  # noqa: S301  # from our own child
        if isinstance(outcome, Exception):
            raise outcome
        loaded: Loaded = outcome
        return loaded


def _read_and_tell(question: int, config: str | None, flags: Sequence[str]) -> NoReturn:
    """The child's whole life: never returns, and leaves the parent's buffers alone."""
    try:
        from unsit.settings.load import load

        outcome: Loaded | Exception = load(config, flags)
    except Exception as error:
        error.add_note(traceback.format_exc())
        outcome = error
    try:
        with os.fdopen(question, "wb") as pipe:
            pickle.dump(outcome, pipe)
    finally:
        os._exit(0)
