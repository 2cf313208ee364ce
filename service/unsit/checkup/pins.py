"""Checks of the pins: rights, back end, holders, buses, pulls and levels."""

import os
import re
import shlex
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from gpiozero import DigitalInputDevice, DigitalOutputDevice, PinFixedPull, pi_info

from unsit.assembly.devices import PinError, PinPermissionError, choose_pins, open_device
from unsit.checkup.findings import Fault, Finding, Findings, fine, found, found_in
from unsit.checkup.machine import (
    Installation,
    Interpreter,
    Machine,
    group_name,
    process_named_in,
    running_services,
    user_name,
)
from unsit.settings.model import Settings

CHIP_VARIABLE = "GPIOZERO_GPIOD_CHIP"
"""Environment variable that names the GPIO chip, for a board that gpiozero does not know."""

HEADER = range(2, 28)
"""BCM numbers that a person can wire. Pins 0 and 1 are read at boot to find add-on boards."""

BOARD = "902120"
"""Revision of a Raspberry Pi Zero 2 W. All boards with 40 pins have the same header."""

HEADER_PINS = {
    int(pin.name.removeprefix("GPIO")): number
    for number, pin in pi_info(BOARD).headers["J8"].pins.items()
    if pin.name in {f"GPIO{bcm}" for bcm in HEADER}
}
"""Pin of the header by BCM number."""

SETTLE_S = 0.02
"""Time (s) for a pull of 50 kohm to charge the 100 nF of a noise filter: 4 time constants."""

LOOKS = 20
LOOK_INTERVAL_S = 0.01
"""Number of looks at a pin that may be floating, and the time (s) between them."""

UNDRIVEN_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Bus:
    """Bus of load cell converters, which is switched on or off.

    device: its file, with braces for the parts of a converter's place. library: Python library.
    group: group that may open it. kind: kind of device that a unit must allow. off: the fault.
    """

    name: str
    device: str
    library: str
    group: str
    kind: str
    off: Fault

    def device_of(self, place: str) -> str:
        """Return the file for a place such as ``0.1`` or ``1:42``."""
        return self.device.format(*place.replace(":", ".").split("."))

    @property
    def devices(self) -> str:
        """Pattern of the names of its files."""
        return f"{self.device.rpartition('/')[2].partition('{')[0]}*"


BUSES = {
    "hx711_spi": Bus("SPI", "/dev/spidev{0}.{1}", "spidev", "spi", "char-spi", Fault.SPI_OFF),
    "nau7802": Bus("I2C", "/dev/i2c-{0}", "smbus2", "i2c", "char-i2c", Fault.I2C_OFF),
}
"""Bus by ``load_cell.converter``. The other converters are on pins, or belong to the kernel."""

BUS_PINS = {
    "I2C": ("/dev/i2c-1", (2, 3)),
    "SPI": ("/dev/spidev0.0", (7, 8, 9, 10, 11)),
    "the second SPI": ("/dev/spidev1.0", (19, 20, 21)),
    "the serial console": ("/dev/serial0", (14, 15)),
}
"""For each bus of the header: the file that exists while it is switched on, and its pins."""


def pin_words(pin: int) -> str:
    """Return a pin by both of its numbers, such as ``GPIO17 (header pin 11)``."""
    return f"GPIO{pin} (header pin {HEADER_PINS[pin]})"


CONFIG_FILES = ("/boot/firmware/config.txt", "/boot/config.txt")
"""Places of the firmware's settings: since bookworm, and before."""

RASPI_CONFIG = "/usr/bin/raspi-config"

SWITCHES = {
    "/dev/spidev0.0": ("dtparam=spi=on", "do_spi"),
    "/dev/spidev0.1": ("dtparam=spi=on", "do_spi"),
    "/dev/i2c-1": ("dtparam=i2c_arm=on", "do_i2c"),
}
"""Line of config.txt that switches each first bus on, and raspi-config's name for it."""


def check_bus(installation: Installation) -> Findings:
    """Check that each bus of the converters is switched on."""
    bus = bus_of_cells(installation.settings)
    if bus is None:
        return
    devices = map(bus.device_of, installation.settings.load_cell.wired_at)
    for device in dict.fromkeys(devices):
        if installation.machine.path(device).exists():
            yield fine(bus.name, f"switched on: {device} exists")
        else:
            yield _switched_off(bus, device, installation.machine)


