"""The seat: a mat, found by sitting down, or load cells."""

from dataclasses import replace
from typing import Literal, cast

from unsit.assembly.converters import open_converters
from unsit.assembly.errors import PinError
from unsit.checkup.cells import take_readings
from unsit.checkup.seat import Answering, find_seat
from unsit.core.weighing.faults import Missing
from unsit.settings.load_cell import LoadCellSettings
from unsit.setup.bench import Bench
from unsit.setup.draft import Draft

AGAIN, BY_HAND, LEAVE = "again", "pin", "leave"


def ask_sensor(draft: Draft, bench: Bench) -> None:
    """Which sensor there is, and where."""
    kinds = ("mat", "load_cell")
    kind = bench.talk.ask("What is under the cushion?", draft.now("seat.kind"), kinds)
    draft.answer(seat__kind=kind)
    if kind == "mat":
        _mat(draft, bench)
    else:
        _cells(draft, bench)


def _mat(draft: Draft, bench: Bench) -> None:
    free = bench.free(draft.taken_pins(but="seat.pin"))
    while free:
        answering = find_seat(free, bench.pins, bench.talk)
        if answering:
            _take(_chosen(answering, bench), draft, bench)
            return
        bench.talk.say(
            "No pin has followed you. Measure the mat as hardware/build.md says: it must close "
            "with you on it, between its pin and ground."
        )
        choice = bench.talk.ask(
            "Try again, name the pin, or leave it?", AGAIN, (AGAIN, BY_HAND, LEAVE)
        )
        if choice == LEAVE:
            return
        if choice == BY_HAND:
            break
    _by_hand(draft, bench)


def _chosen(answering: list[Answering], bench: Bench) -> Answering:
    if len(answering) == 1:
        return answering[0]
    pins = [str(answer.pin) for answer in answering]
    bench.talk.say(f"Several pins have followed you: {', '.join(pins)}.")
    pin = bench.talk.ask("Which is the mat's?", pins[0], pins)
    return answering[pins.index(pin)]


def _take(found: Answering, draft: Draft, bench: Bench) -> None:
    opens = ", which opens under weight" if found.normally_closed else ""
    bench.talk.say(f"The mat is at GPIO{found.pin}{opens}.")
    draft.answer(seat__pin=found.pin, seat__normally_closed=found.normally_closed)


def _by_hand(draft: Draft, bench: Bench) -> None:
    taken = draft.taken_pins(but="seat.pin")
    pin = bench.ask_pin("The mat's BCM pin", draft.now("seat.pin"), taken)
    if pin is not None:
        opens = bench.talk.confirm("Does the mat's contact open under weight?")
        draft.answer(seat__pin=pin, seat__normally_closed=opens)


def _cells(draft: Draft, bench: Bench) -> None:
    kinds = ("nau7802", "hx711_spi", "hx711")
    while True:
        default = draft.now("load_cell.converter")
        converter = bench.talk.ask("Which converter reads them?", default, kinds)
        trouble = _try(draft.before.load_cell, converter, bench)
        if trouble is None:
            bench.talk.say("It answers.")
        else:
            bench.talk.say(f"It does not answer: {trouble}")
        if trouble is None or not bench.talk.confirm("Choose another converter, or try again?"):
            draft.answer(load_cell__converter=converter, load_cell__at=None)
            return


def _try(cells: LoadCellSettings, converter: str, bench: Bench) -> str | None:
    """Why a converter gives no reading where it is by default; None if it does."""
    kind = cast("Literal['hx711_spi', 'hx711', 'nau7802']", converter)
    settings = replace(cells, converter=kind, at="", cells="seat")
    try:
        converters = open_converters(settings, bench.pins)
    except PinError as error:
        return str(error)
    try:
        [readings] = take_readings(converters)
    finally:
        for opened in converters:
            opened.close()
    missing = [raw for raw in readings if isinstance(raw, Missing)]
    if len(missing) < len(readings):
        return None
    return f"{missing[-1].value} at {settings.wired_at[0]}; look at its supply and its wires"
