"""A broker and a watcher for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import missing
from mosquitto import Mosquitto, Watcher, program


@pytest.fixture
def mosquitto_is_here() -> None:
    """Skips, or in CI fails, where there is no mosquitto."""
    if program() is None:
        missing("mosquitto is not installed")


@pytest.fixture
def stopped_broker(mosquitto_is_here: None, tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that does not run yet."""
    broker = Mosquitto(tmp_path)
    yield broker
    broker.stop()


@pytest.fixture
def broker(stopped_broker: Mosquitto) -> Mosquitto:
    """A broker that runs."""
    stopped_broker.start()
    return stopped_broker


@pytest.fixture
def watcher(broker: Mosquitto) -> Iterator[Watcher]:
    """A client that receives all messages."""
    watcher = Watcher(broker)
    yield watcher
    watcher.close()
