"""The chip behind the header: finding it, opening it, and what it says of its lines."""

import errno
import grp
import os
import pwd
from collections.abc import Iterator
from pathlib import Path

import gpiod

from unsit_firmware.errors import PinError, PinPermissionError

CHIP_VARIABLE = "GPIOZERO_GPIOD_CHIP"

HEADER_LABELS = ("pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1")
"""The labels of the chip behind the header: Pi Zero to 3, Pi 4, Pi 5.

On a Pi 5 it is gpiochip4 before kernel 6.6.45 and gpiochip0 since, so its number says nothing.
"""


def open_chip(path: str | None = None) -> gpiod.Chip:
    """The chip at a path, or the one behind a Raspberry Pi's header.

    Raises PinPermissionError where the user may not open it, PinError where it is not there.
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
    raise refusal or PinError(_no_header(others))


def chips() -> list[str]:
    """The paths of all chips that this machine has; a link to another one is left out."""
    return sorted(str(path) for path in Path("/dev").glob("gpiochip*") if not path.is_symlink())


def _no_header(others: list[str]) -> str:
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
        raise PinPermissionError(_not_allowed(path)) from error
    except OSError as error:
        raise PinError(
            f"{path} cannot be opened: {os.strerror(error.errno or 0)}; expected a GPIO chip such "
            f"as {', '.join(chips()) or '/dev/gpiochip0'}"
        ) from error


def _not_allowed(path: str) -> str:
    status = Path(path).stat()
    group = _name_of_group(status.st_gid)
    user = _name_of_user(os.geteuid())
    if status.st_mode & 0o060 == 0o060 and status.st_gid != 0:
        mend = f"the group {group} may: sudo usermod -aG {group} {user}, then log in again"
    else:
        mend = (
            f"only {group} may, where Raspberry Pi OS has the group gpio: add a udev rule that "
            'says SUBSYSTEM=="gpio", GROUP="gpio", MODE="0660"'
        )
    return f"{user} may not open {path}; {mend}"


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
    """What to say of a line that the kernel did not give."""
    where = f"GPIO{offset} on {chip.path}"
    if error.errno == errno.EBUSY:
        holder = holder_of(chip, offset) or "the kernel"
        return PinError(
            f"{where} is held by {holder}; end that program or driver, or choose another pin "
            f"(gpioinfo shows who holds which)"
        )
    return PinError(f"{where} cannot be used: {os.strerror(error.errno or 0)}")


def holder_of(chip: gpiod.Chip, offset: int) -> str | None:
    """Who holds a line, as the kernel names it; None for a line that is free."""
    info = chip.get_line_info(offset)
    return (info.consumer or "the kernel") if info.used else None


def lines(chip: gpiod.Chip) -> Iterator[gpiod.LineInfo]:
    """What the kernel says of each line of a chip, in order of their offsets."""
    for offset in range(chip.get_info().num_lines):
        yield chip.get_line_info(offset)
