"""Program that takes the screenshots of the page of a report in a real browser.

    make pages

It needs chromium (sudo apt install chromium fonts-dejavu-core). The pages are those of a generated
person, made by the command itself. Each is taken on a phone, a tablet and a desk, light and dark,
in each language, to look at; one of them is kept for the README.
"""

import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from support.sample_history import events, person, write_history
from unsit.__main__ import main as unsit
from unsit.words import languages

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "service" / "report.png"
KEPT_SIZE = (1000, 846)
"""Width and height of the picture of the README, in pixels: the page down to its bars."""

FIRST, SHOWN, LAST = date(2025, 9, 1), date(2026, 11, 19), date(2026, 11, 27)
"""First day of the history, a day of the periods on the pages, and the last day of the history."""

PERIODS = ("day", "week", "month", "year", "all")
WIDTHS = (390, 768, 1400)
HEIGHT = 2600


def write_pages(folder: Path) -> dict[tuple[str, str], Path]:
    """Write a page of each period in each language; return them by period and language."""
    write_history(folder, events(person(FIRST, LAST, seed=5)))
    pages = {}
    for language in languages():
        for period in PERIODS:
            file = pages[period, language] = folder / f"{period}-{language}.html"
            of = [] if period == "all" else ["--of", SHOWN.isoformat(), "--compare"]
            settings = [f"chair.language={language}", "hours.timezone=Europe/Berlin"]
            flags = [part for setting in settings for part in ("--set", setting)]
            options = ["--html", str(file), "--state-dir", str(folder), *flags]
            code = unsit(["report", period, *of, *options])
            assert code == os.EX_OK, (period, language)
    return pages


def take(page: Path, picture: Path, size: tuple[int, int], *, dark: bool = False) -> None:
    """Take a picture of a page. size: of the window, in pixels."""
    # A window of the browser has a least width, so that a phone is a frame in another page.
    width, height = size
    frame = page.with_suffix(".frame.html")
    frame.write_text(
        f'<body style="margin:0"><iframe src="{page.name}" style="border:0;width:{width}px;'
        f'height:{height}px;color-scheme:{"dark" if dark else "light"}"></iframe>',
        encoding="utf-8",
    )
    with tempfile.TemporaryDirectory() as profile:
        order = [
            *("chromium", "--headless", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            *(f"--user-data-dir={profile}", f"--window-size={width},{height}"),
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
            *(["--force-dark-mode"] if dark else []),
            *(f"--screenshot={picture}", frame.as_uri()),
        ]
        subprocess.run(order, check=True, capture_output=True)
    print(picture)


def main(folder: Path) -> None:
    """Take all pictures into a folder, and the one of the README."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as state:
        pages = write_pages(Path(state))
        take(pages["week", "en"], KEPT, KEPT_SIZE)
        for (period, language), page in pages.items():
            for width in WIDTHS:
                for dark in (False, True):
                    name = f"{period}-{language}-{width}{'-dark' if dark else ''}.png"
                    take(page, folder / name, (width, HEIGHT), dark=dark)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="unsit-pages-")))
