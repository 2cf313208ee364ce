"""Short commands: config, exercises, dashboard and forget."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from unsit.assembly.broker import broker_of
from unsit.assembly.memory import (
    FILE,
    TRACES,
    kept_changes,
    open_state,
    open_store_to_look,
    recall_chair,
    recall_traces,
    settings_in_force,
)
from unsit.cli.terminal import encodes_all
from unsit.core.chair import Chair
from unsit.core.exercises import ExerciseTally, exercise_tallies
from unsit.core.instant import ZERO
from unsit.core.programme import Dose, Programme
from unsit.errors import SettingsError, UnavailableError, UsageError, escaped, escaped_lines, quoted
from unsit.homeassistant.announcer import Trace, forget
from unsit.homeassistant.dashboard import as_yaml, dashboard, escape_unless
from unsit.homeassistant.discovery import Description, discovery_topic, times_topic
from unsit.mqtt.topics import Topics
from unsit.runtime.clock import Dates, LiveClock
from unsit.runtime.documents import Store
from unsit.runtime.state_file import is_locked
from unsit.settings.changes import CHANGEABLE, keys_of, request_reset
from unsit.settings.edit import as_template, as_toml
from unsit.settings.file import settings_file, state_directory
from unsit.settings.load import load
from unsit.settings.model import Loaded, Settings
from unsit.settings.values import format_duration
from unsit.words import words_of


def show_config(arguments: argparse.Namespace) -> None:
    """Print the settings in force, or a template, as a settings file; or undo changes of them."""
    configured = load(settings_file(arguments.config, arguments.unit), arguments.flags)
    if arguments.template:
        _write(as_template(configured))
        return
    directory = state_directory(arguments.state_dir, arguments.unit)
    is_readable = os.access(directory, os.R_OK | os.X_OK) or not os.path.lexists(directory)
    if arguments.reset is not None:
        if not is_readable:
            raise PermissionError(f"{directory} cannot be read by this user; use sudo")
        _reset(configured, directory, arguments.reset)
        return
    if not is_readable:
        print(
            f"unsit: {directory} cannot be read by this user: what commands have changed is not "
            "shown; use sudo",
            file=sys.stderr,
        )
    with closing(open_store_to_look(directory)) as store:
        _write(as_toml(settings_in_force(configured, store, directory)))


def _write(text: str) -> None:
    """Print TOML or YAML, which are UTF-8 by definition, in other encodings with escapes."""
    if not encodes_all(sys.stdout):
        text = escape_unless(lambda one: one.isascii(), text)
    sys.stdout.write(text)


def _reset(configured: Loaded, directory: Path, name: str) -> None:
    """Ask the service to restore one setting, or all that commands have changed."""
    try:
        chosen = keys_of([name] if name else ()) or CHANGEABLE
    except ValueError as error:
        raise UsageError(f"--reset: {error}") from None
    with closing(open_store_to_look(directory)) as store:
        changed = kept_changes(configured, store, directory)
    changed = {key: change for key, change in changed.items() if key in chosen}
    if not changed:
        print(f"no command has changed {name or 'a setting'}; nothing to reset")
        return
    try:
        request_reset(directory, changed)
    except PermissionError as error:
        raise PermissionError(f"{directory} cannot be written by this user; use sudo") from error
    except OSError as error:
        raise UnavailableError(f"{directory} cannot be written: {error.strerror}") from error
    when = "within a minute" if is_locked(directory) else "at its next start"
    for change in changed.values():
        print(f"{change}, {when}")


def show_exercises(arguments: argparse.Namespace) -> None:
    """Print every exercise with its dose, steps, caution and source, then the sitting cues."""
    loaded = load(arguments.config, arguments.flags)
    programme, clock = loaded.programme, LiveClock()
    with closing(open_store_to_look(state_directory(arguments.state_dir))) as store:
        chair = recall_chair(store, clock) or Chair()
    today = Dates(clock, loaded.settings.week().zone).midnight(clock.now())
    tallies = exercise_tallies(programme, chair.coaching, today)
    print("\n".join(map(escaped, _programme_lines(programme, tallies))))


def _programme_lines(programme: Programme, tallies: tuple[ExerciseTally, ...]) -> Iterator[str]:
    for tally in tallies:
        yield from _exercise_lines(tally)
        yield ""
    for cue in programme.cues:
        yield f"{cue.text} ({cue.id}): up to {cue.times_a_day} times a day"
    if not (tallies or programme.cues):
        yield "there are no exercises; see exercises.enabled, exercises.builtin and exercises.file"


def _exercise_lines(tally: ExerciseTally) -> Iterator[str]:
    exercise = tally.exercise
    yield f"{exercise.name} ({exercise.id}): done {tally.done} of {exercise.times_a_day} today"
    yield f"   {_dose_in_words(exercise.dose)}; paced {format_duration(exercise.dose.lasts)}"
    yield from (f"   {number}. {step}" for number, step in enumerate(exercise.steps, 1))
    yield f"   ! {exercise.caution}"
    if exercise.source:
        yield f"   Source: {exercise.source}"


def _dose_in_words(dose: Dose) -> str:
    repetitions = "once" if dose.repetitions == 1 else f"{dose.repetitions} times"
    sides = " on each side" if dose.has_sides else ""
    stages = [("held", dose.hold), ("lowered for", dose.lower), ("rest of", dose.rest)]
    hold, *others = [f"{word} {format_duration(lasts)}" for word, lasts in stages if lasts > ZERO]
    return ", ".join([f"{repetitions}{sides} {hold}", *others])


def show_dashboard(arguments: argparse.Namespace) -> None:
    """Print a dashboard of the chair for Home Assistant, with its ids and in its language."""
    from unsit.assembly.service import equipment_of

    report = arguments.report
    if report is not None and not report.startswith(("/", "http://", "https://")):
        raise UsageError(
            f"--report: read {quoted(report)}; expected an address like /local/unsit.html"
        )
    loaded = load(arguments.config, arguments.flags)
    settings = loaded.settings
    chair = Description(
        topics=Topics(settings.mqtt.prefix, settings.chair.id),
        name=settings.chair.name,
        version="",
        equipment=equipment_of(settings, loaded.programme),
        words=words_of(settings.chair.language),
    )
    _write(as_yaml(dashboard(chair, report)))


def forget_chair(arguments: argparse.Namespace) -> None:
    """Clear every retained message of the chair from the broker, and print its topic."""
    loaded = load(arguments.config, arguments.flags)
    settings = loaded.settings
    broker = broker_of(settings.mqtt)
    if broker is None:
        raise SettingsError("mqtt.host = 'none': there is no broker to clear; expected its name")
    directory = state_directory(arguments.state_dir)
    state = open_state(directory if (directory / FILE).exists() else None)
    with closing(Store(state)) as store:
        traces = recall_traces(store)
        current = [traces.current] if traces.current else []
        to_clear = [_trace(settings), *traces.stale, *current]
        topics = Topics(settings.mqtt.prefix, settings.chair.id)
        removed = forget(broker, topics, to_clear, even_online=arguments.force)
        store.put(TRACES, None)
    for topic in removed:
        print(escaped(f"removed {topic}"))
    if not removed:
        print(f"the broker {broker!r} has no messages of {settings.chair.id}")
    if arguments.history:
        from unsit.cli.history import Place, forget_all

        place = Place(loaded, directory, settings.history.file(directory))
        print(escaped_lines("\n".join(forget_all(place))))


def _trace(settings: Settings) -> Trace:
    """Return the topics that the chair uses with these settings."""
    topics = Topics(settings.mqtt.prefix, settings.chair.id)
    prefix = settings.homeassistant.discovery_prefix
    return Trace(
        discovery_topic(prefix, topics.chair),
        topics.availability,
        topics.state,
        times=times_topic(prefix, topics.chair),
    )
