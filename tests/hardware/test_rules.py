"""Electrical rules: no chair breaks one, and each rule finds a planted fault of its kind."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from wiring import plan, rules
from wiring.bridge import FOUR, MINUS
from wiring.circuit import (
    HEADER,
    Circuit,
    Kind,
    Level,
    Part,
    Terminal,
    both_sides,
    builds,
    chairs,
    circuit,
    full_bridge,
    half_bridges,
    netlist,
)

CHAIRS = dict(chairs())
BUILDS = dict(builds())


@pytest.mark.parametrize("name", CHAIRS)
def test_no_chair_breaks_an_electrical_rule(name: str) -> None:
    assert rules.errors(CHAIRS[name]) == []


@pytest.mark.parametrize("name", BUILDS)
def test_no_build_of_the_parts_lists_breaks_an_electrical_rule(name: str) -> None:
    assert rules.errors(BUILDS[name]) == []


def mat() -> Circuit:
    return circuit(plan.mat(), plan.buzzer_module())


def transistor() -> Circuit:
    return circuit(plan.mat(), plan.buzzer_transistor())


def nau7802(bus: int = 1) -> Circuit:
    return circuit(plan.nau7802(bus), plan.buzzer_module(), beyond=[full_bridge("U1")])


def without(chair: Circuit, *places: str) -> Circuit:
    """Return the circuit with terminals taken off their nets."""
    nets = {name: at - set(places) for name, at in chair.nets.items()}
    return replace(chair, nets={name: at for name, at in nets.items() if at})


def joined(chair: Circuit, one: str, other: str) -> Circuit:
    """Return the circuit with two nets joined by a wire."""
    nets = {name: at for name, at in chair.nets.items() if name != other}
    return replace(chair, nets=nets | {one: chair.nets[one] | chair.nets[other]})


def moved(chair: Circuit, place: str, net: str) -> Circuit:
    """Return the circuit with a terminal on another net."""
    off = without(chair, place)
    return replace(off, nets=off.nets | {net: off.nets[net] | {place}})


def changed(chair: Circuit, place: str, **values: object) -> Circuit:
    """Return the circuit with another terminal in place of one."""
    reference = place.partition(".")[0]
    part = chair.parts[reference]
    terminals = tuple(
        replace(t, **values) if t.at == place else t  # type: ignore[arg-type]
        for t in part.terminals
    )
    return replace(chair, parts=chair.parts | {reference: replace(part, terminals=terminals)})


def with_part(chair: Circuit, part: Part, **nets: str) -> Circuit:
    """Return the circuit with one more part: its terminals by the nets that they are on."""
    more = dict(chair.nets)
    for terminal, net in nets.items():
        more[net] = more.get(net, frozenset()) | {f"{part.reference}.{terminal}"}
    return replace(chair, parts=chair.parts | {part.reference: part}, nets=more)


def bare_chip(chair: Circuit) -> Circuit:
    """Return the circuit with a chip that has no capacitor."""
    chip = Part(
        "U9",
        "chip",
        (Terminal("U9", "V", Kind.POWER, draws=1.0), Terminal("U9", "G", Kind.GROUND)),
        is_decoupled=False,
    )
    return with_part(chair, chip, V="3.3 V", G="ground")


def second_output(chair: Circuit) -> Circuit:
    """Return the circuit with an output of another device on the buzzer's pin."""
    part = Part("U9", "device", (Terminal("U9", "OUT", Kind.OUTPUT, volts=3.3),))
    return with_part(chair, part, OUT="GPIO18")


