"""``unsit check`` on a real kernel: it names the holder of a line."""

import pytest

from kernel.guest import pytest_on, require_guest, run_in_guest

pytestmark = pytest.mark.kernel


def test_the_holder_of_a_line_is_named_on_a_real_kernel() -> None:
    require_guest()

    tests = pytest_on("gpiod", "/host/qa/kernel/in_check.py")
    printed = run_in_guest(["bash", "-c", tests], pi="zero2w")

    assert "3 passed" in printed
