"""Faults at the pins: simulated ones with the wrong thing wired to them."""

import threading
from pathlib import Path

import pytest
from gpiozero import LED, Device

from support.planted_faults import faultless, finding_of, installed, write
from support.remedies import Cure
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

    def let_go(self) -> None:
        """End the other program, as a person may do."""
        self._held = -1


def test_faultless_pins_are_reported_with_their_level(pins: SimulatedPins, tmp_path: Path) -> None:
    open_contact, buzzer = faultless(check_pins(installed(tmp_path, tmp_path), pins))
    pins.pin(MAT).connect(False)
    closed_contact, _ = faultless(check_pins(installed(tmp_path, tmp_path), pins))

    assert open_contact.words == "GPIO17 is free; the circuit is open: not pressed"
    assert closed_contact.words == "GPIO17 is free; the circuit is closed to ground: pressed"
    assert buzzer.words == "GPIO18 is free; the output is off"


def test_a_pin_that_does_not_follow_its_pull_is_named_until_the_wire_is_gone(
    cure: Cure, pins: SimulatedPins, tmp_path: Path
) -> None:
    pins.pin(MAT).connect(True)

    finding = cure.by_hand(
        Fault.NO_PULL,
        lambda: check_pins(installed(tmp_path, tmp_path), pins),
        "remove that",
        lambda: pins.pin(MAT).connect(None),
    )

    assert "GPIO17 stays high although it is pulled down; remove that" in str(finding)


def test_a_pin_that_changes_by_itself_is_named_until_the_joint_holds(
    cure: Cure, pins: SimulatedPins, tmp_path: Path
) -> None:
    over = threading.Event()

    def hum() -> None:
        level = False
        while not over.wait(0.003):
            level = not level
            pins.pin(MAT).connect(False if level else None)
        pins.pin(MAT).connect(None)

    mains = threading.Thread(target=hum)

    def solder() -> None:
        over.set()
        mains.join()

    mains.start()
    try:
        finding = cure.by_hand(
            Fault.PIN_FLOATING,
            lambda: check_pins(installed(tmp_path, tmp_path), pins),
            "check the joints of the cable",
            solder,
        )
    finally:
        solder()

    assert "with nobody moving" in finding.words
    assert "100 nF" in str(finding)


@pytest.mark.parametrize(
    ("key", "number", "holder", "words"),
    [
        ("seat.pin", 17, "gpiozero pid 4711", "held by python3 radio.py (pid 4711)"),
        ("buzzer.pin", 18, "onewire@12", "GPIO18 is held by onewire@12"),
    ],
)
def test_a_pin_that_another_program_or_driver_holds_is_named_until_it_lets_go(
    cure: Cure, tmp_path: Path, key: str, number: int, holder: str, words: str
) -> None:
    root = tmp_path / "root"
    write(root / "proc/4711/cmdline", "python3\0radio.py\0")
    pins = HeldPins(number, holder)

    finding = cure.by_hand(
        Fault.PIN_HELD, lambda: check_pins(installed(tmp_path, root), pins), "stop it", pins.let_go
    )

    assert finding.subject == key
    assert finding.words.endswith(words)


def test_a_pin_that_another_chair_holds_is_two_instances_on_one_pin(
    cure: Cure, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    write(root / "proc/4712/cmdline", "/opt/unsit/bin/python3\0/opt/unsit/bin/unsit\0run\0")
    pins = HeldPins(MAT, "gpiozero pid 4712")
    settings = [SeatSettings()]

    def give_it_a_pin_of_its_own() -> None:
        settings[0] = SeatSettings(pin=24)

    finding = cure.by_hand(
        Fault.TWO_ON_PIN,
        lambda: check_pins(installed(tmp_path, root, seat=settings[0]), pins),
        "give each chair pins of its own",
        give_it_a_pin_of_its_own,
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


def test_a_pin_of_a_bus_that_is_switched_on_is_named_until_it_is_off(
    cure: Cure, pins: SimulatedPins, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    device = write(root / "dev/spidev0.0", "")
    taken = set(free_pins(pins, installed(tmp_path, root).machine, set()))

    finding = cure.by_hand(
        Fault.PIN_OF_BUS,
        lambda: check_pins(installed(tmp_path, root, seat=SeatSettings(pin=10)), pins),
        "or switch the bus off",
        device.unlink,
    )

    assert "GPIO10 belongs to SPI, which is switched on; use another pin" in str(finding)
    assert not {7, 8, 9, 10, 11} & taken


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

    finding = finding_of(Fault.NO_CHIP, findings)
    assert "/dev/gpiochip99 cannot be opened" in finding.words
    assert finding.fix == "correct GPIOZERO_GPIOD_CHIP=/dev/gpiochip99, or unset it"
    assert {"clock", "state", "unit"} <= {finding.subject for finding in findings}
    pins, finding = choose(installed(tmp_path))
    assert (pins, finding.fault) == (None, "no_chip")
    monkeypatch.delenv("GPIOZERO_GPIOD_CHIP")
    assert "on a Raspberry Pi" in str(choose(installed(tmp_path))[1].fix)


def test_a_pin_that_cannot_be_used_is_named_with_the_reason(
    cure: Cure, pins: SimulatedPins, tmp_path: Path
) -> None:
    seats = [SeatSettings()]
    with LED(MAT, pin_factory=pins):
        finding = cure.by_hand(
            Fault.PIN_UNUSABLE,
            lambda: check_pins(installed(tmp_path, tmp_path, seat=seats[-1]), pins),
            "use another pin",
            lambda: seats.append(SeatSettings(pin=24)),
        )

    assert "seat.pin = 17: the pin cannot be used: " in finding.words
