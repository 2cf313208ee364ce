"""GPIO chips: opening, board description, errors of lines."""

import errno
import grp
import os
import pwd
from collections.abc import Iterator
from pathlib import Path

import gpiod
from gpiozero.pins import BoardInfo, HeaderInfo, PinInfo

from unsit_firmware.errors import PinError, PinPermissionError


def board_of(chip: gpiod.Chip) -> BoardInfo:
    """Return a board with one header of all lines of the chip.

    Line 17 can be named 17, ``GPIO17`` or by its name in the kernel.
    """
    pins = {info.offset + 1: _pin(info) for info in lines(chip)}
    header = HeaderInfo(name=chip.get_info().name, rows=len(pins), columns=1, pins=pins)
    empty = dict.fromkeys(BoardInfo._fields, 0)
    values = {
        "revision": "unknown",
        "model": chip.get_info().label,
        "pcb_revision": "unknown",
        "released": "unknown",
        "soc": "unknown",
        "manufacturer": "unknown",
        "storage": "unknown",
        "board": "",
        "headers": {header.name: header},
    }
    return BoardInfo(**(empty | values))


def _pin(info: gpiod.LineInfo) -> PinInfo:
    name = f"GPIO{info.offset}"
    names = {info.offset, str(info.offset), name, info.name} - {""}
    return PinInfo(
        number=info.offset + 1,
        name=name,
        names=frozenset(names),
        pull="",
        row=info.offset + 1,
        col=1,
        interfaces=frozenset({"gpio"}),
    )


CHIP_VARIABLE = "GPIOZERO_GPIOD_CHIP"

HEADER_LABELS = ("pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1")
"""Labels of the header's chip on Pi Zero to 3, Pi 4 and Pi 5.

The number of the chip varies: on a Pi 5 it is gpiochip4 before kernel 6.6.45 and gpiochip0 since.
"""


def open_chip(path: str | None = None) -> gpiod.Chip:
    """Open the chip at a path, by default the chip of the Raspberry Pi's header.

    Raises PinPermissionError if the user may not open it, PinError if it does not exist.
    """
    return _open(path) if path else _open_header()


def _open_header() -> gpiod.Chip:
    refusal: PinPermissionError | None = None
    others = []
    for path in chips():
        try:
            chip = _open(path)
        except PinPermissionError as error:
            refusal = refusal or error
            continue
        label = chip.get_info().label
        if label in HEADER_LABELS:
            return chip
        others.append(f"{path} ({label})")
        chip.close()
    raise refusal or PinError(_no_header_message(others))


def chips() -> list[str]:
    """Return the paths of all GPIO chips of this machine, without symbolic links."""
    return sorted(str(path) for path in Path("/dev").glob("gpiochip*") if not path.is_symlink())


def _no_header_message(others: list[str]) -> str:
    if not others:
        return (
            "there is no GPIO chip here (no /dev/gpiochip*); expected a Raspberry Pi whose kernel "
            "has the GPIO character device"
        )
    return (
        f"none of the chips here is a Raspberry Pi's header: {', '.join(others)}; expected the "
        f"label {' or '.join(HEADER_LABELS)}, or name the chip: {CHIP_VARIABLE}=/dev/gpiochip0"
    )


def _open(path: str) -> gpiod.Chip:
    try:
        return gpiod.Chip(path)
    except PermissionError as error:
        raise PinPermissionError(_permission_message(path)) from error
    except OSError as error:
        raise PinError(
            f"{path} cannot be opened: {os.strerror(error.errno or 0)}; expected a GPIO chip such "
            f"as {', '.join(chips()) or '/dev/gpiochip0'}"
        ) from error


def _permission_message(path: str) -> str:
    status = Path(path).stat()
    group = _name_of_group(status.st_gid)
    user = _name_of_user(os.geteuid())
    if status.st_mode & 0o060 == 0o060 and status.st_gid != 0:
        fix = f"the group {group} may: sudo usermod -aG {group} {user}, then log in again"
    else:
        fix = (
            f"only {group} may, where Raspberry Pi OS has the group gpio: add a udev rule that "
            'says SUBSYSTEM=="gpio", GROUP="gpio", MODE="0660"'
        )
    return f"{user} may not open {path}; {fix}"


def _name_of_user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _name_of_group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def line_error(chip: gpiod.Chip, offset: int, error: OSError) -> PinError:
    """Return the error for a line that the kernel refused."""
    where = f"GPIO{offset} on {chip.path}"
    if error.errno == errno.EBUSY:
        holder = holder_of(chip, offset) or "the kernel"
        return PinError(
            f"{where} is held by {holder}; end that program or driver, or choose another pin "
            f"(gpioinfo shows who holds which)"
        )
    return PinError(f"{where} cannot be used: {os.strerror(error.errno or 0)}")


def holder_of(chip: gpiod.Chip, offset: int) -> str | None:
    """Return the name of the consumer that holds a line, None if the line is free."""
    info = chip.get_line_info(offset)
    return (info.consumer or "the kernel") if info.used else None


def lines(chip: gpiod.Chip) -> Iterator[gpiod.LineInfo]:
    """Yield the kernel's information on each line of a chip, ordered by offset."""
    for offset in range(chip.get_info().num_lines):
        yield chip.get_line_info(offset)
