"""Copy of the events in a second file, from which a damaged history is made whole.

Cards lose pages, years after they were written. So each event is in two places: a row of the
history, and a packet of the copy. A packet holds up to 512 events of one source in gzip, some
10 bytes an event, and its checksums tell whether it is whole. ``zcat`` reads it.

The copy never has an event that the history has not: it follows the history after each commit, and
whatever changes older events removes it before and makes it again after it. So an event that is in
a whole packet and not in the history was lost there.
"""

import json
import logging
import os
import sqlite3
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from unsit.files import folder, open_file
from unsit.history.compact import SEQ_MAX, CompactEvent

PACKET_EVENTS = 512
"""Events of a full packet. Only the last packet is written again, until it is full."""

SUFFIX = ".copy"
"""Suffix of the copy, after the name of the history."""

FORMER_SUFFIX = ".former"
"""Suffix, after that of the copy, of the copy of another history."""

_MARK = bytes.fromhex("1f8b0806 00000000 02ff 2400") + b"us" + bytes.fromhex("2000")
"""First bytes of a packet: the head of gzip, with the beginning of its extra field."""

_HEAD = struct.Struct("<IIQQII")
"""Extra field: tag, source, first and last seq, number of events, length of the packet in bytes."""

_CHECKSUM = struct.Struct("<H")
_HEAD_BYTES = len(_MARK) + _HEAD.size + _CHECKSUM.size
_TRAILER = struct.Struct("<II")
_CHUNK_BYTES = 65_536

_AS_GZIP = 16 + zlib.MAX_WBITS

log = logging.getLogger(__name__)

Line = str
"""Event as JSON: seq, at, off, type, fields, texts, see ``compact.CompactEvent``."""

ReadLines = Callable[[int, int, int], list[Line]]
"""Returns the events of a source (1st) from a seq (2nd) on, at most a number of them (3rd)."""


class Extent(NamedTuple):
    """Number of the events of a source, and the first and last seq. Zeros for none."""

    events: int = 0
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Packet:
    """Head of a packet. offset, length: where it is in the file, in bytes."""

    offset: int
    tag: int
    source: int
    first: int
    last: int
    count: int
    length: int

    @property
    def end(self) -> int:
        """Offset of the first byte after the packet."""
        return self.offset + self.length


class DamagedPacketError(ValueError):
    """A packet whose checksums do not fit its content."""


