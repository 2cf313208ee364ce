"""``unsit setup`` writes the whole settings file and backs up the old one, or changes nothing."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from support.planted_faults import write
from support.program import run
from support.pseudo_terminal import CTRL_C, INTERRUPTED, Answer, set_up
from support.setup_answers import (
    HEARD,
    NOTHING_ELSE,
    WITHOUT_BROKER,
    WITHOUT_BUZZER,
    WITHOUT_EXTRAS,
    WRITE,
    sits_on,
    written,
)
from unsit.checkup.machine import Machine
from unsit.settings.edit import save
from unsit.settings.model import Settings
from unsit.setup.install import place_password
from unsit.setup.install import write as write_settings
from unsit.setup.questions import Draft
from unsit_firmware.simulation.pins import SimulatedContact, SimulatedPins

SetUp = Callable[..., str]


def test_an_existing_file_is_shown_as_a_diff_backed_up_and_changed_with_its_comments(
    pins: SimulatedPins, person: SetUp, file: Path
) -> None:
    mine = "# mine\n[sitting]\nmove_after = '25m'  # as the doctor said\n\n[seat]\npin = 17 # old\n"
    write(file, mine).chmod(0o640)

    output = person(
        *sits_on(SimulatedContact(pins.pin(24))),
        *NOTHING_ELSE,
        WRITE,
    )

    backup = file.with_name("unsit.toml.before-setup")
    assert f"the previous file: {backup}" in output
    assert backup.read_text() == mine
    assert "-pin = 17 # old\n+pin = 24 # old" in output
    after = file.read_text()
    assert after.startswith("# mine\n[sitting]\nmove_after = '25m'  # as the doctor said\n")
    assert "pin = 24 # old" in after
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_template_keeps_its_explanations_in_place(
    pins: SimulatedPins, person: SetUp, file: Path
) -> None:
    template = run("config", "--template", env={"XDG_CONFIG_HOME": str(file.parent)}).out
    write(file, template)
    mat = SimulatedContact(pins.pin(24))

    person(
        *sits_on(mat),
        WITHOUT_BUZZER,
        *WITHOUT_EXTRAS,
        WITHOUT_BROKER,
        ("chair called", ""),
        ("room in Home Assistant", "Office"),
        WRITE,
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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes the credentials of units")
def test_a_password_is_written_to_the_credential_of_the_unit(tmp_path: Path) -> None:
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


def test_a_damaged_settings_file_is_not_changed(
    pins: SimulatedPins, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(file, "[seat\n")

    set_up(monkeypatch, options=("--config", str(file)), code=os.EX_CONFIG)

    assert file.read_text() == "[seat\n"
    assert os.listdir(file.parent) == ["unsit.toml"]


def test_an_earlier_backup_is_never_overwritten(file: Path) -> None:
    for text in ("first", "second", "third"):
        save(file, text)

    assert [copy.read_text() for copy in sorted(file.parent.glob("*.before-setup*"))] == [
        "first",
        "second",
    ]


def test_a_place_that_cannot_be_written_is_refused_before_the_first_question(
    pins: SimulatedPins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in-the-way", "a file where the folder should be")
    options = ("--config", str(tmp_path / "in-the-way" / "unsit.toml"))

    set_up(monkeypatch, options=(*options, "--state-dir", str(tmp_path)), code=os.EX_UNAVAILABLE)

    assert [entry.name for entry in tmp_path.iterdir()] == ["in-the-way"]


def test_answers_survive_a_failed_write(pins: SimulatedPins, person: SetUp, file: Path) -> None:
    output = person(
        *sits_on(SimulatedContact(pins.pin(24))),
        *NOTHING_ELSE,
        ("Write it", "write", lambda: file.mkdir()),
        ("Write it", "write", lambda: file.rmdir()),
    )

    assert "cannot be written: " in output
    assert written(file)["seat"]["pin"] == 24


@pytest.mark.parametrize("after", range(9))
def test_ctrl_c_at_any_question_changes_nothing(
    pins: SimulatedPins, person: SetUp, file: Path, after: int
) -> None:
    write(file, "[seat]\npin = 5\n")
    mat = SimulatedContact(pins.pin(24))
    answers: tuple[Answer, ...] = (
        *sits_on(mat),
        ("buzzer's pin", "GPIO23"),
        *HEARD,
        ("button's pin", ""),
        ("LED's pin", ""),
    )
    before = sorted(file.parent.iterdir())

    output = person(*answers[:after], (answers[after][0], CTRL_C), code=INTERRUPTED)

    assert output.endswith("Stopped; nothing was written.\n")
    assert file.read_text() == "[seat]\npin = 5\n"
    assert sorted(file.parent.iterdir()) == before
    assert all(pin.function == "input" or not pin.state for pin in pins.pins.values())


def test_quit_writes_nothing(pins: SimulatedPins, person: SetUp, file: Path) -> None:
    output = person(
        *sits_on(SimulatedContact(pins.pin(24))),
        *NOTHING_ELSE,
        ("Write it", "quit"),
    )

    assert "Nothing was written." in output
    assert not file.exists()
