"""Measures of sitting, by the names and formulas of the research on sedentary behaviour.

A measure is made for any number of days: a day, a week for a table, or ten years. Unknown time (a
fault, a restart, no service) is neither sitting nor standing. The texts of the measures are in the
section ``report`` of ``unsit.words``, by the same keys.

Sources: S. F. M. Chastin, M. H. Granat, Methods for objective measure, quantification and analysis
of sedentary behaviour and inactivity, Gait & Posture 31 (2010) 82-86 (alpha, Gini, W50);
M. S. Tremblay et al., SBRN Terminology Consensus Project, IJBNPA 14 (2017) 75 (bout, break,
prolonged).
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import log
from statistics import median
from typing import Literal

from unsit.report.days import HOUR_MS, MINUTE_MS, SECOND_MS, Day, Span, without

PROLONGED_S = 30 * 60
"""Length (s) from which a bout is prolonged in the literature."""

PROLONGED_MS = PROLONGED_S * SECOND_MS

ALPHA_MIN_S = 60.0
"""Shortest bout (s) that counts for alpha, its ``xmin``."""

BOUTS_MIN = 5
"""Bouts below which no median is given: with fewer, one more bout moves it anywhere."""

SHAPE_BOUTS_MIN = 30
"""Bouts below which the shape of their distribution (alpha, Gini) is not given."""

COMPARED_DAYS_MIN = 3
"""Days with sitting in each of two periods below which neither is called better.

