"""``unsit exercises``: the programme in force, and how it stands today."""

import argparse
from collections.abc import Iterator

from unsit.assembly.memory import open_store_to_look, recall_chair
from unsit.cli.state import state_directory
from unsit.core.chair import Chair
from unsit.core.exercises import Tally, tallies
from unsit.core.instant import ZERO
from unsit.core.programme import Cue, Dose, Programme
from unsit.runtime.clock import LiveClock
from unsit.runtime.dates import Dates
from unsit.settings.duration import format_duration
from unsit.settings.load import load


def main(arguments: argparse.Namespace) -> None:
    """Prints every exercise with its dose, steps, caution and source, then the sitting cues."""
    programme = load(arguments.config, arguments.flags).programme
    clock = LiveClock()
    store = open_store_to_look(state_directory(arguments.state_dir))
    try:
        chair = recall_chair(store, clock) or Chair()
    finally:
        store.close()
    today = Dates(clock).midnight(clock.now())
    print("\n".join(_lines(programme, tallies(programme, chair.coaching, today))))


def _lines(programme: Programme, standing: tuple[Tally, ...]) -> Iterator[str]:
    for tally in standing:
        yield from _exercise(tally)
        yield ""
    for cue in programme.cues:
        yield _cue(cue)
    if not (standing or programme.cues):
        yield "there are no exercises; see exercises.enabled, exercises.builtin and exercises.file"


def _exercise(tally: Tally) -> Iterator[str]:
    one = tally.exercise
    yield f"{one.name} ({one.id}): done {tally.done} of {one.times_a_day} today"
    yield f"   {_dose(one.dose)}; paced {format_duration(one.dose.lasts)}"
    yield from (f"   {nth}. {step}" for nth, step in enumerate(one.steps, 1))
    yield f"   ! {one.caution}"
    if one.source:
        yield f"   Source: {one.source}"


def _dose(dose: Dose) -> str:
    often = "once" if dose.repetitions == 1 else f"{dose.repetitions} times"
    often += " on each side" if dose.has_sides else ""
    parts = [("held", dose.hold), ("lowered for", dose.lower), ("rest of", dose.rest)]
    held, *others = [f"{word} {format_duration(lasts)}" for word, lasts in parts if lasts > ZERO]
    return ", ".join([f"{often} {held}", *others])


def _cue(cue: Cue) -> str:
    return f"{cue.text} ({cue.id}): up to {cue.times_a_day} times a day"
