"""Liveness: the watchdog is served only while all threads answer."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest

from unsit.core.instant import Instant
from unsit.errors import LostThreadError
from unsit.runtime.systemd import ROUND_PERIOD, CheckAlive, Liveness, watchdog_period

MINUTE = timedelta(minutes=1)


class Threads:
    """Two threads, each of which may stop answering, and the real time."""

    def __init__(self) -> None:
        self.silent: set[str] = set()
        self.pending: list[Callable[[], None]] = []
        self.proofs = 0
        self.now = MINUTE
        checks = {"pins": self._check("pins"), "broker": self._check("broker")}
        self.liveness = Liveness(checks, self._proved, real_time=lambda: self.now)
        self.liveness.start()

    def rounds(self, number: int, every: timedelta = MINUTE) -> None:
        for _ in range(number):
            self.now += every
            self.liveness.round()

    def _check(self, name: str) -> CheckAlive:
        def check_alive(answer: Callable[[], None]) -> None:
            if name in self.silent:
                self.pending.append(answer)
            else:
                answer()

        return check_alive

    def _proved(self) -> None:
        self.proofs += 1


def test_the_watchdog_is_served_in_each_round_with_all_answers() -> None:
    threads = Threads()
    threads.rounds(5)
    assert threads.proofs == 5


@pytest.mark.parametrize("name", ["pins", "broker"])
def test_a_silent_thread_counts_as_lost_in_the_third_round(name: str) -> None:
    threads = Threads()
    threads.rounds(1)
    threads.silent.add(name)
    threads.rounds(3)
    assert threads.proofs == 2
    with pytest.raises(LostThreadError, match=f"no answer from: {name}"):
        threads.rounds(1)
    assert threads.proofs == 2


def test_a_late_answer_counts() -> None:
    threads = Threads()
    threads.silent.add("broker")
    threads.rounds(3)
    threads.silent.clear()
    for answer in threads.pending:
        answer()
    threads.rounds(4)
    assert threads.proofs == 5


def test_a_fast_clock_makes_no_more_rounds_than_real_time() -> None:
    threads = Threads()
    threads.silent.add("pins")
    threads.rounds(100, every=timedelta(seconds=0.1))


def test_the_error_of_an_ended_thread_is_raised() -> None:
    def ended(answer: Callable[[], None]) -> None:
        raise LostThreadError("it has ended")

    with pytest.raises(LostThreadError):
        Liveness({"pins": ended}, lambda: None).start()


@pytest.mark.parametrize(
    ("timeout", "period"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("0", None),
        ("240000000", timedelta(minutes=4)),
    ],
)
def test_the_watchdog_timeout_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, timeout: str | None, period: Instant | None
) -> None:
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    if timeout is not None:
        monkeypatch.setenv("WATCHDOG_USEC", timeout)
    assert watchdog_period() == period


def test_the_watchdog_timeout_of_another_process_is_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "240000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid() + 1))
    assert watchdog_period() is None


@pytest.mark.parametrize(
    ("timeout", "period"), [("240000000", ROUND_PERIOD), ("2000000", ROUND_PERIOD / 60)]
)
def test_there_are_at_least_two_rounds_in_the_watchdog_timeout(
    monkeypatch: pytest.MonkeyPatch, timeout: str, period: timedelta
) -> None:
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    monkeypatch.setenv("WATCHDOG_USEC", timeout)
    assert Liveness({}, lambda: None).period == period
