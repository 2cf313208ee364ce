"""Converter that a kernel driver reads: Industrial I/O (Documentation/ABI/testing/sysfs-bus-iio).

The kernels of Raspberry Pi OS do not include the HX711 module. With a kernel that has it, the
driver clocks the chip with better timing than a user program can.
"""

import threading
import time
from pathlib import Path

from unsit_firmware.converters import (
    Closing,
    Reading,
    ReadingTally,
    Tallied,
    Ticks,
    Trouble,
    checked,
)
from unsit_firmware.errors import PinError

DEVICES = Path("/sys/bus/iio/devices")
OFFSET = 2**23
"""Raw value at zero: the kernel's HX711 driver gives offset binary (drivers/iio/adc/hx711.c)."""


class IIOConverter(Tallied, Closing):
    """An HX711 behind the kernel's driver.

    device: name of its folder in ``devices``. Default ``iio:device0``.
    channel: the number in ``in_voltage<channel>_raw``. Default 0.
    devices: folder of all IIO devices. Default ``/sys/bus/iio/devices``.
    ticks: a monotonic clock in seconds.

    Reading the file blocks until there is a conversion, up to 1 s, so a thread does it: each
    ``read`` returns the result of the last file read and starts the next one.

    Raises PinError if the device does not exist.
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
        self._tally = ReadingTally(ticks)
        self._result: int | Trouble = Trouble.SETTLING
        self._requests = threading.Semaphore(0)
        self._busy = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"iio {device}", daemon=True)
        self._thread.start()
        self._request_read()

    @property
    def closed(self) -> bool:
        """True after ``close``."""
        return self._closed

    def read(self) -> Reading | Trouble:
        """Return the last conversion read, or the reason why there is none, without waiting."""
        if self._busy:
            return self._tally.refuse(Trouble.NOT_READY)
        result = self._result
        self._request_read()
        return self._tally.count(result)

    def close(self) -> None:
        """End the thread after its present file read."""
        if not self._closed:
            self._closed = True
            self._requests.release()

    def _request_read(self) -> None:
        self._busy = True
        self._requests.release()

    def _run(self) -> None:
        while True:
            self._requests.acquire()
            if self._closed:
                return
            self._result = self._read_file()
            self._busy = False

    def _read_file(self) -> int | Trouble:
        try:
            return checked(int(self._file.read_text(encoding="ascii")) - OFFSET)
        except (OSError, ValueError):
            return Trouble.UNREACHABLE
