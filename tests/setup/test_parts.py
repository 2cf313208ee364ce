"""``unsit setup`` finds the chair's parts while a person sits, stands, listens and answers."""

import os
from collections.abc import Callable
from pathlib import Path

from support.program import run
from support.setup_answers import (
    HEARD,
    NOTHING_ELSE,
    SIT,
    STAND,
    STAND_AGAIN,
    WITHOUT_BROKER,
    WITHOUT_EXTRAS,
    WRITE,
    sits_on,
    written,
)
from unsit_firmware.simulation.cells import SimulatedCell, wire_hx711
from unsit_firmware.simulation.pins import SimulatedContact, SimulatedPins

SetUp = Callable[..., str]


def test_a_mat_is_found_by_sitting_on_it_and_the_buzzer_by_hearing_it(
    pins: SimulatedPins, person: SetUp, file: Path
) -> None:
    mat = SimulatedContact(pins.pin(24))

    output = person(
        *sits_on(mat),
        ("buzzer's pin", "GPIO23"),
        *HEARD,
        ("button's pin", "27"),
        ("LED's pin", ""),
        WITHOUT_BROKER,
        ("chair called", "Desk"),
        ("room in Home Assistant", "Office"),
        WRITE,
    )

    assert "The mat is at GPIO24 (header pin 18)." in output
    assert "The buzzer is an active one at GPIO23 (header pin 16)." in output
    assert f"Written to {file}" in output
    settings = written(file)
    assert settings["seat"] == {"kind": "mat", "pin": 24, "normally_closed": False}
    assert (settings["buzzer"]["pin"], settings["button"]["pin"]) == (23, 27)
    assert settings["mqtt"]["host"] == "none"
    assert (settings["chair"]["name"], settings["homeassistant"]["area"]) == ("Desk", "Office")
    assert "# A bout of this length is due" in file.read_text()
    assert run("config", "--config", str(file)).code == 0


def test_a_mat_that_opens_under_weight_is_recognised(
    pins: SimulatedPins, person: SetUp, file: Path
) -> None:
    mat = SimulatedContact(pins.pin(17), normally_closed=True)

    output = person(
        *sits_on(mat),
        *NOTHING_ELSE,
        WRITE,
    )

    assert "The mat is at GPIO17 (header pin 11), which opens under weight." in output
    assert written(file)["seat"] == {"kind": "mat", "pin": 17, "normally_closed": True}
    assert written(file)["buzzer"]["kind"] == "none"


def test_a_wrong_answer_is_asked_again_before_anything_is_written(
    pins: SimulatedPins, person: SetUp, file: Path
) -> None:
    mat = SimulatedContact(pins.pin(17))

    output = person(
        *sits_on(mat),
        ("buzzer's pin", "seventeen"),
        ("buzzer's pin", "17"),
        ("buzzer's pin", "GPIO18"),
        ("Listen", ""),
        ("Did you hear", "n"),
        ("Listen", ""),
        ("Did you hear", "y"),
        *WITHOUT_EXTRAS,
        WITHOUT_BROKER,
        ("chair called", "Dsek"),
        ("room in Home Assistant", ""),
        ("Write it", "names"),
        ("chair called", "Desk"),
        ("room in Home Assistant", ""),
        WRITE,
    )

    assert "'seventeen' is not a pin; expected a GPIO number such as GPIO17" in output
    assert "GPIO17 (header pin 11) is used by another part; choose another" in output
    assert written(file)["buzzer"]["kind"] == "passive"
    assert written(file)["chair"]["name"] == "Desk"


def test_a_mat_that_is_not_found_is_tried_again_or_its_pin_entered(
    pins: SimulatedPins, person: SetUp, file: Path
) -> None:
    mat = SimulatedContact(pins.pin(25))
    dead = ((STAND, ""), (SIT, ""), (STAND_AGAIN, ""))

    output = person(
        ("under the cushion", "mat"),
        *dead,
        ("Try again", "again"),
        *dead,
        ("Try again", "pin"),
        ("mat's pin", "25"),
        *dead,
        ("Name another pin", "untried"),
        ("open under weight", "n"),
        *NOTHING_ELSE,
        WRITE,
    )

    assert output.count("No pin followed you: all 25 pins stayed open. Measure the mat") == 2
    assert "GPIO25 (header pin 22) did not follow you: GPIO25 (header pin 22) stayed open" in output
    assert written(file)["seat"]["pin"] == 25
    mat.set(True)


def test_load_cells_are_tried_and_calibrated_in_the_same_run(
    pins: SimulatedPins, person: SetUp, file: Path, tmp_path: Path
) -> None:
    cell = SimulatedCell()
    wire_hx711(pins, 5, 6, cell)

    output = person(
        ("under the cushion", ""),
        ("converter reads", ""),
        ("Leave the seat empty", ""),
        ("Press the middle", "", lambda: cell.set_kilograms(6)),
        *NOTHING_ELSE,
        WRITE,
        ("Calibrate", ""),
        ("Empty the seat", "", lambda: cell.set_kilograms(2)),
        ("Put a known weight", "20", lambda: cell.set_kilograms(22)),
        ("above the left front corner", "s"),
        ("Put another known weight", ""),
    )

    assert "HX711 at GPIO5 (header pin 29) for data and GPIO6 (header pin 31)" in output
    assert "verdict good" in output
    assert written(file)["load_cell"]["converter"] == "hx711"
    assert (tmp_path / "state/load_cells.json").exists()


def test_without_a_terminal_it_refuses_in_one_line() -> None:
    ended = run("setup")

    assert ended.code == os.EX_USAGE
    assert ended.complaint == "unsit: unsit setup asks questions; run it in a terminal"
