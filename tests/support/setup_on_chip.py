"""Program ``unsit`` on the lines of a real kernel, with a mat that another process loads.

Its arguments are those of ``setup_program.py``; there are no converters.
"""

import socket
import sys
import threading

from support.gpio_benches import BUZZER, MAT
from support.gpio_lines import chip_control
from support.setup_program import Ear
from unsit.__main__ import main


def obey(lines: socket.socket) -> None:
    """Do what each line says, and answer with a byte: a dot, or the number of beeps."""
    ear = Ear(lambda: chip_control().is_high(BUZZER))
    with lines.makefile("r", encoding="utf-8") as read:
        for line in read:
            match line.split():
                case ["sit", on]:
                    chip_control().connect(MAT, on == "1")
                case ["listen"]:
                    lines.sendall(bytes([ear.beeps()]))
                    continue
            lines.sendall(b".")


if __name__ == "__main__":
    _, place, _, *command = sys.argv
    chip_control().connect(BUZZER, True)  # the base resistor of the transistor
    chip_control().connect(MAT, False)
    mover = socket.socket(socket.AF_UNIX)
    mover.connect(place)
    threading.Thread(target=obey, args=(mover,), daemon=True).start()
    sys.exit(main(command))
