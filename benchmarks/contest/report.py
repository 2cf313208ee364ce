"""Report of one run."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from contest.contenders import FLOOR, REFERENCE
from contest.result import Result
from contest.tables import as_json, figures, ratios
from contest.trial import IMPORTS, Extent
from contest.versions import headline

QUIET_SPREAD = 1.3
"""Largest ratio of the floor's slowest life to its fastest on a machine that counts as quiet."""


@dataclass(frozen=True, slots=True)
class Report:
    """Results of a run, with its extent and the versions.

    imports: milliseconds of the imports alone. load: load average of the machine before the run.
    """

    versions: dict[str, str]
    extent: Extent
    results: Sequence[Result]
    imports: list[float]
    load: float

    def as_markdown(self) -> str:
        """Return the tables of figures and ratios in Markdown, headed by versions and extent."""
        yardstick = Result(f"`{IMPORTS}`", ready=self.imports)
        measured = (
            f"{self.extent.idle:g} s idle, {self.extent.rounds} lives in turn with "
            f"{self.extent.edges} edges one by one and as many at 50/s, {self.extent.starts} "
            f"starts; the machine's load was {self.load:.2f} before"
        )
        parts = [
            f"{headline(self.versions)}; {measured}.\n",
            figures([*self.results, yardstick], self.extent.rounds * self.extent.edges),
            self._noise(),
        ]
        reference = self._reference()
        if reference is not None:
            parts += [f"Ratios to {reference.name}:\n", ratios(self.results, reference, yardstick)]
        return "\n".join(parts)

    def as_object(self) -> dict[str, Any]:
        """Return an object for JSON. The keys of durations end in the unit."""
        return {
            "versions": self.versions,
            "extent": asdict(self.extent),
            "load_before": self.load,
            "contenders": [as_json(result) for result in self.results],
            "imports": as_json(Result(IMPORTS, ready=self.imports))["ready_ms"],
        }

    def _noise(self) -> str:
        """Return a sentence about the machine, from the spread of the floor's lives."""
        medians = next((one.medians for one in self.results if one.name == FLOOR.name), [])
        if not medians:
            return "The floor was not measured, so nothing is known of the machine's own noise.\n"
        spread = max(medians) / min(medians)
        verdict = "quiet" if spread <= QUIET_SPREAD else "noisy: compare nothing finer than that"
        return f"The floor's slowest life took {spread:.2f} times its fastest: {verdict}.\n"

    def _reference(self) -> Result | None:
        """Return the result to which the ratios refer, None if it was not measured."""
        results = (result for result in self.results if result.name == REFERENCE.name)
        return next(results, None)
