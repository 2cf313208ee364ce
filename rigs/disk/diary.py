"""Read the diary of a folder, and make what a loss of power leaves of it.

A disk owes what was synchronised, and nothing else. Of each later write it may have kept any of the
sectors, in any order, and of one sector the beginning. Names and lengths are those of ext4: their
changes keep their order, and a sync of any file has those before it kept too.
"""

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

WRITE, TRUNCATE, SYNC, UNLINK, RENAME = "WTSUR"

SECTOR = 512
"""Bytes that a disk writes at once."""

PAGE = 4096
"""Bytes that Linux writes at least of a file that was changed, and accounts for."""

WRITEBACK_S = 30.0
"""Time (s) after which Linux writes what nobody synchronises (vm.dirty_expire_centisecs)."""

_HEAD = struct.Struct("=7q")


@dataclass(frozen=True, slots=True)
class Entry:
    """Record of the diary, see ``disk.c``. start: where it begins in the diary, in bytes."""

    start: int
    kind: str
    at_s: float
    file: int
    offset: int
    extent: int
    path: str
    content: bytes


def entries(diary: Path) -> Iterator[Entry]:
    """Yield the entries of a diary; a kill may have cut the last one short."""
    raw = diary.read_bytes() if diary.exists() else b""
    start = 0
    while start + _HEAD.size <= len(raw):
        kind, at, file, offset, extent, length, size = _HEAD.unpack_from(raw, start)
        name = start + _HEAD.size
        end = name + length + size
        if end > len(raw):
            return
        path = raw[name : name + length].decode()
        content = raw[name + length : end]
        yield Entry(start, chr(kind), at / 1e9, file, offset, extent, path, content)
        start = end


@dataclass
class Disk:
    """Files of a folder as a disk may have them: what is owed, and what is not yet.

    folder: the folder that was watched. Feed it the entries in order; ``image`` is the folder after
    a loss of power at that moment.
    """

    folder: Path
    _owed: dict[int, bytearray] = field(default_factory=dict)
    _names: dict[str, int] = field(default_factory=dict)
    _pending: list[Entry] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path) -> "Disk":
        """Return the disk with the files that are in a folder now, all of them owed."""
        disk = cls(folder)
        for file in folder.iterdir():
            if file.is_file():
                inode = file.stat().st_ino
                disk._owed[inode] = bytearray(file.read_bytes())
                disk._names[str(file)] = inode
        return disk

    def feed(self, entry: Entry) -> None:
        """Take what happened next."""
        if entry.kind != SYNC:
            self._pending.append(entry)
            return
        kept = []
        for one in self._pending:
            is_kept = one.file == entry.file or one.kind in (UNLINK, RENAME)
            if is_kept and one.start < entry.extent:
                self._apply(self._owed, self._names, one)
            else:
                kept.append(one)
        self._pending = kept

    def everything(self) -> dict[str, bytes]:
        """Return the files as the programs see them: what a kill leaves."""
        return self._files([(one, None) for one in self._pending])

    def owed(self) -> dict[str, bytes]:
        """Return the files with what was synchronised alone."""
        return self._files([])

    def image(self, chance: random.Random) -> dict[str, bytes]:
        """Return the files, by their paths, after a loss of power."""
        share = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        names_kept = chance.randint(0, len(self._pending))
        chosen: list[tuple[Entry, random.Random | None]] = []
        for number, one in enumerate(self._pending):
            if one.kind in (UNLINK, RENAME):
                if number < names_kept:
                    chosen.append((one, None))
            elif chance.random() < share:
                chosen.append((one, None))
            elif chance.random() < 0.5:
                chosen.append((one, chance))
        return self._files(chosen)

    def _files(self, chosen: list[tuple[Entry, random.Random | None]]) -> dict[str, bytes]:
        contents = {inode: bytearray(content) for inode, content in self._owed.items()}
        names = dict(self._names)
        for one, chance in chosen:
            for part in [one] if chance is None else _torn(one, chance):
                self._apply(contents, names, part)
        return {
            name: bytes(contents.get(inode, b""))
            for name, inode in names.items()
            if not name.endswith("-shm")  # an index in memory, which SQLite makes again
        }

    def _apply(self, contents: dict[int, bytearray], names: dict[str, int], one: Entry) -> None:
        if one.kind == UNLINK:
            names.pop(one.path, None)
        elif one.kind == RENAME:
            if one.path in names:
                names[one.content.decode()] = names.pop(one.path)
        else:
            if one.file not in names.values() and not one.path.endswith(" (deleted)"):
                names[one.path] = one.file
            content = contents.setdefault(one.file, bytearray())
            length = (
                one.offset
                if one.kind == TRUNCATE
                else max(len(content), one.offset + len(one.content))
            )
            if len(content) < length:
                content.extend(bytes(length - len(content)))
            if one.kind == TRUNCATE:
                del content[length:]
            else:
                content[one.offset : one.offset + len(one.content)] = one.content


def _torn(entry: Entry, chance: random.Random) -> Iterator[Entry]:
    """Yield the sectors of a write that reach the disk; one of them may be half written."""
    if entry.kind != WRITE:
        return
    position, end = entry.offset, entry.offset + len(entry.content)
    while position < end:
        sector_end = min(end, position // SECTOR * SECTOR + SECTOR)
        if chance.random() < 0.5:
            cut = sector_end if chance.random() < 0.9 else chance.randint(position, sector_end)
            part = entry.content[position - entry.offset : cut - entry.offset]
            yield Entry(entry.start, WRITE, entry.at_s, entry.file, position, 0, entry.path, part)
        position = sector_end


@dataclass
class Written:
    """Bytes that Linux writes to a disk for the entries of a diary, as its counters have them.

    A page counts when it is changed while it is clean. It is clean again after a sync of its file,
    or 30 s. speed: how much faster than real time the program ran.
    """

    speed: float = 1.0
    bytes_of: dict[str, int] = field(default_factory=dict)
    syncs_of: dict[str, int] = field(default_factory=dict)
    _dirty: dict[tuple[int, int], float] = field(default_factory=dict)

    def feed(self, entry: Entry) -> None:
        """Count an entry."""
        name = Path(entry.path).name
        if entry.kind == SYNC:
            self.syncs_of[name] = self.syncs_of.get(name, 0) + 1
            for page in [page for page in self._dirty if page[0] == entry.file]:
                del self._dirty[page]
        elif entry.kind == WRITE:
            last = entry.offset + max(1, len(entry.content)) - 1
            for number in range(entry.offset // PAGE, last // PAGE + 1):
                page = entry.file, number
                dirty_since = self._dirty.get(page)
                if dirty_since is None or self._age(entry, dirty_since) > WRITEBACK_S:
                    self._dirty[page] = entry.at_s
                    self.bytes_of[name] = self.bytes_of.get(name, 0) + PAGE

    def _age(self, entry: Entry, since: float) -> float:
        return (entry.at_s - since) * self.speed
