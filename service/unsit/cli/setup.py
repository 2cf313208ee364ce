"""``unsit setup``: the first ten minutes as questions."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from unsit.assembly.devices import choose_pins
from unsit.assembly.errors import PinError
from unsit.checkup.installation import Installation
from unsit.checkup.machine import Machine
from unsit.checkup.processes import running_services
from unsit.cli import calibrate
from unsit.cli.state import settings_file, state_directory
from unsit.cli.terminal import Terminal
from unsit.errors import SettingsError, UnavailableError, UnsitError
from unsit.settings.file import find_file
from unsit.settings.load import load
from unsit.setup.bench import Bench
from unsit.setup.broker import ask_broker
from unsit.setup.draft import Draft
from unsit.setup.file import check_place, default_file, difference, place_password, text_of, write
from unsit.setup.house import ask_names
from unsit.setup.sensor import ask_sensor
from unsit.setup.signals import ask_buzzer, ask_extras
from unsit.setup.unit import offer_start, stop_for_a_while

WRITE, QUIT = "write", "quit"

PARTS: dict[str, Callable[[Draft, Bench], None]] = {
    "seat": ask_sensor,
    "buzzer": ask_buzzer,
    "extras": ask_extras,
    "broker": ask_broker,
    "names": ask_names,
}
"""What is asked, in this order, and again by these names."""


def main(arguments: argparse.Namespace) -> None:
    """Asks, shows what will be written, and writes it at once or not at all."""
    terminal = Terminal("unsit setup")
    try:
        _set_up(arguments, terminal)
    except KeyboardInterrupt:
        terminal.say("\nEnded; what was not written before is as it was.")


def _set_up(arguments: argparse.Namespace, terminal: Terminal) -> None:
    file = find_file(settings_file(arguments.config, arguments.unit)) or default_file()
    check_place(file)
    is_there = file.exists()
    settings = load(str(file) if is_there else None).settings
    terminal.say(f"The settings {'are in' if is_there else 'will be in'} {file}.")
    terminal.say("Enter takes what stands in brackets; Ctrl-C ends it and nothing is changed.")
    machine = Machine()
    state = state_directory(arguments.state_dir, arguments.unit)
    installation = Installation(settings, state, arguments.unit, machine)
    stop_for_a_while(installation, running_services(installation), terminal)
    draft = Draft(settings)
    with _pins(terminal) as pins:
        bench = Bench(terminal, pins, machine)
        for ask in PARTS.values():
            ask(draft, bench)
        if _write(draft, file, bench, arguments.unit):
            _calibrate(draft, file, arguments, terminal)
            offer_start(installation, terminal)


def _write(draft: Draft, file: Path, bench: Bench, unit: str) -> bool:
    """Shows what will be written until the person takes it; False for one who does not."""
    while True:
        place = place_password(draft, file, unit, bench.machine)
        try:
            before, after = text_of(draft, file)
            bench.talk.say(_shown(before, after, draft))
            choices: tuple[str, ...] = (WRITE, *PARTS, QUIT)
        except (SettingsError, ValueError) as error:
            bench.talk.say(f"This cannot be: {error}")
            choices = (*PARTS, QUIT)
        what = bench.talk.ask("Write it, or answer a part again?", choices[0], choices)
        if what == QUIT:
            bench.talk.say("Nothing was written.")
            return False
        if what != WRITE:
            PARTS[what](draft, bench)
            continue
        try:
            kept = write(after, file, draft.password, place)
        except (UnavailableError, PermissionError) as error:
            bench.talk.say(str(error))
            continue
        bench.talk.say(f"Written to {file}" + (f"; as it was: {kept}" if kept else ""))
        return True


def _shown(before: str, after: str, draft: Draft) -> str:
    """What the person is to agree to."""
    if before:
        return difference(before, after) or "Nothing changes in the file."
    given = (f"{key} = {value}" for key, value in draft.answers.items() if value is not None)
    return "\n".join(("The new file will say:", *given))


def _calibrate(draft: Draft, file: Path, arguments: argparse.Namespace, talk: Terminal) -> None:
    """Offers to tare and measure load cells, in the words of ``unsit calibrate``."""
    if draft.now("seat.kind") == "mat" or not talk.confirm("Calibrate the load cells now?"):
        return
    state = str(state_directory(arguments.state_dir, arguments.unit))
    how = {"config": str(file), "flags": [], "tare": False, "weight": None, "state_dir": state}
    try:
        calibrate.main(argparse.Namespace(**(vars(arguments) | how)))
    except UnsitError as error:
        talk.say(f"{error}; again: unsit calibrate")


@contextmanager
def _pins(talk: Terminal) -> Iterator[Any | None]:
    """This machine's pins; None, and the reason said, where there are none to try."""
    try:
        choice = choose_pins()
    except PinError as error:
        talk.say(f"{error}. Pins cannot be tried here, only named.")
        yield None
        return
    with choice.pins:
        yield choice.pins
