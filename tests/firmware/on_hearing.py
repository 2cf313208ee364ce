"""Proof that edges are heard, wherever there is a chip; run by test_on_a_fake_chip.py."""

import os
import threading
from collections.abc import Iterator

import pytest
from gpiozero import DigitalInputDevice

from dying import end_thread
from firmware.benches import BUTTON, MAT, PATIENCE, Bench, gpiod, lgpio
from mosquitto import until
from unsit_firmware import PressureMat
from unsit_firmware.errors import DeafError
from unsit_firmware.hearing import Hearing

LGPIO = os.environ.get("UNSIT_TEST_PINS") == "lgpio"


pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnhandledThreadExceptionWarning"  # the end of a thread is the point
)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench = (lgpio if LGPIO else gpiod)(monkeypatch)
    yield bench
    bench.close()


def test_who_hears_says_so(bench: Bench) -> None:
    answered = threading.Event()
    with PressureMat(MAT, when_changed=bench.hear, pin_factory=bench.pins):
        Hearing(bench.pins).ask(answered.set)
        assert answered.wait(PATIENCE)
        bench.connect(MAT, True)
        bench.expect(True)


def test_pins_to_which_nobody_listens_need_no_thread(bench: Bench) -> None:
    answered = threading.Event()
    Hearing(bench.pins).ask(answered.set)
    assert answered.wait(PATIENCE)


def test_a_thread_that_has_ended_is_found(bench: Bench) -> None:
    """By a callback of somebody else's device on lgpio; on gpiod no callback can do that."""

    def leave() -> None:
        raise SystemExit

    with (
        PressureMat(MAT, when_changed=bench.hear, pin_factory=bench.pins),
        DigitalInputDevice(BUTTON, pull_up=True, pin_factory=bench.pins) as other,
    ):
        other.when_activated = leave
        hearing = Hearing(bench.pins)
        thread = hearing.threads[0]
        if LGPIO:
            bench.connect(BUTTON, True)
        else:
            end_thread(thread, lambda: bench.connect(MAT, True))
        until(lambda: not thread.is_alive(), "the thread ends")

        with pytest.raises(DeafError, match="has ended, in which edges of pins are heard"):
            hearing.ask(lambda: None)
