"""``unsit setup``: somebody with a chair answers, and the settings are written, or not at all."""

import os
import stat
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gpiozero import Device

from checkup.planting import stub, with_path, write
from cli.program import Program, run
from cli.terminal import CTRL_C, Answer, set_up
from unsit.checkup.machine import Machine
from unsit.settings.edit import save
from unsit.settings.model import Settings
from unsit.setup.draft import Draft
from unsit.setup.file import place_password
from unsit.setup.file import write as write_settings
from unsit_firmware.simulated_cells import SimulatedCell, wire_hx711
from unsit_firmware.simulation import SimulatedContact, SimulatedPins

SIT, STAND, STAND_AGAIN = "Sit down", "leave the seat empty", "Stand up again"
HEARD = (("Listen", ""), ("Did you hear", "y"))
WITHOUT_EXTRAS = (("button's BCM pin", ""), ("LED's BCM pin", ""))
WITHOUT_BROKER = (("broker's name or address", "none"),)
NAMES = (("chair called", ""), ("room in Home Assistant", ""))

SetUp = Callable[..., str]


@pytest.fixture
def pins() -> Iterator[SimulatedPins]:
    """Simulated pins, which the program finds as this machine's."""
    pins = SimulatedPins(environment={})
    Device.pin_factory = pins
    yield pins
    pins.close()
    Device.pin_factory = None


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "unsit.toml"


@pytest.fixture
def person(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SetUp:
    """Answers the questions of a set-up on a machine that has no systemd."""
    stub(tmp_path / "programs", "systemctl", "System has not been booted with systemd", 1)
    monkeypatch.setenv("PATH", with_path(tmp_path / "programs"))
    options = ("--config", str(file), "--state-dir", str(tmp_path / "state"))

    def answer(*answers: Answer) -> str:
        return set_up(monkeypatch, *answers, options=options)

    return answer


def sits_on(contact: SimulatedContact) -> tuple[Answer, ...]:
    """Finds the mat by sitting on it."""
    return (
        ("under the cushion", "mat"),
        (STAND, "", lambda: contact.set(False)),
        (SIT, "", lambda: contact.set(True)),
        (STAND_AGAIN, "", lambda: contact.set(False)),
    )


def written(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text())


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
        *WITHOUT_BROKER,
        ("chair called", "Desk"),
        ("room in Home Assistant", "Office"),
        ("Write it", "write"),
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
        ("buzzer's BCM pin", "none"),
        *WITHOUT_EXTRAS,
        *WITHOUT_BROKER,
        *NAMES,
        ("Write it", "write"),
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
        *WITHOUT_BROKER,
        ("chair called", "Dsek"),
        ("room in Home Assistant", ""),
        ("Write it", "names"),
        ("chair called", "Desk"),
        ("room in Home Assistant", ""),
        ("Write it", "write"),
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
        ("buzzer's BCM pin", "none"),
        *WITHOUT_EXTRAS,
        *WITHOUT_BROKER,
        *NAMES,
        ("Write it", "write"),
    )

    assert said.count("No pin has followed you. Measure the mat") == 2
    assert written(file)["seat"]["pin"] == 25
    mat.set(True)


def test_a_file_that_is_there_is_shown_line_by_line_kept_and_changed_with_its_remarks(
    pins: SimulatedPins, person: SetUp, file: Path
) -> None:
    mine = "# mine\n[sitting]\nmove_after = '25m'  # as the doctor said\n\n[seat]\npin = 17 # old\n"
    write(file, mine).chmod(0o640)

    said = person(
        *sits_on(SimulatedContact(pins.pin(24))),
        ("buzzer's BCM pin", "none"),
        *WITHOUT_EXTRAS,
        *WITHOUT_BROKER,
        *NAMES,
        ("Write it", "write"),
    )

    kept = file.with_name("unsit.toml.before-setup")
    assert f"as it was: {kept}" in said
    assert kept.read_text() == mine
    assert "-pin = 17 # old\n+pin = 24 # old" in said
    after = file.read_text()
    assert after.startswith("# mine\n[sitting]\nmove_after = '25m'  # as the doctor said\n")
    assert "pin = 24 # old" in after
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_the_file_that_the_installation_wrote_keeps_its_explanations_where_they_are(
    pins: SimulatedPins, person: SetUp, file: Path
) -> None:
    template = run("config", "--template", env={"XDG_CONFIG_HOME": str(file.parent)}).out
    write(file, template)
    mat = SimulatedContact(pins.pin(24))

    person(
        *sits_on(mat),
        ("buzzer's BCM pin", "none"),
        *WITHOUT_EXTRAS,
        *WITHOUT_BROKER,
        ("chair called", ""),
        ("room in Home Assistant", "Office"),
        ("Write it", "write"),
    )

    before, after = template.splitlines(), file.read_text().splitlines()
    assert len(before) == len(after)
    changed = {new for old, new in zip(before, after, strict=True) if old != new}
    assert {
        "pin = 24",
        'kind = "mat"',
        'kind = "none"',
        'host = "none"',
        'area = "Office"',
    } <= changed
    assert all(not line.startswith("# ") for line in changed)


@pytest.mark.parametrize("after", range(9))
def test_ctrl_c_at_any_question_leaves_everything_as_it_was(
    pins: SimulatedPins, person: SetUp, file: Path, after: int
) -> None:
    write(file, "[seat]\npin = 5\n")
    mat = SimulatedContact(pins.pin(24))
    answers: tuple[Answer, ...] = (
        *sits_on(mat),
        ("buzzer's BCM pin", "23"),
        *HEARD,
        ("button's BCM pin", ""),
        ("LED's BCM pin", ""),
    )
    before = sorted(file.parent.iterdir())

    said = person(*answers[:after], (answers[after][0], CTRL_C))

    assert "what was not written before is as it was" in said
    assert file.read_text() == "[seat]\npin = 5\n"
    assert sorted(file.parent.iterdir()) == before
    assert all(pin.function == "input" or not pin.state for pin in pins.pins.values())


