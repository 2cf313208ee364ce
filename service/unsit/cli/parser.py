"""What the command line takes."""

import argparse
from typing import Any, NoReturn

from unsit.errors import UsageError

DESCRIPTION = """\
The chair that gets you up: follows how long you sit, sounds a buzzer and publishes an MQTT event
when it is time to move, and sees whether you really left.
"""
EPILOG = """\
Settings come from --config FILE, else $UNSIT_CONFIG, else /etc/unsit/unsit.toml, else
$XDG_CONFIG_HOME/unsit/unsit.toml; over that from the environment (UNSIT_SITTING__MOVE_AFTER=45m),
and over that from --set. `unsit config` shows them all.

Exit status: 0 done, 64 usage, 65 bad data, 69 something needed is not there, 70 a bug of ours,
77 no permission, 78 bad settings.
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Ends with one line and not with the whole usage."""
        raise UsageError(f"{message}; see {self.prog} --help")


class _ShowVersion(argparse.Action):
    """Finds the version out only when it is asked for; that takes longer than the parsing."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from importlib.metadata import version

        print(f"unsit {version('unsit')}")
        parser.exit()


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = _Parser(
        prog="unsit",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument(
        "-V", "--version", action=_ShowVersion, nargs=0, help="show the version and exit"
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    common = _common_options()
    _add_run(commands, common)
    _add_demo(commands)
    _add_replay(commands, common)
    _add_record(commands, common)
    _add_calibrate(commands, common)
    _add_check(commands, common)
    _add_setup(commands)
    _add(commands, "silence", "switch the buzzer's pin off, whatever else is wrong", [common])
    _add_config(commands, common)
    _add_exercises(commands, common)
    _add_forget(commands, common)
    return top


def _common_options() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", metavar="FILE", help="the file of settings")
    common.add_argument(
        "--set",
        metavar="KEY=VALUE",
        dest="flags",
        action="append",
        default=[],
        help="a setting, such as sitting.move_after=45m; may be given several times",
    )
    _add_debug(common)
    return common


def _add_debug(to: argparse.ArgumentParser) -> None:
    to.add_argument("--debug", action="store_true", help="log everything; show tracebacks")


def _add(
    commands: Any,
    name: str,
    purpose: str,
    parents: list[argparse.ArgumentParser],
) -> argparse.ArgumentParser:
    description = f"{purpose[0].upper()}{purpose[1:]}."
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=purpose, description=description, parents=parents
    )
    return command


def _add_run(
    commands: Any,
    common: argparse.ArgumentParser,
) -> None:
    run = _add(commands, "run", "run the service, until SIGINT or SIGTERM", [common])
    run.add_argument(
        "--simulate",
        metavar="FILE",
        help="simulated pins, driven from a recording; - for rows on standard input, where ts "
        "may be left out and a row takes effect when it is read",
    )
    run.add_argument(
        "--speed",
        metavar="X",
        type=_speed,
        default=None,
        help="with --simulate: run the clock X times as fast (0.1 to 10000, default 1)",
    )
    _add_state_dir(run)


def _add_config(commands: Any, common: argparse.ArgumentParser) -> None:
    purpose = "show the settings in force and where each came from"
    config = _add(commands, "config", purpose, [common])
    config.add_argument(
        "--template",
        action="store_true",
        help="instead, a file of settings to edit: each with what it is for, defaults as comments",
    )
    _add_state_dir(config)


def _add_exercises(commands: Any, common: argparse.ArgumentParser) -> None:
    purpose = "show the exercises in force, and which of them are done today"
    _add_state_dir(_add(commands, "exercises", purpose, [common]))


def _add_forget(commands: Any, common: argparse.ArgumentParser) -> None:
    purpose = "take this chair off the broker and out of Home Assistant"
    forget = _add(commands, "forget", purpose, [common])
    forget.add_argument(
        "--force", action="store_true", help="although the broker has the chair as online"
    )
    _add_state_dir(forget)


def _add_state_dir(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--state-dir",
        metavar="DIR",
        help="where the service keeps what must outlive it (default $STATE_DIRECTORY, else "
        "$XDG_STATE_HOME/unsit; with the systemd unit /var/lib/unsit)",
    )


def _add_demo(commands: Any) -> None:
    demo = _add(commands, "demo", "show a morning on a simulated chair in about a minute", [])
    _add_debug(demo)


def _add_replay(
    commands: Any,
    common: argparse.ArgumentParser,
) -> None:
    replay = _add(
        commands, "replay", "run a recording through the chair, as fast as can be", [common]
    )
    replay.add_argument(
        "file", metavar="FILE", help="a recording: CSV with ts and contact, grams or raw; or .gz"
    )
    replay.add_argument("--json", action="store_true", help="one JSON object a line")


def _add_record(
    commands: Any,
    common: argparse.ArgumentParser,
) -> None:
    record = _add(commands, "record", "record the sensor, until SIGINT or SIGTERM", [common])
    record.add_argument("file", metavar="FILE", help="a new file; .gz in the name compresses")


def _add_check(commands: Any, common: argparse.ArgumentParser) -> None:
    purpose = "look at everything the chair needs, and say what is wrong and how to mend it"
    check = _add(commands, "check", purpose, [common])
    how = check.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="one JSON object, for programs")
    how.add_argument(
        "--guided",
        action="store_true",
        help="ask you to sit down, to listen and to look, which finds what no program can",
    )
    check.add_argument(
        "--unit", metavar="NAME", default="unsit", help="the chair's systemd unit (default unsit)"
    )
    _add_state_dir(check)


def _add_setup(commands: Any) -> None:
    purpose = "set the chair up by questions: find its parts, try them, write the settings"
    setup = _add(commands, "setup", purpose, [])
    setup.add_argument("--config", metavar="FILE", help="the file of settings to write")
    setup.add_argument(
        "--unit", metavar="NAME", default="unsit", help="the chair's systemd unit (default unsit)"
    )
    _add_debug(setup)
    _add_state_dir(setup)


def _add_calibrate(
    commands: Any,
    common: argparse.ArgumentParser,
) -> None:
    calibrate = _add(
        commands, "calibrate", "tare load cells and measure a known weight, as questions", [common]
    )
    step = calibrate.add_mutually_exclusive_group()
    step.add_argument(
        "--tare", action="store_true", help="no questions: the seat is empty now, take that"
    )
    step.add_argument(
        "--weight",
        metavar="KG",
        type=float,
        help="no questions: this known weight is on the seat now, take that (1 to 300)",
    )
    _add_state_dir(calibrate)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        what = f"{text!r} is not a number; expected 0.1 to 10000"
        raise argparse.ArgumentTypeError(what) from None
    if not 0.1 <= speed <= 10_000:
        raise argparse.ArgumentTypeError(f"{text} is out of range; expected 0.1 to 10000")
    return speed
