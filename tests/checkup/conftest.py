"""What the planted faults share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gpiozero import Device

from checkup.planting import stub, with_path
from unsit_firmware.simulation import SimulatedPins


@pytest.fixture
def pins() -> Iterator[SimulatedPins]:
    """Simulated pins, which the program finds as this machine's."""
    pins = SimulatedPins(environment={})
    Device.pin_factory = pins
    yield pins
    pins.close()
    Device.pin_factory = None


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a program on the path, before the real one: its name, what it says, its exit code."""
    folder = tmp_path / "programs"
    monkeypatch.setenv("PATH", with_path(folder))

    def put(name: str, says: str, code: int = 0) -> None:
        stub(folder, name, says, code)

    return put
