"""Simulated person: scripts, and the times of the moves."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from unsit_firmware import FirmwareError, ScriptError
from unsit_firmware.recording import Move
from unsit_firmware.simulation import Person, parse_script, scripted_pins

TIMEOUT_S = 60.0

SECOND = timedelta(seconds=1)

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("script", "read"),
    [
        ("sit", "'sit'"),
        ("sit 40", "'sit 40'"),
        ("sit 40x", "'sit 40x'"),
        ("sit 40 m", "'sit 40 m'"),
        ("sit -40m", "'sit -40m'"),
        ("sit 4O m", "'sit 4O m'"),
        ("sit40m", "'sit40m'"),
        ("lie 40m", "'lie 40m'"),
        ("sit 40m; stand 3m", "'sit 40m; stand 3m'"),
        ("sit 40m, stand", "'stand'"),
        ("sit 40m then stand 3m", "'sit 40m then stand 3m'"),
    ],
)
def test_a_wrong_script_is_an_error_with_the_step_and_an_example(script: str, read: str) -> None:
    with pytest.raises(ScriptError) as refusal:
        scripted_pins(environment={"UNSIT_SIM_SCRIPT": script})
    assert str(refusal.value).startswith(read)
    assert "for example sit 40m, stand 30s" in str(refusal.value)


def test_a_script_error_is_a_value_error_of_this_package() -> None:
    assert issubclass(ScriptError, FirmwareError)
    assert issubclass(ScriptError, ValueError)


@pytest.mark.parametrize(
    ("script", "moves"),
    [
        ("sit 40m, stand 30s", [(0, True), (2400, False), (2430, False)]),
        ("sit 1.5h", [(0, True), (5400, False)]),
        ("stand 0.5s\nsit 2s\n", [(0, False), (0.5, True), (2.5, False)]),
        ("  sit   1s ,\n , stand 1s,", [(0, True), (1, False), (2, False)]),
        ("", [(0, False)]),
    ],
)
def test_a_script_says_when_the_person_sits_and_stands_at_its_end(
    script: str, moves: list[tuple[float, bool]]
) -> None:
    assert list(parse_script(script)) == [(at * SECOND, sits) for at, sits in moves]


class Chair:
    """Record of a person's moves and of their end."""

    def __init__(self) -> None:
        self.moves: list[tuple[float, bool]] = []
        self.ends: list[Exception | None] = []
        self.seated = threading.Event()

    def press(self, pressed: bool) -> None:
        self.moves.append((time.monotonic(), pressed))
        if pressed:
            self.seated.set()

    @property
    def levels(self) -> list[bool]:
        return [pressed for _, pressed in self.moves]


@pytest.fixture
def chair() -> Chair:
    return Chair()


def test_a_person_makes_every_move_in_order_and_reports_the_end_once(chair: Chair) -> None:
    moves = [(turn * HOUR, turn % 2 == 0) for turn in range(6)]
    person = Person(chair.press, moves, speed=1e6, when_done=chair.ends.append)
    person.start()
    person.join(TIMEOUT_S)
    assert chair.levels == [True, False] * 3
    assert chair.ends == [None]


@pytest.mark.parametrize("speed", [1.0, 20.0])
def test_a_person_makes_no_move_before_its_time(chair: Chair, speed: float) -> None:
    began = time.monotonic()
    at = 0.05 * speed * SECOND
    person = Person(chair.press, [(at, True), (at, False)], speed=speed)
    person.start()
    person.join(TIMEOUT_S)
    assert chair.levels == [True, False]
    assert all(0.05 <= when - began < TIMEOUT_S for when, _ in chair.moves)


def test_moves_that_are_due_already_are_all_made(chair: Chair) -> None:
    moves: list[Move] = [(timedelta(0), True), (timedelta(0), False), (-SECOND, True)]
    person = Person(chair.press, moves)
    person.start()
    person.join(TIMEOUT_S)
    assert chair.levels == [True, False, True]


def test_a_person_stops_promptly_and_makes_no_further_move(chair: Chair) -> None:
    person = Person(chair.press, [(timedelta(0), True), (HOUR, False)])
    person.start()
    assert chair.seated.wait(TIMEOUT_S)
    began = time.monotonic()
    person.stop()
    assert time.monotonic() - began < TIMEOUT_S
    assert not person.is_alive()
    assert chair.levels == [True]


def test_a_person_can_be_stopped_from_its_own_move(chair: Chair) -> None:
    def press(pressed: bool) -> None:
        chair.press(pressed)
        person.stop()

    moves = [(timedelta(0), True), (timedelta(0), False)]
    person = Person(press, moves, when_done=chair.ends.append)
    person.start()
    person.join(TIMEOUT_S)
    assert not person.is_alive()
    assert chair.levels == [True]
    assert chair.ends == [None]


def test_a_person_that_never_started_can_be_stopped(chair: Chair) -> None:
    Person(chair.press, []).stop()
    assert chair.moves == []


def test_an_error_of_the_moves_is_reported_after_the_moves_before_it(chair: Chair) -> None:
    error = ScriptError("nothing further is known")

    def moves() -> Iterator[Move]:
        yield timedelta(0), True
        raise error

    person = Person(chair.press, moves(), when_done=chair.ends.append)
    person.start()
    person.join(TIMEOUT_S)
    assert chair.levels == [True]
    assert chair.ends == [error]


def test_an_error_of_the_contact_is_reported(chair: Chair) -> None:
    error = OSError("the wire broke")

    def press(pressed: bool) -> None:
        raise error

    person = Person(press, [(timedelta(0), True)], when_done=chair.ends.append)
    person.start()
    person.join(TIMEOUT_S)
    assert chair.ends == [error]


def test_a_person_does_not_keep_the_program_alive(chair: Chair) -> None:
    assert Person(chair.press, []).daemon
