"""Parser of the command line: every command with its options and help texts."""

import argparse
import os
import re
import signal
from datetime import date
from typing import Any, NoReturn

from unsit.errors import SIGNALLED, UsageError

DESCRIPTION = """\
The chair that gets you up: measures how long you sit, sounds a buzzer and publishes an MQTT event
when it is time to move, and detects whether you really left the seat.
"""
EPILOG = f"""\
Settings come from --config FILE, else $UNSIT_CONFIG, else /etc/unsit/unsit.toml, else
$XDG_CONFIG_HOME/unsit/unsit.toml. The environment (UNSIT_SITTING__MOVE_AFTER=45m) overrides the
file, and --set overrides the environment. `unsit config` shows all settings.

Exit status: {os.EX_OK} done, {os.EX_USAGE} usage, {os.EX_DATAERR} bad data, \
{os.EX_UNAVAILABLE} something needed is missing, {os.EX_SOFTWARE} a bug in unsit,
{os.EX_IOERR} the output cannot be written, {os.EX_NOPERM} no permission, \
{os.EX_CONFIG} bad settings,
{SIGNALLED + signal.SIGINT} stopped by Ctrl-C before the work was done \
(another signal: {SIGNALLED} and its number).
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Raise an error of one line, without the usage."""
        raise UsageError(f"{message}; see {self.prog} --help")


class _ShowVersion(argparse.Action):
    """The option ``--version``; finding the version takes longer than parsing, so it is late."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from importlib.metadata import version

        print(f"unsit {version('unsit')}")
        parser.exit()


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
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
    _add(commands, "silence", "switch the buzzer's pin off, even with bad settings", [common])
    _add_config(commands, common)
    _add_report(commands, common)
    _add_collect(commands, common)
    _add_status(commands, common)
    _add_history(commands, common)
    _add_exercises(commands, common)
    _add_dashboard(commands, common)
    _add_forget(commands, common)
    return top


def _common_options() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", metavar="FILE", help="the settings file")
    common.add_argument(
        "--set",
        metavar="KEY=VALUE",
        dest="flags",
        action="append",
        default=[],
        help="set a setting, such as sitting.move_after=45m; can be repeated",
    )
    _add_debug(common)
    return common


def _add(
    commands: Any, name: str, purpose: str, parents: list[argparse.ArgumentParser]
) -> argparse.ArgumentParser:
    description = f"{purpose[0].upper()}{purpose[1:]}."
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=purpose, description=description, parents=parents
    )
    return command


def _add_debug(command: argparse.ArgumentParser) -> None:
    command.add_argument("--debug", action="store_true", help="log debug messages; show tracebacks")


def _add_state_dir(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--state-dir",
        metavar="DIR",
        help="the directory of the service's state (default $STATE_DIRECTORY, else "
        "$XDG_STATE_HOME/unsit; with the systemd unit /var/lib/unsit)",
    )


def _add_unit(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--unit",
        metavar="NAME",
        type=_unit,
        default="unsit",
        help="the chair's systemd unit, unsit (default) or unsit@CHAIR",
    )


def _add_run(commands: Any, common: argparse.ArgumentParser) -> None:
    run = _add(commands, "run", "run the service until SIGINT or SIGTERM", [common])
    run.add_argument(
        "--simulate",
        metavar="FILE",
        help="use simulated pins, driven by a recording; - reads rows from standard input, where "
        "ts can be left out and a row takes effect when it is read",
    )
    run.add_argument(
        "--speed",
        metavar="X",
        type=_speed,
        default=None,
        help="with --simulate: run the clock X times as fast (0.1 to 10000, default 1)",
    )
    _add_state_dir(run)


def _add_demo(commands: Any) -> None:
    demo = _add(commands, "demo", "show a morning on a simulated chair in about a minute", [])
    _add_debug(demo)


def _add_replay(commands: Any, common: argparse.ArgumentParser) -> None:
    purpose = "run a recording through the chair as fast as possible"
    replay = _add(commands, "replay", purpose, [common])
    replay.add_argument(
        "file",
        metavar="FILE",
        help="a recording: CSV with ts and contact, grams or raw, or the same as .gz",
    )
    replay.add_argument("--json", action="store_true", help="print one JSON object a line")
    _add_table(replay)


def _add_table(command: argparse.ArgumentParser) -> None:
    """Add the options that say how to read a table of another tool."""
    command.add_argument(
        "--columns",
        metavar="ROLE=NAME,...",
        action="append",
        default=[],
        help="the columns of a table of another tool: ts=NAME and contact=NAME, grams=NAME, "
        "kg=NAME or raw=NAME (several cells: grams_left=NAME,grams_right=NAME); NAME may be the "
        "number of the column; can be repeated",
    )
    command.add_argument(
        "--decimal",
        choices=("point", "comma"),
        help="the decimal separator, if the table does not tell it: 1,234 may be thousands",
    )


def _add_record(commands: Any, common: argparse.ArgumentParser) -> None:
    record = _add(commands, "record", "record the sensor until SIGINT or SIGTERM", [common])
    record.add_argument("file", metavar="FILE", help="a new file; a name in .gz compresses it")


def _add_calibrate(commands: Any, common: argparse.ArgumentParser) -> None:
    purpose = "tare the load cells and measure a known weight, by questions"
    calibrate = _add(commands, "calibrate", purpose, [common])
    step = calibrate.add_mutually_exclusive_group()
    step.add_argument(
        "--tare", action="store_true", help="ask nothing: tare now, with the seat empty"
    )
    step.add_argument(
        "--weight",
        metavar="KG",
        type=float,
        help="ask nothing: measure now, with this known weight on the seat (1 to 300 kg)",
    )
    calibrate.add_argument(
        "--corner",
        metavar="CORNER",
        help="with --weight: the weight lies at this corner (left_front, right_front, left_back or "
        "right_back), to test the wiring; the fourth corner gives the verdict",
    )
    calibrate.add_argument(
        "--force",
        action="store_true",
        help="take the seat as empty although it reads more than at the last tare, and keep a "
        "calibration although its corners disagree",
    )
    _add_unit(calibrate)
    _add_state_dir(calibrate)


def _add_check(commands: Any, common: argparse.ArgumentParser) -> None:
    purpose = "check everything the chair needs; print each fault and its fix"
    check = _add(commands, "check", purpose, [common])
    output = check.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    output.add_argument(
        "--guided",
        action="store_true",
        help="ask you to sit down, listen and look; this finds faults that no program can",
    )
    _add_unit(check)
    _add_state_dir(check)


def _add_setup(commands: Any) -> None:
    purpose = "set up the chair by questions: find its parts, try them, write the settings"
    setup = _add(commands, "setup", purpose, [])
    setup.add_argument("--config", metavar="FILE", help="the settings file to write")
    _add_unit(setup)
    _add_debug(setup)
    _add_state_dir(setup)


def _add_config(commands: Any, common: argparse.ArgumentParser) -> None:
    purpose = "show the settings in force and the origin of each"
    config = _add(commands, "config", purpose, [common])
    output = config.add_mutually_exclusive_group()
    output.add_argument(
        "--template",
        action="store_true",
        help="print a settings file to edit instead: every setting explained, with defaults as "
        "comments",
    )
    output.add_argument(
        "--reset",
        metavar="KEY",
        nargs="?",
        const="",
        help="undo what commands over MQTT have changed: of the setting KEY, else of all",
    )
    _add_unit(config)
    _add_state_dir(config)


class _ShowReportHelp(argparse.Action):
    """The option ``--help`` of the report, with the definitions of its measures."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from unsit.report.wording import definitions

        parser.epilog = f"{REPORT_EPILOG}\n{definitions()}"
        parser.print_help()
        parser.exit()


