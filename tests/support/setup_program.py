"""Program ``unsit`` on simulated pins, with a mat or HX711s that another process loads.

Its arguments are the socket that says what is on the seat, the pins of the converters, and those of
``unsit``. It imports nothing but unsit, so that an installed interpreter can run it.
"""

import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence

from gpiozero import Device

from unsit.__main__ import main
from unsit_firmware.simulation.cells import SimulatedCell, wire_hx711
from unsit_firmware.simulation.pins import SimulatedContact, SimulatedPins

MAT_PIN, BUZZER_PIN = 17, 18

LISTENS_EVERY_S = 0.005
"""A beep of the setup lasts a tenth of a second or more."""

CORNERS = {
    "left_front": (-1, 1),
    "right_front": (1, 1),
    "left_back": (-1, -1),
    "right_back": (1, -1),
}
SIDES = {1: [(0, 0)], 2: [(1, 0), (-1, 0)], 4: list(CORNERS.values())}
"""Position of each converter's cell, by the number of converters; two are right and left."""

TOWARDS_CORNER = 0.6


class Ear:
    """Person who counts how often the buzzer begins to sound. is_high: reads its pin."""

    def __init__(self, is_high: Callable[[], bool]) -> None:
        self._is_high = is_high
        self._beeps = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def beeps(self) -> int:
        """Return the number of beeps since the last call."""
        heard, self._beeps = self._beeps, 0
        return heard

    def _listen(self) -> None:
        was_high = False
        while True:
            is_high = self._is_high()
            self._beeps += is_high and not was_high
            was_high = is_high
            time.sleep(LISTENS_EVERY_S)


class SimulatedSeat:
    """Seat of a mat and of cells, which obeys the lines of a socket."""

    def __init__(self, pins: SimulatedPins, pairs: Sequence[str]) -> None:
        self._buzzer = pins.pin(BUZZER_PIN)
        self._ear = Ear(lambda: self._buzzer.function == "output" and bool(self._buzzer.state))
        self._mat = SimulatedContact(pins.pin(MAT_PIN))
        self._cells = [SimulatedCell(seed=nth) for nth in range(len(pairs))]
        for cell, pair in zip(self._cells, pairs, strict=True):
            data, clock = map(int, pair.split(":"))
            wire_hx711(pins, data, clock, cell)

    def obey(self, lines: socket.socket) -> None:
        """Do what each line says, and answer with a byte: a dot, or the number of beeps."""
        with lines.makefile("r", encoding="utf-8") as read:
            for line in read:
                match line.split():
                    case ["sit", on]:
                        self._mat.set(on == "1")
                    case ["put", kg, place]:
                        self._put(float(kg), place)
                    case ["listen"]:
                        lines.sendall(bytes([self._ear.beeps()]))
                        continue
                lines.sendall(b".")

    def _put(self, kg: float, place: str) -> None:
        across, along = CORNERS.get(place, (0, 0))
        positions = SIDES.get(len(self._cells), [])
        for cell, (x, y) in zip(self._cells, positions, strict=True):
            share = (1 + TOWARDS_CORNER * across * x) * (1 + TOWARDS_CORNER * along * y)
            cell.set_kilograms(kg * share / len(positions))


if __name__ == "__main__":
    _, place, pairs, *command = sys.argv
    Device.pin_factory = SimulatedPins()
    seat = SimulatedSeat(Device.pin_factory, pairs.split(",") if pairs else [])
    mover = socket.socket(socket.AF_UNIX)
    mover.connect(place)
    threading.Thread(target=seat.obey, args=(mover,), daemon=True).start()
    sys.exit(main(command))
