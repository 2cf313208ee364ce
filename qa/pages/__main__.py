"""Program that looks at the page of a report in a real browser, and says what is wrong with it.

    make pages

It needs chromium, node and java:

    sudo apt install chromium fonts-dejavu-core npm default-jre-headless

The first run gets a driver of the browser, axe and the Nu Html Checker with npm.

The pages are those of a generated person, made by the command itself, and of histories that no
person has. Each is opened on a phone, a tablet and a desk, light and dark, in each language, and
printed. Wrong are: a message on the console, any request, anything wider than the window, what axe
finds, and what the checker finds. The pictures are to look at; one is kept for the README.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pages.samples import write_extremes, write_person

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "build" / "pages"
PACKAGES = {"playwright-core": "1.65.1", "axe-core": "4.14.1", "vnu-jar": "26.9.27"}
LOOK = Path(__file__).with_name("look.mjs")

KEPT = ROOT / "service" / "report.png"
KEPT_PAGE, KEPT_WIDTH, KEPT_HEIGHT = "week-en", 1000, 870
"""Page and size in pixels of the picture of the README: the page down to its bars."""

WIDTHS = (390, 768, 1400)

NOT_WRONG = "Inline style violates Content Security Policy"
"""Begin of a warning of the checker about a style sheet with a hash, which browsers apply."""


class MissingToolError(Exception):
    """A program that is not installed; how to install it."""


def main(folder: Path) -> int:
    """Take all pictures into a folder, print what is wrong, and return the exit code."""
    browser = _tool("chromium", "chromium fonts-dejavu-core")
    java = _tool("java", "default-jre-headless")
    _install_tools()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as state:
        persons = write_person(Path(state))
        pages = {**persons, **write_extremes(Path(state))}
        jobs = [*_jobs(pages, folder), _kept(pages[KEPT_PAGE])]
        job = {"browser": browser, "modules": str(TOOLS), "pages": jobs}
        looked = subprocess.run(
            ["node", str(LOOK)],
            input=json.dumps(job),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        wrong = [
            f"{Path(one['file']).stem}, {one['width']} px{', dark' * one['dark']}: {one['what']}"
            for one in json.loads(looked.stdout)
        ]
        wrong += _check(java, pages.values())
    for line in wrong:
        print(f"WRONG  {line}")
    print(f"{len(pages)} pages, {len(jobs)} pictures in {folder}; {len(wrong)} things are wrong")
    return os.EX_DATAERR if wrong else os.EX_OK


def _tool(name: str, packages: str) -> str:
    """Return the path of a program. Raises MissingToolError."""
    found = shutil.which(name)
    if found is None:
        raise MissingToolError(f"{name} is missing; install it: sudo apt install {packages}")
    return found


def _install_tools() -> None:
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    mark = TOOLS / "installed.txt"
    if mark.exists() and mark.read_text(encoding="utf-8") == "\n".join(wanted):
        return
    npm = _tool("npm", "npm")
    TOOLS.mkdir(parents=True, exist_ok=True)
    options = ("--no-audit", "--no-fund", "--no-save", "--silent", "--prefix", str(TOOLS))
    subprocess.run([npm, "install", *options, *wanted], check=True)
    mark.write_text("\n".join(wanted), encoding="utf-8")


def _jobs(pages: Mapping[str, Path], folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what the browser does with each page; axe looks at each width and each of the looks."""
    for name, file in pages.items():
        for number, width in enumerate(WIDTHS):
            for dark in (False, True):
                yield {
                    "file": str(file),
                    "picture": str(folder / f"{name}-{width}{'-dark' if dark else ''}.png"),
                    "width": width,
                    "height": None,
                    "dark": dark,
                    "axe": dark == (number == 1),
                    "print": str(folder / f"{name}.pdf") if number == 0 and not dark else None,
                }


def _kept(file: Path) -> dict[str, Any]:
    size = {"width": KEPT_WIDTH, "height": KEPT_HEIGHT, "dark": False}
    return {"file": str(file), "picture": str(KEPT), **size, "axe": False, "print": None}


def _check(java: str, pages: Any) -> Iterator[str]:
    """Yield what the Nu Html Checker finds."""
    jar = TOOLS / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    command = [java, "-jar", str(jar), "--exit-zero-always", "--format", "json"]
    done = subprocess.run(
        [*command, *map(str, pages)], check=True, stderr=subprocess.PIPE, text=True
    )
    for one in json.loads(done.stderr)["messages"]:
        if not one["message"].startswith(NOT_WRONG):
            yield f"{Path(one['url']).stem}, line {one.get('lastLine')}: {one['message']}"


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "pictures")))
    except MissingToolError as error:
        print(error, file=sys.stderr)
        sys.exit(os.EX_UNAVAILABLE)