def _switched_off(bus: Bus, device: str, machine: Machine) -> Finding:
    """Return the finding on a bus without its device file: each bus has a switch of its own."""
    words = f"{device} does not exist"
    number = device.removeprefix("/dev/")
    if machine.path(f"/sys/bus/i2c/devices/{number}").exists():
        fix = "sudo modprobe i2c-dev && echo i2c-dev | sudo tee /etc/modules-load.d/unsit.conf"
        return found(Fault.I2C_WITHOUT_DEVICE, bus.name, f"{words}, and the bus {number} does", fix)
    line, switch = SWITCHES.get(device, (_overlay(device), None))
    config = next((name for name in CONFIG_FILES if machine.path(name).exists()), CONFIG_FILES[0])
    if line in (machine.text(config) or "").splitlines():
        words += f", although {config} has the line {line}"
        return found(Fault.BUS_WAITS, bus.name, words)
    if switch is not None and machine.path(RASPI_CONFIG).exists():
        fix = f"sudo raspi-config nonint {switch} 0, then sudo reboot"
    else:
        fix = f"echo {line} | sudo tee -a {config}, then sudo reboot"
    second = {Fault.SPI_OFF: Fault.SPI_SECOND_OFF, Fault.I2C_OFF: Fault.I2C_SECOND_OFF}
    return found(bus.off if switch is not None else second[bus.off], bus.name, words, fix)


def _overlay(device: str) -> str:
    """Return the line of config.txt for a second bus, with the pins of hardware/wiring.md.

    The chip select of SPI 1 is moved off the buzzer's pin.
    """
    if i2c := re.fullmatch(r"/dev/i2c-(\d+)", device):
        return "dtparam=i2c_vc=on" if i2c[1] == "0" else f"dtoverlay=i2c-gpio,bus={i2c[1]}"
    bus, _, select = device.removeprefix("/dev/spidev").partition(".")
    if (bus, select) == ("1", "0"):
        return "dtoverlay=spi1-1cs,cs0_pin=16"
    return f"dtoverlay=spi{bus}-{int(select) + 1}cs"


def bus_of_cells(settings: Settings) -> Bus | None:
    """Return the bus that a chair's converters need, None if they need none."""
    return BUSES.get(settings.load_cell.converter) if settings.seat.kind == "load_cell" else None


def bus_of(pin: int, machine: Machine) -> str | None:
    """Return the bus that a pin belongs to, None unless that bus is switched on."""
    for name, (file, pins) in BUS_PINS.items():
        if pin in pins and machine.path(file).exists():
            return name
    return None


def holder_of(pin: int, pins: Any) -> str | None:
    """Return the holder of a pin, None if it is free or the back end does not know holders."""
    holder = getattr(pins, "holder", None)
    return holder(pin) if holder is not None else None


def free_pins(pins: Any, machine: Machine, taken: set[int]) -> list[int]:
    """Return the header's unused pins; only these may be made inputs to read them."""
    return [
        pin
        for pin in HEADER
        if pin not in taken and bus_of(pin, machine) is None and holder_of(pin, pins) is None
    ]


def is_undriven(key: str, pin: int, pins: Any) -> bool:
    """Return True if the pin's level follows its pull both ways: nothing drives it."""
    return all(
        _levels(key, pin, pins, pull_up=True, looks=1)[-1] and _follows_pull_down(key, pin, pins)
        for _ in range(UNDRIVEN_ROUNDS)
    )


def _levels(key: str, pin: int, pins: Any, *, pull_up: bool, looks: int = LOOKS) -> list[bool]:
    """Return the levels of a pin at each look. Raises PinError."""
    device = open_device(key, pin, DigitalInputDevice, pull_up=pull_up, pin_factory=pins)
    pause = threading.Event()
    with device:
        pause.wait(SETTLE_S)
        levels = []
        for _ in range(looks):
            levels.append(bool(device.pin.state))
            pause.wait(LOOK_INTERVAL_S)
    return levels


def _follows_pull_down(key: str, pin: int, pins: Any) -> bool:
    """Return True if a pin that is pulled down is low, or if the board itself pulls it up."""
    try:
        return not _levels(key, pin, pins, pull_up=False, looks=1)[-1]
    except PinError as error:
        if isinstance(error.__cause__, PinFixedPull):
            return True
        raise


# Rights and back end


def check_rights(installation: Installation) -> Findings:
    """Check that this user may open the GPIO chips and the bus of the load cells."""
    bus = bus_of_cells(installation.settings)
    for pattern in ["gpiochip*", *([] if bus is None else [bus.devices])]:
        devices = sorted(installation.machine.path("/dev").glob(pattern))
        closed = [device for device in devices if not _may_open(device)]
        if closed:
            yield _not_in_group(closed[0])
        elif devices:
            names = ", ".join(device.name for device in devices)
            yield fine("rights", f"{user_name(os.geteuid())} may open {names}")


def _may_open(device: Path) -> bool:
    return os.access(device, os.R_OK | os.W_OK, effective_ids=True)


def _not_in_group(device: Path) -> Finding:
    group, user = group_name(device.stat().st_gid), user_name(os.geteuid())
    if group == "root":
        rule = f'KERNEL=="{device.name}", GROUP="gpio", MODE="0660"'
        fix = (
            "give it to a group, as Raspberry Pi OS does: sudo groupadd --force --system gpio && "
            f"echo {shlex.quote(rule)} | sudo tee /etc/udev/rules.d/60-unsit.rules && "
            f"sudo udevadm trigger && sudo usermod -aG gpio {user}, then log in again"
        )
    else:
        fix = f"sudo usermod -aG {group} {user}, then log in again"
    return found(Fault.NOT_IN_GROUP, "rights", f"{user} may not open {device}", fix)


