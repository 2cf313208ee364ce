"""A sign of life is given when all who are needed have shown that they work."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest

from unsit.core.instant import Instant
from unsit.errors import LostThreadError
from unsit.runtime import liveness
from unsit.runtime.liveness import USUAL, Liveness
from unsit.runtime.notify import watchdog_period

MINUTE = timedelta(minutes=1)


class Witnesses:
    """Two threads of which each may fall silent, and the time as it passes."""

    def __init__(self) -> None:
        self.silent: set[str] = set()
        self.pending: list[Callable[[], None]] = []
        self.proofs = 0
        self.now = MINUTE
        asks = {"pins": self._ask("pins"), "broker": self._ask("broker")}
        self.liveness = Liveness(asks, self._proved, real_time=lambda: self.now)
        self.liveness.start()

    def rounds(self, number: int, every: timedelta = MINUTE) -> None:
        for _ in range(number):
            self.now += every
            self.liveness.round()

    def _ask(self, name: str) -> liveness.Ask:
        def ask(answer: Callable[[], None]) -> None:
            if name in self.silent:
                self.pending.append(answer)
            else:
                answer()

        return ask

    def _proved(self) -> None:
        self.proofs += 1


def test_there_is_a_sign_each_time_that_all_have_answered() -> None:
    witnesses = Witnesses()
    witnesses.rounds(5)
    assert witnesses.proofs == 5


@pytest.mark.parametrize("name", ["pins", "broker"])
def test_one_who_does_not_answer_is_given_up_in_the_third_round(name: str) -> None:
    witnesses = Witnesses()
    witnesses.rounds(1)
    witnesses.silent.add(name)
    witnesses.rounds(3)
    assert witnesses.proofs == 2
    with pytest.raises(LostThreadError, match=f"no answer from: {name}"):
        witnesses.rounds(1)
    assert witnesses.proofs == 2


def test_one_who_answers_late_is_forgiven() -> None:
    witnesses = Witnesses()
    witnesses.silent.add("broker")
    witnesses.rounds(3)
    witnesses.silent.clear()
    for answer in witnesses.pending:
        answer()
    witnesses.rounds(4)
    assert witnesses.proofs == 5


def test_a_clock_that_runs_fast_makes_no_rounds_of_its_own() -> None:
    witnesses = Witnesses()
    witnesses.silent.add("pins")
    witnesses.rounds(100, every=timedelta(seconds=0.1))


def test_an_error_of_one_who_has_ended_is_handed_on() -> None:
    def ended(answer: Callable[[], None]) -> None:
        raise LostThreadError("it has ended")

    with pytest.raises(LostThreadError):
        Liveness({"pins": ended}, lambda: None).start()


@pytest.mark.parametrize(
    ("said", "period"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("0", None),
        ("240000000", timedelta(minutes=4)),
    ],
)
def test_the_manager_says_how_long_it_waits(
    monkeypatch: pytest.MonkeyPatch, said: str | None, period: Instant | None
) -> None:
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    if said is not None:
        monkeypatch.setenv("WATCHDOG_USEC", said)
    assert watchdog_period() == period


def test_what_is_said_to_another_process_is_of_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "240000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid() + 1))
    assert watchdog_period() is None


@pytest.mark.parametrize(("said", "period"), [("240000000", USUAL), ("2000000", USUAL / 60)])
def test_the_sign_comes_at_least_twice_in_that_time(
    monkeypatch: pytest.MonkeyPatch, said: str, period: timedelta
) -> None:
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    monkeypatch.setenv("WATCHDOG_USEC", said)
    assert Liveness({}, lambda: None).period == period
