"""Circuit of a chair: its parts with their terminals, and the nets that join them.

The wires of the header come from ``plan``, as in the pictures, and those of the cells from
``bridge``. Only what lies behind a wire (resistors, transistor, the inside of a module) is
defined here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from wiring import limits, plan
from wiring.bridge import FOUR, MINUS, TWO, Bridge
from wiring.header import HeaderPin
from wiring.plan import Plan, Role

HEADER = "A1"
"""Reference of the Raspberry Pi in the parts lists."""


class Kind(Enum):
    """Function of a terminal."""

    SUPPLY = "supply"
    GROUND = "ground"
    OUTPUT = "output"
    INPUT = "input"
    BUS = "bus"  # open drain: pulls the net low, and never drives it high
    POWER = "power"  # takes a supply
    PASSIVE = "passive"


class Level(Enum):
    """Level of a pin; the value is the word for people."""

    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True)
class Terminal:
    """Terminal of a part.

    part: reference as in the parts lists. name: as on the board or in the plan.
    volts: the level that a supply or an output drives, or that a pull-up pulls to; None for none.
    withstands: highest voltage, None for parts that no voltage of the header harms.
    pull: level to which the part itself pulls a net that nothing drives.
    silent: level at which an input keeps its part silent. None for an input of another kind.
    draws: greatest current in mA that the part takes at this terminal.
    """

    part: str
    name: str
    kind: Kind
    volts: float | None = None
    withstands: float | None = None
    pull: Level | None = None
    silent: Level | None = None
    draws: float = 0.0

    @property
    def at(self) -> str:
        """Place of the terminal, such as ``R5.1``."""
        return f"{self.part}.{self.name}"


@dataclass(frozen=True)
class Part:
    """Part of a circuit.

    value: as the schematic prints it. across: pairs of terminals between which direct current
    always flows, so not those of a contact. is_on_cable: True for a part outside the box, near
    people. is_decoupled: True for a board with capacitors of its own. is_coil: True for a magnet.
    """

    reference: str
    value: str
    terminals: tuple[Terminal, ...]
    across: tuple[tuple[str, str], ...] = ()
    is_on_cable: bool = False
    is_decoupled: bool = True
    is_coil: bool = False


@dataclass(frozen=True)
class Circuit:
    """Parts, and the terminals of each net by the name of the net."""

    parts: dict[str, Part] = field(default_factory=dict)
    nets: dict[str, frozenset[str]] = field(default_factory=dict)

    def terminals(self, net: str) -> list[Terminal]:
        """Return the terminals of a net, in order of their places."""
        known = {
            terminal.at: terminal for part in self.parts.values() for terminal in part.terminals
        }
        return [known[at] for at in sorted(self.nets[net])]

    def net_of(self, at: str) -> str | None:
        """Return the name of the net of a terminal, None if it has none."""
        return next((name for name, places in self.nets.items() if at in places), None)


Nets = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Inside:
    """Parts behind a plan, and how they are joined.

    wires: places on each wire of the header, by terminal of the plan. nets: places of other nets.
    """

    parts: tuple[Part, ...]
    wires: Nets
    nets: Nets


def resistor(reference: str, ohms: float) -> Part:
    """Return a resistor."""
    value = f"{ohms / 1000:g} kohm" if ohms >= 1000 else f"{ohms:g} ohm"
    return _two(reference, value, across=(("1", "2"),))


def _two(reference: str, value: str, names: tuple[str, str] = ("1", "2"), **more: object) -> Part:
    terminals = tuple(Terminal(reference, name, Kind.PASSIVE) for name in names)
    return replace(Part(reference, value, terminals), **more)  # type: ignore[arg-type]


def _mat() -> Inside:
    mat = _two("S1", "mat", is_on_cable=True)
    parts = (resistor("R5", limits.R5), _two("C1", "100 nF"), mat)
    wires = {"C1 and R5": ("R5.1", "C1.1"), "C1 and other wire": ("C1.2", "S1.2")}
    return Inside(parts, wires, {"mat wire": ("R5.2", "S1.1")})


def _module() -> Inside:
    terminals = (
        Terminal("BZ1", "+", Kind.POWER, withstands=5.5, draws=limits.BUZZER_MILLIAMPERES),
        Terminal(
            "BZ1", "S", Kind.INPUT, withstands=5.5, silent=Level.LOW, draws=limits.BASE_OF_MODULE
        ),
        Terminal("BZ1", MINUS, Kind.GROUND),
    )
    wires = {
        "+ or VCC": ("BZ1.+",),
        "S or I/O": ("BZ1.S",),
        f"{MINUS} or GND": (f"BZ1.{MINUS}",),
    }
    return Inside((Part("BZ1", "buzzer module", terminals),), wires, {})


def _transistor() -> Inside:
    base = Terminal("Q1", "B", Kind.INPUT, silent=Level.LOW, draws=limits.base_milliamperes())
    legs = (base, Terminal("Q1", "C", Kind.PASSIVE), Terminal("Q1", "E", Kind.PASSIVE))
    plus = Terminal("BZ2", "+", Kind.POWER, withstands=8.0, draws=limits.BUZZER_MILLIAMPERES)
    buzzer = Part(
        "BZ2",
        "5 V buzzer",
        (plus, Terminal("BZ2", MINUS, Kind.PASSIVE)),
        across=(("+", MINUS),),
        is_coil=True,
    )
    diode = _two("D1", "1N4148", ("K", "A"))
    parts = (
        resistor("R1", limits.R1),
        resistor("R2", limits.R2),
        Part("Q1", "2N3904", legs),
        buzzer,
        diode,
    )
    wires = {
        "buzzer +": ("BZ2.+", "D1.K"),
        "R1, base": ("R1.1",),
        "emitter": ("Q1.E", "R2.2"),
    }
    beyond = {
        "base": ("R1.2", "R2.1", "Q1.B"),
        "collector": ("Q1.C", f"BZ2.{MINUS}", "D1.A"),
    }
    return Inside(parts, wires, beyond)


def _piezo() -> Inside:
    disc = Part(
        "BZ3",
        "piezo disc",
        (
            Terminal("BZ3", "middle", Kind.INPUT, draws=limits.piezo_milliamperes()),
            Terminal("BZ3", "rim", Kind.PASSIVE),
        ),
    )
    wires = {"R3, disc": ("R3.1",), "disc": ("BZ3.rim",)}
    return Inside((resistor("R3", limits.R3), disc), wires, {"disc": ("R3.2", "BZ3.middle")})


def _button() -> Inside:
    wires = {"one contact": ("SW1.1",), "other contact": ("SW1.2",)}
    return Inside((_two("SW1", "button"),), wires, {})


def _led() -> Inside:
    long = Terminal("LED1", "long", Kind.INPUT, silent=Level.LOW, draws=limits.led_milliamperes())
    led = Part("LED1", "red LED", (long, Terminal("LED1", "short", Kind.PASSIVE)))
    wires = {"R4, long leg": ("R4.1",), "short leg": ("LED1.short",)}
    return Inside((resistor("R4", limits.R4), led), wires, {"LED": ("R4.2", "LED1.long")})


def _board(reference: str, value: str, supply: str, pins: Iterable[Terminal], draws: float) -> Part:
    power = Terminal(reference, supply, Kind.POWER, withstands=5.5, draws=draws)
    feeds = (
        Terminal(reference, "E+", Kind.SUPPLY, volts=limits.NAU7802_VOLTS),
        Terminal(reference, f"E{MINUS}", Kind.GROUND),
        *(Terminal(reference, name, Kind.INPUT, withstands=3.6) for name in ("A+", f"A{MINUS}")),
    )
    ground = Terminal(reference, "GND", Kind.GROUND)
    return Part(reference, value, (power, ground, *pins, *feeds))


def _nau7802() -> Inside:
    reference = "U1"
    bus = Terminal(reference, "SDA", Kind.BUS, limits.PIN_VOLTS, withstands=5.5, pull=Level.HIGH)
    pins = (bus, replace(bus, name="SCL"))
    draws = limits.NAU7802_MILLIAMPERES
    wires = {name: (f"{reference}.{name}",) for name in ("SDA", "SCL", "3V3", "GND")}
    return Inside((_board(reference, "NAU7802", "3V3", pins, draws),), wires, {})


def _hx711() -> Inside:
    reference = "U2"
    pins = (
        Terminal(reference, "DOUT", Kind.OUTPUT, volts=limits.PIN_VOLTS),
        Terminal(reference, "PD_SCK", Kind.INPUT, withstands=5.5),
    )
    draws = limits.HX711_MILLIAMPERES
    wires = {name: (f"{reference}.{name}",) for name in ("DOUT", "PD_SCK", "VCC", "GND")}
    return Inside((_board(reference, "HX711", "VCC", pins, draws),), wires, {})


_INSIDES: dict[str, Callable[[], Inside]] = {
    "mat": _mat,
    "buzzer": _module,
    "5 V buzzer": _transistor,
    "piezo": _piezo,
    "button": _button,
    "LED": _led,
    "NAU7802": _nau7802,
    "HX711 SPI": _hx711,
    "HX711": _hx711,
}
"""Inside of each plan by its part."""


def full_bridge(converter: str) -> Inside:
    """Return a platform cell on a converter's board."""
    colours = {"E+": "red", f"E{MINUS}": "black", "A+": "green", f"A{MINUS}": "white"}
    draws = {"red": limits.bridge_milliamperes(limits.PLATFORM_CELL)}
    cell = Part(
        "LC1",
        "full bridge",
        tuple(
            Terminal("LC1", colour, Kind.PASSIVE, draws=draws.get(colour, 0.0))
            for colour in colours.values()
        ),
        across=(("red", "green"), ("red", "white"), ("black", "green"), ("black", "white")),
    )
    nets = {name: (f"{converter}.{name}", f"LC1.{colour}") for name, colour in colours.items()}
    return Inside((cell,), {}, nets)


