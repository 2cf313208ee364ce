"""Settings in force, and where each came from."""

from collections.abc import Mapping
from dataclasses import dataclass

from unsit.settings.model import Settings

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings in force; ``origins`` tells for each key that is not a default where it is from."""

    settings: Settings
    origins: Mapping[str, str]
