"""Wire lists: the whole circuit, nothing else, and as much wire as the parts lists have."""

import pytest

from wiring.circuit import HEADER, Kind, builds
from wiring.leads import CABLE_CM, JUMPER_CM, leads
from wiring.tables import BUILDS, rows

CHAIRS = dict(builds())
LONGEST_DIGITAL_CM = 50


@pytest.fixture(params=BUILDS)
def build(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_wire_joins_two_terminals_of_one_net(build: str) -> None:
    chair = CHAIRS[build]
    for lead in leads(build):
        assert chair.net_of(lead.start) is not None, lead
        assert chair.net_of(lead.start) == chair.net_of(lead.end), lead


def test_the_wires_of_a_build_join_its_whole_circuit(build: str) -> None:
    chair = CHAIRS[build]
    for net, places in chair.nets.items():
        # The header joins its own pins of a supply.
        pieces = [{place for place in places if place.startswith(f"{HEADER}.")}]
        pieces += [{place} for place in places - pieces[0]]
        for lead in leads(build):
            if lead.start in places:
                ends = [piece for piece in pieces if {lead.start, lead.end} & piece]
                pieces = [piece for piece in pieces if piece not in ends] + [set().union(*ends)]
        assert [piece for piece in pieces if piece] == [set(places)], net


def test_a_parts_list_has_the_wires_that_the_wire_list_needs(build: str) -> None:
    listed = {row["reference"]: row for row in rows(build)}
    used = leads(build)

    assert int(listed["W2"]["quantity"]) == sum(lead.wire == "W2" for lead in used)
    assert f"{JUMPER_CM} cm" in listed["W2"]["part"]
    for colour in {lead.colour for lead in used if lead.wire == "W2"}:
        assert colour in listed["W2"]["part"]
    for cable, cores in (("W1", "pair"), ("W3", "4 wires")):
        wires = [lead for lead in used if lead.wire == cable]
        assert (cable in listed) == bool(wires)
        if wires:
            assert len(wires) == {"pair": 2, "4 wires": 4}[cores]
            assert cores in listed[cable]["part"]
            assert f"{CABLE_CM // 100} m" in listed[cable]["part"]
    assert ("J2" in listed) == any(lead.wire in ("joint", "W1") for lead in used)


def test_no_digital_wire_is_longer_than_its_bus_allows(build: str) -> None:
    chair = CHAIRS[build]
    buses = {
        terminal.at
        for part in chair.parts.values()
        for terminal in part.terminals
        if terminal.kind is Kind.BUS
    }
    for lead in leads(build):
        if lead.start in buses:
            assert lead.centimetres <= LONGEST_DIGITAL_CM, lead
