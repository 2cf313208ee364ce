"""Settings in force, and where each came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from unsit.core.programme import Programme
from unsit.settings.model import Settings

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings in force; ``origins`` tells for each key that is not a default where it is from.

    programme: the exercises that the settings name, read from their files.
    """

    settings: Settings
    origins: Mapping[str, str]
    programme: Programme = field(default_factory=Programme)
