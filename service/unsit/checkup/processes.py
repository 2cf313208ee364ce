"""Other programs of this machine: who holds a pin, and which chairs run."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from unsit.checkup.installation import Installation
from unsit.checkup.machine import Machine


@dataclass(frozen=True, slots=True)
class Process:
    """A process, by its number and its command line."""

    pid: int
    command: tuple[str, ...]

    @property
    def is_chair(self) -> bool:
        """Whether it is ``unsit run``."""
        words = [Path(word).name for word in self.command[:4]]
        return "run" in words[1:] and bool({"unsit", "__main__.py"} & set(words))

    def __str__(self) -> str:
        return f"{' '.join(self.command) or 'a process'} (pid {self.pid})"


def process_named_in(holder: str, machine: Machine) -> Process | None:
    """The process whose number stands in what the kernel calls the holder of a line."""
    number = re.search(r"\bpid (\d+)", holder)
    return None if number is None else process(int(number[1]), machine)


def process(pid: int, machine: Machine) -> Process | None:
    """A process that is there; None for one that is not."""
    said = machine.text(f"/proc/{pid}/cmdline")
    return None if said is None else Process(pid, tuple(said.split("\0")))


def _chairs(machine: Machine) -> Iterator[Process]:
    """Every ``unsit run`` there is."""
    for entry in machine.path("/proc").glob("[0-9]*"):
        found = process(int(entry.name), machine)
        if found is not None and found.is_chair:
            yield found


def _holds_state(chair: Process, installation: Installation) -> bool:
    """Whether a process has a file of the chair's state open; False where that cannot be seen."""
    directory = installation.state.resolve()
    try:
        files = list(installation.machine.path(f"/proc/{chair.pid}/fd").iterdir())
    except OSError:
        return False
    return any(_leads_into(file, directory) for file in files)


def _leads_into(link: Path, directory: Path) -> bool:
    try:
        return Path(os.readlink(link)).parent == directory
    except OSError:
        return False


def running_services(installation: Installation) -> list[Process]:
    """The services that run for this chair: its unit's, and whoever has its state open."""
    main = main_process(installation)
    everybody = list(_chairs(installation.machine))
    ours = [chair for chair in everybody if _holds_state(chair, installation)]
    return ours or [chair for chair in everybody if chair.pid == main]


def main_process(installation: Installation) -> int | None:
    """The number of the unit's process, None while it does not run."""
    answer = installation.machine.ask(
        "systemctl", "show", f"{installation.unit}.service", "--property=MainPID"
    )
    said = answer.properties().get("MainPID", "") if answer and answer.code == 0 else ""
    return int(said) if said.isdecimal() and said != "0" else None
