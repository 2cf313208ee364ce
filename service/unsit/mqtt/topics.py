"""The topics of a chair."""

from dataclasses import dataclass

ONLINE = "online"
OFFLINE = "offline"
"""The two words of availability: birth, last will and a clean stop say the same."""


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics below ``<prefix>/<chair.id>``."""

    prefix: str
    chair: str

    @property
    def root(self) -> str:
        """What all topics of the chair begin with."""
        return f"{self.prefix}/{self.chair}"

    @property
    def availability(self) -> str:
        """Retained: ``online`` or ``offline``."""
        return f"{self.root}/availability"

    @property
    def state(self) -> str:
        """Retained: one JSON object, see ``unsit.mqtt.state``."""
        return f"{self.root}/state"

    @property
    def event(self) -> str:
        """Fresh events, for automations; also the answer to a refused command."""
        return f"{self.root}/event"

    @property
    def log(self) -> str:
        """Every event in order of ``seq``, however late."""
        return f"{self.root}/log"

    @property
    def commands(self) -> str:
        """The filter that all commands match."""
        return f"{self.root}/command/#"

    def command(self, name: str) -> str:
        """Where a command is sent to."""
        return f"{self.root}/command/{name}"

    def command_in(self, topic: str) -> str:
        """The name of the command that a topic carries."""
        return topic.removeprefix(f"{self.root}/command/")