def half_bridges(converter: str, bridge: Bridge = FOUR) -> Inside:
    """Return the half bridges of a bridge on a converter's board."""
    numbers = sorted(
        {cell for wires in [*bridge.terminals.values(), *bridge.links] for cell, _ in wires}
    )
    cells = tuple(
        Part(
            f"LC2-{number}",
            "half bridge",
            tuple(
                Terminal(f"LC2-{number}", colour, Kind.PASSIVE, draws=_half(number, colour, bridge))
                for colour in ("red", "white", "black")
            ),
            across=(("red", "white"), ("red", "black")),
        )
        for number in numbers
    )
    nets = {
        name: (f"{converter}.{name}", *(f"LC2-{cell}.{colour}" for cell, colour in wires))
        for name, wires in bridge.terminals.items()
    }
    for nth, link in enumerate(bridge.links, start=1):
        nets[f"link {nth}"] = tuple(f"LC2-{cell}.{colour}" for cell, colour in link)
    return Inside(cells, {}, nets)


def _half(number: int, colour: str, bridge: Bridge) -> float:
    """Return the current in mA that a wire of a cell takes from E+: through two halves."""
    is_fed = (number, colour) in bridge.terminals["E+"]
    return limits.bridge_milliamperes(2 * limits.HALF) if is_fed else 0.0