In the recordings of one person, two days differ by a factor of two.
"""

CHANGE_MIN = 0.05
"""Relative change below which a measure has stayed the same."""

ANSWERED_MS = 5 * MINUTE_MS
"""Time within which a call to move counts as answered; the next reminder comes after it."""

STAND_MS = 60 * SECOND_MS
"""Time off the seat that makes an hour one with a stand."""

LENGTH_EDGES_S = tuple(60 * minutes for minutes in (5, 10, 20, 30, 45, 60, 90, 120))
"""Edges of the classes of bout lengths; the last class has no upper edge."""

RESPONSE_EDGES_S = tuple(60 * minutes for minutes in (1, 2, 5, 10, 20, 30))
"""Edges of the classes of response times; the last class has no upper edge."""

Unit = Literal["s", "number", "share", "per_hour", "index"]
Better = Literal["less", "more", "neither"]
Reason = Literal[
    "no_sitting", "no_bouts", "few_bouts", "few_bouts_for_shape", "equal_bouts", "no_responses"
]
"""Reason why a measure has no value; each has a text of this key in the words."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Measure with its value.

    key: its name in JSON and in the words. value: in the unit; None if there is none.
    unit: s for seconds; share for 0 to 1. of: what a number is a part of, None for no part.
    better: whether less or more of it is better for the person.
    refused: why there is no value.
    """

    key: str
    value: float | None
    unit: Unit
    better: Better = "neither"
    of: float | None = None
    refused: Reason | None = None

    @property
    def rate(self) -> float | None:
        """The value to compare: a number that is a part becomes its share."""
        if self.value is None or self.of is None:
            return self.value
        return self.value / self.of if self.of else None


_SUMS = (
    *("days", "days_watched", "days_seated", "known_ms", "seated_ms", "seated_long_ms"),
    *("due", "answerable", "answered", "breaks", "exercises", "seated_hours", "stand_hours"),
)
"""Attributes of a tally that are sums."""


class Tally:
    """Totals of some days, and their measures.

    move_after_s: the setting ``sitting.move_after`` (s). exercises_a_day: number of exercises that
    the programme has for a day.
    """

    def __init__(self, move_after_s: float, exercises_a_day: int = 0) -> None:
        self.days = self.days_watched = self.days_seated = 0
        self.known_ms = self.seated_ms = self.seated_long_ms = 0
        self.lengths_s: list[float] = []
        self.responses_s: list[float] = []
        self.time_by_length_s = [0.0] * (len(LENGTH_EDGES_S) + 1)
        self.due = self.answerable = self.answered = self.breaks = 0
        self.exercises = self.seated_hours = self.stand_hours = 0
        self.move_after_s = move_after_s
        self.exercises_a_day = exercises_a_day

    def add(self, day: Day) -> None:
        """Add a day."""
        self.days += 1
        if not day.is_watched:
            return
        self.days_watched += 1
        self.known_ms += day.known_ms
        self.exercises += day.exercises
        if day.pieces:
            self.days_seated += 1
            self.seated_ms += day.seated_ms
            self.seated_long_ms += sum(
                piece.end - piece.start for piece in day.pieces if piece.bout_ms >= PROLONGED_MS
            )
            seated, stand = hours_with_a_stand(day)
            self.seated_hours += seated
            self.stand_hours += stand
        for bout, length_ms in day.bouts:
            length_s = length_ms / SECOND_MS
            self.lengths_s.append(length_s)
            self.time_by_length_s[bisect_right(LENGTH_EDGES_S, length_s)] += length_s
            self.breaks += not bout.flags
            if bout.due is not None:
                self.due += 1
                if bout.response is not None and not bout.flags:
                    self.answerable += 1
                    self.answered += bout.response <= ANSWERED_MS
                    self.responses_s.append(bout.response / SECOND_MS)

    def merge(self, other: "Tally") -> None:
        """Add the days of another tally."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.lengths_s += other.lengths_s
        self.responses_s += other.responses_s
        both = zip(self.time_by_length_s, other.time_by_length_s, strict=True)
        self.time_by_length_s = [one + another for one, another in both]

    @property
    def seated_s(self) -> float:
        """Time on the seat (s)."""
        return self.seated_ms / SECOND_MS

    @property
    def longest_s(self) -> float:
        """Length of the longest bout (s), 0 without a bout."""
        return max(self.lengths_s, default=0.0)

    def prolonged(self, from_s: float = PROLONGED_S) -> list[float]:
        """Return the lengths (s) of the bouts of at least a length."""
        return [length for length in self.lengths_s if length >= from_s]

    def response_classes(self) -> list[int]:
        """Return how many calls to move were answered in each class of ``RESPONSE_EDGES_S``."""
        counts = [0] * (len(RESPONSE_EDGES_S) + 1)
        for response in self.responses_s:
            counts[bisect_right(RESPONSE_EDGES_S, response)] += 1
        return counts

    def measures(self) -> list[Measure]:
        """Return all measures, each with its value or the reason for none, in their order."""
        return [*self._totals(), *self._bouts(), *self._shape(), *self._responses()]

    def _totals(self) -> Iterable[Measure]:
        nothing: Reason | None = None if self.days_seated else "no_sitting"
        a_day = self.seated_s / self.days_seated if self.days_seated else None
        yield Measure("days_watched", self.days_watched, "number", of=self.days)
        yield Measure("watched_s", self.known_ms / SECOND_MS, "s")
        yield Measure("seated_s", self.seated_s, "s")
        yield Measure("seated_a_day_s", a_day, "s", "less", refused=nothing)

    def _bouts(self) -> Iterable[Measure]:
        lengths, number = self.lengths_s, len(self.lengths_s)
        none: Reason | None = None if number else "no_bouts"
        few: Reason | None = None if number >= BOUTS_MIN else "few_bouts"
        yield Measure("bouts", number, "number")
        yield Measure("longest_s", max(lengths, default=None), "s", "less", refused=none)
        middle = None if few else median(lengths)
        yield Measure("median_s", middle, "s", "less", refused=few)
        yield Measure("w50_s", None if few else w50(lengths), "s", "less", refused=few)
        for key, from_s in self._prolonged_from():
            long = self.prolonged(from_s)
            share = sum(long) / (sum(lengths) or 1.0) if number else None
            yield Measure(key, len(long), "number", "less", of=number)
            yield Measure(f"{key}_share", share, "share", "less", refused=none)
        rate = self.breaks / (self.seated_s / 3600) if self.seated_ms else None
        yield Measure(
            "breaks_per_seated_hour",
            rate,
            "per_hour",
            "more",
            refused=None if self.seated_ms else "no_sitting",
        )
        yield Measure("stand_hours", self.stand_hours, "number", "more", of=self.seated_hours)

    def _prolonged_from(self) -> Iterable[tuple[str, float]]:
        yield "prolonged", PROLONGED_S
        yield "over_move_after", self.move_after_s

    def _shape(self) -> Iterable[Measure]:
        few: Reason | None = (
            None if len(self.lengths_s) >= SHAPE_BOUTS_MIN else "few_bouts_for_shape"
        )
        inequality = None if few else gini(self.lengths_s)
        if few is None and inequality is None:
            few = "equal_bouts"
        yield Measure("gini", inequality, "index", "less", refused=few)
        long_enough = [length for length in self.lengths_s if length >= ALPHA_MIN_S]
        few = None if len(long_enough) >= SHAPE_BOUTS_MIN else "few_bouts_for_shape"
        exponent = None if few else alpha(long_enough)
        if few is None and exponent is None:
            few = "equal_bouts"
        yield Measure("alpha", exponent, "index", "more", refused=few)

    def _responses(self) -> Iterable[Measure]:
        few: Reason | None = None if self.responses_s else "no_responses"
        yield Measure("due", self.due, "number")
        yield Measure("answered", self.answered, "number", "more", of=self.answerable)
        middle = median(self.responses_s) if self.responses_s else None
        yield Measure("response_s", middle, "s", "less", refused=few)
        planned = self.exercises_a_day * self.days_seated
        yield Measure("exercises_done", self.exercises, "number", "more", of=planned)


