"""One real Home Assistant for all tests of a session, and a chair in it for each module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import missing
from realhome import Chair, RealHome, absence


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHome]:
    """Home Assistant; skips, or in CI fails, where there is none."""
    if (what := absence()) is not None:
        missing(what)
    home = RealHome(tmp_path_factory.mktemp("home"))
    yield home
    home.down()


@pytest.fixture
def chair(home: RealHome, tmp_path: Path) -> Iterator[Chair]:
    """A chair that is due after 3 s and takes 2 s for a break, not yet started."""
    chair = Chair(home, tmp_path / "state", "sitting.move_after=3s", "sitting.min_break=2s")
    yield chair
    chair.kill()
