"""``unsit replay`` runs a recording through the chair; ``unsit record`` makes one."""

import argparse
import json
import sys
import time
from collections.abc import Sequence

from unsit.assembly.devices import PinError, machine_pins
from unsit.assembly.recording import RawRecordingSession, RecordingSession
from unsit.assembly.simulation import (
    CONTACT,
    DECIMALS,
    GRAMS,
    KG,
    Extent,
    Recording,
    naming,
    open_recording,
    replay,
)
from unsit.cli.process import on_stop, set_up_logging
from unsit.cli.terminal import Progress
from unsit.errors import UnavailableError, UsageError
from unsit.runtime.clock import LiveClock
from unsit.runtime.record import Record, record_line, short_duration
from unsit.settings.load import load
from unsit.settings.model import Settings
from unsit.words import words_of


def replay_file(arguments: argparse.Namespace) -> None:
    """Check the whole recording, then print its events and a summary."""
    started = time.perf_counter()
    loaded = load(arguments.config, arguments.flags)
    recording = recording_of(arguments.file, arguments.columns, arguments.decimal)
    settings = loaded.settings
    tally = ReplayTally()
    with Progress() as progress:
        extent = recording.check(each=progress.step)
        progress.begin(extent.rows)
        words = words_of(settings.chair.language)

        def print_event(record: Record) -> None:
            tally.count(record)
            progress.print(json.dumps(record) if arguments.json else record_line(record, words))

        moves = progress.watch(recording.moves())
        replay(settings, extent, moves, print_event, programme=loaded.programme)
    summary = _summary(arguments.file, tally, extent, time.perf_counter() - started)
    if arguments.json:
        print(json.dumps(summary))
    else:
        print(_summary_in_words(summary))
    if (misled := _why_nobody_sat(recording, extent, tally, settings)) is not None:
        print(f"{arguments.file}: {misled}", file=sys.stderr)


def recording_of(file: str, columns: Sequence[str], decimal: str | None) -> Recording:
    """Return a recording, and say on standard error how a table of another tool is read.

    columns, decimal: the options ``--columns`` and ``--decimal``.
    """
    try:
        named = naming(columns)
    except ValueError as error:
        raise UsageError(f"--columns: {error}") from None
    recording = open_recording(file, named, None if decimal is None else DECIMALS[decimal])
    if recording.read_as is not None:
        print(f"{file}: read as {recording.read_as}", file=sys.stderr)
    return recording


TOO_HEAVY_KG = 1000


def _why_nobody_sat(
    recording: Recording, extent: Extent, tally: "ReplayTally", settings: Settings
) -> str | None:
    """Return why a recording holds nobody, or nothing that a chair carries; None if it does."""
    columns, cells = extent.columns, settings.load_cell
    if columns.kind == GRAMS:
        grams = f"the loads are {extent.least:.6g} to {extent.greatest:.6g} g"
        as_kg = ",".join(name.replace(GRAMS, KG) + f"={name}" for name in columns.names)
        if extent.greatest < 1000 * cells.least_load:
            option = "name the column kg" if recording.read_as else f"--columns ts=ts,{as_kg}"
            return (
                f"no row reaches the weight of a person: {grams}, and a person weighs "
                f"{cells.least_load:g} kg or more (load_cell.least_load); grams are expected, for "
                f"kilograms: {option}"
            )
        if extent.greatest > 1000 * TOO_HEAVY_KG:
            return f"no chair carries more than {TOO_HEAVY_KG} kg: {grams}; grams are expected"
    if tally.bouts:
        return None
    if columns.kind == GRAMS:
        return f"nobody sits down: {grams}"
    if columns.kind != CONTACT:
        return (
            f"nobody sits down: the counts are {extent.least:.6g} to {extent.greatest:.6g}; counts "
            "need the calibration of their chair (load_cell.calibration)"
        )
    if not extent.greatest:
        return "the contact is never pressed: 1 is pressed, 0 is released"
    dwell = short_duration(settings.seat.sit_dwell.total_seconds())
    return (
        f"nobody sits down: the contact is never pressed for {dwell} (seat.sit_dwell) and believed"
    )


class ReplayTally:
    """Counts for the summary of a replay."""

    def __init__(self) -> None:
        self.bouts = self.breaks = self.move_due = self.reminders = 0
        self.seated_s = self.longest_bout_s = 0.0

    def count(self, record: Record) -> None:
        """Count the next record."""
        match record["type"]:
            case "move_due":
                self.move_due += 1
                self.reminders += 1
            case "move_reminder":
                self.reminders += 1
            case "bout_ended":
                self.bouts += 1
                self.breaks += not record.get("open", False)
                self.seated_s += record["seated_s"]
                self.longest_bout_s = max(self.longest_bout_s, record["duration_s"])


def _summary(file: str, tally: ReplayTally, extent: Extent, wall_s: float) -> Record:
    return {
        "type": "summary",
        "recording": file,
        "bouts": tally.bouts,
        "move_due": tally.move_due,
        "reminders": tally.reminders,
        "seated_s": _rounded(tally.seated_s),
        "longest_bout_s": _rounded(tally.longest_bout_s),
        "breaks": tally.breaks,
        "rows": extent.rows,
        "ignored_rows": extent.repeats,
        "recorded_s": _rounded(extent.length.total_seconds()),
        "wall_s": round(wall_s, 3),
    }


def _rounded(seconds: float) -> float | int:
    """Round to milliseconds; whole seconds become an int, which JSON shows without ``.0``."""
    exact = round(seconds, 3)
    return int(exact) if exact == int(exact) else exact


def _summary_in_words(summary: Record) -> str:
    return (
        f"{summary['bouts']} bouts, the longest {short_duration(summary['longest_bout_s'])}; "
        f"{short_duration(summary['seated_s'])} seated; {summary['breaks']} breaks; "
        f"{summary['move_due']} times due, {summary['reminders']} reminders; "
        f"{short_duration(summary['recorded_s'])} recorded in {summary['rows']} rows, "
        f"replayed in {summary['wall_s']} s"
    )


def record_file(arguments: argparse.Namespace) -> None:
    """Record the sensor until a signal stops it."""
    set_up_logging(debug=arguments.debug)
    settings = load(arguments.config, arguments.flags).settings
    session_of = RecordingSession if settings.seat.kind == "mat" else RawRecordingSession
    try:
        session = session_of(settings, LiveClock(), machine_pins(), arguments.file)
    except FileExistsError:
        raise UsageError(
            f"{arguments.file} exists and is not overwritten; choose another name"
        ) from None
    except (PinError, PermissionError):
        raise
    except OSError as error:
        raise UnavailableError(f"{arguments.file} cannot be written: {error.strerror}") from None
    on_stop(session.stop)
    print(f"recording to {arguments.file}; Ctrl-C stops it", file=sys.stderr)
    try:
        session.run()
    except OSError as error:
        raise UnavailableError(
            f"{arguments.file}: the recording was interrupted: {error}"
        ) from error
    print(f"{session.rows} rows in {arguments.file}", file=sys.stderr)
