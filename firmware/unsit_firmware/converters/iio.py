"""A converter that the kernel reads: Industrial I/O, Documentation/ABI/testing/sysfs-bus-iio.

No kernel of Raspberry Pi OS has the module for the HX711; who builds it gets the best timing.
"""

import threading
import time
from pathlib import Path

from unsit_firmware.converters.reading import (
    Closing,
    Reading,
    Tallied,
    Tally,
    Ticks,
    Trouble,
    checked,
)
from unsit_firmware.errors import PinError

DEVICES = Path("/sys/bus/iio/devices")
OFFSET = 2**23
"""The kernel's HX711 driver gives offset binary: 0x800000 is zero (drivers/iio/adc/hx711.c)."""


class IIOConverter(Tallied, Closing):
    """An HX711 behind the kernel's driver.

    device: its name in /sys/bus/iio/devices. channel: the number in in_voltage<channel>_raw.
    devices: the folder of devices.

    A read of the file waits for a conversion, up to a second; so a thread does it, one file read
    for each ``read``, which gives what the thread found last. Raises PinError where there is none.
    """

    def __init__(
        self,
        device: str = "iio:device0",
        channel: int = 0,
        *,
        devices: Path = DEVICES,
        ticks: Ticks = time.monotonic,
    ) -> None:
        self._file = devices / device / f"in_voltage{channel}_raw"
        if not self._file.exists():
            raise PinError(f"{self._file} is not there; expected a converter of load cells")
        self._tally = Tally(ticks)
        self._found: int | Trouble = Trouble.SETTLING
        self._wanted = threading.Semaphore(0)
        self._busy = False
        self._closed = False
        self._reader = threading.Thread(target=self._work, name=f"iio {device}", daemon=True)
        self._reader.start()
        self._ask()

    @property
    def closed(self) -> bool:
        """Whether the file is not read any more."""
        return self._closed

    def read(self) -> Reading | Trouble:
        """What the thread found since the last call, or why there is none; returns at once."""
        if self._busy:
            return self._tally.refuse(Trouble.NOT_READY)
        found = self._found
        self._ask()
        return self._tally.count(found)

    def close(self) -> None:
        """Ends the thread, at once or with the read that is under way."""
        if not self._closed:
            self._closed = True
            self._wanted.release()

    def _ask(self) -> None:
        self._busy = True
        self._wanted.release()

    def _work(self) -> None:
        while True:
            self._wanted.acquire()
            if self._closed:
                return
            self._found = self._read_file()
            self._busy = False

    def _read_file(self) -> int | Trouble:
        try:
            return checked(int(self._file.read_text(encoding="ascii")) - OFFSET)
        except (OSError, ValueError):
            return Trouble.UNREACHABLE