def inside(wiring: Plan) -> Inside:
    """Return what lies behind a plan. Raises KeyError if it has other terminals."""
    behind = _INSIDES[wiring.part]()
    if behind.wires.keys() != {wire.terminal for wire in wiring.wires}:
        raise KeyError(f"{wiring.part}: the plan and the circuit have other terminals")
    return behind


def circuit(*plans: Plan, beyond: Iterable[Inside] = ()) -> Circuit:
    """Return the circuit of several plans on one header.

    beyond: parts without a wire to the header, such as the cells of a converter. Raises KeyError if
    a wire of a plan leads to no part, or a part to no wire.
    """
    parts: dict[str, Part] = {}
    nets: dict[str, set[str]] = {}
    pins: list[Terminal] = []
    for wiring in plans:
        behind = inside(wiring)
        parts |= {part.reference: part for part in behind.parts}
        for wire in wiring.wires:
            pin = _header_terminal(wire.pin, wire.role, wiring)
            pins.append(pin)
            nets.setdefault(_net(wire.pin), set()).update((pin.at, *behind.wires[wire.terminal]))
        nets |= {name: set(places) for name, places in behind.nets.items()}
    for behind in beyond:
        parts |= {part.reference: part for part in behind.parts}
        nets |= {name: set(places) for name, places in behind.nets.items()}
    unique = {pin.at: pin for pin in pins}
    parts[HEADER] = Part(HEADER, "Raspberry Pi", tuple(unique.values()))
    return Circuit(parts, {name: frozenset(places) for name, places in nets.items()})


def _net(pin: HeaderPin) -> str:
    return pin.label if pin.bcm is None else f"GPIO{pin.bcm}"


def reset_pull(bcm: int) -> Level:
    """Return the level to which a Raspberry Pi pulls a pin until something sets it."""
    return Level.HIGH if bcm <= 8 else Level.LOW


BOARD_PULL_UPS = (2, 3)
"""BCM numbers of the pins with pull-ups of 1.8 kohm on the board."""


