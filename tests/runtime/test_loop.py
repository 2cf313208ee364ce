"""The loop: calls from other threads, timers, the deadline that it heeds, and how it ends."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from unsit.core.instant import Instant
from unsit.runtime.clock import LiveClock, VirtualClock
from unsit.runtime.loop import Loop

Promptly = Callable[[Callable[[], Any]], Any]
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
END = 100


def sec(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def virtual_loop() -> Loop:
    """A loop whose time passes by itself, from 0 to END."""
    loop: Loop
    world = iter([(sec(END), lambda: None)])
    loop = Loop(VirtualClock(START, world, at_end=lambda: loop.stop()))
    return loop


class Heard:
    """Writes down what is called, and when."""

    def __init__(self, loop: Loop) -> None:
        self.calls: list[tuple[float, str]] = []
        self._loop = loop

    def __call__(self, name: str) -> Callable[[], None]:
        return lambda: self.calls.append((self._loop.clock.now().total_seconds(), name))


@pytest.fixture
def loop() -> Loop:
    return virtual_loop()


@pytest.fixture
def heard(loop: Loop) -> Heard:
    return Heard(loop)


def test_what_one_thread_asks_for_is_done_in_its_order() -> None:
    loop = Loop(LiveClock())
    done: list[tuple[int, int]] = []

    def ask(me: int) -> None:
        for n in range(100):
            loop.call(done.append, (me, n))

    threads = [threading.Thread(target=ask, args=(me,)) for me in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    loop.call(loop.stop)

    loop.run()

    for me in range(4):
        assert [n for who, n in done if who == me] == list(range(100))


def test_everything_is_done_in_the_thread_that_runs_the_loop(promptly: Promptly) -> None:
    loop = Loop(LiveClock())
    where: list[int] = []
    loop.call(lambda: where.append(threading.get_ident()))
    loop.call(loop.stop)

    def run() -> int:
        loop.run()
        return threading.get_ident()

    assert where == [promptly(run)]


def test_a_loop_that_waits_is_woken_by_another_thread(promptly: Promptly) -> None:
    loop = Loop(LiveClock())
    waiting = threading.Event()

    def tell() -> None:
        waiting.wait()
        loop.call(loop.stop)

    other = threading.Thread(target=tell)
    other.start()
    loop.call(waiting.set)

    promptly(loop.run)
    other.join()


def test_a_call_gets_its_arguments(loop: Loop) -> None:
    got: list[tuple[int, str]] = []
    loop.call(lambda number, text: got.append((number, text)), 3, "three")

    loop.run()

    assert got == [(3, "three")]


def test_timers_ring_in_order_of_time_and_then_of_making(loop: Loop, heard: Heard) -> None:
    loop.at(sec(7), heard("late"))
    loop.at(sec(3), heard("first"))
    loop.at(sec(5), heard("second"))
    loop.at(sec(5), heard("third"))

    loop.run()

    assert heard.calls == [(3, "first"), (5, "second"), (5, "third"), (7, "late")]


def test_a_timer_for_an_instant_that_has_passed_rings_at_once(loop: Loop, heard: Heard) -> None:
    loop.at(sec(5), lambda: loop.at(sec(2), heard("late")))

    loop.run()

    assert heard.calls == [(5, "late")]


def test_a_timer_counts_from_its_start(loop: Loop, heard: Heard) -> None:
    timer = loop.timer(4, heard("rings"))
    loop.at(sec(10), timer.start)

    loop.run()

    assert heard.calls == [(14, "rings")]


def test_a_timer_that_was_not_started_does_not_ring(loop: Loop, heard: Heard) -> None:
    loop.timer(4, heard("rings"))

    loop.run()

    assert heard.calls == []


def test_a_cancelled_timer_does_not_ring(loop: Loop, heard: Heard) -> None:
    cancelled = loop.timer(5, heard("cancelled"))
    kept = loop.timer(5, heard("kept"))
    cancelled.start()
    kept.start()
    loop.at(sec(4), cancelled.cancel)

    loop.run()

    assert heard.calls == [(5, "kept")]


def test_a_timer_cancelled_before_its_start_does_not_ring(loop: Loop, heard: Heard) -> None:
    timer = loop.timer(5, heard("rings"))
    timer.cancel()
    timer.start()

    loop.run()

    assert heard.calls == []


def test_a_repeated_call_comes_first_after_one_period_and_then_for_ever(
    loop: Loop, heard: Heard
) -> None:
    loop.every(sec(30), heard("again"))

    loop.run()

    assert heard.calls == [(30, "again"), (60, "again"), (90, "again")]


def test_what_is_called_as_often_is_called_at_one_instant(loop: Loop, heard: Heard) -> None:
    loop.every(sec(30), heard("first"))
    loop.at(sec(7), lambda: loop.every(sec(30), heard("second")))

    loop.run()

    assert heard.calls == [(at, name) for at in (30, 60, 90) for name in ("first", "second")]


def test_a_call_after_real_seconds_does_not_wait_for_the_loops_clock(promptly: Promptly) -> None:
    loop = Loop(LiveClock())
    loop.after_real(0, loop.stop)

    promptly(loop.run)


class Deadline:
    """A deadline that the loop heeds; it is over once it has come."""

    def __init__(self, loop: Loop, heard: Heard, at: Instant | None) -> None:
        self.at = at
        self._heard = heard
        loop.heed(lambda: self.at, self._come)

    def move(self, at: Instant | None) -> None:
        self.at = at

    def _come(self) -> None:
        self.at = None
        self._heard("deadline")()


def test_the_deadline_is_heeded_at_its_instant(loop: Loop, heard: Heard) -> None:
    Deadline(loop, heard, sec(20))

    loop.run()

    assert heard.calls == [(20, "deadline")]


@pytest.mark.parametrize("new", [12, 30])
def test_a_deadline_that_moves_is_heeded_where_it_has_moved_to(
    loop: Loop, heard: Heard, new: int
) -> None:
    deadline = Deadline(loop, heard, sec(20))
    loop.at(sec(10), lambda: deadline.move(sec(new)))

    loop.run()

    assert heard.calls == [(new, "deadline")]


def test_a_deadline_that_is_taken_back_does_not_come(loop: Loop, heard: Heard) -> None:
    deadline = Deadline(loop, heard, sec(20))
    loop.at(sec(10), lambda: deadline.move(None))

    loop.run()

    assert heard.calls == []


def test_at_one_instant_the_deadline_comes_before_the_timers(loop: Loop, heard: Heard) -> None:
    loop.at(sec(20), heard("timer"))
    Deadline(loop, heard, sec(20))

    loop.run()

    assert heard.calls == [(20, "deadline"), (20, "timer")]


def test_timers_before_and_after_the_deadline_keep_their_instants(loop: Loop, heard: Heard) -> None:
    Deadline(loop, heard, sec(20))
    loop.at(sec(19), heard("before"))
    loop.at(sec(21), heard("after"))

    loop.run()

    assert heard.calls == [(19, "before"), (20, "deadline"), (21, "after")]


def test_what_another_thread_met_is_raised_where_the_loop_runs(loop: Loop) -> None:
    met = OSError("the cable is out")
    other = threading.Thread(target=lambda: loop.fail(met))
    other.start()
    other.join()

    with pytest.raises(OSError, match="the cable is out") as raised:
        loop.run()

    assert raised.value is met


def test_nothing_more_is_done_after_a_failure(loop: Loop, heard: Heard) -> None:
    loop.call(heard("before"))
    loop.fail(OSError("the cable is out"))
    loop.call(heard("after"))

    with pytest.raises(OSError, match="the cable is out"):
        loop.run()

    assert heard.calls == [(0, "before")]


def test_an_error_in_a_call_is_raised_where_the_loop_runs(loop: Loop) -> None:
    loop.call(int, "no number")

    with pytest.raises(ValueError, match="no number"):
        loop.run()


def test_a_stop_ends_the_loop_after_the_present_call(loop: Loop, heard: Heard) -> None:
    def stop_and_go_on() -> None:
        loop.stop()
        heard("the same call")()

    loop.call(stop_and_go_on)
    loop.call(heard("the next call"))

    loop.run()

    assert heard.calls == [(0, "the same call")]
