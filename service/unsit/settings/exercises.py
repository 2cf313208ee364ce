"""Files of exercises: the built-in one and a person's own, validated and read into the programme.

A file looks like this; every key is in ``_Exercise`` and ``_Cue``::

    [exercises.calf_raise]
    name = "calf raise"
    steps = ["Rise on the toes.", "Lower."]
    repetitions = 10
    hold = "2s"

    [cues.chin]
    text = "Pull the chin back."

pydantic validates the files, so only the process that reads the settings imports this module.
"""

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from unsit.core.instant import ZERO
from unsit.core.programme import Cue, Dose, Exercise, Occasion, Programme
from unsit.errors import SettingsError
from unsit.settings.file import control_character, read_file
from unsit.settings.model import ExercisesSettings
from unsit.settings.values import (
    HOUR,
    MINUTE,
    SECOND,
    Duration,
    Number,
    Validation,
    format_duration,
    split_list,
)
from unsit.words import Words

BUILTIN = Path(__file__).with_name("programme.toml")

MAX_EXERCISE = 2 * HOUR
"""Longest duration of all stages of an exercise."""


def _check_readable(text: str) -> str:
    if (character := control_character(text)) is not None:
        raise ValueError(
            f"it has the control character {character}; expected only characters that can be read"
        )
    return text


def _in_one_line(text: Any) -> Any:
    return " ".join(text.split()) if isinstance(text, str) else text


_READABLE = Validation(_check_readable)
Text = Annotated[
    str, Field(min_length=1, max_length=300), _READABLE, Validation(_in_one_line, before=True)
]
"""A text that a file may write in several lines."""

Name = Annotated[str, Field(min_length=1, max_length=60), _READABLE]
Steps = Annotated[list[Text], Field(min_length=1, max_length=20)]
Repetitions = Annotated[Number, Field(ge=1, le=100)]
TimesADay = Annotated[Number, Field(ge=1, le=48)]
Hold = Annotated[Duration, Field(ge=SECOND, le=HOUR)]
Pause = Annotated[Duration, Field(ge=0 * SECOND, le=10 * MINUTE)]


