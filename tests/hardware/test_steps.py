"""Steps of the building pages and the parts lists: each names what the other has."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from wiring.tables import BUILDS, rows

HARDWARE = Path(__file__).parents[2] / "hardware"
PAGES = ("from-box-to-beep.md", "build.md", "holder/README.md")

REFERENCE = re.compile(r"\b(?:BZ|LED|LC|PS|SW|[ACDFHJPQRSTUW])\d+\b")
"""References of the parts lists; M5 and M8 are threads."""

WORDS = {
    r"solder\w*": {"T2"},
    r"(?<!soldering )iron": {"T2"},
    r"screwdriver": {"T3"},
    r"side cutter|cut off|strip both|\bcut\b": {"T4"},
    r"card reader|into the reader": {"T5"},
    r"heat-shrink": {"J2"},
    r"jumper wires?": {"W2"},
    r"resistors?": {"R5"},
    r"cable ties?|hook-and-loop|foam tape": {"H1"},
    r"\bstraps?\b": {"F6", "H1"},
    r"M2\.5|M5|M6|M8|T-nuts?|wood screws?|wide washers?|lock nuts?": {"F"},
    r"steel discs?": {"P4"},
    r"both plates": {"P1", "T6"},
    r"spacers?": {"P2", "F8"},
    r"set screws?": {"F4", "T8"},
    r"hammer": {"T11"},
    r"bathroom scale": {"T10"},
    r"\bmeter\b": {"T1"},
}
"""Words for goods and tools, and the references one of which must stand in the same step."""


@dataclass(frozen=True, slots=True)
class Step:
    """Numbered step of a page, for the builds of its section."""

    page: str
    text: str
    builds: frozenset[str]

    @property
    def references(self) -> set[str]:
        """References of parts that the step names."""
        return set(REFERENCE.findall(self.text))


def steps() -> list[Step]:
    """Return the numbered steps of all pages."""
    found = []
    for page in PAGES:
        builds = frozenset(BUILDS)
        text = (HARDWARE / page).read_text(encoding="utf-8")
        # A step goes on in indented lines.
        for line in re.sub(r"\n +", " ", text).splitlines():
            if heading := re.match(r"#+ (.*)", line):
                builds = builds_of(heading[1])
            elif re.match(r"\d+\. ", line):
                found.append(Step(page, line, builds))
    return found


def builds_of(heading: str) -> frozenset[str]:
    """Return the builds that a section is for: those that its heading names, or all."""
    named = {build for build, name in BUILDS.items() if name in heading.lower()}
    return frozenset(named or BUILDS)


def listed(build: str) -> dict[str, str]:
    """Return the references of a parts list, and whether each is needed."""
    return {row["reference"]: row["needed"] for row in rows(build)}


@pytest.mark.parametrize("step", steps(), ids=lambda step: f"{step.page}: {step.text[:40]}")
def test_a_step_names_only_what_the_parts_lists_of_its_builds_have(step: Step) -> None:
    for reference in step.references:
        assert any(reference in listed(build) for build in step.builds), reference
        if len(step.builds) == 1:
            [build] = step.builds
            assert reference in listed(build), reference


@pytest.mark.parametrize("step", steps(), ids=lambda step: f"{step.page}: {step.text[:40]}")
def test_goods_and_tools_that_a_step_uses_are_named_by_their_reference(step: Step) -> None:
    for word, references in WORDS.items():
        if re.search(word, step.text, re.I):
            named = step.references | {reference[0] for reference in step.references}
            assert references & named, f"{word}: {step.text}"


@pytest.mark.parametrize("build", BUILDS)
def test_everything_that_a_build_needs_is_used_in_one_of_its_steps(build: str) -> None:
    used = {name for step in steps() if build in step.builds for name in step.references}
    needed = {name for name, need in listed(build).items() if need in ("yes", "tool")}

    assert needed <= used, needed - used


def test_the_steps_of_every_build_are_found() -> None:
    for build in BUILDS:
        assert [step for step in steps() if step.builds == {build}]


def test_a_step_without_the_reference_of_its_goods_would_be_found() -> None:
    step = Step("page", "1. Slide a piece of heat-shrink tube over each wire.", frozenset(BUILDS))

    with pytest.raises(AssertionError, match="heat-shrink"):
        test_goods_and_tools_that_a_step_uses_are_named_by_their_reference(step)
