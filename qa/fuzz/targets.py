"""Targets of the fuzzing: each takes bytes and fails where the service would.

A target may refuse an input with the error that is meant for it, in one line; any other exception
is a bug.
"""

import gzip
import os
import tomllib
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Protocol

from fuzz import NAMES
from fuzz.documents import StateDocuments
from fuzz.drawn import Drawn
from support.chair_run import MatRun
from unsit.assembly.simulation import open_recording, replay
from unsit.core import transition
from unsit.core.chair import Chair
from unsit.core.events import Refuse
from unsit.core.inputs import Tick
from unsit.core.instant import ZERO, Instant
from unsit.core.rules import Rules
from unsit.errors import SettingsError
from unsit.mqtt.command import DURATION_MAX, DURATION_MIN, CommandReader, CommandRejected
from unsit.settings.changes import Changes
from unsit.settings.edit import as_toml
from unsit.settings.load import known_keys, load
from unsit.settings.model import Settings
from unsit.settings.values import parse_duration, parse_time
from unsit_firmware.errors import RecordingError

NUMBERS = (
    *("0", "1", "-1", "2", "1e3", "1e400", "-1e400", "nan", "inf", "0x10", "1_0", "٣", "½", "1,5"),
    *("9" * 4000, "0." + "0" * 400 + "1", ".", "", "true", "null", "86400", "86401", "1e-9"),
)
UNITS = ("", "s", "m", "h", "d", "w", "S", " s", "ms")
WORDS = (
    "ON",
    "OFF",
    "on",
    "Off",
    "ＯＮ",
    "ON\0",
    "OnN",
    "17:30",
    "24:00",
    "PT1H",
    "P1D",
    "PT",
    "P",
)


class Target(Protocol):
    """Part of the service that takes bytes from outside."""

    def take(self, data: bytes) -> None:
        """Take an input. An exception is a bug."""


class Commands:
    """Messages on the command topics, to a chair that goes on from one to the next."""

    def __init__(self, folder: Path) -> None:
        reset = Changes(Settings()).reset_request
        self._reader = CommandReader(parse_duration, parse_time, lambda of_day: self._now, reset)
        self._names = (*self._reader.names, "", "x/y", "snooze/", "#", "\0", "command/hold")
        self._chair = Chair()
        self._now = ZERO

    def take(self, data: bytes) -> None:
        """Read one message and apply it to the chair."""
        drawn = Drawn(data)
        name = drawn.text(30) if drawn.yes(16) else drawn.one_of(self._names)
        retained, self._now = drawn.yes(16), self._now + timedelta(seconds=drawn.number(256))
        try:
            request = self._reader.read(name, _payload(drawn), retained=retained, now=self._now)
        except CommandRejected as rejected:
            assert str(rejected), "rejected without a reason"
            return
        waited, _ = transition.step(self._chair, Tick(), self._now)
        self._chair, effects = transition.step(self._chair, request, self._now)
        if any(isinstance(effect, Refuse) for effect in effects):
            assert self._chair == waited, f"refused, but changed the chair: {request}"
        rules = self._chair.rules
        assert DURATION_MIN <= rules.move_after <= DURATION_MAX, rules
        assert DURATION_MIN <= rules.min_break <= DURATION_MAX, rules


def _payload(drawn: Drawn) -> bytes:
    kind = drawn.number(8)
    if kind == 0:
        return drawn.the_rest()
    if kind == 1:
        return drawn.the_rest() * (1 + drawn.number(256))
    if kind == 2:
        return drawn.one_of((b"[", b'{"a":', b'"', b"\\", b"\xff", b"-", b"0")) * drawn.number(5000)
    text = drawn.one_of(WORDS) if kind == 3 else _duration(drawn)
    if kind == 7:
        text = f'"{text}"'
    return (text + drawn.text(4)).encode("utf-8", errors="surrogateescape")


def _duration(drawn: Drawn) -> str:
    parts = 1 + drawn.number(4)
    return "".join(drawn.one_of(NUMBERS) + drawn.one_of(UNITS) for _ in range(parts))


