"""What is looked at: a chair's settings, where its state is, and its unit."""

from dataclasses import dataclass, field
from pathlib import Path

from unsit.checkup.machine import Machine
from unsit.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Installation:
    """A chair as it is installed. unit: the name of its systemd unit, without .service."""

    settings: Settings
    state: Path
    unit: str = "unsit"
    machine: Machine = field(default_factory=Machine)
