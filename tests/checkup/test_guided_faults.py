"""Faults that only a person can find: somebody sits down, listens and looks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checkup.planting import installed, named, sound
from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding
from unsit.checkup.guided import check_guided
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import ButtonSettings, BuzzerSettings, LedSettings, SeatSettings
from unsit_firmware.simulated_cells import SimulatedCell, wire_hx711
from unsit_firmware.simulation import SimulatedContact, SimulatedPins

SILENT = {"buzzer": BuzzerSettings(kind="none")}
BY_HAND = {"seat": SeatSettings(pin=26)}


class Person:
    """Does what is asked, with a chair that may be wired otherwise than the settings say.

    sit: told to sit down (True) or to rise. ears: which buzzers are heard, in order of the tries.
    """

    def __init__(
        self,
        sit: Callable[[bool], object] = lambda sits: None,
        ears: tuple[bool, ...] = (),
        press: Callable[[bool], object] = lambda down: None,
    ) -> None:
        self._sit, self._press = sit, press
        self._answers: Iterator[bool] = iter(ears)

    def wait(self, request: str) -> None:
        if "Sit down" in request or "Stand up" in request:
            self._sit("Sit down" in request)
        if "button" in request:
            self._press("Keep" in request)

    def confirm(self, question: str) -> bool:
        return next(self._answers)


@pytest.fixture
def guided(pins: SimulatedPins, tmp_path: Path) -> Callable[..., list[Finding]]:
    """What the guided steps find with a person."""

    def check(person: Person, **sections: object) -> list[Finding]:
        return list(check_guided(installed(tmp_path, tmp_path, **sections), pins, person))

    return check


Guided = Callable[..., list[Finding]]


def mat(pins: SimulatedPins, pin: int, *, normally_closed: bool = False) -> Callable[[bool], None]:
    return SimulatedContact(pins.pin(pin), normally_closed=normally_closed).set


def test_a_mat_that_is_wired_as_the_settings_say_follows(
    pins: SimulatedPins, guided: Guided
) -> None:
    [seat] = sound(guided(Person(mat(pins, 17)), **SILENT))

    assert seat.words == "GPIO17 follows you as it should"


def test_a_mat_at_another_pin_is_found_there(pins: SimulatedPins, guided: Guided) -> None:
    finding = named(Fault.SEAT_ELSEWHERE, guided(Person(mat(pins, 24)), **SILENT))

    assert (finding.words, finding.mend) == (
        "GPIO24 follows you, and not GPIO17",
        "seat.pin = 24",
    )


def test_a_mat_at_another_pin_that_opens_under_weight_needs_both_settings(
    pins: SimulatedPins, guided: Guided
) -> None:
    person = Person(mat(pins, 24, normally_closed=True))

    finding = named(Fault.SEAT_ELSEWHERE, guided(person, **SILENT))

    assert finding.mend == "seat.pin = 24, seat.normally_closed = true"


@pytest.mark.parametrize("wired", [True, False])
def test_a_mat_that_is_read_the_wrong_way_round_is_named(
    pins: SimulatedPins, guided: Guided, wired: bool
) -> None:
    seat = {"seat": SeatSettings(normally_closed=not wired)}

    person = Person(mat(pins, 17, normally_closed=wired))
    finding = named(Fault.SEAT_INVERTED, guided(person, **SILENT, **seat))

    assert finding.mend == f"seat.normally_closed = {str(wired).lower()}"


def test_what_changes_once_and_stays_so_is_not_taken_for_the_mat(
    pins: SimulatedPins, guided: Guided
) -> None:
    door = SimulatedContact(pins.pin(24))

    def sit(sits: bool) -> None:
        if sits:
            door.set(True)

    finding = named(Fault.SEAT_DEAD, guided(Person(sit), **SILENT))

    assert "GPIO24" not in finding.words


def test_a_mat_that_never_closes_is_named(pins: SimulatedPins, guided: Guided) -> None:
    finding = named(Fault.SEAT_DEAD, guided(Person(), **SILENT))

    assert "neither GPIO17 nor another free pin has changed; measure the mat" in str(finding)


def test_a_buzzer_that_is_heard_is_fine(pins: SimulatedPins, guided: Guided) -> None:
    findings = sound(guided(Person(mat(pins, 17), ears=(True,))))

    assert findings[-1].words == "heard at GPIO18"


def test_a_buzzer_that_nobody_hears_is_named(pins: SimulatedPins, guided: Guided) -> None:
    person = Person(mat(pins, 17), ears=(False, False, False))

    finding = named(Fault.BUZZER_SILENT, guided(person))

    assert "nobody heard it at GPIO18; measure its supply" in str(finding)


@pytest.mark.parametrize(
    ("ears", "mend"),
    [
        ((False, True), 'buzzer.kind = "passive", buzzer.active_high = true'),
        ((False, False, True), 'buzzer.kind = "active", buzzer.active_high = false'),
    ],
)
def test_a_buzzer_of_another_kind_is_found_out_by_listening(
    pins: SimulatedPins, guided: Guided, ears: tuple[bool, ...], mend: str
) -> None:
    finding = named(Fault.BUZZER_OTHER_KIND, guided(Person(mat(pins, 17), ears=ears)))

    assert finding.mend == mend


def test_a_button_and_a_led_that_do_nothing_are_named(pins: SimulatedPins, guided: Guided) -> None:
    extras = {"button": ButtonSettings(pin=27), "led": LedSettings(pin=22)}
    person = Person(mat(pins, 17), ears=(False,))

    findings = guided(person, **SILENT, **extras)

    named(Fault.BUTTON_DEAD, findings)
    named(Fault.LED_DARK, findings)


def test_a_button_and_a_led_that_work_are_fine(pins: SimulatedPins, guided: Guided) -> None:
    extras = {"button": ButtonSettings(pin=27), "led": LedSettings(pin=22)}
    button = SimulatedContact(pins.pin(27))
    person = Person(mat(pins, 17), ears=(True,), press=button.set)

    said = [finding.words for finding in sound(guided(person, **SILENT, **extras))]

    assert said[1:] == ["GPIO27 follows your finger", "seen at GPIO22"]


@pytest.mark.parametrize(("load", "fault"), [(70.0, None), (2.0, Fault.CELLS_STIFF)])
def test_cells_that_do_not_feel_who_sits_down_are_named(
    pins: SimulatedPins, guided: Guided, tmp_path: Path, load: float, fault: Fault | None
) -> None:
    cell = SimulatedCell()
    wire_hx711(pins, 5, 6, cell)
    person = Person(lambda sits: cell.set_kilograms(load * sits))
    cells = {
        "seat": SeatSettings(kind="load_cell"),
        "load_cell": LoadCellSettings(converter="hx711"),
    }

    findings = guided(person, **SILENT, **cells)

    if fault is None:
        assert "the cells feel you: +70.0 kg" in [finding.words for finding in sound(findings)]
    else:
        assert "changed by 2.0 kg" in named(fault, findings).words
