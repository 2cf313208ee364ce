"""Pictures of mat, button, LED and the whole header."""

from wiring import parts, plan
from wiring.board import (
    BELOW,
    BOTTOM,
    PAINTS,
    STRIP,
    Point,
    Strip,
    draw_header,
    draw_pin,
    draw_strip,
    joint,
    run,
)
from wiring.header import PINS, HeaderPin, at_bcm
from wiring.plan import (
    BUZZERS,
    EXTRAS,
    SEATS,
    SPI1_SELECT_BCM,
    Plan,
    Role,
    Wire,
    second_converters,
)
from wiring.svg import Picture

AT_THE_LEFT = Strip()
BLUE, BLACK = PAINTS[Role.SIGNAL].wire, PAINTS[Role.GROUND].wire


def begin(
    wiring: Plan, title: str, words: str, notes: list[str], strip: Strip = AT_THE_LEFT
) -> tuple[Picture, dict[str, Point]]:
    """Return a picture with header, title and notes, and the end of each wire by terminal.

    words: description of the picture besides the wires.
    notes: lines below the header. strip: place of the header.
    """
    picture = _titled(title, f"{in_words(wiring)} {words}", BELOW + 17 * len(notes))
    picture.lines(14, BELOW + 4, notes)
    return picture, draw_header(picture, wiring, strip)


def _titled(title: str, words: str, height: float) -> Picture:
    picture = Picture(title, words, height)
    picture.text(14, 28, title, "title")
    picture.text(14, 48, "seen from above; pin 1 at the end of the microSD card", "pin note")
    return picture


def in_words(wiring: Plan) -> str:
    """Return a description of the wires, for people who cannot see the picture."""
    return " ".join(
        f"Header pin {wire.pin.number} ({wire.pin.label}) to {wire.terminal}."
        for wire in wiring.in_order
    )


def mat() -> Picture:
    """Draw a mat with its two wires, R5 and C1."""
    notes = [
        "R5 and C1 are at the Pi's end of the cable and",
        "keep static electricity away from the pin.",
        "The Pi's own pull-up holds the pin high, the",
        "pressed mat pulls it low.",
    ]
    words = (
        "R5, 1 kilo-ohm, lies between the pin and one wire of the mat; C1, 100 nanofarad, between "
        "the pin and ground. The other wire of the mat goes to ground. Either way round."
    )
    picture, at = begin(plan.mat(), "Mat", words, notes)
    (start, level), (ground_start, ground) = at["C1 and R5"], at["C1 and other wire"]
    upper, lower = parts.capacitor(picture, (206, 156), upright=True)
    run(picture, [(206, level), lower], BLUE)
    run(picture, [upper, (206, 112)], BLACK)
    run(picture, [(start, level), (232, level)], BLUE)
    parts.resistor(picture, (252, level))
    run(picture, [(272, level), (298, level), (298, 262)], BLUE)
    bend = [(188.0, ground), (188.0, 112.0), (328.0, 112.0)]
    run(picture, [(ground_start, ground), *bend, (328, 262)], BLACK)
    joint(picture, (206, level), BLUE)
    joint(picture, (206, 112))
    parts.mat_pad(picture, (198, 262), (148, 150))
    picture.text(224, 152, "C1", "b")
    picture.text(224, 169, "100 nF")
    picture.text(252, 227, "R5", "b c")
    picture.text(252, 244, "1 k\N{GREEK CAPITAL LETTER OMEGA}", "c")
    picture.text(272, 434, "mat", "b c")
    picture.text(272, 452, "either way round", "c note")
    return picture


def button() -> Picture:
    """Draw a push button on the pull-up."""
    notes = ["A button with four legs: take two that lie", "diagonally opposite."]
    picture, at = begin(plan.button(), "Button", "A push button between the two.", notes)
    upper, lower = parts.push_button(picture, (284, 330))
    for terminal, contact, colour in (
        ("one contact", upper, BLUE),
        ("other contact", lower, BLACK),
    ):
        bend = [(204.0, at[terminal][1]), (204.0, contact[1])]
        run(picture, [at[terminal], *bend, contact], colour)
    picture.text(284, 388, "push button", "b c")
    picture.text(284, 406, "normally open", "c note")
    return picture


def led() -> Picture:
    """Draw an LED and its resistor."""
    notes = [
        "Long leg to the resistor, short leg (flat side)",
        "to ground. R4 keeps the current at 4 mA.",
    ]
    words = "R4, 330 ohm, lies between the pin and the long leg."
    picture, at = begin(plan.led(), "LED", words, notes)
    start = at["R4, long leg"]
    long, short = parts.led(picture, (300, start[1] + 11))
    run(picture, [start, (192, start[1])], BLUE)
    parts.resistor(picture, (212, start[1]))
    run(picture, [(232, start[1]), long], BLUE)
    end = at["short leg"]
    run(picture, [end, (240, end[1]), (240, short[1]), short], BLACK)
    picture.text(212, start[1] - 31, "R4", "b c")
    picture.text(212, start[1] - 14, "330 \N{GREEK CAPITAL LETTER OMEGA}", "c")
    picture.text(306, 318, "LED1", "b c")
    return picture


def whole_header() -> Picture:
    """Draw the header with every pin that a build uses."""
    uses = _uses()
    words = " ".join(
        f"Header pin {pin.number}: {name}, {pin.label}." for pin, (name, _) in uses.items()
    )
    picture = _titled("The header of the Pi", words, BOTTOM + 40)
    strip = Strip(left=140)
    draw_strip(picture, strip)
    for pin in PINS.values():
        name, wire = uses.get(pin, ("", None))
        draw_pin(picture, pin, strip.spot(pin), wire)
        if name:
            _name(picture, pin, strip, f"{name} \N{MIDDLE DOT} {pin.label}")
    return picture


def _name(picture: Picture, pin: HeaderPin, strip: Strip, words: str) -> None:
    level = strip.spot(pin)[1] + 4.5
    if pin.is_outer:
        picture.text(strip.left + STRIP + 8, level, words)
    else:
        picture.text(strip.left - 6, level, words, "e")


def _uses() -> dict[HeaderPin, tuple[str, Wire | None]]:
    uses: dict[HeaderPin, tuple[str, Wire | None]] = {}
    for group, shared in ((SEATS, "load cells"), (BUZZERS, "buzzer"), (EXTRAS, "")):
        for wiring in (make() for make in group):
            for wire in wiring.wires:
                name = shared if wire.pin in uses else wiring.part
                uses[wire.pin] = (name, wire)
    for second in second_converters():
        name = "2nd I2C" if second.part == "NAU7802" else "2nd SPI"
        uses |= {wire.pin: (name, wire) for wire in second.wires if wire.pin not in uses}
    uses[at_bcm(SPI1_SELECT_BCM)] = ("leave free", None)
    return {pin: uses[pin] for pin in PINS.values() if pin in uses}
