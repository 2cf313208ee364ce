"""Chairs for ``unsit setup``, and a person who does what it asks, in virtual time."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from gpiozero import Device

from support.miswired import SEATS, Seat
from support.planted_faults import write
from support.program import restored_signals
from support.pseudo_terminal import CTRL_C, CTRL_D, Screen
from support.setup_person import HAND_KG, Answers
from unsit.assembly.cells import Converter
from unsit.checkup.machine import Machine
from unsit.cli.setup import set_up
from unsit.cli.terminal import Terminal
from unsit.core.weighing.balance import POSITIONS
from unsit.core.weighing.calibration import CORNERS
from unsit.errors import UnsitError, exit_code_of
from unsit.runtime.clock import VirtualClock
from unsit.settings.load_cell import LoadCellSettings
from unsit.setup.questions import CellBench
from unsit_firmware.converters import Counters, Reading, Trouble
from unsit_firmware.simulation.cells import SimulatedCells
from unsit_firmware.simulation.pins import SimulatedContact, SimulatedPins

TOWARDS_CORNER = 0.6
"""Place of hand and weight on the way from the middle of the seat (0) to the corner (1)."""

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def seat_called(title: str, read_by: Sequence[int] = ()) -> Seat:
    """Return the seat with a title, its bridges read by the converters in another order."""
    [seat] = [seat for seat in SEATS if seat.title == title]
    return replace(seat, read_by=tuple(read_by))


@dataclass(frozen=True)
class Build:
    """Chair before its setup.

    converters: place of each converter that answers. others: files of buses without a converter.
    cells, at: the settings that the setup must find.
    """

    name: str
    converter: str | None = None
    converters: tuple[str, ...] = ()
    seat: Seat | None = None
    others: tuple[str, ...] = ()
    cells: str = "seat"
    at: str = ""

    @property
    def files(self) -> list[str]:
        """Files that the machine has of its buses."""
        pattern = {"nau7802": "/dev/i2c-{}", "hx711_spi": "/dev/spidev{}"}.get(self.converter or "")
        return [*self.others, *([pattern.format(at) for at in self.converters] if pattern else [])]


MAT = Build("mat")
ONE = Build("one", "nau7802", ("1",), seat_called("four in a ring"), ("/dev/spidev0.0",), at="1")
TWO = Build(
    "two",
    "nau7802",
    ("1", "3"),
    seat_called("two bridges of two", (1, 0)),
    ("/dev/spidev0.0", "/dev/spidev0.1"),
    "left,right",
    "3,1",
)
TWO_ON_SPI = Build(
    "two on SPI",
    "hx711_spi",
    ("0.0", "1.0"),
    seat_called("two, a converter each"),
    ("/dev/spidev0.1", "/dev/i2c-1"),
    "left,right",
    "0.0,1.0",
)
FOUR = Build(
    "four",
    "nau7802",
    ("1", "3", "4", "5"),
    seat_called("four, a converter each", (2, 0, 3, 1)),
    cells=",".join(CORNERS),
    at="3,5,1,4",
)
FOUR_ON_PINS = Build(
    "four on pins",
    "hx711",
    ("5:6", "13:19", "16:26", "20:21"),
    seat_called("four, a converter each"),
    cells=",".join(CORNERS),
    at="5:6,13:19,16:26,20:21",
)
BUILDS = (MAT, ONE, TWO, TWO_ON_SPI, FOUR)


class _Silent:
    """Converter that is not there."""

    counters, raw = Counters(), None

    def read(self) -> Trouble:
        return Trouble.UNREACHABLE

    def close(self) -> None:
        """Do nothing."""


class _Watched:
    """Converter that tells the chair when it is read and closed."""

    def __init__(self, converter: Converter, chair: "Chair") -> None:
        self._converter, self._chair = converter, chair
        self.counters, self.raw = converter.counters, None
        chair.opened += 1

    def read(self) -> Reading | Trouble:
        self._chair.note_read()
        return self._converter.read()

    def close(self) -> None:
        self._chair.opened -= 1
        self._converter.close()


@dataclass
class Chair:
    """Chair of a build, with its converters in virtual time and its mat on simulated pins.

    interrupt_at: number of the reading at which Ctrl-C is pressed. opened: converters not closed.
    stiff_for: number of times that the seat does not move under the hand.
    """

    build: Build
    pins: SimulatedPins
    folder: Path
    interrupt_at: int | None = None
    reads: int = 0
    opened: int = 0
    stiff_for: int = 0
    mat: SimulatedContact = field(init=False)
    bench: CellBench = field(init=False)
    machine: Machine = field(init=False)

    def __post_init__(self) -> None:
        self.mat = SimulatedContact(self.pins.pin(17))
        hours = ((timedelta(hours=nth), lambda: None) for nth in range(10_000))
        clock = VirtualClock(START, hours, lambda: None)
        number = max(len(self.build.converters), 1)
        self._cells = SimulatedCells(number, lambda: clock.now().total_seconds(), pinned=0)
        self.bench = CellBench(self._open, lambda: clock)
        for name in self.build.files:
            write(self.folder / "machine" / name.lstrip("/"), "")
        self.machine = Machine(self.folder / "machine")

    def sit(self, on: bool) -> None:
        """Sit down on the mat, or stand up."""
        self.mat.set(on)

    def put(self, kg: float, place: str = "seat") -> None:
        """Put a weight, or a hand, on a corner or on the middle of the seat."""
        if kg == HAND_KG and self.stiff_for > 0:
            self.stiff_for -= 1
        elif self.build.seat is not None:
            across, along = POSITIONS.get(place, (0, 0))
            point = (across * TOWARDS_CORNER, along * TOWARDS_CORNER)
            self._cells.set_raw(self.build.seat.counts(kg, point))

    def note_read(self) -> None:
        """Count a reading, and press Ctrl-C at the chosen one."""
        self.reads += 1
        if self.reads == self.interrupt_at:
            raise KeyboardInterrupt

    def _open(self, settings: LoadCellSettings, pins: Any) -> list[Converter]:
        known = self.build.converters if settings.converter == self.build.converter else ()
        wired = dict(zip(known, self._cells.converters, strict=False))
        found = [wired.get(place, _Silent()) for place in settings.wired_at]
        return [_Watched(converter, self) for converter in found]


class Person(Answers):
    """Person at the terminal of this process; see ``Answers``."""

    def __init__(
        self,
        chair: Chair,
        instead: Mapping[str, Sequence[str]] | None = None,
        nth: Mapping[int, str] | None = None,
    ) -> None:
        super().__init__(chair, instead, nth)
        self.screen = Screen()

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        """Return the answer to the question on the screen."""
        answer = self.answer(self.screen.text.splitlines()[-1])
        if answer == CTRL_C:
            raise KeyboardInterrupt
        self.screen.write(f"{'' if answer == CTRL_D else answer}\n")
        return "" if answer == CTRL_D else f"{answer}\n"


def set_up_chair(chair: Chair, person: Person, file: Path, state: Path) -> int:
    """Run ``unsit setup`` for a chair in virtual time; return its exit code."""
    arguments = argparse.Namespace(
        config=str(file), state_dir=str(state), unit="unsit", debug=False
    )
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(person.screen), restored_signals():
        patch.setenv("PATH", str(chair.folder / "no-programs"))  # no systemctl: no systemd
        patch.setattr(sys, "stdin", person)
        try:
            return set_up(arguments, Terminal("unsit setup"), chair.bench, chair.machine)
        except UnsitError as error:
            person.screen.write(f"unsit: {error}\n")
            return exit_code_of(error)


def transcript() -> str:
    """Return what a terminal shows while two bridges are set up, for the documentation."""
    pins = SimulatedPins()
    factory, Device.pin_factory = Device.pin_factory, pins
    try:
        with TemporaryDirectory() as folder:
            file, state = Path(folder) / "etc/unsit/unsit.toml", Path(folder) / "var/lib/unsit"
            write(file, '[chair]\nid = "chair-b827eb0f"\n')
            chair = Chair(TWO, pins, Path(folder) / "machine")
            person = Person(chair, {"room in Home Assistant": ["Office"]})
            assert set_up_chair(chair, person, file, state) == 0, person.screen.text
            text = person.screen.text.replace(folder, "")
    finally:
        Device.pin_factory = factory
    lines = (line.rstrip() for line in text.splitlines())
    return "\n".join(("```text", *lines, "```"))