class _Form(BaseModel):
    """Keys of an exercise and of its harder form; None in the harder form means the usual value."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    steps: Steps | None = None
    caution: Text | None = None
    sides: bool | None = None
    repetitions: Repetitions | None = None
    hold: Hold | None = None
    lower: Pause | None = None
    rest: Pause | None = None
    switch: Pause | None = None
    get_ready: Pause | None = None


class _Exercise(_Form):
    """A table ``[exercises.ID]``."""

    times_a_day: TimesADay = 1
    apart: Annotated[Duration, Field(ge=0 * SECOND, le=24 * HOUR)] = ZERO
    counts_after: Annotated[Duration, Field(ge=10 * SECOND, le=24 * HOUR)] | None = None
    source: Text | None = None
    hold: Hold
    harder: _Form | None = None


class _Cue(BaseModel):
    """A table ``[cues.ID]``."""

    model_config = ConfigDict(extra="forbid")

    text: Text | None = None
    when: Annotated[list[Literal["sitting", "leaning"]], Field(min_length=1)] = ["sitting"]
    times_a_day: TimesADay = 1
    source: Text | None = None


_KINDS: Mapping[str, type[BaseModel]] = {"exercises": _Exercise, "cues": _Cue}


def read_programme(settings: ExercisesSettings, words: Words) -> Programme:
    """Return the programme in force: the person's own files, then the built-in one.

    Raises SettingsError for a bad file, and for a setting that names an unknown exercise.
    """
    if not settings.enabled:
        return Programme()
    collection = _Collection(words)
    for file in _own_files(settings.file):
        collection.add(file)
    if settings.builtin:
        collection.add_missing(BUILTIN)
    left_out, in_harder_form = split_list(settings.without), split_list(settings.harder)
    _check_named("exercises.without", left_out, {*collection.exercises, *collection.cues})
    have_harder_form = {name for name, (_, harder) in collection.exercises.items() if harder}
    _check_named("exercises.harder", in_harder_form, have_harder_form)
    return Programme(
        exercises=tuple(
            harder if harder and name in in_harder_form else usual
            for name, (usual, harder) in collection.exercises.items()
            if name not in left_out
        ),
        cues=tuple(cue for name, cue in collection.cues.items() if name not in left_out),
        offer_after=settings.offer_after,
        cue_after=settings.cue_after,
        press_paces=settings.button == "pace",
    )


Forms = tuple[Exercise, Exercise | None]
"""An exercise, and its harder form if it has one."""


class _Collection:
    """Exercises and cues of the files read so far, by id and in order."""

    def __init__(self, words: Words) -> None:
        self.exercises: dict[str, Forms] = {}
        self.cues: dict[str, Cue] = {}
        self._words = words
        self._file_of: dict[str, Path] = {}

    def add(self, file: Path) -> None:
        """Add everything in a file. Raises SettingsError for an id of an earlier file."""
        for name, table in _read_tables(file):
            if name in self._file_of:
                raise SettingsError(
                    f"{file}: {name} is in {self._file_of[name]} too; expected each id once"
                )
            self._add(file, name, table)

    def add_missing(self, file: Path) -> None:
        """Add the exercises and cues of a file whose ids no earlier file has."""
        for name, table in _read_tables(file):
            if name not in self._file_of:
                self._add(file, name, table)

    def _add(self, file: Path, name: str, table: BaseModel) -> None:
        self._file_of[name] = file
        try:
            if isinstance(table, _Cue):
                self.cues[name] = _as_cue(name, table, self._words)
            elif isinstance(table, _Exercise):
                self.exercises[name] = _as_forms(name, table, self._words)
        except ValueError as error:
            raise SettingsError(f"{file}: {error}") from None


def _check_named(key: str, names: Iterable[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            existing = ", ".join(sorted(known)) or "none"
            raise SettingsError(f"{key}: there is no {name}; there are {existing}")


def _own_files(name: str | None) -> list[Path]:
    if name is None:
        return []
    path = Path(name)
    if not os.path.isdir(path):
        return [path]
    files = sorted(path.glob("*.toml"))
    if not files:
        raise SettingsError(f"exercises.file = {name!r}: no file in it ends in .toml")
    return files


def _read_tables(file: Path) -> Iterator[tuple[str, BaseModel]]:
    """Yield the id and the validated table of every exercise and cue in a file."""
    tree = read_file(file, "a file of exercises")
    if unknown := set(tree) - set(_KINDS):
        raise SettingsError(f"{file}: {min(unknown)}: expected [exercises.ID] and [cues.ID]")
    if not any(tree.values()):
        raise SettingsError(f"{file}: the file is empty; expected [exercises.ID] or [cues.ID]")
    for section, kind in _KINDS.items():
        tables = tree.get(section, {})
        if not isinstance(tables, dict):
            raise SettingsError(f"{file}: {section} = {tables!r}: expected [{section}.ID]")
        for name, table in tables.items():
            yield name, _validate(file, f"{section}.{name}", name, table, kind)


def _validate(file: Path, key: str, name: str, table: Any, kind: type[BaseModel]) -> BaseModel:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        raise SettingsError(
            f"{file}: {key}: expected an id of 1 to 40 lower-case letters, digits or _, "
            "a letter first"
        )
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        raise SettingsError(f"{file}: {_first_of(error, key, kind)}") from None


def _first_of(error: ValidationError, key: str, kind: type[BaseModel]) -> str:
    first, *others = error.errors()
    place = ".".join([key, *map(str, first["loc"])])
    more = f" (and {len(others)} more)" if others else ""
    if first["type"] == "missing":
        return f"{place} is missing{more}"
    if first["type"] == "extra_forbidden":
        return f"{place}: there is no such key; {_known_keys(first['loc'], kind)}{more}"
    reason = first["msg"].removeprefix("Value error, ")
    return f"{place} = {first['input']!r}: {reason}{more}"


def _known_keys(location: tuple[int | str, ...], kind: type[BaseModel]) -> str:
    known = sorted((_Form if len(location) > 1 else kind).model_fields)
    nearest = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.0)
    return f"the nearest is {nearest[0]}; there are {', '.join(known)}"


def _as_cue(name: str, table: _Cue, words: Words) -> Cue:
    text = table.text or words.cue(name)
    if text is None:
        raise ValueError(f"cues.{name}.text is missing; expected the text that the person reads")
    occasions = frozenset(Occasion(when) for when in table.when)
    return Cue(name, text, occasions, table.times_a_day, table.source or "")


def _as_forms(name: str, table: _Exercise, words: Words) -> Forms:
    texts = words.exercise(name)
    usual = _as_exercise(name, table, table, texts, words)
    if table.harder is None:
        return usual, None
    form = table.model_copy(update=table.harder.model_dump(exclude_none=True))
    harder_texts = {**texts, **texts.get("harder", {})}
    own = {"name", "steps"} & table.model_fields_set - table.harder.model_fields_set
    harder_texts |= {key: getattr(table, key) for key in own}
    return usual, _as_exercise(name, form, table, harder_texts, words, is_harder=True)


def _as_exercise(
    name: str,
    form: _Form,
    table: _Exercise,
    texts: Mapping[str, Any],
    words: Words,
    *,
    is_harder: bool = False,
) -> Exercise:
    for key in ("name", "steps"):
        if not (getattr(form, key) or texts.get(key)):
            raise ValueError(
                f"exercises.{name}.{key} is missing; expected the text that the person reads"
            )
    return Exercise(
        id=name,
        name=form.name or texts["name"],
        steps=tuple(form.steps or texts["steps"]),
        dose=_as_dose(name, form),
        caution=form.caution or texts.get("caution") or words.remark("caution"),
        source=table.source or "",
        times_a_day=table.times_a_day,
        apart=table.apart,
        counts_after=table.counts_after,
        is_harder=is_harder,
    )


def _as_dose(name: str, form: _Form) -> Dose:
    dose = Dose(
        repetitions=form.repetitions or 1,
        hold=form.hold or ZERO,
        lower=form.lower or ZERO,
        rest=form.rest or ZERO,
        has_sides=bool(form.sides),
        switch=form.switch or ZERO,
        get_ready=form.get_ready or ZERO,
    )
    if dose.lasts > MAX_EXERCISE:
        raise ValueError(
            f"exercises.{name} takes {format_duration(dose.lasts)}; "
            f"expected at most {format_duration(MAX_EXERCISE)}"
        )
    return dose
