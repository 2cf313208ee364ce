"""All that one run found out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from contest.contenders import REFERENCE
from contest.result import Result
from contest.tables import as_json, figures, ratios
from contest.trial import IMPORTS, Extent
from contest.versions import headline


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured, how much of it, and with which versions.

    imports: milliseconds that the imports alone took. load: the machine's load average before.
    """

    versions: dict[str, str]
    extent: Extent
    results: Sequence[Result]
    imports: list[float]
    load: float

    def as_markdown(self) -> str:
        """Two tables headed by what they hold."""
        yardstick = Result(f"`{IMPORTS}`", ready=self.imports)
        measured = (
            f"{self.extent.idle:g} s idle, {self.extent.edges} edges one by one and as many at "
            f"50/s, {self.extent.starts} starts; the machine's load was {self.load:.2f} before"
        )
        parts = [
            f"{headline(self.versions)}; {measured}.\n",
            figures([*self.results, yardstick], self.extent.edges),
        ]
        reference = self._reference()
        if reference is not None:
            parts += [f"Ratios to {reference.name}:\n", ratios(self.results, reference, yardstick)]
        return "\n".join(parts)

    def as_object(self) -> dict[str, Any]:
        """For JSON. Durations end in their unit."""
        return {
            "versions": self.versions,
            "extent": asdict(self.extent),
            "load_before": self.load,
            "contenders": [as_json(result) for result in self.results],
            "imports": as_json(Result(IMPORTS, ready=self.imports))["ready_ms"],
        }

    def _reference(self) -> Result | None:
        """The result that the others are set in relation to, if it was measured."""
        results = (result for result in self.results if result.name == REFERENCE.name)
        return next(results, None)
