"""The settings of exercises."""

from dataclasses import dataclass
from typing import Annotated, Literal

from unsit.core.programme import Programme
from unsit.settings.duration import Duration
from unsit.settings.fields import HOUR, MINUTE, duration, setting
from unsit.settings.parsing import parts
from unsit.settings.passing import After

_PROGRAMME = Programme()


def _are_ids(text: str) -> str:
    """What they name is checked against the programme, which is read after the settings."""
    if len(set(parts(text))) < len(parts(text)):
        raise ValueError("expected each exercise once")
    return text


@dataclass(frozen=True, kw_only=True)
class ExercisesSettings:
    """Which exercises come with a call to move, and how they are asked for."""

    enabled: bool = setting(True, "false for a chair without exercises and sitting cues.")
    file: str | None = setting(
        None,
        "A file of exercises of your own, or a directory of such files; they come before those of "
        "the chair.",
        min_length=1,
    )
    builtin: bool = setting(True, "false to have only the exercises and cues of that file.")
    without: Annotated[str, After(_are_ids)] = setting(
        "", "Exercises and cues to leave out, such as glute_bridge,feet_flat."
    )
    harder: Annotated[str, After(_are_ids)] = setting(
        "", "Exercises to do in their harder form, such as glute_bridge."
    )
    offer_after: Duration = duration(
        _PROGRAMME.offer_after,
        0 * MINUTE,
        24 * HOUR,
        "How long a bout must have lasted for a stand-up to bring an exercise, if it was not due.",
    )
    cue_after: Duration = duration(
        _PROGRAMME.cue_after,
        0 * MINUTE,
        24 * HOUR,
        "How long after the sit-down a sitting cue comes.",
    )
    button: Literal["done", "pace"] = setting(
        "done", "What a short press says while an exercise is offered: it is done, or pace it."
    )

    @property
    def left_out(self) -> tuple[str, ...]:
        """The ids to leave out."""
        return parts(self.without)

    @property
    def in_harder_form(self) -> tuple[str, ...]:
        """The ids of those to do in their harder form."""
        return parts(self.harder)