def _header_terminal(pin: HeaderPin, role: Role, wiring: Plan) -> Terminal:
    name = str(pin.number)
    if pin.bcm is None:
        if role is Role.GROUND:
            return Terminal(HEADER, name, Kind.GROUND)
        volts = limits.PIN_VOLTS if role is Role.THREE_VOLTS else 5.0
        return Terminal(HEADER, name, Kind.SUPPLY, volts=volts)
    limit = limits.PIN_VOLTS
    if wiring.part == "NAU7802":
        pull, high = (Level.HIGH, limit) if pin.bcm in BOARD_PULL_UPS else (None, None)
        return Terminal(HEADER, name, Kind.BUS, volts=high, withstands=limit, pull=pull)
    if wiring.part in ("mat", "button"):
        # The settings switch the pull-up on.
        return Terminal(HEADER, name, Kind.INPUT, volts=limit, withstands=limit, pull=Level.HIGH)
    if role is Role.SIGNAL and wiring.setting == "load_cell.at":
        return Terminal(HEADER, name, Kind.INPUT, withstands=limit)
    reset = reset_pull(pin.bcm)
    return Terminal(HEADER, name, Kind.OUTPUT, volts=limit, withstands=limit, pull=reset)


def builds() -> Iterator[tuple[str, Circuit]]:
    """Yield the circuit of each build of the parts lists, with the recommended parts."""
    buzzer = plan.buzzer_module()
    yield "mat", circuit(plan.mat(), buzzer)
    yield "single-cell", circuit(plan.nau7802(), buzzer, beyond=[full_bridge("U1")])
    yield "four-cells", circuit(plan.nau7802(), buzzer, beyond=[half_bridges("U1")])


def both_sides() -> Circuit:
    """Return a seat of two bridges: a NAU7802 on each I2C bus, with the buzzer module."""
    left = circuit(plan.nau7802(), plan.buzzer_module(), beyond=[half_bridges("U1", TWO)])
    right = circuit(plan.nau7802(3), beyond=[half_bridges("U1", TWO)])
    names = {"U1": "U1-right", "LC2-1": "LC2-3", "LC2-2": "LC2-4"}
    parts = dict(left.parts)
    for part in right.parts.values():
        reference = names.get(part.reference, part.reference)
        terminals = tuple(replace(terminal, part=reference) for terminal in part.terminals)
        if reference == HEADER:
            terminals = tuple({t.at: t for t in (*parts[HEADER].terminals, *terminals)}.values())
        parts[reference] = replace(part, reference=reference, terminals=terminals)
    nets = dict(left.nets)
    for name, places in right.nets.items():
        moved = (at.partition(".") for at in places)
        there = frozenset(f"{names.get(part, part)}.{terminal}" for part, _, terminal in moved)
        is_shared = any(at.startswith(f"{HEADER}.") for at in there)
        nets[name if is_shared else f"{name} right"] = there | (
            nets.get(name, frozenset()) if is_shared else frozenset()
        )
    return Circuit(parts, nets)


def chairs() -> Iterator[tuple[str, Circuit]]:
    """Yield the circuit of every seat with every buzzer, with button and LED."""
    for seat in plan.SEATS:
        for buzzer in plan.BUZZERS:
            wiring = (seat(), buzzer(), *(extra() for extra in plan.EXTRAS))
            converter = {"NAU7802": "U1", "HX711 SPI": "U2", "HX711": "U2"}.get(seat().part)
            cells = [full_bridge(converter)] if converter else []
            yield f"{seat().part} with {buzzer().part}", circuit(*wiring, beyond=cells)
    yield "a NAU7802 on each bus", both_sides()
    yield "NAU7802 on bus 3", circuit(plan.nau7802(3), beyond=[full_bridge("U1")])
    yield "HX711 on the second SPI", circuit(plan.hx711_spi(1), beyond=[full_bridge("U2")])


def netlist(chair: Circuit) -> str:
    """Return a circuit as a netlist that KiCad reads."""
    lines = ['(export (version "E")', "  (components"]
    for part in sorted(chair.parts.values(), key=lambda part: part.reference):
        lines.append(f'    (comp (ref "{part.reference}") (value "{part.value}"))')
    lines += ["  )", "  (nets"]
    for code, name in enumerate(sorted(chair.nets), start=1):
        lines.append(f'    (net (code "{code}") (name "{name}")')
        for terminal in chair.terminals(name):
            lines.append(f'      (node (ref "{terminal.part}") (pin "{terminal.name}"))')
        lines.append("    )")
    return "\n".join([*lines, "  )", ")", ""])
