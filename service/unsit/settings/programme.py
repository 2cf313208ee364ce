"""Reads the programme: what the chair comes with, and a person's own files.

pydantic checks them, so this belongs to the process that reads the settings.
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
from unsit.settings.duration import Duration
from unsit.settings.exercises import ExercisesSettings
from unsit.settings.fields import HOUR, MINUTE, SECOND, Number
from unsit.settings.file import read_file
from unsit.words import Words

BUILTIN = Path(__file__).with_name("programme.toml")

LONGEST = 2 * HOUR
"""From the first stage of an exercise to the end of its last."""

Text = Annotated[str, Field(min_length=1, max_length=300)]
Name = Annotated[str, Field(min_length=1, max_length=60)]
Steps = Annotated[list[Text], Field(min_length=1, max_length=20)]
Repetitions = Annotated[Number, Field(ge=1, le=100)]
TimesADay = Annotated[Number, Field(ge=1, le=48)]
Hold = Annotated[Duration, Field(ge=SECOND, le=HOUR)]
Pause = Annotated[Duration, Field(ge=0 * SECOND, le=10 * MINUTE)]


class _Form(BaseModel):
    """What an exercise and its harder form may both say; None for what the harder one leaves."""

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
    times_a_day: TimesADay = 1
    apart: Annotated[Duration, Field(ge=0 * SECOND, le=24 * HOUR)] = ZERO
    counts_after: Annotated[Duration, Field(ge=10 * SECOND, le=24 * HOUR)] | None = None
    source: Text | None = None
    hold: Hold
    harder: _Form | None = None


class _Cue(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Text | None = None
    when: Annotated[list[Literal["sitting", "leaning"]], Field(min_length=1)] = ["sitting"]
    times_a_day: TimesADay = 1
    source: Text | None = None


_KINDS: Mapping[str, type[BaseModel]] = {"exercises": _Exercise, "cues": _Cue}


def read_programme(settings: ExercisesSettings, words: Words) -> Programme:
    """The programme in force: a person's own files, then what the chair comes with.

    Raises SettingsError for a file that cannot be read or is refused, and for an exercise that a
    setting names and that is not there.
    """
    if not settings.enabled:
        return Programme()
    read = _Files(words)
    for file in _files(settings.file):
        read.add(file)
    if settings.builtin:
        read.add_what_is_missing(BUILTIN)
    _check_named("exercises.without", settings.left_out, {*read.exercises, *read.cues})
    harder = {name for name, forms in read.exercises.items() if forms[1] is not None}
    _check_named("exercises.harder", settings.in_harder_form, harder)
    return Programme(
        exercises=tuple(_chosen(read.exercises, settings)),
        cues=tuple(cue for name, cue in read.cues.items() if name not in settings.left_out),
        offer_after=settings.offer_after,
        cue_after=settings.cue_after,
        press_paces=settings.button == "pace",
    )


Forms = tuple[Exercise, Exercise | None]
"""An exercise, and its harder form if it has one."""


class _Files:
    """What the files read so far hold, by id and in their order."""

    def __init__(self, words: Words) -> None:
        self.exercises: dict[str, Forms] = {}
        self.cues: dict[str, Cue] = {}
        self._words = words
        self._from: dict[str, Path] = {}

    def add(self, file: Path) -> None:
        """All that a file holds; an id that another file had is refused."""
        for name, read in _read(file):
            if name in self._from:
                raise SettingsError(
                    f"{file}: {name} is in {self._from[name]} too; each id can be there once"
                )
            self._take(file, name, read)

    def add_what_is_missing(self, file: Path) -> None:
        """What a file holds under ids that no other file had."""
        for name, read in _read(file):
            if name not in self._from:
                self._take(file, name, read)

    def _take(self, file: Path, name: str, read: BaseModel) -> None:
        self._from[name] = file
        try:
            if isinstance(read, _Cue):
                self.cues[name] = _as_cue(name, read, self._words)
            elif isinstance(read, _Exercise):
                self.exercises[name] = _as_forms(name, read, self._words)
        except ValueError as error:
            raise SettingsError(f"{file}: {error}") from None


def _chosen(exercises: Mapping[str, Forms], settings: ExercisesSettings) -> Iterator[Exercise]:
    for name, (usual, harder) in exercises.items():
        if name not in settings.left_out:
            chosen = harder if name in settings.in_harder_form else usual
            yield chosen or usual


def _check_named(key: str, names: Iterable[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            there = ", ".join(sorted(known)) or "none"
            raise SettingsError(f"{key}: there is no {name}; there are {there}")


def _files(where: str | None) -> list[Path]:
    if where is None:
        return []
    place = Path(where)
    if not os.path.isdir(place):
        return [place]
    files = sorted(place.glob("*.toml"))
    if not files:
        raise SettingsError(f"exercises.file = {where!r}: no file in it ends in .toml")
    return files


def _read(file: Path) -> Iterator[tuple[str, BaseModel]]:
    """What is in a file, checked; each with its id."""
    tree = read_file(file, "a file of exercises")
    if unknown := set(tree) - set(_KINDS):
        raise SettingsError(f"{file}: {min(unknown)}: expected [exercises.ID] and [cues.ID]")
    if not any(tree.values()):
        raise SettingsError(f"{file}: nothing is in it; expected [exercises.ID] or [cues.ID]")
    for section, kind in _KINDS.items():
        tables = tree.get(section, {})
        if not isinstance(tables, dict):
            raise SettingsError(f"{file}: {section} = {tables!r}: expected [{section}.ID]")
        for name, table in tables.items():
            yield name, _checked(file, f"{section}.{name}", name, table, kind)


def _checked(file: Path, key: str, name: str, table: Any, kind: type[BaseModel]) -> BaseModel:
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
    where = ".".join([key, *map(str, first["loc"])])
    more = f" (and {len(others)} more)" if others else ""
    if first["type"] == "missing":
        return f"{where} is missing{more}"
    if first["type"] == "extra_forbidden":
        return f"{where}: there is no such key; {_keys(first['loc'], kind)}{more}"
    what = first["msg"].removeprefix("Value error, ")
    return f"{where} = {first['input']!r}: {what}{more}"


def _keys(where: tuple[int | str, ...], kind: type[BaseModel]) -> str:
    known = sorted((_Form if len(where) > 1 else kind).model_fields)
    nearest = difflib.get_close_matches(str(where[-1]), known, n=1, cutoff=0.0)
    return f"the nearest is {nearest[0]}; there are {', '.join(known)}"


def _as_cue(name: str, read: _Cue, words: Words) -> Cue:
    text = read.text or words.cue(name)
    if text is None:
        raise ValueError(f"cues.{name}.text is missing; expected what a person should do")
    occasions = frozenset(Occasion(when) for when in read.when)
    return Cue(name, text, occasions, read.times_a_day, read.source or "")


def _as_forms(name: str, read: _Exercise, words: Words) -> Forms:
    said = words.exercise(name)
    usual = _as_exercise(name, read, read, said, words)
    if read.harder is None:
        return usual, None
    form = read.model_copy(update=read.harder.model_dump(exclude_none=True))
    in_words = {**said, **said.get("harder", {})}
    own = {"name", "steps"} & read.model_fields_set - read.harder.model_fields_set
    in_words |= {key: getattr(read, key) for key in own}
    return usual, _as_exercise(name, form, read, in_words, words, is_harder=True)


def _as_exercise(
    name: str,
    form: _Form,
    read: _Exercise,
    said: Mapping[str, Any],
    words: Words,
    *,
    is_harder: bool = False,
) -> Exercise:
    for key in ("name", "steps"):
        if not (getattr(form, key) or said.get(key)):
            raise ValueError(f"exercises.{name}.{key} is missing; expected what people read")
    return Exercise(
        id=name,
        name=form.name or said["name"],
        steps=tuple(form.steps or said["steps"]),
        dose=_as_dose(name, form),
        caution=form.caution or said.get("caution") or words.remark("caution"),
        source=read.source or "",
        times_a_day=read.times_a_day,
        apart=read.apart,
        counts_after=read.counts_after,
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
    if dose.lasts > LONGEST:
        raise ValueError(f"exercises.{name} takes {dose.lasts}; expected 2 hours at most")
    return dose
