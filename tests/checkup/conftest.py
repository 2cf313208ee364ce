"""Fixtures of the planted faults."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.planted_faults import VirtualTime, stub, with_path, write
from support.remedies import Cure
from unsit_firmware.simulation.pins import SimulatedPins


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that puts a program before the real one: name, output, exit code."""
    folder = tmp_path / "programs"
    monkeypatch.setenv("PATH", with_path(folder))

    def put(name: str, says: str, code: int = 0) -> None:
        stub(folder, name, says, code)

    return put


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Return a function that puts a shell script in the place of a program: name, script."""
    folder = tmp_path / "programs"
    monkeypatch.setenv("PATH", with_path(folder))

    def put(name: str, script: str) -> None:
        write(folder / name, f"#!/bin/sh\nset -eu\n{script}\n").chmod(0o755)

    return put


@pytest.fixture
def cure(tmp_path: Path) -> Iterator[Cure]:
    """Yield the means to carry out remedies; a test that has them must cure a fault."""
    cure = Cure(tmp_path)
    yield cure
    assert cure.done, "no remedy was carried out"


@pytest.fixture
def virtual() -> VirtualTime:
    """Return the time of simulated parts, which passes only when somebody waits."""
    return VirtualTime()


@pytest.fixture
def virtual_pins(virtual: VirtualTime) -> Iterator[SimulatedPins]:
    """Yield simulated pins in virtual time."""
    pins = SimulatedPins(virtual)
    yield pins
    pins.close()
