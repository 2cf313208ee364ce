"""What all tests share: where the recordings are, and when a missing piece is a failure."""

import os
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from gpiozero import Device

import marker
from mosquitto import Mosquitto, Watcher, program
from shared import SHARED

if TYPE_CHECKING:
    from unsit_firmware.simulation import SimulatedPins

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")


def missing(what: str) -> None:
    """Skips the test because something real is not here; in CI that is a failure."""
    if IN_CI:
        pytest.fail(f"{what}; CI must have it")
    pytest.skip(what)


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of real recordings."""
    if not (SHARED / "data").is_dir():
        missing(f"no recordings at {SHARED / 'data'}; set UNSIT_SHARED")
    return SHARED / "data"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The settings of whoever runs the tests have no part in them."""
    for name in list(os.environ):
        if name.upper().startswith("UNSIT_") and name not in (
            "UNSIT_SHARED",
            "UNSIT_HOME_ASSISTANT",
        ):
            monkeypatch.delenv(name)
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "no-state"))
    credentials = marker.leave_in(tmp_path_factory.getbasetemp() / "credentials")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fails a test that has printed or logged the password that everything is given."""
    report = yield
    if any(marker.PASSWORD in text for _, text in report.sections):
        report.outcome = "failed"
        report.longrepr = "the marker password is in what was printed or logged"
    return report


@pytest.fixture
def pins() -> "Iterator[SimulatedPins]":
    """Simulated pins, which the program finds as this machine's."""
    from unsit_firmware.simulation import SimulatedPins  # not there on a machine to install it on

    pins = SimulatedPins(environment={})
    Device.pin_factory = pins
    yield pins
    pins.close()
    Device.pin_factory = None


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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 1 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "unsit-test", place])
    if mounted.returncode != 0:
        missing("no file system can be mounted here: root is needed")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)  # a test that failed may be there still
