"""``unsit setup`` from nothing to a calibrated chair, for a mat and one, two and four cells."""

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from support.pseudo_terminal import CTRL_C, CTRL_D, INTERRUPTED
from support.setup_answers import written
from support.setup_seats import (
    BUILDS,
    FOUR,
    FOUR_ON_PINS,
    MAT,
    ONE,
    TWO,
    Build,
    Chair,
    Person,
    set_up_chair,
)
from unsit.checkup.pins import HEADER
from unsit.core.weighing.balance import POSITIONS
from unsit.settings.load import load
from unsit.setup.cells import sides_of
from unsit.setup.install import interrupts_held, write
from unsit.setup.questions import pins_named
from unsit_firmware.simulation.pins import SimulatedPins
from wiring.header import PINS

pytestmark = pytest.mark.program  # the setup looks for systemctl

MakeChair = Callable[..., Chair]
Answers = dict[str, list[str]]

WITHOUT_BUZZER: Answers = {"buzzer's pin": ["none"]}
"""The beeps take real time."""

BEFORE = "# mine\n[button]\npin = 5\n"
"""The pin of the first HX711 is taken, so that it is not tried, which takes real time."""


@pytest.fixture
def chair_of(pins: SimulatedPins, tmp_path: Path) -> MakeChair:
    """Return a function that makes the chair of a build."""
    return lambda build, **more: Chair(build, pins, tmp_path, **more)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Path of the state directory, which does not exist yet."""
    return tmp_path / "state"


def assert_set_up(build: Build, person: Person, file: Path, state: Path) -> None:
    """Check that the settings and the calibration of a build are written."""
    settings = written(file)
    if build.converter is None:
        assert settings["seat"] == {"kind": "mat", "pin": 17, "normally_closed": False}
        return
    cells = settings["load_cell"]
    assert settings["seat"]["kind"] == "load_cell"
    found = (cells["converter"], cells["cells"], cells["at"])
    assert found == (build.converter, build.cells, build.at)
    calibration = json.loads((state / "load_cells.json").read_text())
    assert list(calibration["cells"]) == build.cells.split(",")
    assert calibration["spanned"]
    assert len(calibration["corners"]) == 4
    assert "verdict good" in person.screen.text


@pytest.mark.parametrize("build", BUILDS, ids=lambda build: build.name)
def test_enter_chooses_what_was_found_on_every_build(
    chair_of: MakeChair, file: Path, state: Path, build: Build
) -> None:
    chair = chair_of(build)
    person = Person(chair)

    code = set_up_chair(chair, person, file, state)

    assert code == 0, person.screen.text
    assert_set_up(build, person, file, state)
    assert written(file)["buzzer"]["kind"] == "active"
    assert chair.opened == 0


@pytest.mark.parametrize("build", [MAT, TWO], ids=lambda build: build.name)
def test_a_second_run_keeps_the_settings_and_the_calibration(
    chair_of: MakeChair, file: Path, state: Path, build: Build
) -> None:
    chair = chair_of(build)
    set_up_chair(chair, Person(chair, WITHOUT_BUZZER), file, state)
    before = {kept: kept.read_bytes() for kept in (file, *state.glob("*"))}

    again = Person(chair := chair_of(build))
    code = set_up_chair(chair, again, file, state)

    assert code == 0, again.screen.text
    assert {kept: kept.read_bytes() for kept in (file, *state.glob("*"))} == before
    assert "Nothing changes in the file." in again.screen.text
    assert not [asked for asked in again.questions if "Press the" in asked or "Empty" in asked]


def test_cells_are_changed_from_one_to_two_although_a_calibration_of_one_is_there(
    chair_of: MakeChair, file: Path, state: Path
) -> None:
    set_up_chair(one := chair_of(ONE), Person(one, WITHOUT_BUZZER), file, state)

    person = Person(two := chair_of(TWO))
    set_up_chair(two, person, file, state)

    assert_set_up(TWO, person, file, state)
    assert "the calibration is of the cells seat, expected left, right" in person.screen.text


def test_converters_on_pins_are_named_by_header_pins_or_gpio_numbers(
    chair_of: MakeChair, file: Path, state: Path
) -> None:
    pairs = ["header 29", "31", "GPIO13", "gpio 19", "36", "37", "bcm20", "physical 40"]
    by_hand: Answers = {
        "under the cushion": ["load_cell"],
        "Look again, name the pins": ["pin"],
        "data wire": pairs[0::2],
        "its clock": pairs[1::2],
        "another one?": ["y", "y", "y", "n"],
    }
    chair = chair_of(FOUR_ON_PINS)
    person = Person(chair, WITHOUT_BUZZER | by_hand)

    code = set_up_chair(chair, person, file, state)

    assert code == 0, person.screen.text
    assert_set_up(FOUR_ON_PINS, person, file, state)


def test_only_what_answers_is_offered_and_the_recommended_converter_first(
    chair_of: MakeChair, file: Path, state: Path
) -> None:
    chair = chair_of(ONE)
    person = Person(chair, WITHOUT_BUZZER)

    set_up_chair(chair, person, file, state)

    [asked] = [one for one in person.questions if "Which converter" in one]
    assert "[nau7802/pin/again/leave] (nau7802)" in asked
    assert "HX711 at SPI 0.0: silent" in person.screen.text


def test_a_seat_that_does_not_move_under_the_hand_is_not_accepted(
    chair_of: MakeChair, file: Path, state: Path
) -> None:
    chair = chair_of(TWO)
    by_hand: Answers = {"Press again": ["again", "name"], "Where is": ["", "right", "", "left"]}
    person = Person(chair, WITHOUT_BUZZER | by_hand)
    chair.stiff_for = 2

    code = set_up_chair(chair, person, file, state)

    assert code == 0, person.screen.text
    assert person.screen.text.count("The reading hardly changed") == 2
    asked = [one for one in person.questions if "Where is the cell of" in one]
    assert len(asked) == 4  # Enter alone names no side
    assert written(file)["load_cell"]["at"] == TWO.at


@pytest.mark.parametrize("names", [("left", "right"), ("front", "back"), tuple(POSITIONS)[4:]])
@pytest.mark.parametrize("towards", [0.3, 0.6, 1.0])
@pytest.mark.parametrize("force", [(1, 1, 1, 1), (1, 3, 2, 0.7), (-1, 1, -1, 1)])
def test_sides_are_found_wherever_and_however_hard_the_hand_presses(
    names: tuple[str, ...], towards: float, force: tuple[float, ...]
) -> None:
    corners = {
        corner: [
            kg
            * 10_000
            * (1 + x * towards * POSITIONS[name][0])
            * (1 + y * towards * POSITIONS[name][1])
            for name in names
        ]
        for (corner, (x, y)), kg in zip(list(POSITIONS.items())[4:], force, strict=True)
    }

    assert sides_of(corners) == list(names)


def test_a_number_alone_is_both_a_header_pin_and_a_gpio_number_where_both_exist() -> None:
    both = {n for n in range(100) if len(_meanings(str(n))) == 2}
    by_header = {number: pin.bcm for number, pin in PINS.items() if pin.bcm in HEADER}

    assert both == set(by_header) & set(HEADER)
    assert {n: _meanings(f"header {n}") for n in range(100) if _meanings(f"header {n}")} == {
        number: {"header": bcm} for number, bcm in by_header.items()
    }
    assert {n: _meanings(f"GPIO{n}") for n in range(100) if _meanings(f"GPIO{n}")} == {
        bcm: {"gpio": bcm} for bcm in HEADER
    }


def _meanings(answer: str) -> dict[str, int]:
    try:
        return pins_named(answer)
    except ValueError:
        return {}


@pytest.mark.parametrize(("meant", "pin"), [("header", 18), ("gpio", 12)])
def test_a_number_that_means_two_pins_is_asked_back(
    chair_of: MakeChair, file: Path, state: Path, meant: str, pin: int
) -> None:
    chair = chair_of(MAT)
    asked = "Is this header pin 12 (GPIO18), or GPIO12 (header pin 32)?"
    person = Person(chair, {"buzzer's pin": ["12"], asked: ["", "12", meant]})

    set_up_chair(chair, person, file, state)

    assert len([one for one in person.questions if asked in one]) == 3
    assert written(file)["buzzer"]["pin"] == pin


# Interruptions


def questions_of(chair: Chair, file: Path, state: Path) -> list[str]:
    """Return the questions of a whole run."""
    person = Person(chair, WITHOUT_BUZZER)
    assert set_up_chair(chair, person, file, state) == 0, person.screen.text
    return person.questions


def assert_nothing_half_written(
    person: Person, chair: Chair, whole: Path, file: Path, state: Path
) -> None:
    """Check the files and the last line after an interruption. whole: folder of a whole run."""
    complete, last = (whole / file.name).read_text(), person.screen.text.splitlines()[-1]
    is_written = file.read_text() != BEFORE
    calibration = state / "load_cells.json"
    assert file.read_text() in (BEFORE, complete)
    assert {one.name for one in file.parent.iterdir()} == {file.name} | (
        {f"{file.name}.before-setup"} if is_written else set()
    )
    assert [one.name for one in state.glob("*")] in ([], [calibration.name])
    if calibration.exists():
        assert json.loads(calibration.read_text())["spanned"]
    expected = f"the settings are complete in {file}" if is_written else "nothing was written."
    assert last.startswith(f"Stopped; {expected}"), last
    if is_written and not calibration.exists():
        assert last.endswith("; the calibration is unchanged, repeat it: unsit calibrate.")
    assert chair.opened == 0
    assert not any(pin.function == "output" and pin.state for pin in chair.pins.pins.values())


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["Ctrl-C", "Ctrl-D"])
def test_a_key_at_any_question_leaves_nothing_half_written_and_says_so(
    chair_of: MakeChair, tmp_path: Path, key: str
) -> None:
    chair = chair_of(FOUR)
    whole = write_before(tmp_path / "whole")
    questions = questions_of(chair, whole / "unsit.toml", tmp_path / "whole-state")

    for nth, question in enumerate(questions):
        folder, state = write_before(tmp_path / f"at-{nth}"), tmp_path / f"state-{nth}"
        person = Person(chair, WITHOUT_BUZZER, {nth: key})
        code = set_up_chair(chair, person, folder / "unsit.toml", state)

        assert code == INTERRUPTED, (question, person.screen.text)
        assert_nothing_half_written(person, chair, whole, folder / "unsit.toml", state)

    assert len(questions) >= 20


def write_before(folder: Path) -> Path:
    """Write the settings before the setup into a folder."""
    folder.mkdir()
    (folder / "unsit.toml").write_text(BEFORE)
    return folder


def test_ctrl_c_while_the_cells_are_read_leaves_nothing_half_written(
    chair_of: MakeChair, tmp_path: Path
) -> None:
    chair = chair_of(TWO)
    whole = write_before(tmp_path / "whole")
    questions_of(chair, whole / "unsit.toml", tmp_path / "whole-state")

    for nth in range(1, chair.reads, chair.reads // 20):
        folder, state = write_before(tmp_path / f"at-{nth}"), tmp_path / f"state-{nth}"
        interrupted = chair_of(TWO, interrupt_at=nth)
        person = Person(interrupted, WITHOUT_BUZZER)
        code = set_up_chair(interrupted, person, folder / "unsit.toml", state)

        assert code == INTERRUPTED, person.screen.text
        assert_nothing_half_written(person, interrupted, whole, folder / "unsit.toml", state)


def test_a_wrong_answer_at_any_question_is_asked_again_or_can_be_corrected(
    chair_of: MakeChair, tmp_path: Path
) -> None:
    chair = chair_of(TWO)
    questions = questions_of(chair, write_before(tmp_path / "whole") / "unsit.toml", tmp_path / "s")

    for nth, question in enumerate(questions):
        if "broker's name" in question:
            continue  # any word may be a name; test_broker.py tries it
        folder = write_before(tmp_path / f"at-{nth}")
        file, state = folder / "unsit.toml", tmp_path / f"state-{nth}"
        person = Person(chair, WITHOUT_BUZZER, {nth: "?\x1b[2J9" * 20})
        code = set_up_chair(chair, person, file, state)

        assert code == 0, (question, person.screen.text)
        assert load(str(file)).settings.load_cell.names == ("left", "right")


def test_a_signal_while_the_files_are_written_waits_until_they_are() -> None:
    done = []
    before = signal.getsignal(signal.SIGTERM)

    def write_all() -> None:
        with interrupts_held():
            signal.raise_signal(signal.SIGINT)
            done.append("to the end")

    with pytest.raises(KeyboardInterrupt):
        write_all()

    assert done == ["to the end"]
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("earlier", [None, "former\n"])
def test_a_password_is_not_left_behind_by_settings_that_cannot_be_written(
    tmp_path: Path, earlier: str | None
) -> None:
    file, place = tmp_path / "settings" / "unsit.toml", tmp_path / "store" / "password"
    file.mkdir(parents=True)
    if earlier is not None:
        place.parent.mkdir()
        place.write_text(earlier)

    with pytest.raises(OSError, match="cannot be written"):
        write("", file, "secret", place)

    if earlier is None:
        assert not place.parent.exists()
    else:
        assert place.read_text() == earlier
