"""The systemd unit with real pins, in a guest."""

import pytest

from kernel.guest import pytest_on, require_guest, run_in_guest

pytestmark = pytest.mark.kernel


def test_the_unit_keeps_its_promises_on_a_real_systemd_and_a_real_kernel() -> None:
    require_guest()
    command = pytest_on("gpiod", "/host/qa/kernel/in_systemd.py")

    printed = run_in_guest(["bash", "-c", command], pi="pi4", systemd=True)

    assert " passed in " in printed


def test_the_setup_finds_its_parts_on_real_lines() -> None:
    require_guest()
    command = pytest_on("gpiod", "/host/qa/kernel/in_setup.py")

    printed = run_in_guest(["bash", "-c", command], pi="zero2w", systemd=True)

    assert " passed in " in printed
