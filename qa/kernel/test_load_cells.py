"""The bit-banged HX711 on a real kernel, through each back end."""

import pytest

from kernel.guest import pytest_on, require_guest, run_in_guest

pytestmark = pytest.mark.kernel

MODULE = "/host/qa/kernel/hx711_on_the_kernel.py"


@pytest.mark.parametrize("back_end", ["gpiod", "lgpio"])
def test_the_hx711_is_read_right_also_after_a_power_down(
    back_end: str,
) -> None:
    require_guest()

    printed = run_in_guest(["bash", "-c", pytest_on(back_end, MODULE)], pi="pi4")

    assert " passed" in printed
    assert "failed" not in printed
    assert "skipped" not in printed
