"""The command ``unsit``."""

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

from unsit.cli.parser import parser
from unsit.errors import UnsitError

_COMMANDS = {
    "run": "unsit.cli.run",
    "demo": "unsit.cli.demo",
    "replay": "unsit.cli.replay",
    "record": "unsit.cli.record",
    "calibrate": "unsit.cli.calibrate",
    "check": "unsit.cli.check",
    "setup": "unsit.cli.setup",
    "silence": "unsit.cli.silence",
    "config": "unsit.cli.config",
    "exercises": "unsit.cli.exercises",
    "forget": "unsit.cli.forget",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit code. Errors are one line on standard error."""
    for request_to_end in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(request_to_end, signal.default_int_handler)
    given = sys.argv[1:] if arguments is None else list(arguments)
    if not given:
        parser().print_help(sys.stderr)
        return 64
    try:
        chosen = parser().parse_args(given)
        code: int | None = import_module(_COMMANDS[chosen.command]).main(chosen)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        # Whoever read the output has had enough; what is still buffered must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _failed(error, debug="--debug" in given)
    return code or 0


def _failed(error: Exception, *, debug: bool) -> int:
    from unsit.cli.exits import BUG, code_for

    if debug:
        traceback.print_exc()
    code = code_for(error)
    line = " ".join(str(error).split())
    if code == BUG and not isinstance(error, UnsitError):
        line = f"a bug of ours: {type(error).__name__}: {line}; --debug shows where"
    print(line if code == 65 else f"unsit: {line}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
