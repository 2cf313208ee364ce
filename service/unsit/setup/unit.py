"""The service around the questions: out of the way first, started at the end."""

import os

from unsit.checkup.installation import Installation
from unsit.checkup.processes import Process
from unsit.checkup.talk import Talk
from unsit.checkup.unit import NOT_FOUND, load_state
from unsit.errors import UnavailableError


def stop_for_a_while(installation: Installation, services: list[Process], talk: Talk) -> None:
    """Has a service that holds the pins stopped, if the person agrees.

    Raises UnavailableError for one that still runs.
    """
    if not services:
        return
    command = ("systemctl", "stop", installation.unit)
    running = " and ".join(map(str, services))
    if _is_root() and talk.confirm(f"The service runs and holds the pins: {running}. Stop it?"):
        answer = installation.machine.ask(*command)
        if answer is not None and answer.code == 0:
            return
    raise UnavailableError(
        f"the service runs and holds the pins: {running}; stop it: sudo {' '.join(command)}"
    )


def offer_start(installation: Installation, talk: Talk) -> None:
    """Starts the unit now and at every boot, or tells the one command that does."""
    unit, state = installation.unit, load_state(installation)
    if state is None:
        talk.say("Now run it: unsit run")
    elif state == NOT_FOUND:
        talk.say("To run it at every boot, from a clone of unsit: sudo systemd/install")
    elif not _is_root():
        talk.say(f"Now start it: sudo systemctl enable --now {unit}")
    elif talk.confirm("Start the service now, and at every boot?"):
        _start(installation, talk)
    talk.say("Whether all is well: unsit check")


def _start(installation: Installation, talk: Talk) -> None:
    for what in (("enable", installation.unit), ("restart", installation.unit)):
        answer = installation.machine.ask("systemctl", *what)
        if answer is None or answer.code != 0:
            why = answer.text if answer else "systemctl does not answer"
            talk.say(f"It does not start: {why}; journalctl -u {installation.unit} -n 50")
            return
    talk.say("It runs.")


def _is_root() -> bool:
    return os.geteuid() == 0