def w50(lengths: Sequence[float]) -> float:
    """Return the length such that bouts up to it hold half of the time of all bouts.

    It is the weighted median: the least length of a bout for which that is so. lengths: at least
    one, not all 0.
    """
    half, so_far = sum(lengths) / 2, 0.0
    ordered = sorted(lengths)
    for length in ordered:
        so_far += length
        if so_far >= half:
            return length
    return ordered[-1]


def gini(lengths: Sequence[float]) -> float | None:
    """Return the Gini index of bout lengths: 0 if all are equal, near 1 if few hold all the time.

    It is half of the relative mean difference, without a correction for small samples. None if all
    lengths are 0.
    """
    number, total = len(lengths), sum(lengths)
    if not total:
        return None
    weighted = sum(rank * length for rank, length in enumerate(sorted(lengths), 1))
    return 2 * weighted / (number * total) - (number + 1) / number


def alpha(lengths: Sequence[float]) -> float | None:
    """Return the exponent of a power law with the density ``x ** -alpha`` above ``ALPHA_MIN_S``.

    It is the maximum likelihood estimate ``1 + n / sum(ln(x / xmin))``. lengths: all at least
    ``ALPHA_MIN_S``. None if all are equal to it.
    """
    spread = sum(log(length / ALPHA_MIN_S) for length in lengths)
    return 1 + len(lengths) / spread if spread else None


def hours_with_a_stand(day: Day) -> tuple[int, int]:
    """Return the number of a day's clock hours with sitting, and of those with a stand too.

    An hour has a stand if the seat was empty for ``STAND_MS`` in it without a pause, after the
    first sit-down of the day, and the chair was watched meanwhile.
    """
    pieces = day.pieces
    unknown = list(without(Span(day.start, day.end), day.known, [one.end for one in day.known]))
    ends = [span.end for span in unknown]
    seated: set[int] = set()
    stand: set[int] = set()
    for piece, following in zip_longest(pieces, pieces[1:]):
        shift = piece.offset * MINUTE_MS
        seated.update(_hours(piece.start, piece.end, shift))
        off_seat = Span(piece.end, day.end if following is None else following.start)
        if off_seat.end - off_seat.start < STAND_MS:
            continue
        for start, end in without(off_seat, unknown, ends) if unknown else (off_seat,):
            for begin in _hours(start, end, shift):
                if min(end, begin + HOUR_MS) - max(start, begin) >= STAND_MS:
                    stand.add(begin)
    return len(seated), len(seated & stand)


def _hours(start: int, end: int, shift: int) -> range:
    """Return the begins of the clock hours that a span touches. shift: the offset in ms."""
    return range((start + shift) // HOUR_MS * HOUR_MS - shift, end, HOUR_MS)


def verdict(now: Measure, before: Measure, days: tuple[int, int]) -> Better | None:
    """Return whether a measure has become "more" or "less", "neither" if it stayed the same.

    days: days with sitting in both periods. None if the two cannot be compared.
    """
    if min(days) < COMPARED_DAYS_MIN or now.rate is None or before.rate is None:
        return None
    if abs(now.rate - before.rate) <= CHANGE_MIN * abs(before.rate):
        return "neither"
    return "more" if now.rate > before.rate else "less"
