"""The device classes and our pin factory on a real kernel, with the chips of each Raspberry Pi."""

import pytest

from kernel.guest import PI_MODELS, pytest_on, require_guest, run_in_guest

pytestmark = pytest.mark.kernel

FIRMWARE = "/host/tests/firmware"
NOT_ON_GPIO_SIM = ("-k", "not before_the_start and not lost_edge")
"""gpio-sim's pull is also its wire: a line that is configured again loses its wire."""

BACK_ENDS = (f"{FIRMWARE}/test_backends.py", *NOT_ON_GPIO_SIM)
OURS = (f"{FIRMWARE}/on_libgpiod.py", "/host/qa/kernel/on_the_kernel.py")


@pytest.mark.parametrize("pi", PI_MODELS)
def test_gpiod_and_lgpio_drive_the_header(pi: str) -> None:
    require_guest()
    gpiod = pytest_on("gpiod", *BACK_ENDS, *OURS)
    lgpio = pytest_on("lgpio", *BACK_ENDS)

    printed = run_in_guest(["bash", "-c", f"({gpiod}) && ({lgpio})"], pi=pi)

    assert printed.count(" passed, ") == 2
    assert "skipped" not in printed
