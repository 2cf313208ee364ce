"""Faults that only a person can find: somebody sits down, listens and looks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.planted_faults import VirtualTime, faultless, finding_of, installed
from support.remedies import Cure
from unsit.checkup.findings import Fault, Finding
from unsit.checkup.guided import check_guided
from unsit.checkup.machine import Installation
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
def chair(tmp_path: Path) -> Callable[..., Installation]:
    """Return a function that makes a chair of some sections of settings."""
    return lambda **sections: installed(tmp_path, tmp_path, **sections)


@pytest.fixture
def guided(pins: SimulatedPins, chair: Callable[..., Installation]) -> Callable[..., list[Finding]]:
    """Return a function that runs the guided checks with a person."""

    def check(person: Person, **sections: object) -> list[Finding]:
        return list(check_guided(chair(**sections), pins, person))

    return check


Guided = Callable[..., list[Finding]]
Chair = Callable[..., Installation]


def mat(pins: SimulatedPins, pin: int, *, normally_closed: bool = False) -> Callable[[bool], None]:
    return SimulatedContact(pins.pin(pin), normally_closed=normally_closed).set


def test_a_mat_that_is_wired_as_the_settings_say_follows(
    pins: SimulatedPins, guided: Guided
) -> None:
    [seat] = faultless(guided(Person(mat(pins, 17)), **SILENT))

    assert seat.words == "GPIO17 follows you"


def test_a_mat_at_another_pin_is_found_there(cure: Cure, pins: SimulatedPins, chair: Chair) -> None:
    person = Person(mat(pins, 24))

    finding = cure.by_settings(
        Fault.SEAT_ELSEWHERE, lambda chair: check_guided(chair, pins, person), chair(**SILENT)
    )

    assert (finding.words, finding.fix) == ("GPIO24 follows you, not GPIO17", "seat.pin = 24")


def test_a_mat_at_another_pin_that_opens_under_weight_needs_both_settings(
    cure: Cure, pins: SimulatedPins, chair: Chair
) -> None:
    person = Person(mat(pins, 24, normally_closed=True))

    finding = cure.by_settings(
        Fault.SEAT_ELSEWHERE, lambda chair: check_guided(chair, pins, person), chair(**SILENT)
    )

    assert finding.fix == "seat.pin = 24, seat.normally_closed = true"


@pytest.mark.parametrize("wired", [True, False])
def test_a_mat_that_is_read_the_wrong_way_round_is_named(
    cure: Cure, pins: SimulatedPins, chair: Chair, wired: bool
) -> None:
    person = Person(mat(pins, 17, normally_closed=wired))

    finding = cure.by_settings(
        Fault.SEAT_INVERTED,
        lambda chair: check_guided(chair, pins, person),
        chair(seat=SeatSettings(normally_closed=not wired), **SILENT),
    )

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


def test_a_mat_that_never_closes_is_named_until_its_wire_is_found(
    cure: Cure, pins: SimulatedPins, guided: Guided
) -> None:
    persons = [Person()]

    finding = cure.by_hand(
        Fault.SEAT_DEAD,
        lambda: guided(persons[-1], **SILENT),
        "measure the mat",
        lambda: persons.append(Person(mat(pins, 17))),
    )

    assert "neither GPIO17 nor any other free pin changed; measure the mat" in str(finding)


def test_a_buzzer_that_is_heard_is_fine(pins: SimulatedPins, guided: Guided) -> None:
    findings = faultless(guided(Person(mat(pins, 17), ears=(True,))))

    assert findings[-1].words == "heard at GPIO18"


def test_a_buzzer_that_nobody_hears_is_named_until_it_has_its_supply(
    cure: Cure, pins: SimulatedPins, guided: Guided
) -> None:
    persons = [Person(mat(pins, 17), ears=(False, False, False))]

    finding = cure.by_hand(
        Fault.BUZZER_SILENT,
        lambda: guided(persons[-1]),
        "measure its supply",
        lambda: persons.append(Person(mat(pins, 17), ears=(True,))),
    )

    assert "not heard at GPIO18; measure its supply" in str(finding)


@pytest.mark.parametrize(
    ("ears", "fix"),
    [
        ((False, True), 'buzzer.kind = "passive", buzzer.active_high = true'),
        ((False, False, True), 'buzzer.kind = "active", buzzer.active_high = false'),
    ],
)
def test_a_buzzer_of_another_kind_is_found_out_by_listening(
    cure: Cure, pins: SimulatedPins, chair: Chair, ears: tuple[bool, ...], fix: str
) -> None:
    person = Person(mat(pins, 17), ears=(*ears, True))

    finding = cure.by_settings(
        Fault.BUZZER_OTHER_KIND, lambda chair: check_guided(chair, pins, person), chair()
    )

    assert finding.fix == fix


EXTRAS = {"button": ButtonSettings(pin=27), "led": LedSettings(pin=22)}


def test_a_button_that_does_nothing_is_named_until_its_wires_lead_somewhere(
    cure: Cure, pins: SimulatedPins, guided: Guided
) -> None:
    button = SimulatedContact(pins.pin(27))
    persons = [Person(mat(pins, 17))]

    cure.by_hand(
        Fault.BUTTON_DEAD,
        lambda: guided(persons[-1], button=EXTRAS["button"], **SILENT),
        "check its wires",
        lambda: persons.append(Person(mat(pins, 17), press=button.set)),
    )


def test_a_led_that_stays_dark_is_named_until_it_is_turned_round(
    cure: Cure, pins: SimulatedPins, guided: Guided
) -> None:
    persons = [Person(mat(pins, 17), ears=(False,))]

    cure.by_hand(
        Fault.LED_DARK,
        lambda: guided(persons[-1], led=EXTRAS["led"], **SILENT),
        "turn it round",
        lambda: persons.append(Person(mat(pins, 17), ears=(True,))),
    )


def test_a_button_and_a_led_that_work_are_fine(pins: SimulatedPins, guided: Guided) -> None:
    button = SimulatedContact(pins.pin(27))
    person = Person(mat(pins, 17), ears=(True,), press=button.set)

    words = [finding.words for finding in faultless(guided(person, **SILENT, **EXTRAS))]

    assert words[1:] == ["GPIO27 follows your finger", "seen at GPIO22"]


CELLS = {
    "seat": SeatSettings(kind="load_cell"),
    "load_cell": LoadCellSettings(converter="hx711"),
}


@pytest.fixture
def cell(virtual_pins: SimulatedPins) -> SimulatedCell:
    cell = SimulatedCell()
    wire_hx711(virtual_pins, 5, 6, cell)
    return cell


@pytest.fixture
def weighed(virtual: VirtualTime, virtual_pins: SimulatedPins, chair: Chair) -> Guided:
    """Return a function that runs the guided checks on cells with a person."""

    def check(person: Person) -> list[Finding]:
        cells = chair(**SILENT, **CELLS)
        return list(check_guided(cells, virtual_pins, person, virtual.pause))

    return check


def test_cells_that_carry_the_person_are_fine(cell: SimulatedCell, weighed: Guided) -> None:
    person = Person(lambda sits: cell.set_kilograms(70.0 * sits))

    [seat] = faultless(weighed(person))

    assert seat.words == "the load changed by +70.0 kg"


def test_cells_whose_load_does_not_change_are_named_until_the_seat_rests_on_them(
    cure: Cure, cell: SimulatedCell, weighed: Guided
) -> None:
    carried = [2.0]
    person = Person(lambda sits: cell.set_kilograms(carried[0] * sits))

    def loosen() -> None:
        carried[0] = 70.0

    asks = "let the seat rest on the cells alone"
    finding = cure.by_hand(Fault.CELLS_STIFF, lambda: weighed(person), asks, loosen)

    assert "changed by 2.0 kg" in finding.words
