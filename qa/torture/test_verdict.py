"""The oracle itself: it accepts the log of what happened, and finds every error in another."""

from datetime import UTC, datetime
from typing import Any

import pytest

from torture.claims import Claims
from torture.truth import Outage, Truth
from torture.verdict import Oracle

BEGAN = 1_800_000_000.0


def truth(*edges: tuple[float, bool], outages: tuple[tuple[float, float], ...] = ()) -> Truth:
    made = Truth(began=BEGAN, ended=BEGAN + 60)
    made.edges = [(BEGAN + at, pressed) for at, pressed in edges]
    made.outages = [Outage(BEGAN + down, BEGAN + up) for down, up in outages]
    return made


def date(at: float) -> str:
    return datetime.fromtimestamp(BEGAN + at, UTC).isoformat()


def event(seq: int, at: float, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": f"{seq}", "seq": seq, "at": date(at), "type": kind, **more}


def ended(seq: int, begin: float, end: float, reminders: int = 0, **more: Any) -> dict[str, Any]:
    lasted = round(end - begin, 3)
    times = {"started": date(begin), "ended": date(end), "duration_s": lasted, "seated_s": lasted}
    return event(seq, end + 4, "bout_ended", **(times | {"reminders": reminders} | more))


SHORT = [(10.0, True), (11.0, False)]
LONG = [(10.0, True), (12.5, False)]
LOG_OF_SHORT = [event(1, 10, "bout_started"), ended(2, 10, 11)]
LOG_OF_LONG = [
    event(1, 10, "bout_started"),
    event(2, 12, "move_due", reminder=1),
    ended(3, 10, 12.5, reminders=1),
]


def wrong(of: Truth, log: list[dict[str, Any]]) -> str:
    claims = Claims(log, of)
    return "; ".join([*claims.wrong, *Oracle(of).wrong_with(claims.bouts)])


def test_a_log_of_what_happened_is_right() -> None:
    assert wrong(truth(*SHORT), LOG_OF_SHORT) == ""
    assert wrong(truth(*LONG), LOG_OF_LONG) == ""


def test_deliveries_may_be_repeated_and_come_in_any_order() -> None:
    assert wrong(truth(*SHORT), [LOG_OF_SHORT[1], *LOG_OF_SHORT, LOG_OF_SHORT[0]]) == ""


@pytest.mark.parametrize(
    ("log", "what"),
    [
        ([], "no bout has it"),
        (LOG_OF_SHORT[:1], "never ended"),
        (LOG_OF_SHORT[1:], "never ended, or never started"),
        ([LOG_OF_SHORT[0], LOG_OF_SHORT[1] | {"seq": 3}], "no event between 1 and 3"),
        ([*LOG_OF_SHORT, LOG_OF_SHORT[1] | {"id": "again"}], "two events with one number"),
        ([*LOG_OF_SHORT, LOG_OF_SHORT[1] | {"at": date(30)}], "one id for two events"),
        ([LOG_OF_SHORT[0], ended(2, 10, 13)], "nobody stood up then"),
        ([event(1, 7, "bout_started"), ended(2, 7, 11)], "nobody sat down then"),
        ([LOG_OF_SHORT[0], ended(2, 10, 11, duration_s=9.0)], "duration_s is"),
        ([LOG_OF_SHORT[0], ended(2, 10, 11, seated_s=9.0)], "seated_s is"),
        ([LOG_OF_SHORT[0], ended(2, 10, 11, cut=True)], "not away for as long as a break"),
        (
            [LOG_OF_SHORT[0], event(2, 10.9, "move_due", reminder=1), ended(3, 10, 11, 1)],
            "too soon",
        ),
        (
            [*LOG_OF_SHORT, event(3, 13, "bout_started"), ended(4, 13, 14)],
            "without a break between",
        ),
    ],
)
def test_a_log_of_something_else_is_wrong(log: list[dict[str, Any]], what: str) -> None:
    assert what in wrong(truth(*SHORT), log)


def test_a_complaint_names_how_long_the_machine_stood_still_meanwhile() -> None:
    asked: list[tuple[float, float]] = []

    def stall(first: float, last: float) -> float:
        asked.append((first - BEGAN, last - BEGAN))
        return 0.61

    late = [event(1, 10.8, "bout_started"), ended(2, 10.8, 11)]
    bouts = Claims(late, truth(*SHORT)).bouts
    complaints = list(Oracle(truth(*SHORT), stall=stall).wrong_with(bouts))

    assert "nobody sat down then: bout 10.80 to 11.00 (the machine stood still for 0.61 s)" in (
        complaints
    )
    assert all(first < 10.8 and last > 11 for first, last in asked)


def test_a_call_to_move_that_did_not_come_is_missed() -> None:
    assert "not called to move" in wrong(truth(*LONG), [LOG_OF_LONG[0], ended(2, 10, 12.5)])


def test_a_reminder_that_came_twice_is_one_too_many() -> None:
    log = [*LOG_OF_LONG[:2], event(3, 12.2, "move_due", reminder=1), ended(4, 10, 12.5, 2)]

    assert "reminders [1, 1]" in wrong(truth(*LONG), log)


def test_a_bout_over_a_break_that_the_service_saw_is_wrong() -> None:
    happened = truth((10.0, True), (11.0, False), (18.0, True), (19.0, False))
    log = [event(1, 10, "bout_started"), ended(2, 10, 19, seated_s=2.0)]

    assert "went on over the break" in wrong(happened, log)


def test_a_stay_during_an_outage_may_be_logged_or_not() -> None:
    happened = truth(*SHORT, outages=((9.5, 10.8),))

    assert wrong(happened, []) == ""
    assert wrong(happened, [event(1, 10.8, "bout_started"), ended(2, 10.8, 11)]) == ""


def test_a_bout_is_cut_by_an_absence_as_long_as_a_break_and_must_be() -> None:
    happened = truth((10.0, True), (25.0, False), outages=((11.0, 20.0),))
    cut = ended(2, 10, 11, cut=True)
    after = [event(3, 20, "bout_started"), event(4, 22, "move_due", reminder=1)]

    assert wrong(happened, [LOG_OF_SHORT[0], cut, *after, ended(5, 20, 25, 1)]) == ""
    whole = [*LOG_OF_LONG[:2], ended(3, 10, 25, 1, seated_s=6.0)]
    assert "although the service was away" in wrong(happened, whole)


def test_a_cut_bout_may_end_where_it_was_last_saved_before_the_kill() -> None:
    happened = truth((10.0, True), (11.9, False), outages=((12.0, 20.0),))

    assert wrong(happened, [LOG_OF_SHORT[0], ended(2, 10, 10.3, cut=True)]) == ""
    happened = truth((10.0, True), (12.9, False), outages=((13.0, 20.0),))
    assert "no bout has it" in wrong(happened, [LOG_OF_SHORT[0], ended(2, 10, 10.3, cut=True)])


def test_a_gap_that_an_absence_began_may_be_cut_by_the_next() -> None:
    happened = truth((10.0, True), (11.2, False), (15.9, True), (17.0, False))
    happened.outages = [Outage(BEGAN + 11, BEGAN + 13), Outage(BEGAN + 15.5, BEGAN + 17.5)]
    log = [LOG_OF_SHORT[0], ended(2, 10, 13, cut=True, seated_s=1.2)]

    assert wrong(happened, log) == ""


def test_a_chair_with_a_damaged_state_file_may_repeat_events_and_no_numbers() -> None:
    happened = truth(*SHORT, outages=((50, 51),))
    repeated = [event(3, 51, "service_started"), ended(4, 10, 10.5, cut=True) | {"at": date(51)}]
    with_old_numbers = [
        one | {"id": f"again {one['seq']}", "seq": one["seq"] - 2} for one in repeated
    ]

    assert "never started" in wrong(happened, [*LOG_OF_SHORT, *repeated])
    assert "two events with one number" in wrong(happened, [*LOG_OF_SHORT, *with_old_numbers])
    happened.outages[0].disk = True
    assert wrong(happened, [*LOG_OF_SHORT, *repeated]) == ""
    assert "1 was given again after a loss" in wrong(happened, [*LOG_OF_SHORT, *with_old_numbers])


def test_an_end_that_names_another_beginning_is_of_another_bout() -> None:
    happened = truth(*SHORT, (20.0, True), (21.0, False))
    log = [*LOG_OF_SHORT, event(3, 20, "bout_started"), ended(4, 10, 11) | {"at": date(25)}]

    assert "never ended" in wrong(happened, log)


def test_dates_of_a_clock_that_was_set_are_corrected() -> None:
    happened = truth(*SHORT)
    happened.offsets += [864_000.0]
    late = [record | {"at": date(10 + 864_000)} for record in LOG_OF_SHORT[:1]]

    assert wrong(happened, [*late, *LOG_OF_SHORT[1:]]) == ""
