"""Pictures of the wiring: up to date, readable on a phone, and described in words."""

import re
from itertools import combinations, product
from xml.etree import ElementTree

import pytest

from support.geometry import boxes, joints, meeting, wires
from wiring import plan
from wiring.__main__ import FOLDER, PICTURES
from wiring.board import PAINTS
from wiring.plan import Plan, Role
from wiring.svg import WIDTH

SVG = "{http://www.w3.org/2000/svg}"

WIRED: dict[str, Plan] = {
    "mat": plan.mat(),
    "buzzer-module": plan.buzzer_module(),
    "buzzer-transistor": plan.buzzer_transistor(),
    "buzzer-piezo": plan.buzzer_piezo(),
    "button": plan.button(),
    "led": plan.led(),
    "nau7802": plan.nau7802(),
    "hx711-spi": plan.hx711_spi(),
    "hx711-pins": plan.hx711_pins(),
}


def drawn(name: str) -> str:
    return (FOLDER / f"{name}.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_up_to_date(name: str) -> None:
    assert drawn(name) == str(PICTURES[name]()), "stale; run: make wiring"


def test_every_file_is_a_picture_of_the_code() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(PICTURES)


@pytest.mark.parametrize("name", WIRED)
def test_every_wire_is_on_its_picture_and_in_its_words(name: str) -> None:
    picture = drawn(name)
    for wire in WIRED[name].wires:
        words = f"Header pin {wire.pin.number} ({wire.pin.label}) to {wire.terminal}."
        assert words in picture
        assert f">{wire.pin.label}</text>" in picture
        assert picture.count(f">{wire.pin.number}</text>") == 2, "on the header and on the wire"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_has_a_title_and_a_description(name: str) -> None:
    root = ElementTree.fromstring(drawn(name))

    assert root.get("role") == "img"
    title, words = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert title.text
    assert words is not None
    assert len(words.text or "") > 40


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_as_wide_as_a_phone_and_no_word_leaves_it(name: str) -> None:
    root = ElementTree.fromstring(drawn(name))

    assert (root.get("viewBox") or "").split()[2] == str(WIDTH)
    assert [box for box in boxes(root) if box.left < 0 or box.right > WIDTH] == []


@pytest.mark.parametrize("name", PICTURES)
def test_no_words_lie_on_others(name: str) -> None:
    for one, other in combinations(boxes(ElementTree.fromstring(drawn(name))), 2):
        assert not one.overlaps(other), (one, other)


@pytest.mark.parametrize("name", PICTURES)
def test_no_wire_runs_through_words(name: str) -> None:
    root = ElementTree.fromstring(drawn(name))
    for wire, box in product(wires(root), boxes(root)):
        assert not any(box.is_crossed_by(line) for line in wire), (box, wire)


@pytest.mark.parametrize("name", PICTURES)
def test_wires_meet_in_joints_and_nowhere_else(name: str) -> None:
    root = ElementTree.fromstring(drawn(name))
    for one, other in combinations(wires(root), 2):
        meetings = {meeting(*lines) for lines in product(one, other)} - {None}
        assert meetings <= joints(root), (one, other)


@pytest.mark.parametrize("role", Role)
def test_numbers_stand_out_from_the_colour_of_their_wire(role: Role) -> None:
    paint = PAINTS[role]
    light, dark = sorted((luminance(paint.wire), luminance(paint.words)), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= 4.5, "WCAG 2.1, contrast of text"


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.1, from 0 (black) to 1 (white)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_no_letter_is_smaller_than_eleven_units() -> None:
    sizes = re.findall(r"font-size:(\d+)px", drawn("mat"))

    assert min(map(int, sizes)) == 11
