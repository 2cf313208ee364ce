"""Loop: calls from other threads, timers, the deadline, and the end of the loop."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unsit.core.instant import ZERO, Instant
from unsit.runtime.clock import Act, Inbox, LiveClock, ScaledClock, VirtualClock
from unsit.runtime.loop import EDGES_MAX, Loop

Promptly = Callable[[Callable[[], Any]], Any]
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
END = 100


def sec(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def virtual_loop() -> Loop:
    """Return a loop in virtual time from 0 to END s."""
    loop: Loop
    world = iter([(sec(END), lambda: None)])
    loop = Loop(VirtualClock(START, world, at_end=lambda: loop.stop()))
    return loop


class CallLog:
    """Log of calls with their times in s."""

    def __init__(self, loop: Loop) -> None:
        self.entries: list[tuple[float, str]] = []
        self._loop = loop

    def __call__(self, name: str) -> Callable[[], None]:
        return lambda: self.entries.append((self._loop.clock.now().total_seconds(), name))


@pytest.fixture
def loop() -> Loop:
    return virtual_loop()


@pytest.fixture
def log(loop: Loop) -> CallLog:
    return CallLog(loop)


def test_calls_of_one_thread_are_made_in_order() -> None:
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


def test_all_calls_are_made_in_the_thread_of_the_loop(promptly: Promptly) -> None:
    loop = Loop(LiveClock())
    where: list[int] = []
    loop.call(lambda: where.append(threading.get_ident()))
    loop.call(loop.stop)

    def run() -> int:
        loop.run()
        return threading.get_ident()

    assert where == [promptly(run)]


def test_another_thread_wakes_a_waiting_loop(promptly: Promptly) -> None:
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


def test_timers_expire_in_order_of_time_and_then_of_creation(loop: Loop, log: CallLog) -> None:
    loop.at(sec(7), log("late"))
    loop.at(sec(3), log("first"))
    loop.at(sec(5), log("second"))
    loop.at(sec(5), log("third"))

    loop.run()

    assert log.entries == [(3, "first"), (5, "second"), (5, "third"), (7, "late")]


def test_a_timer_for_a_past_instant_expires_at_once(loop: Loop, log: CallLog) -> None:
    loop.at(sec(5), lambda: loop.at(sec(2), log("late")))

    loop.run()

    assert log.entries == [(5, "late")]


def test_a_timer_counts_from_its_start(loop: Loop, log: CallLog) -> None:
    timer = loop.timer(4, log("rings"))
    loop.at(sec(10), timer.start)

    loop.run()

    assert log.entries == [(14, "rings")]


def test_a_timer_that_was_not_started_does_not_expire(loop: Loop, log: CallLog) -> None:
    loop.timer(4, log("rings"))

    loop.run()

    assert log.entries == []


def test_a_cancelled_timer_does_not_expire(loop: Loop, log: CallLog) -> None:
    cancelled = loop.timer(5, log("cancelled"))
    kept = loop.timer(5, log("kept"))
    cancelled.start()
    kept.start()
    loop.at(sec(4), cancelled.cancel)

    loop.run()

    assert log.entries == [(5, "kept")]


def test_a_timer_cancelled_before_its_start_does_not_expire(loop: Loop, log: CallLog) -> None:
    timer = loop.timer(5, log("rings"))
    timer.cancel()
    timer.start()

    loop.run()

    assert log.entries == []


def test_a_repeated_call_comes_first_after_one_period_and_then_for_ever(
    loop: Loop, log: CallLog
) -> None:
    loop.every(sec(30), log("again"))

    loop.run()

    assert log.entries == [(30, "again"), (60, "again"), (90, "again")]


def test_functions_with_the_same_period_are_called_at_one_instant(loop: Loop, log: CallLog) -> None:
    loop.every(sec(30), log("first"))
    loop.at(sec(7), lambda: loop.every(sec(30), log("second")))

    loop.run()

    assert log.entries == [(at, name) for at in (30, 60, 90) for name in ("first", "second")]


def test_a_call_after_real_seconds_does_not_wait_for_the_loops_clock(promptly: Promptly) -> None:
    loop = Loop(LiveClock())
    loop.after_real(0, loop.stop)

    promptly(loop.run)


def test_a_call_after_real_seconds_can_be_cancelled(promptly: Promptly) -> None:
    loop = Loop(LiveClock())
    calls: list[str] = []
    timer = loop.after_real(0, lambda: calls.append("cancelled"))
    loop.after_real(0, loop.stop)

    timer.cancel()
    promptly(loop.run)

    assert calls == []
    assert not timer.is_pending


def test_a_timer_is_pending_from_its_start_to_its_call(loop: Loop) -> None:
    timer = loop.timer(5, lambda: seen.append(timer.is_pending))
    seen = [timer.is_pending]
    timer.start()
    seen.append(timer.is_pending)

    loop.run()

    assert seen == [False, True, False]


@pytest.mark.parametrize("speed", [0.001, 1, 10_000])
def test_a_delay_of_real_time_is_as_long_at_every_speed(speed: float, promptly: Promptly) -> None:
    live, loop = LiveClock(), Loop(ScaledClock(speed))
    began = live.now()
    loop.after_real(0.05, loop.stop)

    promptly(loop.run)

    assert sec(0.05) <= live.now() - began < sec(10)


def test_a_delay_of_real_time_is_as_long_if_the_speed_changes_meanwhile(promptly: Promptly) -> None:
    live, clock = LiveClock(), ScaledClock(0.001)
    loop = Loop(clock)
    began = live.now()
    loop.after_real(0.05, loop.stop)
    loop.call(clock.set_speed, 10_000)

    promptly(loop.run)

    assert sec(0.05) <= live.now() - began < sec(10)


def test_delays_of_real_time_need_no_threads() -> None:
    loop = Loop(LiveClock())
    before = threading.active_count()

    for _ in range(100):
        loop.after_real(100, lambda: None)

    assert threading.active_count() == before


class Deadline:
    """Deadline that the loop watches; it is cleared once it has come."""

    def __init__(self, loop: Loop, log: CallLog, at: Instant | None) -> None:
        self.at = at
        self._log = log
        loop.watch_deadline(lambda: self.at, self._come)

    def move(self, at: Instant | None) -> None:
        self.at = at

    def _come(self) -> None:
        self.at = None
        self._log("deadline")()


def test_the_deadline_is_met_at_its_instant(loop: Loop, log: CallLog) -> None:
    Deadline(loop, log, sec(20))

    loop.run()

    assert log.entries == [(20, "deadline")]


@pytest.mark.parametrize("new", [12, 30])
def test_a_moved_deadline_is_met_at_its_new_instant(loop: Loop, log: CallLog, new: int) -> None:
    deadline = Deadline(loop, log, sec(20))
    loop.at(sec(10), lambda: deadline.move(sec(new)))

    loop.run()

    assert log.entries == [(new, "deadline")]


def test_a_cleared_deadline_does_not_come(loop: Loop, log: CallLog) -> None:
    deadline = Deadline(loop, log, sec(20))
    loop.at(sec(10), lambda: deadline.move(None))

    loop.run()

    assert log.entries == []


def test_at_one_instant_the_deadline_comes_before_the_timers(loop: Loop, log: CallLog) -> None:
    loop.at(sec(20), log("timer"))
    Deadline(loop, log, sec(20))

    loop.run()

    assert log.entries == [(20, "deadline"), (20, "timer")]


def test_timers_before_and_after_the_deadline_keep_their_instants(loop: Loop, log: CallLog) -> None:
    Deadline(loop, log, sec(20))
    loop.at(sec(19), log("before"))
    loop.at(sec(21), log("after"))

    loop.run()

    assert log.entries == [(19, "before"), (20, "deadline"), (21, "after")]


def test_an_error_of_another_thread_is_raised_by_the_loop(loop: Loop) -> None:
    met = OSError("the cable is out")
    other = threading.Thread(target=lambda: loop.fail(met))
    other.start()
    other.join()

    with pytest.raises(OSError, match="the cable is out") as raised:
        loop.run()

    assert raised.value is met


def test_a_failure_comes_before_the_calls_that_wait(loop: Loop, log: CallLog) -> None:
    loop.call(log("before"))
    loop.fail(OSError("the cable is out"))
    loop.call(log("after"))

    with pytest.raises(OSError, match="the cable is out"):
        loop.run()

    assert log.entries == []


def test_an_error_in_a_call_is_raised_by_the_loop(loop: Loop) -> None:
    loop.call(int, "no number")

    with pytest.raises(ValueError, match="no number"):
        loop.run()


def test_a_stop_ends_the_loop_after_the_present_call(loop: Loop, log: CallLog) -> None:
    def stop_and_go_on() -> None:
        loop.stop()
        log("the same call")()

    loop.call(stop_and_go_on)
    loop.call(log("the next call"))

    loop.run()

    assert log.entries == [(0, "the same call")]


class WorkClock:
    """Clock that jumps over waits, and that stands still otherwise: a call takes time by ``work``.

    at_rest: called instead of a wait without an end.
    """

    epoch = "work"

    def __init__(self, at_rest: Callable[[], None]) -> None:
        self._now = ZERO
        self._at_rest = at_rest

    def now(self) -> Instant:
        return self._now

    def real_now(self) -> timedelta:
        return self._now

    def at_real(self, real: timedelta) -> Instant:
        return real

    def wall(self, at: Instant) -> datetime:
        return START + at

    def slept_since(self) -> None:
        return None

    def work(self, time: timedelta) -> None:
        self._now += time

    def next_act(self, inbox: Inbox, until: Instant | None) -> Act | None:
        if not inbox.empty():
            return inbox.get_nowait()
        if until is None:
            self._at_rest()
        else:
            self._now = max(self._now, until)
        return None


MS = timedelta(milliseconds=1)


class Workplace:
    """Loop whose calls take time, with a log of what came when."""

    def __init__(self) -> None:
        self.clock = WorkClock(lambda: self.loop.stop())
        self.loop = Loop(self.clock)
        self.log: list[str] = []
        self.lateness = ZERO

    def item(self, length: timedelta) -> None:
        """Put an item into the inbox that takes some time."""
        self.loop.call(self.clock.work, length)

    def due(self, at: Instant) -> None:
        """Start a timer that measures how late it comes."""
        self.loop.at(at, lambda: self._came(at))

    def note(self, name: str) -> Callable[[], None]:
        return lambda: self.log.append(name)

    def _came(self, at: Instant) -> None:
        self.lateness = max(self.lateness, self.clock.now() - at)


@given(
    items=st.lists(st.integers(0, 50), max_size=60),
    timers=st.lists(st.integers(0, 2_000), max_size=10),
)
def test_whatever_waits_in_the_inbox_a_timer_is_late_by_one_item_at_most(
    items: list[int], timers: list[int]
) -> None:
    place = Workplace()
    for at in timers:
        place.due(at * MS)
    for length in items:
        place.item(length * MS)

    place.loop.run()

    assert place.lateness <= max(items, default=0) * MS


def test_a_hundred_thousand_calls_delay_deadline_timer_and_sound_by_one_call(
    promptly: Promptly,
) -> None:
    place = Workplace()
    met: list[Instant] = []
    deadline = [sec(30)]

    def meet() -> None:
        met.append(place.clock.now())
        deadline[0] += sec(30)

    place.loop.watch_deadline(lambda: deadline[0], meet)
    place.loop.every(sec(1), place.note("second"))
    for _ in range(100_000):
        place.item(MS)
    place.loop.call(place.loop.stop)

    promptly(place.loop.run)

    assert place.clock.now() == sec(100)
    assert met == [sec(30) + MS, sec(60) + MS, sec(90) + MS]
    assert len(place.log) == 99


def test_a_call_that_always_asks_for_another_starves_nothing(promptly: Promptly) -> None:
    place = Workplace()

    def again() -> None:
        place.clock.work(MS)
        place.loop.call(again)

    again()
    place.loop.at(sec(1), place.loop.stop)

    promptly(place.loop.run)

    assert place.clock.now() <= sec(1) + 2 * MS


def test_an_interruption_comes_before_everything_that_waits(promptly: Promptly) -> None:
    place = Workplace()
    for _ in range(1000):
        place.item(MS)
        place.loop.call_as_of(ZERO, place.clock.work, MS)
        place.loop.at(ZERO, place.note("timer"))
    place.loop.interrupt(place.loop.stop)

    promptly(place.loop.run)

    assert place.clock.now() == ZERO
    assert place.log == []


@pytest.mark.parametrize("past", [ZERO, sec(1), sec(86_400)], ids=["now", "a second", "a day"])
def test_a_timer_that_starts_itself_again_in_the_past_starves_nothing(
    past: timedelta, promptly: Promptly
) -> None:
    place = Workplace()

    def again() -> None:
        place.clock.work(MS)
        place.loop.at(place.clock.now() - past, again)

    place.loop.at(ZERO, again)
    place.loop.at(sec(1), place.note("timer"))
    place.loop.call(place.note("item"))
    place.loop.at(sec(2), lambda: place.loop.call(place.loop.stop))

    promptly(place.loop.run)

    assert place.log == ["item", "timer"]


def test_a_timer_that_starts_itself_again_within_one_moment_lets_an_item_in(
    promptly: Promptly,
) -> None:
    place = Workplace()  # its clock stands still, as a coarse clock does

    def again() -> None:
        place.log.append("timer")
        if len(place.log) == 3:
            place.loop.call(place.loop.stop)
        place.loop.at(place.clock.now(), again)

    place.loop.at(ZERO, again)

    promptly(place.loop.run)

    assert place.log == ["timer"] * 3


def test_a_deadline_that_stays_in_the_past_starves_nothing(promptly: Promptly) -> None:
    place = Workplace()
    place.loop.watch_deadline(lambda: ZERO, lambda: place.clock.work(MS))
    place.loop.call(place.note("item"))
    place.loop.at(sec(1), place.note("timer"))
    place.loop.at(sec(2), lambda: place.loop.call(place.loop.stop))

    promptly(place.loop.run)

    assert place.log == ["item", "timer"]


def test_after_a_standstill_all_things_happen_in_order_of_time(promptly: Promptly) -> None:
    place = Workplace()
    deadline: list[Instant | None] = [sec(3)]

    def meet() -> None:
        deadline[0] = None
        place.log.append("deadline at 3")

    def stand_still() -> None:
        place.loop.call(place.note("command"))
        place.loop.call_as_of(sec(2), place.note("edge at 2"))
        place.loop.call_as_of(sec(3), place.note("edge at 3"))
        place.loop.call_as_of(sec(5), place.note("edge at 5"))
        place.clock.work(sec(10))

    place.loop.watch_deadline(lambda: deadline[0], meet)
    place.loop.at(sec(4), place.note("timer at 4"))
    place.loop.at(sec(1), place.note("timer at 1"))
    place.loop.call(stand_still)

    promptly(place.loop.run)

    assert place.log == [
        "timer at 1",
        "edge at 2",
        "edge at 3",
        "deadline at 3",
        "timer at 4",
        "edge at 5",
        "command",
    ]


def test_a_pin_that_changes_faster_than_the_loop_decides_delays_a_timer_by_a_few_edges(
    promptly: Promptly,
) -> None:
    place = Workplace()

    def edge() -> None:
        place.clock.work(MS)
        place.loop.call_as_of(ZERO, edge)
        place.loop.call_as_of(ZERO, edge)

    place.loop.call_as_of(ZERO, edge)
    place.due(10 * MS)
    place.loop.call(place.note("item"))
    place.loop.at(sec(2), place.loop.stop)

    promptly(place.loop.run)

    assert place.lateness <= 2 * EDGES_MAX * MS
    assert place.log == ["item"]
