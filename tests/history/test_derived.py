"""Stretches, bouts and unknown times, derived from events."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from support.examples import examples
from support.history_records import (
    Happening,
    any_records,
    bout_ended,
    ms,
    records,
    sitting,
)
from unsit.history.compact import compact
from unsit.history.derived import (
    Bout,
    BoutFlags,
    Deriver,
    Row,
    Stretch,
    Unknown,
    Unwatched,
    derive,
    merge_unknown,
    without_overlaps,
)
from unsit.runtime.record import Record

STOOD_UP = {"bout_s": 600, "response_s": None}


def rows(*happenings: Happening, first: int = 1) -> list[Row]:
    return list(derive(map(compact, records(*happenings, first=first))))


def stretch(start: float, end: float, bout: float) -> Stretch:
    return Stretch(ms(start), ms(end), 0, ms(bout))


def bout(start: float, end: float, seated: float, flags: BoutFlags = BoutFlags(0)) -> Bout:  # noqa: B008
    return Bout(ms(start), ms(end), 0, round(seated * 1000), flags=flags)


def unknown(start: float, end: float, why: Unwatched) -> Unknown:
    return Unknown(ms(start), ms(end), why)


def test_a_bout_has_a_stretch_for_each_time_on_the_seat() -> None:
    assert rows(
        (0, "bout_started", {}),
        (600, "stood_up", STOOD_UP),
        (660, "sat_back", {"away_s": 60}),
        (900, "stood_up", STOOD_UP),
        bout_ended(0, 900, 840),
    ) == [stretch(0, 600, 0), stretch(660, 900, 0), bout(0, 900, 840)]


def test_a_bout_knows_when_it_was_due_and_how_long_the_person_stayed_then() -> None:
    (_, made) = rows(
        (0, "bout_started", {}),
        (1800, "move_due", {"bout_s": 1800, "reminder": 1, "silent": False}),
        (1810, "snoozed", {"until": None}),
        (2110, "move_reminder", {"bout_s": 2110, "reminder": 2, "silent": False}),
        (2150, "stood_up", {"bout_s": 2150, "response_s": 350}),
        bout_ended(0, 2150, reminders=2),
    )
    expected = replace(bout(0, 2150, 2150), due=ms(1800), response=350_000, reminders=2, snoozes=1)
    assert made == expected


def test_the_time_of_a_sensor_fault_is_unknown_and_on_no_stretch() -> None:
    assert rows(
        (0, "bout_started", {}),
        (600, "sensor_fault", {"reason": "silent"}),
        (660, "sensor_recovered", {"reason": "silent"}),
        (900, "stood_up", STOOD_UP),
        bout_ended(0, 900, 840),
    ) == [
        unknown(600, 660, Unwatched.FAULT),
        stretch(0, 600, 0),
        stretch(660, 900, 0),
        bout(0, 900, 840),
    ]


def test_a_fault_as_long_as_a_break_cuts_the_bout() -> None:
    assert rows(
        (0, "bout_started", {}),
        (600, "sensor_fault", {"reason": "silent"}),
        (6000, "sensor_recovered", {"reason": "silent"}),
        bout_ended(0, 600, by=6000, cut=True),
        (6000, "bout_started", {}),
    ) == [
        unknown(600, 6000, Unwatched.FAULT),
        stretch(0, 600, 0),
        bout(0, 600, 600, BoutFlags.CUT),
    ]


def test_a_fault_on_an_empty_seat_is_unknown_too() -> None:
    assert rows((0, "sensor_fault", {}), (60, "sensor_recovered", {})) == [
        unknown(0, 60, Unwatched.FAULT)
    ]


def test_a_downtime_is_unknown() -> None:
    assert rows(
        *sitting(0, 600),
        (1000, "service_stopped", {}),
        (5000, "service_started", {}),
    )[2:] == [unknown(1000, 5000, Unwatched.STOPPED)]


def test_after_a_kill_the_time_is_unknown_from_the_last_event() -> None:
    assert rows(*sitting(0, 600), (5000, "service_started", {}))[2:] == [
        unknown(720, 5000, Unwatched.KILLED)
    ]


def test_a_person_whose_bout_goes_on_after_a_restart_has_stayed() -> None:
    assert rows(
        (0, "bout_started", {}),
        (300, "service_stopped", {}),
        (360, "service_started", {}),
        (600, "stood_up", STOOD_UP),
        bout_ended(0, 600),
    ) == [stretch(0, 600, 0), bout(0, 600, 600)]


def test_a_bout_that_a_kill_has_cut_is_unknown_from_when_the_person_was_last_seen() -> None:
    assert rows(
        (0, "bout_started", {}),
        (5000, "service_started", {}),
        bout_ended(0, 900, by=5001, cut=True),
    ) == [
        unknown(900, 5000, Unwatched.KILLED),
        stretch(0, 900, 0),
        bout(0, 900, 900, BoutFlags.CUT),
    ]


def test_the_sleep_of_a_machine_is_unknown() -> None:
    assert rows((0, "bout_started", {}), bout_ended(0, 900, by=5000, cut=True)) == [
        unknown(900, 5000, Unwatched.ABSENT),
        stretch(0, 900, 0),
        bout(0, 900, 900, BoutFlags.CUT),
    ]


def test_a_clock_that_is_set_during_a_bout_changes_no_length() -> None:
    made = rows(
        (0, "bout_started", {}),
        (600, "stood_up", STOOD_UP),
        (660, "sat_back", {"away_s": 60}),
        (7860, "clock_stepped", {"by_s": 7200}),
        (8100, "stood_up", STOOD_UP),
        bout_ended(7200, 8100, 840),
    )
    assert made == [
        unknown(0, 7200, Unwatched.CLOCK),
        stretch(7200, 7800, 7200),
        stretch(7860, 8100, 7200),
        bout(7200, 8100, 840),
    ]


def test_time_that_a_clock_set_forward_has_skipped_is_unknown() -> None:
    assert rows(*sitting(0, 600), (9000, "clock_stepped", {"by_s": 3600}))[2:] == [
        unknown(5400, 9000, Unwatched.CLOCK)
    ]


def test_a_bout_that_a_late_clock_has_dated_back_is_where_its_end_says() -> None:
    """A machine without a battery boots with the date of its last stop, 14 h behind."""
    later = 14 * 3600
    made = rows(
        (0, "bout_started", {}),
        (610, "service_started", {}),
        (700 + later, "clock_stepped", {"by_s": later}),
        bout_ended(0, 600, by=700 + later, cut=True),
        (620 + later, "bout_started", {}),
    )
    assert made == [
        unknown(600, 610 + later, Unwatched.KILLED),
        stretch(0, 600, 0),
        bout(0, 600, 600, BoutFlags.CUT),
    ]


def test_the_stretches_of_a_bout_that_a_late_clock_has_dated_back_go_with_it() -> None:
    later = 14 * 3600
    made = rows(
        (0, "bout_started", {}),
        (300, "stood_up", STOOD_UP),
        (330, "sat_back", {"away_s": 30}),
        (610, "service_started", {}),
        (700 + later, "clock_stepped", {"by_s": later}),
        bout_ended(0, 600, 570, by=700 + later, cut=True),
    )
    assert [one for one in made if isinstance(one, Stretch)] == [
        stretch(0, 300, 0),
        stretch(330, 600, 0),
    ]


def test_a_hole_in_the_numbers_is_unknown() -> None:
    before, after = records(*sitting(0, 600)), records(*sitting(9000, 9600), first=7)
    made = list(derive(map(compact, before + after)))
    assert unknown(720, 9000, Unwatched.HOLE) in made
    assert [one for one in made if isinstance(one, Bout)] == [
        bout(0, 600, 600),
        bout(9000, 9600, 600),
    ]


def test_a_bout_whose_end_is_lost_ends_with_what_is_known_of_it() -> None:
    before = records((0, "bout_started", {}), (600, "move_due", {"bout_s": 600}))
    after = records((5000, "bout_started", {}), first=9)
    assert list(derive(map(compact, before + after))) == [
        stretch(0, 600, 0),
        replace(bout(0, 600, 600, BoutFlags.CUT), due=ms(600), reminders=1),
        unknown(600, 5000, Unwatched.HOLE),
    ]


@given(any_records())
@examples(300)
def test_no_row_is_empty_or_runs_backwards(made: list[Record]) -> None:
    for row in derive(map(compact, made)):
        assert row.start < row.end


@given(any_records())
@examples(300)
def test_a_stretch_lies_in_its_bout(made: list[Record]) -> None:
    derived = list(derive(map(compact, made)))
    bouts = {one.start: one for one in derived if isinstance(one, Bout)}
    for one in derived:
        if isinstance(one, Stretch):
            assert one.bout <= one.start
            assert one.end <= max(
                b.end for b in derived if isinstance(b, Bout) and b.start == one.bout
            )
    assert bouts.keys() >= {one.bout for one in derived if isinstance(one, Stretch)}


@given(any_records())
@examples(200)
def test_the_state_between_two_events_survives_as_text(made: list[Record]) -> None:
    deriver = Deriver()
    again: list[Row] = []
    for one in made:
        again += deriver.feed(compact(one))
        deriver = Deriver.read(deriver.document())
    assert again == list(derive(map(compact, made)))


# Several sources


SPANS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 20)).map(lambda one: (one[0], sum(one))),
    max_size=6,
)


@given(SPANS, SPANS, st.tuples(st.integers(-5, 60), st.integers(1, 40)))
@examples(400)
def test_a_time_is_unknown_if_no_source_saw_a_seat(
    first: list[tuple[int, int]], second: list[tuple[int, int]], period: tuple[int, int]
) -> None:
    since, until = period[0], sum(period)
    blind = [[Unknown(*one, Unwatched.FAULT) for one in spans] for spans in (first, second)]
    found = list(merge_unknown([(0, 40, blind[0]), (20, 60, blind[1])], since, until))

    def is_seen(at: int) -> bool:
        return any(
            start <= at < end and not any(one.start <= at < one.end for one in spans)
            for (start, end), spans in zip(((0, 40), (20, 60)), blind, strict=True)
        )

    unseen = {at for one in found for at in range(one.start, one.end)}
    assert unseen == {at for at in range(since, until) if not is_seen(at)}
    assert [one.start for one in found] == sorted(one.start for one in found)


def test_the_source_that_was_there_first_counts_where_two_overlap() -> None:
    lived = [(0, bout(100, 200, 100)), (0, bout(500, 600, 100))]
    imported = [(1, bout(0, 90, 90)), (1, bout(50, 150, 100)), (1, bout(550, 700, 150))]
    assert without_overlaps(imported + lived) == [imported[0], *lived]
