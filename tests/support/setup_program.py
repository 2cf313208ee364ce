"""Program ``unsit`` on simulated pins, with a mat or HX711s that another process loads.

Its arguments are the socket that says what is on the seat, the pins of the converters, and those of
``unsit``. It imports nothing but unsit, so that an installed interpreter can run it.
"""

import socket
import sys
import threading
from collections.abc import Sequence

from gpiozero import Device

from unsit.__main__ import main
from unsit_firmware.simulation.cells import SimulatedCell, wire_hx711
from unsit_firmware.simulation.pins import SimulatedContact, SimulatedPins

MAT_PIN = 17

CORNERS = {
    "left_front": (-1, 1),
    "right_front": (1, 1),
    "left_back": (-1, -1),
    "right_back": (1, -1),
}
SIDES = {1: [(0, 0)], 2: [(1, 0), (-1, 0)], 4: list(CORNERS.values())}
"""Position of each converter's cell, by the number of converters; two are right and left."""

TOWARDS_CORNER = 0.6


class SimulatedSeat:
    """Seat of a mat and of cells, which obeys the lines of a socket."""

    def __init__(self, pins: SimulatedPins, pairs: Sequence[str]) -> None:
        self._mat = SimulatedContact(pins.pin(MAT_PIN))
        self._cells = [SimulatedCell(seed=nth) for nth in range(len(pairs))]
        for cell, pair in zip(self._cells, pairs, strict=True):
            data, clock = map(int, pair.split(":"))
            wire_hx711(pins, data, clock, cell)

    def obey(self, lines: socket.socket) -> None:
        """Move the person as each line says, and answer with a dot when it is done."""
        with lines.makefile("r", encoding="utf-8") as read:
            for line in read:
                match line.split():
                    case ["sit", on]:
                        self._mat.set(on == "1")
                    case ["put", kg, place]:
                        self._put(float(kg), place)
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