YEAR_MIN = 1971
"""First year of a report: clocks begin in 1970, and a comparison needs the year before."""

REPORT_EPILOG = """\
A week is from Monday to Sunday; a period that is not over ends today. The bout under way is not in
the report, see: unsit status. Time in which nobody saw the seat counts as neither sitting nor
standing.

Examples:
  sudo unsit report month --compare
  sudo unsit report year --of 2026-01-01 --html sitting-2026.html
  sudo unsit report all --csv bouts > bouts.csv

What the figures mean, and whether less or more of them is better:"""


def _add_collect(commands: Any, common: argparse.ArgumentParser) -> None:
    purpose = "collect the events of many chairs into PostgreSQL"
    collect = _add(commands, "collect", purpose, [common])
    collect.add_argument(
        "--fleet",
        metavar="ADDRESS",
        default="",
        help="the database, such as postgresql://unsit@db.local/fleet, without a password, which "
        "comes from the file that PGPASSFILE names (default: what PGHOST and the like say)",
    )
    collect.add_argument(
        "--name",
        help="name of this collector, for which the broker keeps messages (default the host name)",
    )
    collect.add_argument(
        "--migrate", action="store_true", help="create the tables or bring them up to date, and end"
    )
    collect.add_argument(
        "--status", action="store_true", help="print what there is as one JSON object, and end"
    )