class EventsCopy:
    """Copy of the events of one history. It is used in a transaction of the history, or alone.

    tag: number of the history, which each packet carries; None for that of the first packet.

    Raises OSError from all methods if the file cannot be used.
    """

    def __init__(self, file: Path, tag: int | None) -> None:
        self._file = file
        self._tag = tag

    @property
    def file(self) -> Path:
        """Path of the copy."""
        return self._file

    @property
    def tag(self) -> int | None:
        """Number of the history, None if it is not known."""
        return self._tag

    def packets(self) -> list[Packet]:
        """Return the heads of all packets that have a sound one. A missing file has none."""
        try:
            with self._opened(os.O_RDONLY) as descriptor:
                return [*self._packets(descriptor)]
        except FileNotFoundError:
            return []

    def extents(self) -> dict[int, Extent]:
        """Return for each source what its packets hold, by their heads."""
        return _extents(self.packets())

    def is_foreign(self) -> bool:
        """Return whether the copy is that of another history."""
        try:
            with self._opened(os.O_RDONLY) as descriptor:
                first = next(self._packets(descriptor), None)
        except FileNotFoundError:
            return False
        return first is not None and first.tag != self._tag

    def put_aside(self) -> Path:
        """Rename the copy of another history, and return its new path."""
        former = self._file.with_name(f"{self._file.name}{FORMER_SUFFIX}")
        os.replace(self._file, former)
        return former

    def read(self, packet: Packet) -> tuple[str, list[Line]]:
        """Return the source of a packet, as JSON, and its events.

        Raises DamagedPacketError.
        """
        with self._opened(os.O_RDONLY) as descriptor:
            return _unpacked(os.pread(descriptor, packet.length, packet.offset))

    def content(self) -> Iterator[tuple[int, str, list[Line]]]:
        """Yield number, source and events of each packet that is whole."""
        for packet in self.packets():
            if packet.tag != self._tag:
                continue
            try:
                words, lines = self.read(packet)
            except (DamagedPacketError, OSError) as error:
                log.warning(
                    "%s: %s; the events %d to %d are not taken from it",
                    *(self._file, error, packet.first, packet.last),
                )
                continue
            yield packet.source, words, lines

    def follow(self, source: int, words: str, read: ReadLines) -> None:
        """Add the events of a source that come after those in the copy, and write them through.

        words: the source, as JSON. read: returns events of the history.
        """
        with self._opened(os.O_RDWR | os.O_CREAT) as descriptor:
            packets = [*self._packets(descriptor)]
            reached = _extents(packets).get(source, Extent()).last
            if not (lines := read(source, reached + 1, PACKET_EVENTS)):
                return
            end = packets[-1].end if packets else 0
            if packets and packets[-1].source == source and packets[-1].count < PACKET_EVENTS:
                tail = packets.pop()
                try:
                    words_of_tail, before = _unpacked(
                        os.pread(descriptor, tail.length, tail.offset)
                    )
                except DamagedPacketError:  # a loss of power while it was written
                    reached = _extents(packets).get(source, Extent()).last
                    lines, end = read(source, reached + 1, PACKET_EVENTS), tail.offset
                else:
                    if words_of_tail == words:
                        lines, end = before + lines, tail.offset
            while lines:
                packet = self._packed(source, words, lines[:PACKET_EVENTS])
                _write(descriptor, packet, end)
                end += len(packet)
                lines = lines[PACKET_EVENTS:] or (
                    read(source, _seq(lines[-1]) + 1, PACKET_EVENTS)
                    if len(lines) >= PACKET_EVENTS
                    else []
                )
            os.ftruncate(descriptor, end)
            os.fdatasync(descriptor)

    def trim(self, source: int, first_kept: int) -> None:
        """Overwrite the events of a source below a seq, and write that through."""
        old = [one for one in self.packets() if one.source == source and one.first < first_kept]
        if not old:
            return
        with self._opened(os.O_RDWR) as descriptor:
            for packet in old:
                kept = b""
                with suppress(DamagedPacketError):
                    words, lines = _unpacked(os.pread(descriptor, packet.length, packet.offset))
                    lines = [line for line in lines if _seq(line) >= first_kept]
                    kept = self._packed(source, words, lines) if lines else b""
                if len(kept) > packet.length:
                    kept = b""  # then it is missing, and a check makes the copy again
                _write(descriptor, kept.ljust(packet.length, b"\0"), packet.offset)
            os.fdatasync(descriptor)

    def rewrite(self, sources: Iterable[tuple[int, str]], read: ReadLines) -> None:
        """Make the copy again, and put it in the place of the old one once it is complete.

        sources: number and JSON of each.
        """
        new = EventsCopy(self._file.with_name(f"{self._file.name}.new"), self._tag)
        new.delete()
        os.close(open_file(new.file, os.O_RDWR | os.O_CREAT))
        for source, words in sources:
            new.follow(source, words, read)
        self.delete()
        os.replace(new.file, self._file)

    def delete(self) -> None:
        """Overwrite the copy, as far as its disk lets that be done, and delete it."""
        try:
            with self._opened(os.O_RDWR) as descriptor:
                left, offset = os.fstat(descriptor).st_size, 0
                while left > 0:
                    size = min(left, _CHUNK_BYTES)
                    _write(descriptor, bytes(size), offset)
                    left, offset = left - size, offset + size
                os.fsync(descriptor)
        except FileNotFoundError:
            return
        with folder(self._file.parent) as parent:
            os.unlink(self._file.name, dir_fd=parent.descriptor)

    def _packets(self, descriptor: int) -> Iterator[Packet]:
        offset, end = 0, os.fstat(descriptor).st_size
        while offset < end:
            packet = _head(os.pread(descriptor, _HEAD_BYTES, offset), offset)
            if packet is None or packet.end > end:
                offset = _next_mark(descriptor, offset + 1, end)
                continue
            if self._tag is None:
                self._tag = packet.tag
            yield packet
            offset = packet.end

    def _packed(self, source: int, words: str, lines: list[Line]) -> bytes:
        """Return a packet as bytes."""
        text = "\n".join((words, *lines)).encode()
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
        body = packer.compress(text) + packer.flush()
        trailer = _TRAILER.pack(zlib.crc32(text), len(text))
        length = _HEAD_BYTES + len(body) + len(trailer)
        first, last = _seq(lines[0]), _seq(lines[-1])
        head = _MARK + _HEAD.pack(self._tag or 0, source, first, last, len(lines), length)
        return head + _CHECKSUM.pack(zlib.crc32(head) & 0xFFFF) + body + trailer

    @contextmanager
    def _opened(self, flags: int) -> Iterator[int]:
        descriptor = open_file(self._file, flags)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def copy_of(file: Path) -> Path:
    """Return the path of the copy of a history."""
    return file.with_name(f"{file.name}{SUFFIX}")