HEADERS = ("ts,contact", "ts,grams", "ts,raw", "ts,raw_left,raw_right", "contact", "ts", "ts,mood")
DATES = ("2026-01-05", "2026-03-29", "2026-10-25", "1970-01-01", "2999-12-31", "0001-01-01")
ENDS = ("\n", "\n", "\n", "\r\n", "\r", "\n\n", "", "\n#", ",\n", "\0\n", '"\n')
NAMINGS: tuple[dict[str, str], ...] = (
    *({}, {}, {}, {"ts": "ts", "kg": "grams"}, {"ts": "1", "grams": "2"}),
    *({"contact": "state", "ts": "Zeit"}, {"ts": "Zeit", "kg_left": "2", "kg_right": "3"}),
)
TABLE_HEADERS = ("Zeit;Last", "Zeit;state", "ts;grams", "Zeit\tL\tR", "Zeit,state,x", "TS;CONTACT")
TABLE_TIMES = (
    *("1767603600", "1767603600,5", "1767603600250", "05.01.2026 09:00:00", "1/5/2026 9:00"),
    *("2026-01-05 09:00:00", "99999", "31.02.2026 1:00", "1.767e9", "05.01.2026 09:00:00,5"),
)
TABLE_VALUES = ("0", "1", "on", "off", "75,3", "75.3", "1,234", "1.234,5", "1 234,5", "81'250", "")
LONGEST_REPLAY = {False: timedelta(days=3), True: timedelta(seconds=20)}
"""By whether it holds loads. A longer recording is checked and not replayed."""


class Recordings:
    """Files to replay."""

    def __init__(self, folder: Path) -> None:
        self._plain, self._zipped = folder / "recording.csv", folder / "recording.csv.gz"
        self._settings = Settings()

    def take(self, data: bytes) -> None:
        """Check one file, and replay it if it is valid."""
        drawn = Drawn(data)
        content, zips = _recording(drawn), drawn.yes(16)
        file = self._zipped if zips else self._plain
        zipped = gzip.compress(content, 0)[: len(content) + 20 - drawn.number(64)] if zips else b""
        file.write_bytes(zipped or content)
        named = drawn.one_of(NAMINGS)
        try:
            recording = open_recording(str(file), named, drawn.one_of((None, None, ".", ",")))
            extent = recording.check()
        except RecordingError as error:
            assert str(error).startswith(f"{file}:"), error
            return
        assert sum(1 for _ in recording.moves()) == extent.rows
        if extent.length <= LONGEST_REPLAY[extent.columns.is_load]:
            replay(self._settings, extent, recording.moves(), lambda record: None)


def _recording(drawn: Drawn) -> bytes:
    kind = drawn.number(8)
    if kind == 0:
        return drawn.the_rest()
    if kind < 4:
        return _valid(drawn)
    if kind < 6:
        return _table(drawn)
    header = drawn.one_of(HEADERS)
    text = header + drawn.one_of(ENDS)
    at, date = drawn.number(86_400), drawn.one_of(DATES)
    for _ in range(drawn.number(40)):
        at += drawn.number(2000) if not drawn.yes(16) else -5
        text += _row(drawn, header, date, at) + drawn.one_of(ENDS)
    return (text + drawn.text(10)).encode("utf-8", errors="surrogateescape")


def _valid(drawn: Drawn) -> bytes:
    """Return a valid recording with strange times and values."""
    header, values = drawn.one_of(
        (
            ("ts,contact", ("0", "1")),
            ("ts,grams", ("0", "70000", "12000", "-300", "1e5")),
            ("ts,raw_left,raw_right", ("0", "8388607", "-8388608", "400000")),
        )
    )
    at, rows = datetime(2026, 3, 28, 22, tzinfo=UTC), [header]
    while not drawn.is_empty and len(rows) < 300:
        at += timedelta(seconds=drawn.number(256) ** 2 / (100 if values == ("0", "1") else 50_000))
        cells = [drawn.one_of(values) for _ in range(header.count(","))]
        rows.append(",".join([at.isoformat(), *cells]))
    return "\n".join(rows).encode()


def _table(drawn: Drawn) -> bytes:
    """Return a table of another tool or of a spreadsheet."""
    header = drawn.one_of(TABLE_HEADERS)
    mark = next(mark for mark in ";\t," if mark in header)
    times, values = drawn.one_of(TABLE_TIMES), drawn.one_of((TABLE_VALUES, TABLE_VALUES[:4]))
    rows = [] if drawn.yes(8) else [header]
    for _ in range(drawn.number(20)):
        ts = drawn.one_of(TABLE_TIMES) if drawn.yes(8) else times
        rows.append(mark.join([ts, *(drawn.one_of(values) for _ in range(header.count(mark)))]))
    return ("\ufeff" * drawn.yes(4) + drawn.one_of(ENDS[:4]).join(rows)).encode()