def _add_report(commands: Any, common: argparse.ArgumentParser) -> None:
    purpose = "show how you sat: a day, week, month, year or all of the history"
    report: argparse.ArgumentParser = commands.add_parser(
        "report",
        help=purpose,
        description=f"{purpose[0].upper()}{purpose[1:]}.",
        parents=[common],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    report.add_argument(
        "-h", "--help", action=_ShowReportHelp, nargs=0, help="show this help message and exit"
    )
    report.add_argument(
        "period",
        nargs="?",
        choices=("day", "week", "month", "year", "all"),
        default="week",
        help="the days to report on (default week)",
    )
    report.add_argument(
        "--of",
        metavar="DATE",
        type=_date,
        help="a day in the period, such as 2026-11-27 (default today)",
    )
    report.add_argument(
        "--compare", action="store_true", help="also the period before, such as the week before"
    )
    output = report.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    output.add_argument(
        "--csv",
        nargs="?",
        choices=("days", "bouts"),
        const="days",
        help="print a table as CSV, with a line for each day (default) or each bout",
    )
    output.add_argument(
        "--html",
        metavar="FILE",
        help="write a page that loads nothing, readable by you alone; an existing FILE keeps its "
        "permissions",
    )
    _add_unit(report)
    _add_state_dir(report)


def _add_status(commands: Any, common: argparse.ArgumentParser) -> None:
    purpose = "show the chair as it is now: the bout, holds, today, and what waits"
    status = _add(commands, "status", purpose, [common])
    status.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    _add_unit(status)
    _add_state_dir(status)


def _add_history(commands: Any, common: argparse.ArgumentParser) -> None:
    purpose = "import, export, back up or forget what the chair keeps of your sitting"
    history = _add(commands, "history", purpose, [])
    actions = history.add_subparsers(dest="what", metavar="ACTION", required=True)
    _add_history_import(actions, common)
    export = _add(actions, "export", "write events as JSON lines, as they were published", [common])
    export.add_argument(
        "file", metavar="FILE", help="a new file, in .gz compressed; - for standard output"
    )
    _add_period(export)
    _add_place(export)
    backup = _add(actions, "backup", "copy the whole history while the service runs", [common])
    backup.add_argument("file", metavar="FILE", help="a new file, readable by you alone")
    _add_place(backup)
    forget = _add(actions, "forget", "delete a period for good, with each bout in it", [common])
    what = forget.add_mutually_exclusive_group()
    what.add_argument(
        "--before",
        metavar="DATE",
        type=_date,
        help="everything before this day, such as 2026-01-01",
    )
    what.add_argument("--all", action="store_true", help="everything up to now")
    _add_period(forget)
    forget.add_argument(
        "--shrink",
        action="store_true",
        help="also make the file smaller; that takes time and as much free space as the file",
    )
    _add_place(forget)


def _add_history_import(actions: Any, common: argparse.ArgumentParser) -> None:
    purpose = "add recordings, exports, or events from the topic log"
    command = _add(actions, "import", purpose, [common])
    command.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="JSON lines of events, or a recording; in .gz compressed; - for events on standard "
        "input. Each is imported whole or not at all; events that are there already are left",
    )
    command.add_argument(
        "--as", metavar="NAME", dest="name", help="the name of the source (default the file's)"
    )
    _add_table(command)
    _add_place(command)


def _add_period(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--from", metavar="DATE", dest="since", type=_date, help="the first day (default the first)"
    )
    command.add_argument(
        "--to", metavar="DATE", dest="until", type=_date, help="the last day (default the last)"
    )


def _add_place(command: argparse.ArgumentParser) -> None:
    _add_unit(command)
    _add_state_dir(command)


def _add_exercises(commands: Any, common: argparse.ArgumentParser) -> None:
    purpose = "show the exercises in force and how often each is done today"
    _add_state_dir(_add(commands, "exercises", purpose, [common]))


def _add_dashboard(commands: Any, common: argparse.ArgumentParser) -> None:
    purpose = "print a dashboard of this chair for Home Assistant, as YAML"
    dashboard = _add(commands, "dashboard", purpose, [common])
    dashboard.add_argument(
        "--report",
        metavar="URL",
        help="add a view with the page of unsit report --html, such as /local/unsit.html",
    )


def _add_forget(commands: Any, common: argparse.ArgumentParser) -> None:
    purpose = "remove this chair from the broker and from Home Assistant"
    forget = _add(commands, "forget", purpose, [common])
    forget.add_argument(
        "--force", action="store_true", help="also if the broker shows the chair as online"
    )
    forget.add_argument(
        "--history", action="store_true", help="also forget the whole history, for good"
    )
    _add_state_dir(forget)


def _date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        reason = f"{text!r} is not a date; expected one like 2026-11-27"
        raise argparse.ArgumentTypeError(reason) from None
    if day.year < YEAR_MIN:
        reason = f"{text} is before any history; expected {YEAR_MIN}-01-01 or later"
        raise argparse.ArgumentTypeError(reason)
    return day


def _unit(text: str) -> str:
    """Return the name of a service without its suffix; it is a part of file names too."""
    name = text.removesuffix(".service")
    if re.fullmatch(r"[A-Za-z0-9_:][A-Za-z0-9_:.-]*(@[A-Za-z0-9_:.-]+)?", name) is None:
        reason = f"{text!r} is no name of a service; expected unsit, or unsit@CHAIR"
        raise argparse.ArgumentTypeError(reason)
    return name


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        reason = f"{text!r} is not a number; expected 0.1 to 10000"
        raise argparse.ArgumentTypeError(reason) from None
    if not 0.1 <= speed <= 10_000:
        raise argparse.ArgumentTypeError(f"{text} is out of range; expected 0.1 to 10000")
    return speed
