"""Our pin factory on a real kernel; run by kernel/test_pins.py, as root."""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from gpiozero import DigitalInputDevice, DigitalOutputDevice

from support.gpio_benches import BUTTON, BUZZER, MAT, Bench, gpiod
from support.gpio_lines import chip_control
from support.mosquitto import until
from unsit_firmware import PushButton
from unsit_firmware.libgpiod import HEADER_LABELS

NOBODY = 65534
HOLDS_THE_BUZZER = """
import sys
from gpiozero import Buzzer
buzzer = Buzzer(18)
print("held", flush=True)
sys.stdin.read()
"""
USES_THE_BUZZER = "from gpiozero import Buzzer; Buzzer(18)"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench = gpiod(monkeypatch)
    yield bench
    bench.close()


def program(code: str, **user: Any) -> subprocess.CompletedProcess[str]:
    """Run a gpiozero program on our factory. user: arguments of subprocess that name a user."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"GPIOZERO_PIN_FACTORY": "gpiod"},
        capture_output=True,
        text=True,
        **user,
    )


def test_the_header_s_chip_is_found_by_its_label(bench: Bench) -> None:
    assert bench.pins.chip.get_info().label in HEADER_LABELS
    assert bench.pins.chip.get_info().num_lines == 54
    assert bench.pins.board_info.manufacturer.startswith("Sony")


def test_a_pull_reaches_the_line(bench: Bench) -> None:
    with DigitalInputDevice(MAT, pull_up=True, pin_factory=bench.pins):
        assert bench.is_high(MAT)
    with DigitalInputDevice(MAT, pull_up=False, pin_factory=bench.pins):
        assert not bench.is_high(MAT)


def test_two_hundred_edges_in_quick_succession_are_all_seen_in_order(bench: Bench) -> None:
    seen: list[tuple[float, int]] = []
    pin = bench.pins.pin(MAT)
    pin.input_with_pull("up")

    def note(ticks: float, state: int) -> None:
        seen.append((ticks, state))

    pin.when_changed = note
    for number in range(1, 201):
        chip_control().change(MAT, number % 2 == 1)
        # gpio-sim makes one interrupt of two changes within a tick: the next waits for this one.
        until(lambda: len(seen) == number, "the edge is seen")  # noqa: B023

    assert [state for _, state in seen] == [0, 1] * 100
    assert all(earlier < later for (earlier, _), (later, _) in pairwise(seen))


def test_the_kernel_s_debounce_makes_one_press_of_a_chattering_contact(bench: Bench) -> None:
    with PushButton(BUTTON, when_changed=bench.record_edge, pin_factory=bench.pins) as button:
        for _ in range(6):
            chip_control().change(BUTTON, True)
            chip_control().change(BUTTON, False)
        bench.connect(BUTTON, True)
        bench.expect(True)
        assert button.pressed
        bench.connect(BUTTON, False)
        bench.expect(True, False)


def test_an_output_without_an_initial_value_stays_as_it_was_found(bench: Bench) -> None:
    for to_ground in (True, False):
        bench.connect(BUZZER, to_ground)
        with DigitalOutputDevice(BUZZER, initial_value=None, pin_factory=bench.pins) as output:
            assert bench.is_high(BUZZER) is not to_ground
            assert output.value is not int(to_ground)
        bench.connect(BUZZER, True)


def test_a_line_held_by_another_program_is_an_error_that_names_its_process(bench: Bench) -> None:
    bench.close()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS_THE_BUZZER],
        env=os.environ | {"GPIOZERO_PIN_FACTORY": "gpiod"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"

    refused = program(USES_THE_BUZZER)

    holder.communicate("")
    assert refused.stderr.splitlines()[-1].endswith(
        f"is held by gpiozero pid {holder.pid}; end that program or driver, or choose another "
        "pin (gpioinfo shows who holds which)"
    )
    assert program(USES_THE_BUZZER).returncode == 0


def test_without_the_group_the_error_names_it_and_says_how_to_join() -> None:
    refused = program(USES_THE_BUZZER, user=NOBODY, group=NOBODY, extra_groups=[])

    assert "nobody may not open /dev/gpiochip" in refused.stderr
    assert refused.stderr.rstrip().endswith(
        "; the group gpio may: sudo usermod -aG gpio nobody, then log in again"
    )


def test_with_the_group_no_other_right_is_needed() -> None:
    group = next(Path("/dev").glob("gpiochip*")).stat().st_gid

    assert program(USES_THE_BUZZER, user=NOBODY, group=NOBODY, extra_groups=[group]).returncode == 0