def choose(installation: Installation) -> tuple[Any | None, Finding]:
    """Return the pin factory of this machine, None if there is none, and the finding."""
    try:
        choice = choose_pins()
    except PinError as error:
        is_closed = isinstance(error, PinPermissionError)
        fault = Fault.NOT_IN_GROUP if is_closed else Fault.NO_CHIP
        if fault is Fault.NO_CHIP and (chip := os.environ.get(CHIP_VARIABLE)):
            words = str(error).rpartition("; ")[0]
            return None, found(fault, "pins", words, f"correct {CHIP_VARIABLE}={chip}, or unset it")
        return None, found_in(fault, "pins", error)
    if choice.name != "lgpio":
        return choice.pins, fine("pins", str(choice))
    fix = Interpreter.running().install("gpiod", upgrade=True)
    return choice.pins, found(Fault.BACK_END_RESTLESS, "pins", str(choice), fix)


# Each pin


def check_pins(installation: Installation, pins: Any) -> Findings:
    """Check each pin of the settings except those of load cells."""
    settings = installation.settings
    if settings.seat.kind == "mat":
        seat = settings.seat
        yield from _input(installation, "seat.pin", seat.pin, pins, seat.normally_closed)
    if settings.buzzer.kind == "none":
        yield fine("buzzer", "none, by the setting buzzer.kind")
    else:
        yield from _output(
            installation, "buzzer.pin", settings.buzzer.pin, pins, settings.buzzer.active_high
        )
    if settings.button.pin is not None:
        yield from _input(installation, "button.pin", settings.button.pin, pins)
    if settings.led.pin is not None:
        yield from _output(installation, "led.pin", settings.led.pin, pins)


def check_holder(installation: Installation, key: str, pin: int, pins: Any) -> Finding | None:
    """Return the finding on the holder of a pin, None if it is free."""
    holder = holder_of(pin, pins)
    if holder is None:
        return None
    process = process_named_in(holder, installation.machine)
    if process is None or not process.is_chair:
        return found(Fault.PIN_HELD, key, f"GPIO{pin} is held by {process or holder}")
    if process in running_services(installation):
        return fine(key, f"GPIO{pin} is held by the running service (pid {process.pid})")
    return found(Fault.TWO_ON_PIN, key, f"GPIO{pin} is held by another chair: {process}")


def _input(
    installation: Installation, key: str, pin: int, pins: Any, normally_closed: bool = False
) -> Findings:
    return _pin(installation, key, pin, pins, lambda: _level(key, pin, pins, normally_closed))


def _output(
    installation: Installation, key: str, pin: int, pins: Any, active_high: bool = True
) -> Findings:
    def switch_off() -> Finding:
        open_device(
            key, pin, DigitalOutputDevice, active_high=active_high, pin_factory=pins
        ).close()
        return fine(key, f"GPIO{pin} is free; the output is off")

    return _pin(installation, key, pin, pins, switch_off)


def _pin(
    installation: Installation, key: str, pin: int, pins: Any, use: Callable[[], Finding]
) -> Findings:
    """Report the holder of the pin or, if it is free, the result of using it."""
    holder = check_holder(installation, key, pin, pins)
    if holder is not None:
        yield holder
        return
    bus = bus_of(pin, installation.machine)
    if bus is not None:
        yield found(Fault.PIN_OF_BUS, key, f"GPIO{pin} belongs to {bus}, which is switched on")
    try:
        yield use()
    except PinError as error:
        is_busy = "busy" in str(error).lower() or "held by" in str(error)
        yield found(Fault.PIN_HELD if is_busy else Fault.PIN_UNUSABLE, key, str(error))


def _level(key: str, pin: int, pins: Any, normally_closed: bool) -> Finding:
    levels = _levels(key, pin, pins, pull_up=True)
    changes = sum(level != following for level, following in pairwise(levels))
    if changes > 1:
        duration_s = LOOKS * LOOK_INTERVAL_S
        words = f"GPIO{pin} changed {changes} times in {duration_s:g} s with nobody moving"
        return found(Fault.PIN_FLOATING, key, words)
    is_closed = not levels[-1]
    if not is_closed and not _follows_pull_down(key, pin, pins):
        return found(Fault.NO_PULL, key, f"GPIO{pin} stays high although it is pulled down")
    circuit = "closed to ground" if is_closed else "open"
    pressed = "pressed" if is_closed is not normally_closed else "not pressed"
    return fine(key, f"GPIO{pin} is free; the circuit is {circuit}: {pressed}")
