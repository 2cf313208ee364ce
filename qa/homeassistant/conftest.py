"""One real Home Assistant for all tests, and a chair in it for each test."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.fixtures import missing
from support.real_home_assistant import Chair, RealHome, missing_installation


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHome]:
    """Start Home Assistant; skip the test, or fail it in CI, if it is not installed."""
    if (what := missing_installation()) is not None:
        missing(what)
    home = RealHome(tmp_path_factory.mktemp("home"))
    _enable_entities(home, tmp_path_factory.mktemp("first chair") / "state")
    yield home
    home.down()


def _enable_entities(home: RealHome, state: Path) -> None:
    """Enable the entities of a first chair; Home Assistant remembers it for those that follow."""
    chair = Chair(home, state)
    chair.start()
    home.shows(occupied="off")
    home.enable_all()
    chair.stop()
    subprocess.run(chair.command("forget"), check=True, capture_output=True)
    home.wait(lambda states: not states, "the first chair is gone")


@pytest.fixture
def chair(home: RealHome, tmp_path: Path) -> Iterator[Chair]:
    """Return a chair that is due after 3 s and needs 2 s for a break, not yet started."""
    chair = Chair(home, tmp_path / "state", "sitting.move_after=3s", "sitting.min_break=2s")
    yield chair
    chair.kill()
