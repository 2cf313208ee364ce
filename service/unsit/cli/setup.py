"""``unsit setup``: asks for the parts of the chair, tries them and writes the settings file."""

import argparse
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any

from unsit.assembly.cells import store_of
from unsit.assembly.devices import PinError, choose_pins
from unsit.assembly.memory import FILE
from unsit.assembly.recording import CellReader
from unsit.checkup.machine import Installation, Machine, running_services
from unsit.cli import calibrate
from unsit.cli.terminal import InputEnded, Terminal
from unsit.errors import SIGNALLED, SettingsError, UnavailableError, UnsitError, exit_code_of
from unsit.settings.edit import as_line
from unsit.settings.file import find_file, settings_file
from unsit.settings.load import load
from unsit.settings.model import new_chair_id
from unsit.setup.cells import ask_seat
from unsit.setup.install import (
    Unit,
    check_place,
    default_file,
    difference,
    interrupts_held,
    place_password,
    state_place,
    text_of,
    write,
)
from unsit.setup.questions import (
    CellBench,
    Draft,
    SetupContext,
    ask_broker,
    ask_buzzer,
    ask_extras,
    ask_names,
)

WRITE, QUIT = "write", "quit"

PARTS: dict[str, Callable[[Draft, SetupContext], None]] = {
    "seat": ask_seat,
    "buzzer": ask_buzzer,
    "extras": ask_extras,
    "broker": ask_broker,
    "names": ask_names,
}
"""Groups of questions in their order, by the names that ask a group again."""


def main(arguments: argparse.Namespace) -> int:
    """Ask, show what will be written, and write all of it or nothing; return the exit code."""
    return set_up(arguments, Terminal("unsit setup"))


def set_up(
    arguments: argparse.Namespace,
    terminal: Terminal,
    bench: CellBench | None = None,
    machine: Machine | None = None,
) -> int:
    """Set the chair up; return the exit code.

    bench: access to the load cells. machine: where buses are looked for. Default: the real ones.
    """
    setup = _Setup(arguments, terminal, bench or CellBench(), machine or Machine())
    try:
        setup.run()
    except (KeyboardInterrupt, InputEnded) as interrupt:
        with suppress(OSError):  # a terminal that was closed
            terminal.say(f"\nStopped; {setup.result}.")
        is_signal = isinstance(interrupt, KeyboardInterrupt)
        return exit_code_of(interrupt) if is_signal else SIGNALLED + signal.SIGINT
    finally:
        with interrupts_held(), suppress(OSError):
            setup.close()
    return os.EX_OK


class _Setup:
    """One run of the setup.

    result: what is written by now, a clause for the person who stops here.
    """

    def __init__(
        self, arguments: argparse.Namespace, terminal: Terminal, bench: CellBench, machine: Machine
    ) -> None:
        self.result = "nothing was written"
        self._terminal, self._bench, self._machine = terminal, bench, machine
        self._unit_name = arguments.unit
        config = settings_file(arguments.config, arguments.unit)
        self._file = find_file(config) or default_file()
        self._state = state_place(arguments.state_dir, arguments.unit, machine)
        self._unit: Unit | None = None

    def run(self) -> None:
        """Ask all questions, write the answers, calibrate and start the unit."""
        file, terminal = self._file, self._terminal
        check_place(file)
        exists = file.exists()
        loaded = load(str(file) if exists else None)
        settings = loaded.settings
        terminal.say(f"The settings {'are in' if exists else 'will be in'} {file}.")
        terminal.say("Enter accepts the value in brackets; Ctrl-C stops and changes nothing.")
        installation = Installation(settings, self._state, self._unit_name, self._machine)
        self._unit = Unit(installation, terminal)
        self._unit.stop(running_services(installation))
        draft = Draft(settings, chosen=frozenset(loaded.origins))
        if not exists and not (self._state / FILE).exists():
            draft.answer(chair__id=new_chair_id())
        with _pins(terminal) as pins:
            context = SetupContext(terminal, pins, self._machine, self._bench)
            for ask in PARTS.values():
                ask(draft, context)
            if not self._write(draft, context):
                return
            self._calibrate(context)
        self._unit.offer_start()

    def close(self) -> None:
        """Start a service again that was stopped for the questions."""
        if self._unit is not None:
            self._unit.restart_stopped()

    def _write(self, draft: Draft, context: SetupContext) -> bool:
        """Show the changes and write them once the person agrees; return False if they do not."""
        file, prompts = self._file, self._terminal
        while True:
            before = after = ""
            place = place_password(draft, file, self._unit_name, context.machine)
            try:
                before, after = text_of(draft, file)
                prompts.say(_preview(before, after, draft))
                choices: tuple[str, ...] = (WRITE, *PARTS, QUIT)
            except (SettingsError, ValueError) as error:
                prompts.say(f"These answers do not fit together: {error}")
                choices = (*PARTS, QUIT)
            choice = prompts.ask("Write it, or answer a part again?", choices[0], choices)
            if choice == QUIT:
                prompts.say("Nothing was written.")
                return False
            if choice != WRITE:
                PARTS[choice](draft, context)
                continue
            if before == after and place is None:
                self.result = f"the settings are complete in {file}"
                return True
            try:
                with interrupts_held():
                    backup = write(after, file, draft.password, place)
                    self.result = f"the settings are complete in {file}"
            except (UnavailableError, PermissionError) as error:
                prompts.say(str(error))
                continue
            prompts.say(f"Written to {file}" + (f"; the previous file: {backup}" if backup else ""))
            return True

    def _calibrate(self, context: SetupContext) -> None:
        """Offer to calibrate the load cells that are in the settings."""
        settings = load(str(self._file)).settings
        if settings.seat.kind == "mat":
            return
        store = store_of(settings, self._state)
        before = calibrate.calibration_before(store)
        written, is_new = self.result, before.spanned is None
        self.result = f"{written}; the calibration is unchanged, repeat it: unsit calibrate"
        question = "Calibrate the load cells now?" if is_new else "Calibrate the load cells again?"
        if not self._terminal.confirm(question, default=is_new):
            return
        cells = settings.load_cell
        try:
            with ExitStack() as stack:
                converters = [
                    stack.enter_context(closing(converter))
                    for converter in context.bench.open(cells, context.pins)
                ]
                reader = CellReader(converters, context.bench.clock(), cells.names)
                session = calibrate.Session(
                    reader, cells.names, cells.least_load, ask=self._terminal.answer
                )
                calibrate.save_result(store, lambda: session.by_questions(before))
                self.result = f"{written}, and the calibration in {store.file}"
        except InputEnded:
            raise
        except (UnsitError, PinError) as error:
            self._terminal.say(f"{error}; to try again: unsit calibrate")


def _preview(before: str, after: str, draft: Draft) -> str:
    """Return the changes of the file, or all answers for a new file."""
    if before:
        return difference(before, after) or "Nothing changes in the file."
    given = draft.answers.items()
    lines = (as_line(key, value) for key, value in given if value is not None)
    return "\n".join(("The new file will contain:", *lines))


@contextmanager
def _pins(prompts: Terminal) -> Iterator[Any | None]:
    """Open this machine's pins; yield None and say why if there are none to try."""
    try:
        choice = choose_pins()
    except PinError as error:
        prompts.say(f"{error}. Pins cannot be tried on this machine; enter their numbers.")
        yield None
        return
    with choice.pins:
        yield choice.pins
