"""What the documentation states is what the code does."""

import re
from pathlib import Path

import pytest

import reference
from unsit.__main__ import _COMMANDS
from unsit.settings.load import known_keys, sections

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page
    for page in ROOT.rglob("*.md")
    if not {".venv", "node_modules", ".hypothesis"} & set(page.relative_to(ROOT).parts)
)


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", reference.BLOCKS)
def test_the_reference_blocks_are_as_the_code_makes_them(page: str) -> None:
    assert read(page) == reference.fresh(page), "stale; run: make docs"


def test_every_setting_that_a_page_names_exists() -> None:
    known = set(known_keys())
    names = "|".join(sections())
    for page in PAGES:
        named = re.findall(rf"`((?:{names})\.[a-z_]+)", page.read_text(encoding="utf-8"))
        files = {name for name in named if name.endswith((".py", ".md")) or ".my_chair_" in name}
        assert set(named) - known - files <= set(), page


def test_every_command_that_a_page_shows_exists() -> None:
    for page in PAGES:
        shown = re.findall(r"`(?:sudo )?(?:\S*/)?unsit ([a-z]+)", page.read_text(encoding="utf-8"))
        assert set(shown) <= set(_COMMANDS), page


def test_there_are_more_than_sixty_behaviours() -> None:
    numbers = re.findall(r"^\| (\d+) \| [A-Z]", read("tests/behaviours/README.md"), re.M)

    assert [int(number) for number in numbers] == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 60


def test_every_link_to_a_file_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page}: {target}"
        for target in re.findall(r'src="([^":]+)"', page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_every_link_to_a_heading_leads_to_one() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for file, heading in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", text):
            target = (page.parent / file).resolve() if file else page
            if target.suffix == ".md":
                assert heading in headings(target), f"{page}: {file}#{heading}"


def headings(page: Path) -> set[str]:
    """The names of a page's headings in links, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.M))
    for page in PAGES:
        named = re.findall(r"`make ([a-z]+)`", page.read_text(encoding="utf-8"))
        assert set(named) <= targets, page


def test_every_top_level_folder_has_a_readme() -> None:
    folders = [
        *("firmware", "service", "systemd", "hardware", "homeassistant", "tests", "benchmarks"),
    ]

    assert [folder for folder in folders if not (ROOT / folder / "README.md").exists()] == []


def test_the_readme_opens_with_the_picture_and_has_the_two_commands() -> None:
    readme = read("README.md")

    assert "hardware/chair.svg" in readme[:200]
    assert readme.index("make demo") < readme.index("make test") < 1500
