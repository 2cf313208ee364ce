"""Faults at the pins: simulated ones with the wrong thing wired to them."""

import threading
from pathlib import Path

import pytest
from gpiozero import LED, Device

from support.planted_faults import faultless, finding_of, installed, write
from unsit.checkup.findings import Fault
from unsit.checkup.pins import check_pins, choose, free_pins
from unsit.cli.check import run_checks
from unsit.settings.model import BuzzerSettings, SeatSettings
from unsit_firmware.simulation.pins import SimulatedPins

MAT = 17


class HeldPins(SimulatedPins):
    """Simulated pins of a kernel that has given one pin to another program."""

    def __init__(self, held: int, by: str) -> None:
        super().__init__()
        self._held, self._by = held, by

    def holder(self, number: int) -> str | None:
        return self._by if number == self._held else None


def test_faultless_pins_are_reported_with_their_level(pins: SimulatedPins, tmp_path: Path) -> None:
    open_contact, buzzer = faultless(check_pins(installed(tmp_path, tmp_path), pins))
    pins.pin(MAT).connect(False)
    closed_contact, _ = faultless(check_pins(installed(tmp_path, tmp_path), pins))

    assert open_contact.words == "GPIO17 is free; the circuit is open: not pressed"
    assert closed_contact.words == "GPIO17 is free; the circuit is closed to ground: pressed"
    assert buzzer.words == "GPIO18 is free; the output is off"


def test_a_pin_that_does_not_follow_its_pull_is_named(pins: SimulatedPins, tmp_path: Path) -> None:
    pins.pin(MAT).connect(True)

    finding = finding_of(Fault.NO_PULL, check_pins(installed(tmp_path, tmp_path), pins))

    assert "GPIO17 stays high although it is pulled down; remove that" in str(finding)


def test_a_pin_that_changes_by_itself_is_named(pins: SimulatedPins, tmp_path: Path) -> None:
    over = threading.Event()

    def hum() -> None:
        level = False
        while not over.wait(0.003):
            level = not level
            pins.pin(MAT).connect(False if level else None)

    mains = threading.Thread(target=hum)
    mains.start()
    try:
        finding = finding_of(Fault.PIN_FLOATING, check_pins(installed(tmp_path, tmp_path), pins))
    finally:
        over.set()
        mains.join()

    assert "with nobody moving" in finding.words
    assert "100 nF" in str(finding)


def test_a_pin_held_by_another_program_is_named_with_that_program(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root / "proc/4711/cmdline", "python3\0radio.py\0")
    pins = HeldPins(MAT, "gpiozero pid 4711")

    finding = finding_of(Fault.PIN_HELD, check_pins(installed(tmp_path, root), pins))

    assert finding.subject == "seat.pin"
    assert "GPIO17 is held by python3 radio.py (pid 4711); stop it, or use" in str(finding)


def test_a_pin_held_by_a_driver_is_named_with_that_driver(tmp_path: Path) -> None:
    finding = finding_of(
        Fault.PIN_HELD, check_pins(installed(tmp_path, tmp_path), HeldPins(18, "onewire@12"))
    )

    assert (finding.subject, finding.words) == ("buzzer.pin", "GPIO18 is held by onewire@12")


def test_a_pin_that_another_chair_holds_is_two_instances_on_one_pin(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root / "proc/4712/cmdline", "/opt/unsit/bin/python3\0/opt/unsit/bin/unsit\0run\0")

    finding = finding_of(
        Fault.TWO_ON_PIN,
        check_pins(installed(tmp_path, root), HeldPins(MAT, "gpiozero pid 4712")),
    )

    assert "held by another chair: " in finding.words
    assert "(pid 4712)" in finding.words


def test_a_pin_that_the_service_holds_is_fine_and_is_left_alone(tmp_path: Path) -> None:
    root, state = tmp_path / "root", tmp_path / "state"
    write(root / "proc/4713/cmdline", "/opt/unsit/bin/python3\0/opt/unsit/bin/unsit\0run\0")
    file = write(state / "state.sqlite", "")
    (root / "proc/4713/fd").mkdir()
    (root / "proc/4713/fd/7").symlink_to(file)
    pins = HeldPins(MAT, "gpiozero pid 4713")

    seat, _ = faultless(check_pins(installed(state, root), pins))

    assert seat.words == "GPIO17 is held by the running service (pid 4713)"
    assert [info.name for info in pins.pins] == ["GPIO18"]


def test_a_pin_of_a_bus_that_is_switched_on_is_named(pins: SimulatedPins, tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root / "dev/spidev0.0", "")

    finding = finding_of(
        Fault.PIN_OF_BUS, check_pins(installed(tmp_path, root, seat=SeatSettings(pin=10)), pins)
    )

    assert "GPIO10 belongs to SPI, which is switched on; use another pin" in str(finding)
    assert not {7, 8, 9, 10, 11} & set(free_pins(pins, installed(tmp_path, root).machine, set()))


def test_no_buzzer_by_the_settings_is_reported_and_is_no_fault(
    pins: SimulatedPins, tmp_path: Path
) -> None:
    chair = installed(tmp_path, tmp_path, buzzer=BuzzerSettings(kind="none"))

    assert "none, by the setting buzzer.kind" in [
        f.words for f in faultless(check_pins(chair, pins))
    ]


def test_a_missing_chip_is_named_and_the_other_checks_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "gpiod")
    monkeypatch.setenv("GPIOZERO_GPIOD_CHIP", "/dev/gpiochip99")
    monkeypatch.setattr(Device, "pin_factory", None)

    findings = list(run_checks(installed(tmp_path, tmp_path)))

    assert "/dev/gpiochip99 cannot be opened" in finding_of(Fault.NO_CHIP, findings).words
    assert {"clock", "state", "unit"} <= {finding.subject for finding in findings}
    pins, finding = choose(installed(tmp_path))
    assert (pins, finding.fault) == (None, "no_chip")


def test_a_pin_that_cannot_be_used_is_named_with_the_reason(
    pins: SimulatedPins, tmp_path: Path
) -> None:
    with LED(MAT, pin_factory=pins):
        finding = finding_of(Fault.PIN_UNUSABLE, check_pins(installed(tmp_path, tmp_path), pins))

    assert "seat.pin = 17: the pin cannot be used: " in finding.words