def is_copy(file: Path) -> bool:
    """Return whether a packet of a copy begins anywhere in a file; its first bytes may be bad."""
    try:
        descriptor = open_file(file, os.O_RDONLY)
    except OSError:
        return False
    try:
        end = os.fstat(descriptor).st_size
        return _next_mark(descriptor, 0, end) < end
    except OSError:
        return False
    finally:
        os.close(descriptor)


def read_lines(
    db: sqlite3.Connection, source: int, first: int, limit: int = -1, last: int = SEQ_MAX
) -> list[Line]:
    """Return events of a history as lines of the copy. limit: how many at most, -1 for all."""
    query = (
        "select json_array(seq, at, off, type, fields, "
        "(select content from texts where no = event.texts)) "
        "from event where source = ? and seq between ? and ? order by seq limit ?"
    )
    return [line for (line,) in db.execute(query, (source, first, last, limit))]


def event_of(line: Line) -> CompactEvent:
    """Return the event of a line."""
    return CompactEvent(*json.loads(line))


def _extents(packets: Iterable[Packet]) -> dict[int, Extent]:
    extents: dict[int, Extent] = {}
    for one in packets:
        count, first, last = extents.get(one.source, Extent(0, one.first, 0))
        extents[one.source] = Extent(count + one.count, min(first, one.first), max(last, one.last))
    return extents


def _head(raw: bytes, offset: int) -> Packet | None:
    if len(raw) < _HEAD_BYTES or not raw.startswith(_MARK):
        return None
    (checksum,) = _CHECKSUM.unpack_from(raw, _HEAD_BYTES - _CHECKSUM.size)
    if checksum != zlib.crc32(raw[: _HEAD_BYTES - _CHECKSUM.size]) & 0xFFFF:
        return None
    packet = Packet(offset, *_HEAD.unpack_from(raw, len(_MARK)))
    return packet if packet.length > _HEAD_BYTES else None


def _next_mark(descriptor: int, offset: int, end: int) -> int:
    """Return the offset of the next beginning of a packet, or the end of the file."""
    while offset < end:
        chunk = os.pread(descriptor, _CHUNK_BYTES + len(_MARK) - 1, offset)
        if not chunk:
            return end
        found = chunk.find(_MARK)
        if found >= 0:
            return offset + found
        offset += _CHUNK_BYTES
    return end


def _unpacked(raw: bytes) -> tuple[str, list[Line]]:
    try:
        unpacker = zlib.decompressobj(_AS_GZIP)
        text = unpacker.decompress(raw)
        if not unpacker.eof:
            raise DamagedPacketError("a packet of the copy ends too early")
        words, *lines = text.decode().split("\n")
    except (zlib.error, UnicodeDecodeError) as error:
        raise DamagedPacketError(f"a packet of the copy is damaged: {error}") from error
    return words, lines


def _seq(line: Line) -> int:
    return int(json.loads(line)[0])


def _write(descriptor: int, content: bytes, offset: int) -> None:
    while content:
        done = os.pwrite(descriptor, content, offset)
        content, offset = content[done:], offset + done
