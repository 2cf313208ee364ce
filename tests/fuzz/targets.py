"""What is fuzzed: each target takes bytes and fails where the service would.

A target may refuse what it is given, with the error that is meant for it and in one line; anything
else that it raises is a bug.
"""

import gzip
import tomllib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from fuzz import NAMES
from fuzz.documents import StateDocuments
from fuzz.drawn import Drawn
from unsit.assembly.simulation import Recording, replay
from unsit.core import turn
from unsit.core.chair import Chair
from unsit.core.effects import Refuse
from unsit.core.inputs import Tick
from unsit.core.instant import ZERO
from unsit.errors import SettingsError
from unsit.mqtt.command import LONGEST, SHORTEST, CommandReader, CommandRejected
from unsit.settings.duration import parse_duration
from unsit.settings.load import known_keys, load
from unsit.settings.model import Settings
from unsit.settings.parsing import parse_time
from unsit.settings.show import as_toml
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
    """Something that takes bytes from anybody."""

    def take(self, data: bytes) -> None:
        """Takes them. Raises what is a bug."""


class Commands:
    """Messages on the command topics, to a chair that lives on from one to the next."""

    def __init__(self, folder: Path) -> None:
        self._reader = CommandReader(parse_duration, parse_time, lambda of_day: self._now)
        self._names = (*self._reader.names, "", "x/y", "snooze/", "#", "\0", "command/hold")
        self._chair = Chair()
        self._now = ZERO

    def take(self, data: bytes) -> None:
        """One message."""
        drawn = Drawn(data)
        name = drawn.text(30) if drawn.yes(16) else drawn.one_of(self._names)
        retained, self._now = drawn.yes(16), self._now + timedelta(seconds=drawn.number(256))
        try:
            request = self._reader.read(name, _payload(drawn), retained=retained, now=self._now)
        except CommandRejected as rejected:
            assert str(rejected), "rejected without a word"
            return
        waited, _ = turn.step(self._chair, Tick(), self._now)
        self._chair, effects = turn.step(self._chair, request, self._now)
        if any(isinstance(effect, Refuse) for effect in effects):
            assert self._chair == waited, f"refused, and changed the chair: {request}"
        rules = self._chair.rules
        assert SHORTEST <= rules.move_after <= LONGEST, rules
        assert SHORTEST <= rules.min_break <= LONGEST, rules


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
LONGEST_REPLAY = {False: timedelta(days=3), True: timedelta(seconds=20)}
"""By whether it holds loads. A longer one is checked and not run: its hours are like each other."""


class Recordings:
    """Files that somebody wants to replay."""

    def __init__(self, folder: Path) -> None:
        self._plain, self._zipped = folder / "recording.csv", folder / "recording.csv.gz"
        self._settings = Settings()

    def take(self, data: bytes) -> None:
        """One file."""
        drawn = Drawn(data)
        content, zips = _recording(drawn), drawn.yes(16)
        file = self._zipped if zips else self._plain
        zipped = gzip.compress(content, 0)[: len(content) + 20 - drawn.number(64)] if zips else b""
        file.write_bytes(zipped or content)
        recording = Recording(str(file))
        try:
            extent = recording.check()
        except RecordingError as error:
            assert str(error).startswith(f"{file}:"), error
            return
        if extent.length <= LONGEST_REPLAY[extent.columns.is_load]:
            replay(self._settings, extent, recording.moves(), lambda record: None)


def _recording(drawn: Drawn) -> bytes:
    kind = drawn.number(8)
    if kind == 0:
        return drawn.the_rest()
    if kind < 5:
        return _tame(drawn)
    header = drawn.one_of(HEADERS)
    text = header + drawn.one_of(ENDS)
    at, date = drawn.number(86_400), drawn.one_of(DATES)
    for _ in range(drawn.number(40)):
        at += drawn.number(2000) if not drawn.yes(16) else -5
        text += _row(drawn, header, date, at) + drawn.one_of(ENDS)
    return (text + drawn.text(10)).encode("utf-8", errors="surrogateescape")


def _tame(drawn: Drawn) -> bytes:
    """A recording that is none the worse for being strange."""
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
    """Files of settings."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "unsit.toml"
        self._keys = known_keys()

    def take(self, data: bytes) -> None:
        """One file."""
        self._file.write_bytes(_settings(Drawn(data), self._keys))
        try:
            loaded = load(str(self._file))
        except SettingsError as error:
            assert str(error), "refused without a word"
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


TARGETS: dict[str, Callable[[Path], Target]] = dict(
    zip(NAMES, (Commands, Recordings, SettingsFiles, StateDocuments), strict=True)
)
"""By name; each is made with a folder for its files."""
