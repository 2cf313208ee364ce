"""Losses of power: the files that one may leave of a life of the service, and what is in them."""

import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from disk.diary import Disk, Entry, entries
from support.places import RIGS
from unsit.errors import UnavailableError
from unsit.history.shelving import Shelf
from unsit.history.store import open_history
from unsit.mqtt.outbox import Outbox
from unsit.runtime.database import SHARED_MEMORY
from unsit.runtime.record import published
from unsit.runtime.state_file import StateFile, open_state_copy

STATE, HISTORY = "state.sqlite", "history.sqlite"

BATCH = 50
KEPT_FOR = timedelta(days=5 * 365)

Files = Mapping[str, bytes]
"""Contents by path."""


def compile_diary(library: Path) -> Path:
    """Compile the library that writes the diary into a file."""
    subprocess.run([RIGS / "disk" / "build", library], check=True, capture_output=True)
    return library


@dataclass
class Watched:
    """Folder of a service under a diary. Make it before the service starts.

    library: see ``compile_diary``. diary: the file that is written, outside of the folder.
    """

    folder: Path
    library: Path
    diary: Path
    _before: Disk = field(init=False)

    def __post_init__(self) -> None:
        self.diary.unlink(missing_ok=True)
        self._before = Disk.of(self.folder)

    @property
    def variables(self) -> dict[str, str]:
        """Variables that put a program under the diary."""
        names = {"DISK_FOLDER": f"{self.folder}", "DISK_DIARY": f"{self.diary}"}
        return names | {"LD_PRELOAD": f"{self.library}"}

    def losses(self, count: int, chance: random.Random) -> list["Loss"]:
        """Return losses of power at chosen moments of the life, the last one at its end.

        Half of the moments are just before or after a sync, where an order of writes that is wrong
        shows.
        """
        happened = [*entries(self.diary)]
        syncs = [number for number, one in enumerate(happened) if one.kind == "S"]
        moments = {len(happened)}
        while happened and len(moments) < min(count, len(happened)):
            if syncs and chance.random() < 0.5:
                moments.add(max(0, chance.choice(syncs) + chance.randint(-2, 2)))
            else:
                moments.add(chance.randrange(len(happened)))
        return self._losses(happened, sorted(moments), chance)

    def _losses(
        self, happened: list[Entry], moments: list[int], chance: random.Random
    ) -> list["Loss"]:
        made, reached = [], 0
        for moment in moments:
            for one in happened[reached:moment]:
                self._before.feed(one)
            reached = max(reached, moment)
            disk = self._before
            made.append(Loss(disk.image(chance), disk.owed(), disk.everything()))
        return made


@dataclass(frozen=True)
class Loss:
    """Loss of power at a moment: the files that are left, those that are owed, and those before."""

    left: Files
    owed: Files
    before: Files

    def restore(self, folder: Path) -> None:
        """Put the files that are left in the place of all files of a folder."""
        _put(self.left, folder)

    def owed_up_to(self) -> int:
        """Return the last number that the disk owes: that of the last sync of the state file."""
        return _last_number(self.owed)

    def told_up_to(self) -> int:
        """Return the last number that was given before the loss."""
        return _last_number(self.before)

    def problems(self, taken_before: Collection[int]) -> list[str]:
        """Return what is wrong with the files that are left, before and after they are healed.

        Every number that is owed must be in the history or the outbox, and none twice; none that
        was not given may be there. taken_before: numbers that an earlier loss has taken.
        """
        owed, told = self.owed_up_to(), self.told_up_to()
        with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as name:
            folder = Path(name)
            _put(self.left, folder)
            shelved = numbers_shelved(folder)
            found = [*shelved, *numbers_waiting(folder)]
            expected = set(range(1, owed + 1)) - {*taken_before}
            wrong = _compare("left", found, expected, told)
            if len(shelved) != len({*shelved}):
                wrong.append(f"doubled in what is left: {sorted(shelved)}")
            _shelve_all(folder)
            shelved = sorted(numbers_shelved(folder))
            if len(shelved) != len({*shelved}):
                wrong.append(f"doubled after it is healed: {shelved}")
            if set(found) - set(shelved):
                wrong.append(f"lost when it was healed: {sorted(set(found) - set(shelved))}")
            return wrong + _compare("healed", shelved, expected, told)


def numbers_shelved(folder: Path) -> list[int]:
    """Return the numbers in the history, doubles included."""
    if not (folder / HISTORY).exists():
        return []
    try:
        with open_history(folder / HISTORY) as history:
            return [record["seq"] for record in history.records()]
    except UnavailableError as error:
        if "no such table" in str(error):  # a loss of power while it was made
            return []
        raise


def numbers_waiting(folder: Path) -> list[int]:
    """Return the numbers in the outbox that are not in the history yet, as its marks say."""
    with closing(open_state_copy(folder / STATE)) as state:
        rows = state.rows("select seq from outbox where marks & 2 = 0 order by seq")
        return [seq for (seq,) in rows]


def last_number(folder: Path) -> int:
    """Return the last number that was given, 0 for none."""
    with closing(open_state_copy(folder / STATE)) as state:
        counted = state.rows("select value from counters where name = 'seq'")
        return counted[0][0] if counted else 0


def _last_number(files: Files) -> int:
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as name:
        _put({path: one for path, one in files.items() if STATE in path}, Path(name))
        return last_number(Path(name))


def _compare(what: str, found: list[int], expected: set[int], told: int) -> list[str]:
    wrong = []
    if missing := expected - {*found}:
        wrong.append(f"lost in what is {what}: {sorted(missing)}")
    if invented := {*found} - set(range(1, told + 1)):
        wrong.append(f"invented in what is {what}: {sorted(invented)}, given were {told}")
    return wrong


def _shelve_all(folder: Path) -> None:
    """Do what the service does at its start and later: move all events to the history."""
    state = StateFile(folder / STATE)
    outbox = Outbox(state, shelves=True)
    shelf = Shelf(folder / HISTORY, KEPT_FOR, lambda: datetime(2026, 11, 27, tzinfo=UTC))
    while batch := [published(record) for record in outbox.for_history(BATCH)]:
        shelf.shelve(batch)
        outbox.mark_shelved(batch[-1]["seq"])
    shelf.shelve([])
    state.close()


def _put(files: Files, folder: Path) -> None:
    for old in folder.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink()
    for path, content in files.items():
        (folder / os.path.basename(path)).write_bytes(content)
