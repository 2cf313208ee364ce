"""Tests of EdgeThreads on any chip; test_on_a_fake_chip.py runs them."""

import os
import threading
from collections.abc import Iterator

import pytest
from gpiozero import DigitalInputDevice

from support.gpio_benches import BUTTON, MAT, TIMEOUT_S, Bench, gpiod, lgpio
from support.kill_thread import end_thread
from support.mosquitto import until
from unsit_firmware import PressureMat
from unsit_firmware.contact import EdgeThreads
from unsit_firmware.errors import EdgeThreadLostError

LGPIO = os.environ.get("UNSIT_TEST_PINS") == "lgpio"


pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnhandledThreadExceptionWarning"  # the test ends a thread
)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench = (lgpio if LGPIO else gpiod)(monkeypatch)
    yield bench
    bench.close()


def test_the_thread_that_receives_edges_replies(bench: Bench) -> None:
    answered = threading.Event()
    with PressureMat(MAT, when_changed=bench.record_edge, pin_factory=bench.pins):
        EdgeThreads(bench.pins).ping(answered.set)
        assert answered.wait(TIMEOUT_S)
        bench.connect(MAT, True)
        bench.expect(True)


def test_pins_without_a_listener_need_no_thread(bench: Bench) -> None:
    answered = threading.Event()
    EdgeThreads(bench.pins).ping(answered.set)
    assert answered.wait(TIMEOUT_S)


def test_a_thread_that_has_ended_is_an_error(bench: Bench) -> None:
    """End the thread by a callback of another device on lgpio; on gpiod no callback can do that."""

    def leave() -> None:
        raise SystemExit

    with (
        PressureMat(MAT, when_changed=bench.record_edge, pin_factory=bench.pins),
        DigitalInputDevice(BUTTON, pull_up=True, pin_factory=bench.pins) as other,
    ):
        other.when_activated = leave
        edge_threads = EdgeThreads(bench.pins)
        thread = edge_threads.threads[0]
        if LGPIO:
            bench.connect(BUTTON, True)
        else:
            end_thread(thread, lambda: bench.connect(MAT, True))
        until(lambda: not thread.is_alive(), "the thread ends")

        with pytest.raises(
            EdgeThreadLostError, match="which receives the edges of pins, has ended"
        ):
            edge_threads.ping(lambda: None)