def _row(drawn: Drawn, header: str, date: str, at: int) -> str:
    hours, rest = divmod(max(at, 0), 3600)
    fraction = drawn.one_of(("", "", ".1", ".123456789", "Z", "+02:00", ",5"))
    when = f"{date}T{hours % 24:02}:{rest // 60:02}:{rest % 60:02}{fraction}"
    cells = drawn.one_of((1, 1, 1, 1, 0, 2)) * max(1, header.count(","))
    values = ("0", "1", "1", "0", str(drawn.number(90_000)), drawn.one_of(NUMBERS))
    return ",".join([when, *(drawn.one_of(values) for _ in range(cells))])


LITERALS = (
    *(
        "true",
        "false",
        "0",
        "17",
        "-1",
        "1.5",
        "nan",
        "inf",
        '""',
        '"30m"',
        '"none"',
        '"load_cell"',
    ),
    *('"a@b"', "[]", "[1]", "{}", "{a=1}", "2026-01-05", "07:32:00", "1" * 5000, "[" * 3000),
    *('"""\n"""', "'\\'", '"\\u0000"', '"\\ud800"', '"ä"', "0xff", "1_000", "=", "#"),
)


class SettingsFiles:
    """Settings files."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "unsit.toml"
        self._keys = known_keys()

    def take(self, data: bytes) -> None:
        """Load one file."""
        self._file.write_bytes(_settings(Drawn(data), self._keys))
        try:
            loaded = load(str(self._file))
        except SettingsError as error:
            assert str(error), "refused without a reason"
            return
        assert tomllib.loads(as_toml(loaded)), "not shown as TOML"


def _settings(drawn: Drawn, keys: Sequence[str]) -> bytes:
    if drawn.yes(8):
        return drawn.the_rest()
    lines = []
    for _ in range(drawn.number(6)):
        key = drawn.text(12) if drawn.yes(16) else drawn.one_of(keys)
        value = f'"{_duration(drawn)}"' if drawn.yes(4) else drawn.one_of(LITERALS)
        lines.append(f"{key} = {value}{drawn.text(3) if drawn.yes(8) else ''}")
    return "\n".join(lines).encode("utf-8", errors="surrogateescape")


class Contacts:
    """Patterns of a mat's contact, to a chair that goes on from one to the next.

    Between them they last for weeks: 1 to 3,000 edges a minute, pressed for 5 to 95 % of the time,
    regularly or at random.
    """

    def __init__(self, folder: Path) -> None:
        self._run = MatRun(Rules(), load(os.devnull).programme)
        self._second = 0.0
        self._hour: deque[Instant] = deque(maxlen=61)

    def take(self, data: bytes) -> None:
        """Let the contact follow one pattern, and count the events of each hour."""
        drawn = Drawn(data)
        period = 120 / 3000 ** (drawn.number(256) / 255)
        share = 0.05 + 0.9 * drawn.number(256) / 255
        chance = Random(drawn.number(1 << 32)) if drawn.yes() else None
        end = self._second + min(period * 200, 60 * 3000 ** (drawn.number(256) / 255))
        while self._second < end:
            for pressed, length in ((True, period * share), (False, period * (1 - share))):
                self._run.edge(pressed, timedelta(seconds=self._second))
                self._second += length if chance is None else chance.expovariate(1 / length)
        for when, _ in self._run.events:
            self._hour.append(when)
            is_full = len(self._hour) == self._hour.maxlen
            assert not is_full or when - self._hour[0] >= timedelta(hours=1), "61 events in an hour"
        self._run.events.clear()
        self._run.emitted.clear()
        assert (self._run.chair.fault is None) is (self._run.mat.fault is None)


TARGETS: dict[str, Callable[[Path], Target]] = dict(
    zip(NAMES, (Commands, Recordings, SettingsFiles, StateDocuments, Contacts), strict=True)
)
"""Each target by its name; it is made with a folder for its files."""
