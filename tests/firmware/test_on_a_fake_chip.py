"""The device classes on the real libgpiod and lgpio, in processes that have a fake chip."""

import subprocess
import sys
from pathlib import Path

import pytest

from firmware.fakechip import compiled, on_a_chip

HERE = Path(__file__).parent


def passes(module: str, pins: str, folder: Path) -> None:
    """Runs a module of tests on a back end over the fake chip."""
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / module)],
        env=on_a_chip(pins, compiled(folder), folder),
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


def test_our_pin_factory_keeps_what_it_promises(tmp_path: Path) -> None:
    passes("on_libgpiod.py", "gpiod", tmp_path)