def test_who_does_not_want_it_written_has_it_as_it_was(
    pins: SimulatedPins, person: SetUp, file: Path
) -> None:
    said = person(
        *sits_on(SimulatedContact(pins.pin(24))),
        ("buzzer's BCM pin", "none"),
        *WITHOUT_EXTRAS,
        *WITHOUT_BROKER,
        *NAMES,
        ("Write it", "quit"),
    )

    assert "Nothing was written." in said
    assert not file.exists()


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
        ("buzzer's BCM pin", "none"),
        *WITHOUT_EXTRAS,
        *WITHOUT_BROKER,
        *NAMES,
        ("Write it", "write"),
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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes the credentials of units")
def test_a_password_goes_where_the_unit_looks_for_it(tmp_path: Path) -> None:
    machine, file = Machine(tmp_path), tmp_path / "etc/unsit/unsit.toml"
    draft = Draft(Settings(), {"mqtt.host": "none"}, "right")
    beside = place_password(draft, file, "unsit@left", machine)
    machine.path("/run/systemd/system").mkdir(parents=True)
    place = place_password(draft, file, "unsit@left", machine)
    file.parent.mkdir(parents=True)
    write_settings("", file, draft.password, place)

    assert beside == file.parent / "mqtt-password"
    assert place == tmp_path / "etc/credstore/unsit-left.mqtt-password"
    assert (place.read_text(), stat.S_IMODE(place.stat().st_mode)) == ("right\n", 0o600)
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert draft.answers["mqtt.password_file"] is None


def test_without_a_terminal_it_refuses_in_one_line() -> None:
    ended = run("setup")

    assert ended.code == 64
    assert ended.complaint == "unsit: unsit setup asks questions; run it in a terminal"


def test_a_broken_file_of_settings_is_left_alone(
    pins: SimulatedPins, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(file, "[seat\n")

    set_up(monkeypatch, options=("--config", str(file)), code=78)

    assert file.read_text() == "[seat\n"
    assert os.listdir(file.parent) == ["unsit.toml"]


def test_an_earlier_copy_is_never_overwritten(file: Path) -> None:
    for text in ("first", "second", "third"):
        save(file, text)

    assert [copy.read_text() for copy in sorted(file.parent.glob("*.before-setup*"))] == [
        "first",
        "second",
    ]


def test_a_place_that_cannot_be_written_is_said_before_the_first_question(
    pins: SimulatedPins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in-the-way", "a file where the folder should be")
    options = ("--config", str(tmp_path / "in-the-way" / "unsit.toml"))

    set_up(monkeypatch, options=(*options, "--state-dir", str(tmp_path)), code=69)

    assert [entry.name for entry in tmp_path.iterdir()] == ["in-the-way"]


def test_an_answer_is_not_lost_because_it_cannot_be_written_at_once(
    pins: SimulatedPins, person: SetUp, file: Path
) -> None:
    said = person(
        *sits_on(SimulatedContact(pins.pin(24))),
        ("buzzer's BCM pin", "none"),
        *WITHOUT_EXTRAS,
        *WITHOUT_BROKER,
        *NAMES,
        ("Write it", "write", lambda: file.mkdir()),
        ("Write it", "write", lambda: file.rmdir()),
    )

    assert "cannot be written: " in said
    assert written(file)["seat"]["pin"] == 24


STOPPED = "LoadState=loaded\nActiveState=inactive\nResult=success\nUnitFileState=disabled"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a unit")
def test_the_unit_is_started_for_who_wants_it(
    pins: SimulatedPins, person: SetUp, tmp_path: Path
) -> None:
    stub(tmp_path / "programs", "systemctl", STOPPED)

    said = person(
        *sits_on(SimulatedContact(pins.pin(17))),
        ("buzzer's BCM pin", "none"),
        *WITHOUT_EXTRAS,
        *WITHOUT_BROKER,
        *NAMES,
        ("Write it", "write"),
        ("Start the service now", "y"),
    )

    assert said.endswith("It runs.\nWhether all is well: unsit check\n")


def test_where_no_unit_is_installed_the_one_command_is_told(
    pins: SimulatedPins, person: SetUp, tmp_path: Path
) -> None:
    stub(tmp_path / "programs", "systemctl", "LoadState=not-found")

    said = person(
        *sits_on(SimulatedContact(pins.pin(17))),
        ("buzzer's BCM pin", "none"),
        *WITHOUT_EXTRAS,
        *WITHOUT_BROKER,
        *NAMES,
        ("Write it", "write"),
    )

    assert "from a clone of unsit: sudo systemd/install" in said


def test_a_service_that_runs_is_not_disturbed(
    pins: SimulatedPins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("--config", str(tmp_path / "unsit.toml"), "--state-dir", str(tmp_path))
    service = ("run", "--simulate", "-", "--set", "mqtt.host=none", "--state-dir", str(tmp_path))
    asked: tuple[Answer, ...] = (("Stop it?", "n"),) if os.geteuid() == 0 else ()
    with Program(*service) as program:
        program.wait_for("the service has started")
        set_up(monkeypatch, *asked, options=options, code=69)

    assert not (tmp_path / "unsit.toml").exists()
