"""The board that a chip is on, where that is no Raspberry Pi."""

import gpiod
from gpiozero.pins import BoardInfo, HeaderInfo, PinInfo

from unsit_firmware.libgpiod.chip import lines


def board_of(chip: gpiod.Chip) -> BoardInfo:
    """A board whose one header has the chip's lines: line 17 is 17, ``GPIO17`` or its own name."""
    pins = {info.offset + 1: _pin(info) for info in lines(chip)}
    header = HeaderInfo(name=chip.get_info().name, rows=len(pins), columns=1, pins=pins)
    nothing = dict.fromkeys(BoardInfo._fields, 0)
    named = {
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
    return BoardInfo(**(nothing | named))


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
