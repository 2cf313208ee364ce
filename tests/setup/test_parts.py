"""``unsit setup`` finds the chair's parts: somebody sits, stands, listens and answers."""

from collections.abc import Callable
from pathlib import Path

from cli.program import run
from setup.answers import (
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
from unsit_firmware.simulated_cells import SimulatedCell, wire_hx711
from unsit_firmware.simulation import SimulatedContact, SimulatedPins

SetUp = Callable[..., str]


def test_a_mat_is_found_by_sitting_on_it_and_the_buzzer_by_hearing_it(
    pins: SimulatedPins, person: SetUp, file: Path
) -> None:
    mat = SimulatedContact(pins.pin(24))

    said = person(
        *sits_on(mat),
        ("buzzer's BCM pin", "23"),
        *HEARD,
        ("button's BCM pin", "27"),
        ("LED's BCM pin", ""),
        WITHOUT_BROKER,
        ("chair called", "Desk"),
        ("room in Home Assistant", "Office"),
        WRITE,
    )

    assert "The mat is at GPIO24." in said
    assert "The buzzer is an active one at GPIO23." in said
    assert f"Written to {file}" in said
    settings = written(file)
    assert settings["seat"] == {"kind": "mat", "pin": 24, "normally_closed": False}
    assert (settings["buzzer"]["pin"], settings["button"]["pin"]) == (23, 27)
    assert settings["mqtt"]["host"] == "none"
    assert (settings["chair"]["name"], settings["homeassistant"]["area"]) == ("Desk", "Office")
    assert "# How long a bout may last." in file.read_text()
    assert run("config", "--config", str(file)).code == 0


def test_a_mat_that_opens_under_weight_is_found_out(
    pins: SimulatedPins, person: SetUp, file: Path
) -> None:
    mat = SimulatedContact(pins.pin(17), normally_closed=True)

    said = person(
        *sits_on(mat),
        *NOTHING_ELSE,
        WRITE,
    )

    assert "The mat is at GPIO17, which opens under weight." in said
    assert written(file)["seat"] == {"kind": "mat", "pin": 17, "normally_closed": True}
    assert written(file)["buzzer"]["kind"] == "none"


def test_what_was_answered_wrong_is_answered_again_before_anything_is_written(
    pins: SimulatedPins, person: SetUp, file: Path
) -> None:
    mat = SimulatedContact(pins.pin(17))

    said = person(
        *sits_on(mat),
        ("buzzer's BCM pin", "seventeen"),
        ("buzzer's BCM pin", "17"),
        ("buzzer's BCM pin", "18"),
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

    assert "'seventeen' is no pin; expected the BCM number, 2 to 27" in said
    assert "GPIO17 is another part's already; choose another" in said
    assert written(file)["buzzer"]["kind"] == "passive"
    assert written(file)["chair"]["name"] == "Desk"


def test_a_mat_that_nothing_finds_is_tried_again_or_named_by_hand(
    pins: SimulatedPins, person: SetUp, file: Path
) -> None:
    mat = SimulatedContact(pins.pin(25))
    dead = ((STAND, ""), (SIT, ""), (STAND_AGAIN, ""))

    said = person(
        ("under the cushion", "mat"),
        *dead,
        ("Try again", "again"),
        *dead,
        ("Try again", "pin"),
        ("mat's BCM pin", "25"),
        ("open under weight", "n"),
        *NOTHING_ELSE,
        WRITE,
    )

    assert said.count("No pin has followed you. Measure the mat") == 2
    assert written(file)["seat"]["pin"] == 25
    mat.set(True)


def test_load_cells_are_tried_and_calibrated_in_the_same_go(
    pins: SimulatedPins, person: SetUp, file: Path, tmp_path: Path
) -> None:
    cell = SimulatedCell()
    wire_hx711(pins, 5, 6, cell)

    said = person(
        ("under the cushion", "load_cell"),
        ("converter reads", "nau7802"),
        ("another converter", "y"),
        ("converter reads", "hx711"),
        *NOTHING_ELSE,
        WRITE,
        ("Calibrate", "y"),
        ("Empty the seat", "", lambda: cell.set_kilograms(2)),
        ("known weight", "20", lambda: cell.set_kilograms(22)),
        ("Another known weight", ""),
    )

    assert "It does not answer: " in said
    assert "It answers." in said
    assert "verdict good" in said
    assert written(file)["load_cell"]["converter"] == "hx711"
    assert (tmp_path / "state/load_cells.json").exists()


def test_without_a_terminal_it_refuses_in_one_line() -> None:
    ended = run("setup")

    assert ended.code == 64
    assert ended.complaint == "unsit: unsit setup asks questions; run it in a terminal"