PLANTED: list[tuple[Callable[[Circuit], rules.Found], Circuit, str]] = [
    (rules.no_loose_end, without(mat(), "S1.1"), "S1.1 is connected to nothing"),
    (rules.no_loose_end, without(mat(), "R5.1", "C1.1"), "GPIO17 has one end"),
    (
        rules.no_loose_end,
        without(circuit(plan.nau7802(), beyond=[half_bridges("U1")]), "LC2-3.white"),
        "link 3 has one end",
    ),
    (rules.one_driver, joined(mat(), "3.3 V", "ground"), "3.3 V has more than one driver"),
    (rules.one_driver, joined(transistor(), "GPIO18", "5 V"), "GPIO18 has more than one driver"),
    (rules.one_driver, second_output(mat()), "A1.12, U9.OUT"),
    (
        rules.no_terminal_in_two_nets,
        replace(mat(), nets=mat().nets | {"spare": frozenset({"S1.1", "S1.2"})}),
        "S1.1 is in mat wire and in spare",
    ),
    (
        rules.defined_level,
        changed(mat(), "A1.11", pull=None),
        "A1.11 on GPIO17 has no defined level",
    ),
    (
        rules.defined_level,
        without(nau7802(), "LC1.green"),
        "U1.A+ on A+ has no defined level",
    ),
    (
        rules.defined_level,
        changed(nau7802(bus=3), "U1.SDA", pull=None),
        "A1.16 on GPIO23 has no defined level",
    ),
    (
        rules.no_voltage_above_its_limit,
        joined(transistor(), "GPIO17", "5 V"),
        "A1.11 gets 5 V; it withstands 3.3 V",
    ),
    (
        rules.no_voltage_above_its_limit,
        changed(circuit(plan.hx711_pins()), "U2.DOUT", volts=5.0),
        "A1.29 gets 5 V; it withstands 3.3 V",
    ),
    (
        rules.no_voltage_above_its_limit,
        changed(nau7802(), "U1.SDA", volts=5.0),
        "A1.3 gets 5 V; it withstands 3.3 V",
    ),
    (
        rules.power_arrives,
        moved(mat(), "BZ1.+", "GPIO18"),
        "BZ1.+ is on GPIO18, which is no supply",
    ),
    (
        rules.power_arrives,
        moved(mat(), f"BZ1.{MINUS}", "GPIO18"),
        f"BZ1.{MINUS} is on GPIO18, which is not ground",
    ),
    (
        rules.silent_at_the_start,
        changed(mat(), "BZ1.S", silent=Level.HIGH),
        "BZ1.S is not kept high while the Pi starts",
    ),
    (
        rules.silent_at_the_start,
        changed(transistor(), "A1.12", pull=Level.HIGH),
        "Q1.B is not kept low while the Pi starts",
    ),
    (
        rules.current_of_each_pin,
        changed(mat(), "BZ1.S", draws=30.0),
        "A1.12 supplies 30.0 mA; a pin supplies at most 16 mA",
    ),
    (
        rules.current_of_each_supply,
        changed(mat(), "BZ1.+", draws=60.0),
        "3.3 V supplies 60.0 mA; at most 50 mA",
    ),
    (
        rules.current_of_each_supply,
        changed(changed(both_sides(), "LC2-1.white", draws=8.6), "LC2-3.white", draws=8.6),
        "3.3 V supplies 54.4 mA; at most 50 mA",
    ),
    (rules.decoupled, bare_chip(mat()), "U9.V has no capacitor to ground"),
    (rules.diode_across_a_coil, without(transistor(), "D1.A"), "BZ2 has no diode across it"),
    (
        rules.diode_across_a_coil,
        moved(moved(transistor(), "D1.K", "collector"), "D1.A", "5 V"),
        "BZ2 has no diode across it",
    ),
    (
        rules.resistor_before_a_cable,
        joined(mat(), "GPIO17", "mat wire"),
        "A1.11 is on the cable of S1 without a resistor",
    ),
]


@pytest.mark.parametrize(
    ("rule", "faulty", "message"),
    PLANTED,
    ids=[f"{rule.__name__}: {message}" for rule, _, message in PLANTED],
)
def test_a_rule_finds_a_planted_fault(
    rule: Callable[[Circuit], rules.Found], faulty: Circuit, message: str
) -> None:
    assert [line for line in rule(faulty) if message in line], list(rule(faulty))
    assert any(line.startswith(f"{rule.__name__}: ") for line in rules.errors(faulty))


def test_all_pins_together_have_a_limit_too() -> None:
    chair = circuit(plan.buzzer_piezo(), plan.led())
    for reference, bcm in (("X1", "GPIO5"), ("X2", "GPIO6"), ("X3", "GPIO13")):
        pin = Terminal(HEADER, bcm, Kind.OUTPUT, volts=3.3, withstands=3.3)
        header = chair.parts[HEADER]
        chair = with_part(chair, replace(header, terminals=(*header.terminals, pin)), **{bcm: bcm})
        load = Part(reference, "load", (Terminal(reference, "in", Kind.INPUT, draws=13.0),))
        chair = with_part(chair, load, **{"in": bcm})

    assert [*rules.current_of_each_pin(chair)] == [
        "the pins supply 52.9 mA; together at most 50 mA"
    ]


def test_every_rule_has_a_planted_fault() -> None:
    assert {case[0] for case in PLANTED} == set(rules.RULES)


def test_a_wire_that_leads_to_no_part_is_refused() -> None:
    wiring = plan.mat()
    other = replace(wiring, wires=(replace(wiring.wires[0], terminal="loose"), wiring.wires[1]))

    with pytest.raises(KeyError, match="mat: the plan and the circuit have other terminals"):
        circuit(other)


@pytest.mark.parametrize("name", CHAIRS)
def test_every_wire_of_the_plan_is_in_the_netlist(name: str) -> None:
    chair = CHAIRS[name]
    listed = netlist(chair)
    pins = {t.name for t in chair.parts[HEADER].terminals}

    assert pins
    for pin in pins:
        assert f'(node (ref "{HEADER}") (pin "{pin}"))' in listed


def test_the_nets_of_four_cells_are_those_of_the_picture() -> None:
    chair = BUILDS["four-cells"]
    for name, [(cell, colour)] in FOUR.terminals.items():
        assert chair.nets[name] == {f"U1.{name}", f"LC2-{cell}.{colour}"}
    links = {frozenset({f"LC2-{a}.{x}", f"LC2-{b}.{y}"}) for (a, x), (b, y) in FOUR.links}
    assert links <= set(chair.nets.values())
