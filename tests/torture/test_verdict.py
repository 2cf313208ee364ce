"""The oracle itself: it says yes to what happened, and no to everything else."""

from datetime import UTC, datetime
from typing import Any

import pytest

from torture.claims import Claims
from torture.truth import Outage, Truth
from torture.verdict import Oracle

BEGAN = 1_800_000_000.0


def truth(*edges: tuple[float, bool], outages: tuple[tuple[float, float], ...] = ()) -> Truth:
    told = Truth(began=BEGAN, ended=BEGAN + 60)
    told.edges = [(BEGAN + at, pressed) for at, pressed in edges]
    told.outages = [Outage(BEGAN + down, BEGAN + up) for down, up in outages]
    return told


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
TOLD = [event(1, 10, "bout_started"), ended(2, 10, 11)]
TOLD_LONG = [
    event(1, 10, "bout_started"),
    event(2, 12, "move_due", reminder=1),
    ended(3, 10, 12.5, reminders=1),
]


def wrong(of: Truth, log: list[dict[str, Any]]) -> str:
    claims = Claims(log, of)
    return "; ".join([*claims.wrong, *Oracle(of).wrong_with(claims.bouts)])


def test_what_was_told_as_it_happened_is_right() -> None:
    assert wrong(truth(*SHORT), TOLD) == ""
    assert wrong(truth(*LONG), TOLD_LONG) == ""


def test_deliveries_may_be_repeated_and_come_in_any_order() -> None:
    assert wrong(truth(*SHORT), [TOLD[1], *TOLD, TOLD[0]]) == ""


@pytest.mark.parametrize(
    ("log", "what"),
    [
        ([], "no bout has it"),
        (TOLD[:1], "never ended"),
        (TOLD[1:], "never ended, or never started"),
        ([TOLD[0], TOLD[1] | {"seq": 3}], "no event between 1 and 3"),
        ([*TOLD, TOLD[1] | {"id": "again"}], "two events with one number"),
        ([*TOLD, TOLD[1] | {"at": date(30)}], "one id for two events"),
        ([TOLD[0], ended(2, 10, 13)], "nobody stood up then"),
        ([event(1, 7, "bout_started"), ended(2, 7, 11)], "nobody sat down then"),
        ([TOLD[0], ended(2, 10, 11, duration_s=9.0)], "told to have lasted"),
        ([TOLD[0], ended(2, 10, 11, seated_s=9.0)], "on the seat"),
        ([TOLD[0], ended(2, 10, 11, cut=True)], "not away for as long as a break"),
        ([TOLD[0], event(2, 10.9, "move_due", reminder=1), ended(3, 10, 11, 1)], "too soon"),
        ([*TOLD, event(3, 13, "bout_started"), ended(4, 13, 14)], "without a break between"),
    ],
)
def test_what_did_not_happen_is_wrong(log: list[dict[str, Any]], what: str) -> None:
    assert what in wrong(truth(*SHORT), log)


def test_a_call_to_move_that_did_not_come_is_missed() -> None:
    assert "not called to move" in wrong(truth(*LONG), [TOLD_LONG[0], ended(2, 10, 12.5)])


def test_a_reminder_that_came_twice_is_one_too_many() -> None:
    log = [*TOLD_LONG[:2], event(3, 12.2, "move_due", reminder=1), ended(4, 10, 12.5, 2)]

    assert "reminders [1, 1]" in wrong(truth(*LONG), log)


def test_a_bout_over_a_break_that_the_service_saw_is_wrong() -> None:
    happened = truth((10.0, True), (11.0, False), (18.0, True), (19.0, False))
    log = [event(1, 10, "bout_started"), ended(2, 10, 19, seated_s=2.0)]

    assert "went on over the break" in wrong(happened, log)


def test_what_nobody_can_have_seen_may_be_told_either_way() -> None:
    happened = truth(*SHORT, outages=((9.5, 10.8),))

    assert wrong(happened, []) == ""
    assert wrong(happened, [event(1, 10.8, "bout_started"), ended(2, 10.8, 11)]) == ""


def test_a_bout_is_cut_by_an_absence_as_long_as_a_break_and_must_be() -> None:
    happened = truth((10.0, True), (25.0, False), outages=((11.0, 20.0),))
    cut = ended(2, 10, 11, cut=True)
    after = [event(3, 20, "bout_started"), event(4, 22, "move_due", reminder=1)]

    assert wrong(happened, [TOLD[0], cut, *after, ended(5, 20, 25, 1)]) == ""
    whole = [*TOLD_LONG[:2], ended(3, 10, 25, 1, seated_s=6.0)]
    assert "although the service was away" in wrong(happened, whole)


def test_a_cut_bout_may_end_where_it_was_last_noted_before_the_kill() -> None:
    happened = truth((10.0, True), (11.9, False), outages=((12.0, 20.0),))

    assert wrong(happened, [TOLD[0], ended(2, 10, 10.3, cut=True)]) == ""
    happened = truth((10.0, True), (12.9, False), outages=((13.0, 20.0),))
    assert "no bout has it" in wrong(happened, [TOLD[0], ended(2, 10, 10.3, cut=True)])


def test_a_gap_that_an_absence_began_may_be_cut_by_the_next() -> None:
    happened = truth((10.0, True), (11.2, False), (15.9, True), (17.0, False))
    happened.outages = [Outage(BEGAN + 11, BEGAN + 13), Outage(BEGAN + 15.5, BEGAN + 17.5)]
    log = [TOLD[0], ended(2, 10, 13, cut=True, seated_s=1.2)]

    assert wrong(happened, log) == ""


def test_a_chair_whose_disk_was_spoilt_may_tell_anew_what_it_has_forgotten() -> None:
    happened = truth(*SHORT, outages=((50, 51),))
    again = event(1, 51, "service_started"), ended(2, 10, 10.5, cut=True) | {"at": date(51)}
    anew = [record | {"id": f"again {record['seq']}"} for record in again]

    assert "two events with one number" in wrong(happened, [*TOLD, *anew])
    happened.outages[0].disk = True
    assert wrong(happened, [*TOLD, *anew]) == ""


def test_an_end_that_names_another_beginning_is_of_another_bout() -> None:
    happened = truth(*SHORT, (20.0, True), (21.0, False))
    log = [*TOLD, event(3, 20, "bout_started"), ended(4, 10, 11) | {"at": date(25)}]

    assert "never ended" in wrong(happened, log)


def test_dates_are_put_right_whatever_the_clock_said() -> None:
    happened = truth(*SHORT)
    happened.offsets += [864_000.0]
    late = [record | {"at": date(10 + 864_000)} for record in TOLD[:1]]

    assert wrong(happened, [*late, *TOLD[1:]]) == ""
