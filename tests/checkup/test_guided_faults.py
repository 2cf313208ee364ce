"""Faults that only a person can find: somebody sits down, listens and looks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.planted_faults import faultless, finding_of, installed
from unsit.checkup.findings import Fault, Finding
from unsit.checkup.guided import check_guided
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import ButtonSettings, BuzzerSettings, LedSettings, SeatSettings
from unsit_firmware.simulation.cells import SimulatedCell, wire_hx711
from unsit_firmware.simulation.pins import SimulatedContact, SimulatedPins

SILENT = {"buzzer": BuzzerSettings(kind="none")}
BY_HAND = {"seat": SeatSettings(pin=26)}


class Person:
    """Person who does what is asked, on a chair that may be wired other than in the settings.

    sit: called to sit down (True) or to rise. ears: which buzzers are heard, in order of the tries.
    """

    def __init__(
        self,
        sit: Callable[[bool], object] = lambda sits: None,
        ears: tuple[bool, ...] = (),
        press: Callable[[bool], object] = lambda down: None,
    ) -> None:
        self._sit, self._press = sit, press
        self._answers: Iterator[bool] = iter(ears)

    def wait(self, request: str, look: Callable[[], str] | None = None) -> None:
        if "Sit down" in request or "Stand up" in request:
            self._sit("Sit down" in request)
        if "button" in request:
            self._press("Keep" in request)

    def confirm(self, question: str) -> bool:
        return next(self._answers)


@pytest.fixture
def guided(pins: SimulatedPins, tmp_path: Path) -> Callable[..., list[Finding]]:
    """Return a function that runs the guided checks with a person."""

    def check(person: Person, **sections: object) -> list[Finding]:
        return list(check_guided(installed(tmp_path, tmp_path, **sections), pins, person))

    return check


Guided = Callable[..., list[Finding]]


def mat(pins: SimulatedPins, pin: int, *, normally_closed: bool = False) -> Callable[[bool], None]:
    return SimulatedContact(pins.pin(pin), normally_closed=normally_closed).set


def test_a_mat_that_is_wired_as_the_settings_say_follows(
    pins: SimulatedPins, guided: Guided
) -> None:
    [seat] = faultless(guided(Person(mat(pins, 17)), **SILENT))

    assert seat.words == "GPIO17 follows you"


def test_a_mat_at_another_pin_is_found_there(pins: SimulatedPins, guided: Guided) -> None:
    finding = finding_of(Fault.SEAT_ELSEWHERE, guided(Person(mat(pins, 24)), **SILENT))

    assert (finding.words, finding.fix) == (
        "GPIO24 follows you, not GPIO17",
        "seat.pin = 24",
    )


def test_a_mat_at_another_pin_that_opens_under_weight_needs_both_settings(
    pins: SimulatedPins, guided: Guided
) -> None:
    person = Person(mat(pins, 24, normally_closed=True))

    finding = finding_of(Fault.SEAT_ELSEWHERE, guided(person, **SILENT))

    assert finding.fix == "seat.pin = 24, seat.normally_closed = true"


@pytest.mark.parametrize("wired", [True, False])
def test_a_mat_that_is_read_the_wrong_way_round_is_named(
    pins: SimulatedPins, guided: Guided, wired: bool
) -> None:
    seat = {"seat": SeatSettings(normally_closed=not wired)}

    person = Person(mat(pins, 17, normally_closed=wired))
    finding = finding_of(Fault.SEAT_INVERTED, guided(person, **SILENT, **seat))

    assert finding.fix == f"seat.normally_closed = {str(wired).lower()}"


def test_a_pin_that_changes_once_is_not_taken_for_the_mat(
    pins: SimulatedPins, guided: Guided
) -> None:
    door = SimulatedContact(pins.pin(24))

    def sit(sits: bool) -> None:
        if sits:
            door.set(True)

    finding = finding_of(Fault.SEAT_DEAD, guided(Person(sit), **SILENT))

    assert "GPIO24" not in finding.words


def test_a_mat_that_never_closes_is_named(pins: SimulatedPins, guided: Guided) -> None:
    finding = finding_of(Fault.SEAT_DEAD, guided(Person(), **SILENT))

    assert "neither GPIO17 nor any other free pin changed; measure the mat" in str(finding)


def test_a_buzzer_that_is_heard_is_fine(pins: SimulatedPins, guided: Guided) -> None:
    findings = faultless(guided(Person(mat(pins, 17), ears=(True,))))

    assert findings[-1].words == "heard at GPIO18"


def test_a_buzzer_that_nobody_hears_is_named(pins: SimulatedPins, guided: Guided) -> None:
    person = Person(mat(pins, 17), ears=(False, False, False))

    finding = finding_of(Fault.BUZZER_SILENT, guided(person))

    assert "not heard at GPIO18; measure its supply" in str(finding)


@pytest.mark.parametrize(
    ("ears", "fix"),
    [
        ((False, True), 'buzzer.kind = "passive", buzzer.active_high = true'),
        ((False, False, True), 'buzzer.kind = "active", buzzer.active_high = false'),
    ],
)
def test_a_buzzer_of_another_kind_is_found_out_by_listening(
    pins: SimulatedPins, guided: Guided, ears: tuple[bool, ...], fix: str
) -> None:
    finding = finding_of(Fault.BUZZER_OTHER_KIND, guided(Person(mat(pins, 17), ears=ears)))

    assert finding.fix == fix


def test_a_button_and_a_led_that_do_nothing_are_named(pins: SimulatedPins, guided: Guided) -> None:
    extras = {"button": ButtonSettings(pin=27), "led": LedSettings(pin=22)}
    person = Person(mat(pins, 17), ears=(False,))

    findings = guided(person, **SILENT, **extras)

    finding_of(Fault.BUTTON_DEAD, findings)
    finding_of(Fault.LED_DARK, findings)


def test_a_button_and_a_led_that_work_are_fine(pins: SimulatedPins, guided: Guided) -> None:
    extras = {"button": ButtonSettings(pin=27), "led": LedSettings(pin=22)}
    button = SimulatedContact(pins.pin(27))
    person = Person(mat(pins, 17), ears=(True,), press=button.set)

    words = [finding.words for finding in faultless(guided(person, **SILENT, **extras))]

    assert words[1:] == ["GPIO27 follows your finger", "seen at GPIO22"]


@pytest.mark.parametrize(("load", "fault"), [(70.0, None), (2.0, Fault.CELLS_STIFF)])
def test_cells_whose_load_does_not_change_are_named(
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
        assert "the load changed by +70.0 kg" in [finding.words for finding in faultless(findings)]
    else:
        assert "changed by 2.0 kg" in finding_of(fault, findings).words
