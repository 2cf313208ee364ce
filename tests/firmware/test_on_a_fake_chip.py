"""Device classes on the real libgpiod and lgpio, in processes with a fake chip."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.fake_chip import NoFakeChipError, compile_chip, under
from support.fixtures import missing

HERE = Path(__file__).parent


def chip_of(folder: Path) -> dict[str, str]:
    """Return the environment of a process with a fake chip."""
    try:
        library = compile_chip(folder / "fakegpiochip.so")
    except NoFakeChipError as why:
        missing(str(why))
    return under(library, folder / "chip") | {"LG_WD": str(folder)}  # folder of lgpio's pipe


def passes(module: str, pins: str, folder: Path) -> None:
    """Run a module of tests on a back end over the fake chip."""
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / module)],
        env=os.environ | chip_of(folder) | {"UNSIT_TEST_CHIP": "fake", "UNSIT_TEST_PINS": pins},
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "skipped" not in ended.stdout


def test_the_devices_run_on_libgpiod(tmp_path: Path) -> None:
    passes("test_backends.py", "gpiod", tmp_path)


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="lgpio has no wheel for this Python")
def test_the_devices_run_on_lgpio(tmp_path: Path) -> None:
    passes("test_backends.py", "lgpio", tmp_path)


def test_a_lost_thread_of_libgpiod_is_found(tmp_path: Path) -> None:
    passes("on_hearing.py", "gpiod", tmp_path)


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="lgpio has no wheel for this Python")
def test_a_lost_thread_of_lgpio_is_found(tmp_path: Path) -> None:
    passes("on_hearing.py", "lgpio", tmp_path)


def test_the_gpiod_factory_passes_its_tests(tmp_path: Path) -> None:
    passes("on_libgpiod.py", "gpiod", tmp_path)
