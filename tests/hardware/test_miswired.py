"""Every exchange of two wires is found by the calibration and named, or changes no weight."""

import re
from itertools import permutations, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.circuit import exchanged, net, resistance, turned
from support.examples import examples
from support.miswired import (
    SEATS,
    TERMINALS,
    Exchange,
    Seat,
    calibrate,
    exchanges_at_converters,
    exchanges_between_cells,
    exchanges_in_cells,
    named_in,
)
from wiring.bridge import FOUR, TWO, Bridge, Sleeve

BUILD = (Path(__file__).parents[2] / "hardware" / "build.md").read_text(encoding="utf-8")
RINGS = [seat for seat in SEATS if len(seat.names) == 1 and not seat.is_whole]
COLOURS = ("red", "white", "black")
LIKE = 0.1
"""Largest difference between the readings of two postures, as a share of the load."""


def titles(seats: object) -> str:
    return seats.title if isinstance(seats, Seat) else str(seats)


@pytest.mark.parametrize("seat", SEATS, ids=titles)
@pytest.mark.parametrize("seed", range(3))
def test_a_seat_that_is_wired_as_pictured_is_accepted_and_weighs_alike_in_every_posture(
    seat: Seat, seed: int
) -> None:
    outcome = calibrate(seat.with_imbalance(seed))

    assert outcome.words.rstrip().endswith("verdict good")
    assert outcome.posture_spread(seat.with_imbalance(seed)) < 0.02


@pytest.mark.parametrize("seat", SEATS, ids=titles)
@pytest.mark.parametrize("towards_corner", [0.2, 0.5, 0.8, 1.0])
def test_two_wires_of_a_half_bridge_exchanged_are_named_or_harmless(
    seat: Seat, towards_corner: float
) -> None:
    for exchange in exchanges_in_cells(seat):
        check(exchange, towards_corner)


@pytest.mark.parametrize("seat", SEATS, ids=titles)
def test_two_wires_of_a_converter_or_two_converters_exchanged_are_named_or_harmless(
    seat: Seat,
) -> None:
    for exchange in exchanges_at_converters(seat):
        check(exchange, 0.5)


def check(exchange: Exchange, towards_corner: float) -> None:
    """Check that an exchange is refused by the name of its cell, or changes no weight."""
    outcome = calibrate(exchange.seat.with_imbalance(1), towards_corner=towards_corner)
    if outcome.calibration is not None:
        assert outcome.posture_spread(exchange.seat) < LIKE, exchange.what
        assert not [one for one in exchange.wrong if len(exchange.seat.places) > 1], exchange.what
    elif outcome.saturated:
        assert "E and an A the largest ends at the wrong red wire" in outcome.words
        if len(exchange.seat.names) > 1:
            assert f"at {converter_of(exchange).replace('_', ' ')} a red" in outcome.words
    elif exchange.what == "two converters":
        assert "exchange the places in load_cell.at" in outcome.words
        assert any(name.replace("_", " ") in outcome.words for name in exchange.wrong)
    else:
        assert named_in(outcome.words) == supported(exchange), outcome.words
        assert "white and black" in outcome.words


def converter_of(exchange: Exchange) -> str:
    """Return the name of the converter whose cell or whose own wires are exchanged."""
    [wrong] = exchange.wrong
    for name, places in zip(exchange.seat.names, exchange.seat.places, strict=True):
        if wrong == name or wrong in places.values():
            return name
    raise AssertionError(wrong)


def supported(exchange: Exchange) -> set[str]:
    """Return the places by which a wrong cell is named: its own, or both corners of its side."""
    [wrong] = exchange.wrong
    if len(exchange.seat.names) == 1 and "_" not in wrong:
        return {f"{wrong}_front", f"{wrong}_back"}
    return {wrong}


@pytest.mark.parametrize("seat", RINGS, ids=titles)
def test_wires_of_two_cells_exchanged_are_found_or_harmless(seat: Seat) -> None:
    for exchange in exchanges_between_cells(seat):
        outcome = calibrate(exchange.seat.with_imbalance(1))
        if outcome.calibration is not None:
            assert outcome.posture_spread(exchange.seat) < LIKE, exchange.wrong


@pytest.mark.parametrize("seat", RINGS, ids=titles)
@given(data=st.data())
@examples(25)
def test_any_number_of_exchanges_is_found_or_harmless(seat: Seat, data: st.DataObject) -> None:
    orders = st.sampled_from(list(permutations(COLOURS)))
    wires: dict[Sleeve, Sleeve] = {}
    for cell in seat.places[0]:
        order = data.draw(orders)
        wires |= {(cell, old): (cell, new) for old, new in zip(COLOURS, order, strict=True)}
    wrong = seat.with_bridge(0, exchanged(seat.bridges[0], wires))

    outcome = calibrate(wrong.with_imbalance(2), towards_corner=data.draw(st.floats(0.3, 1)))

    if outcome.calibration is not None:
        assert outcome.posture_spread(wrong) < LIKE


@pytest.mark.parametrize("bridge", [FOUR, TWO], ids=["four", "two"])
def test_the_meter_names_the_cell_of_a_red_wire_that_is_exchanged(bridge: Bridge) -> None:
    reds = {wires[0]: name for name, wires in bridge.terminals.items() if len(wires) == 1}
    for (cell, red), outer in product(reds, ("white", "black")):
        pair: dict[Sleeve, Sleeve] = {(cell, red): (cell, outer), (cell, outer): (cell, red)}

        assert end_of_wrong_red(exchanged(bridge, pair)) == reds[cell, red]


@pytest.mark.parametrize("bridge", [FOUR, TWO], ids=["four", "two"])
@pytest.mark.parametrize("excitation", TERMINALS[:2])
@pytest.mark.parametrize("output", TERMINALS[2:])
def test_the_meter_names_an_e_and_an_a_that_are_exchanged(
    bridge: Bridge, excitation: str, output: str
) -> None:
    assert end_of_wrong_red(turned(bridge, excitation, output)) is None


def end_of_wrong_red(bridge: Bridge) -> str | None:
    """Return the terminal that the rule in the refusal finds, None for an exchange at the board."""
    halves = net(bridge, {})
    supply, output = (resistance(halves, *pair) for pair in (TERMINALS[:2], TERMINALS[2:]))
    if supply == pytest.approx(output, rel=0.05):
        return None
    pairs = product(TERMINALS[:2], TERMINALS[2:])
    excitation, out = max(pairs, key=lambda pair: resistance(halves, *pair))
    return excitation if supply > output else out


def test_the_build_guide_shows_no_exchange_that_is_neither_named_nor_harmless() -> None:
    table = BUILD.partition("<!-- exchanges -->")[2].partition("<!-- /exchanges -->")[0]
    rows = re.findall(r"^\| [^|]+ \((\d+)\) \|.*\| ([^|]+) \|$", table, re.M)

    assert sum(int(ways) for ways, _ in rows) > 100
    for _, verdict in rows:
        assert re.match(
            r"refused: .* named|refused: `saturated`; the meter names|harmless", verdict
        )
