"""The page of a report in the folder ``www`` of a real Home Assistant, and on its dashboard."""

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest

from support.ha_fixture import FOR_USERS
from support.real_home_assistant import INSTALLED, Chair, RealHome

pytestmark = pytest.mark.homeassistant

BROWSER_DRIVER = INSTALLED.parents[2] / "node" / "node_modules" / "playwright-core"

CARDS = (
    {"type": "iframe", "url": "/local/unsit.html", "aspect_ratio": "100%"},
    {"type": "markdown", "content": '<a href="/local/unsit.html?{{ now().date() }}">Sitting</a>'},
)
"""Cards of ``homeassistant/README.md``."""


@pytest.fixture(scope="module")
def www(home: RealHome) -> Path:
    """Return the folder ``www``, which Home Assistant serves if it is there at its start."""
    folder = home.run / "config" / "www"
    folder.mkdir(exist_ok=True)
    home.restart("ha")
    return folder


@pytest.fixture
def page(home: RealHome, chair: Chair, www: Path) -> Path:
    """Return the page of a chair on which somebody sits."""
    chair.start()
    chair.sits()
    home.shows(occupied="on")
    file = www / "unsit.html"
    subprocess.run(chair.command("report", "--html", str(file)), check=True)
    return file


@pytest.fixture
def dashboard(home: RealHome) -> str:
    """Return the path of a dashboard with the cards."""
    order = {"url_path": "chair-report", "title": "Report", "mode": "storage"}
    home.program("api", "WS", "lovelace/dashboards/create", json.dumps(order))
    views = [{"title": "Report", "type": "sections", "sections": [{"cards": CARDS}]}]
    saved = {"url_path": "chair-report", "config": {"views": views}}
    home.program("api", "WS", "lovelace/config/save", json.dumps(saved))
    return "/chair-report/0"


def test_the_page_is_served_as_it_was_written_and_may_be_framed(home: RealHome, page: Path) -> None:
    with urllib.request.urlopen(home.address("/local/unsit.html"), timeout=30) as answer:  # noqa: S310
        assert answer.status == 200
        assert answer.headers.get_content_type() == "text/html"
        assert answer.read() == page.read_bytes()
        assert answer.headers.get("X-Frame-Options", "SAMEORIGIN") == "SAMEORIGIN"
        assert answer.headers.get("Content-Security-Policy") is None
        # The README warns of it: a browser keeps the page for 31 days.
        assert answer.headers["Cache-Control"] == "public, max-age=2678400"
    readme = (FOR_USERS / "README.md").read_text(encoding="utf-8")
    assert [value for card in CARDS for value in card.values() if value not in readme] == []
    assert b"Not over yet: a bout since" in page.read_bytes()


@pytest.mark.skipif(
    not BROWSER_DRIVER.exists(),
    reason="there is no browser; run: sudo rigs/homeassistant/install",
)
def test_the_dashboard_shows_the_page_in_a_card(
    home: RealHome, page: Path, dashboard: str, tmp_path: Path
) -> None:
    assert page.exists()
    picture = tmp_path / "report.png"
    words = ("--wait", "Seated per day", "--wait", "Not over yet", "--wait", "All figures")
    home.program("shot", dashboard, str(picture), *words)
    assert picture.stat().st_size > 10_000
