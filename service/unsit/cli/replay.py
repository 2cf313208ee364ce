"""``unsit replay``: a recording through the chair in virtual time."""

import argparse
import json
import time

from unsit.assembly.simulation import Extent, Recording, replay
from unsit.cli.progress import Progress
from unsit.runtime.record import Record
from unsit.runtime.wording import in_words, spoken
from unsit.settings.load import load
from unsit.words import words_of


def main(arguments: argparse.Namespace) -> None:
    """Checks the whole recording, then prints its events and a summary."""
    began = time.perf_counter()
    loaded = load(arguments.config, arguments.flags)
    settings = loaded.settings
    recording = Recording(arguments.file)
    tally = Tally()
    with Progress() as progress:
        extent = recording.check(each=progress.step)
        progress.begin(extent.rows)
        words = words_of(settings.chair.language)

        def tell(record: Record) -> None:
            tally.count(record)
            progress.print(json.dumps(record) if arguments.json else in_words(record, words))

        replay(
            settings, extent, progress.watch(recording.moves()), tell, programme=loaded.programme
        )
    summary = _summary(arguments.file, tally, extent, time.perf_counter() - began)
    if arguments.json:
        print(json.dumps(summary))
    else:
        print(_summary_in_words(summary))


class Tally:
    """Counts what the summary says, from the records as they come."""

    def __init__(self) -> None:
        self.bouts = self.breaks = self.move_due = self.reminders = 0
        self.seated_s = self.longest_bout_s = 0.0

    def count(self, record: Record) -> None:
        """Takes the next record into account."""
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


def _summary(file: str, tally: Tally, extent: Extent, wall_s: float) -> Record:
    return {
        "type": "summary",
        "recording": file,
        "bouts": tally.bouts,
        "move_due": tally.move_due,
        "reminders": tally.reminders,
        "seated_s": _tidy(tally.seated_s),
        "longest_bout_s": _tidy(tally.longest_bout_s),
        "breaks": tally.breaks,
        "rows": extent.rows,
        "ignored_rows": extent.repeats,
        "recorded_s": _tidy(extent.length.total_seconds()),
        "wall_s": round(wall_s, 3),
    }


def _tidy(seconds: float) -> float | int:
    exact = round(seconds, 3)
    return int(exact) if exact == int(exact) else exact


def _summary_in_words(summary: Record) -> str:
    return (
        f"{summary['bouts']} bouts, the longest {spoken(summary['longest_bout_s'])}; "
        f"{spoken(summary['seated_s'])} seated; {summary['breaks']} breaks; "
        f"{summary['move_due']} times due, {summary['reminders']} reminders; "
        f"{spoken(summary['recorded_s'])} recorded in {summary['rows']} rows, "
        f"replayed in {summary['wall_s']} s"
    )
