"""Pins in pictures, pages and examples: they match the settings."""

import itertools
import re
from pathlib import Path

import pytest
from gpiozero import pi_info

from unsit.demo import session
from unsit.settings.load import load
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import Settings
from wiring import plan
from wiring.__main__ import FOLDER, PICTURES
from wiring.header import BOARD, PINS, at_bcm
from wiring.plan import BUZZERS, EXTRAS, SEATS, Role

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "hardware").rglob("*.md"))
TEXTS = [
    *PAGES,
    ROOT / "README.md",
    ROOT / "firmware" / "README.md",
    *sorted((ROOT / "service").glob("*.md")),
]
PLANS = [*(make() for make in (*SEATS, *BUZZERS, *EXTRAS)), *plan.second_converters()]
WIRES = [wire for wiring in PLANS for wire in wiring.wires]
SUPPLIES = {1: "3.3 V", 2: "5 V", 4: "5 V", 9: "ground"}
"""Header pins at which the pages measure supplies."""


def bcm_of(wiring: plan.Plan, role: Role) -> int | None:
    [number] = [wire.pin.bcm for wire in wiring.wires if wire.role is role]
    return number


def test_mat_and_buzzers_are_drawn_at_the_pins_of_the_settings() -> None:
    assert bcm_of(plan.mat(), Role.SIGNAL) == Settings().seat.pin
    for make in BUZZERS:
        assert bcm_of(make(), Role.SIGNAL) == Settings().buzzer.pin


def test_the_hx711_on_two_pins_is_drawn_where_the_settings_look_for_it() -> None:
    drawn = plan.hx711_pins()
    place = f"{bcm_of(drawn, Role.SIGNAL)}:{bcm_of(drawn, Role.CLOCK)}"

    assert LoadCellSettings(converter="hx711").wired_at == (place,)


@pytest.mark.parametrize(
    ("bus", "wiring"),
    [("i2c", plan.nau7802()), ("spi", plan.hx711_spi()), ("spi", plan.hx711_spi(1))],
)
def test_a_converter_on_a_bus_is_drawn_at_pins_that_have_it(bus: str, wiring: plan.Plan) -> None:
    header = pi_info(BOARD).headers["J8"].pins

    for wire in wiring.wires:
        if wire.role in (Role.SIGNAL, Role.CLOCK):
            assert bus in header[wire.pin.number].interfaces


def test_every_wire_goes_to_a_pin_of_its_function() -> None:
    for wire in WIRES:
        if wire.role in (Role.SIGNAL, Role.CLOCK):
            assert wire.pin.bcm is not None, wire
        else:
            assert wire.pin.label == wire.role.value, wire


def test_no_build_has_two_wires_on_one_pin() -> None:
    for seat, buzzer in itertools.product(SEATS, BUZZERS):
        pins = [wire.pin for make in (seat, buzzer, *EXTRAS) for wire in make().wires]
        assert len(pins) == len(set(pins)), (seat, buzzer)


def test_a_second_converter_takes_no_pin_of_button_lamp_or_buzzer() -> None:
    others = {wire.pin for make in (*BUZZERS, *EXTRAS) for wire in make().wires}
    for second in plan.second_converters():
        assert not others & {wire.pin for wire in second.wires}
    assert at_bcm(plan.SPI1_SELECT_BCM) not in others
    assert f"cs0_pin={plan.SPI1_SELECT_BCM}`" in (ROOT / "hardware" / "wiring.md").read_text()


def test_the_suggested_pins_are_free_and_accepted() -> None:
    for seat in ("mat", "load_cell"):
        load(
            flags=[
                *(f"seat.kind={seat}", "load_cell.converter=hx711"),
                *(f"button.pin={plan.BUTTON_BCM}", f"led.pin={plan.LED_BCM}"),
            ]
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_header_pin_that_a_page_names_is_used_or_a_supply(page: Path) -> None:
    used = {wire.pin.number for wire in WIRES}
    text = page.read_text(encoding="utf-8")
    for named in re.findall(r"\bpins? (\d[\d, and]*(?: to [\d, and]+\d)?)", text):
        numbers = {int(number) for number in re.findall(r"\d+", named)}
        assert numbers <= used | set(SUPPLIES), f"{page.name}: pin {named}"
    for first, second, what in re.findall(r"header pin (\d+) to (\d+) \((.+?) to .+?\)", text):
        assert PINS[int(first)].label == what.replace("3.3 V", "3.3 V"), first
        assert int(second) in SUPPLIES


def test_supplies_are_where_the_pages_measure_them() -> None:
    assert {number: PINS[number].label for number in SUPPLIES} == SUPPLIES


def test_every_bcm_number_that_a_text_names_is_one_of_the_plan() -> None:
    used = {wire.pin.bcm for wire in WIRES} | {plan.SPI1_SELECT_BCM}
    for text in [*TEXTS, *FOLDER.glob("*.svg")]:
        named = re.findall(r"BCM (\d+)", text.read_text(encoding="utf-8"))
        assert {int(number) for number in named} <= used, text


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_names_each_header_pin_with_its_own_bcm_number(name: str) -> None:
    picture = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    for number, bcm in re.findall(r"Header pin (\d+)(?: \(|: [^,<]+, )BCM (\d+)", picture):
        assert PINS[int(number)].bcm == int(bcm)


def test_simulated_pins_begin_with_the_mat_of_the_settings() -> None:
    code = (ROOT / "firmware" / "unsit_firmware" / "simulation" / "__init__.py").read_text(
        encoding="utf-8"
    )
    defaults = re.findall(r"UNSIT_SIM_PIN\", \"(\d+)\"|UNSIT_SIM_PIN``: .*Default (\d+)", code)

    assert {int(one or other) for one, other in defaults} == {Settings().seat.pin}


def test_the_demo_has_button_and_lamp_where_the_pictures_have_them() -> None:
    assert (session.BUTTON_PIN, session.LED_PIN) == (plan.BUTTON_BCM, plan.LED_BCM)


@pytest.mark.parametrize("page", ["README.md", "load-cells.md"])
def test_the_examples_of_the_firmware_use_the_pins_of_the_pictures(page: str) -> None:
    text = (ROOT / "firmware" / page).read_text(encoding="utf-8")
    data, clock = (bcm_of(plan.hx711_pins(), role) for role in (Role.SIGNAL, Role.CLOCK))
    for pattern, pin in {
        r"PressureMat\((\d+)": Settings().seat.pin,
        r"`UNSIT_SIM_PIN` \| (\d+)": Settings().seat.pin,
        r"(?:Active|Passive)Buzzer\((\d+)": Settings().buzzer.pin,
        r"PushButton\((\d+)": plan.BUTTON_BCM,
        r"HX711\((\d+), \d+": data,
        r"HX711\(\d+, (\d+)": clock,
    }.items():
        assert {int(number) for number in re.findall(pattern, text)} <= {pin}, pattern
