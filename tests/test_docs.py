"""The documentation agrees with the code, and its links lead somewhere."""

import re
import subprocess
from pathlib import Path

import pytest

from support import reference
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
def test_the_reference_blocks_are_up_to_date(page: str) -> None:
    assert read(page) == reference.fresh(page), "stale; run: make docs"


def test_every_setting_that_a_page_names_exists() -> None:
    known = set(known_keys())
    names = "|".join(sections())
    for page in PAGES:
        named = re.findall(rf"`((?:{names})\.[a-z_]+)", page.read_text(encoding="utf-8"))
        files = {
            name
            for name in named
            if name.endswith((".py", ".md", ".sqlite")) or ".my_chair_" in name
        }
        assert set(named) - known - files <= set(), page


def test_every_command_that_a_page_shows_exists() -> None:
    for page in PAGES:
        shown = re.findall(r"`(?:sudo )?(?:\S*/)?unsit ([a-z]+)", page.read_text(encoding="utf-8"))
        assert set(shown) <= set(_COMMANDS), page


def test_the_behaviours_are_numbered_without_a_gap() -> None:
    numbers = re.findall(r"^\| (\d+) \| [A-Z]", read("tests/behaviours/README.md"), re.M)

    assert [int(number) for number in numbers] == list(range(1, len(numbers) + 1))


def test_every_helper_of_the_tests_is_in_the_table_and_no_other() -> None:
    section = read("tests/README.md").partition("## Helpers in support/")[2]
    helpers = {file.stem for file in (ROOT / "tests" / "support").glob("[a-z]*.py")}

    assert set(re.findall(r"^\| `(\w+)` \|", section, re.M)) == helpers


def test_every_link_to_a_file_leads_somewhere() -> None:
    for page in PAGES:
        words = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)#:]+)\)", words) + re.findall(r'src="([^":]+)"', words):
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_every_link_to_a_heading_leads_to_one() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for file, heading in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", text):
            target = (page.parent / file).resolve() if file else page
            if target.suffix == ".md":
                assert heading in headings(target), f"{page}: {file}#{heading}"


def headings(page: Path) -> set[str]:
    """Return the names of a page's headings in links, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_every_file_and_name_that_the_map_of_the_service_names_exists() -> None:
    code = {
        file.relative_to(ROOT).as_posix(): file
        for folder in ("service", "firmware", "tests", "qa")
        for file in (ROOT / folder).rglob("*.*")
    }
    named = re.findall(
        r"`([\w/]+\.(?:py|json|toml))`(?: \((?:of )?`(\w+)`)?", read("service/README.md")
    )

    assert named
    for path, name in named:
        texts = [
            file.read_text(encoding="utf-8")
            for known, file in code.items()
            if f"/{known}".endswith(f"/{path}")
        ]
        assert texts, f"service/README.md: there is no {path}"
        assert any(name in text for text in texts), f"service/README.md: {path} has no {name}"


def test_every_make_target_that_a_page_names_exists() -> None:
    rules = re.findall(r"^([a-z ]+):", read("Makefile"), re.M)
    targets = {target for rule in rules for target in rule.split()}
    for page in PAGES:
        named = re.findall(r"`make ([a-z]+)`", page.read_text(encoding="utf-8"))
        assert set(named) <= targets, page


def test_every_top_level_folder_has_a_readme() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    folders = {name.partition("/")[0] for name in listed.stdout.splitlines() if "/" in name}

    assert [
        folder
        for folder in sorted(folders)
        if not folder.startswith(".") and not (ROOT / folder / "README.md").exists()
    ] == []
