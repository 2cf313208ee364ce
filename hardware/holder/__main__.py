"""Program that makes the STL files from the OpenSCAD sources.

It needs OpenSCAD (``sudo apt install openscad``). Names of parts make only these parts again.
"""

import hashlib  # noqa: TID251  # no service runs here
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from holder.solid import Solid, read, write

FOLDER = Path(__file__).parent
SIZES = FOLDER / "sizes.scad"


@dataclass(frozen=True)
class Source:
    """Part in an OpenSCAD source.

    file: name of the source. part, board: values of its variables of these names.
    """

    file: str
    part: str
    board: str = "zero"

    @property
    def folder(self) -> Path:
        """Folder of the STL file: printed parts lie beside their source, models in ``bought``."""
        return FOLDER if self.file == "holder.scad" else FOLDER / "bought"


PRINTED = {
    "tray-zero": Source("holder.scad", "tray"),
    "cover-zero": Source("holder.scad", "cover"),
    "tray-b": Source("holder.scad", "tray", "b"),
    "cover-b": Source("holder.scad", "cover", "b"),
    "foot": Source("holder.scad", "foot"),
    "cup": Source("holder.scad", "cup"),
}
"""Printed parts by file name."""

BOUGHT = {
    "board-zero": Source("bought.scad", "board"),
    "board-b": Source("bought.scad", "board", "b"),
    **{
        f"{part}-{board}": Source("bought.scad", part, board)
        for part in ("buzzer", "converter", "board-ties", "cable-ties")
        for board in ("zero", "b")
    },
    **{
        f"{which}-{board}": Source("bought.scad", which, board)
        for which in ("lower-plate", "upper-plate")
        for board in ("four", "one")
    },
    **{
        part: Source("bought.scad", part)
        for part in (
            "m25-screw",
            "wood-screw",
            "pan-screw",
            "m5-bolt",
            "m5-washer",
            "m5-nut",
            "m5-lock-nut",
            "m6-lock-nut",
            "m6-set-screw",
            "m8-bolt",
            "m8-cell-bolt",
            "m8-nut",
            "m8-t-nut",
            "cell",
            "disc",
            "platform-cell",
            "platform-spacer",
            "cushion",
            "pan",
            "mat",
            "bank",
        )
    },
}
"""Models of bought parts by file name."""

PARTS = PRINTED | BOUGHT


def path(name: str) -> Path:
    """Return the STL file of a part."""
    return PARTS[name].folder / f"{name}.stl"


def label(name: str) -> str:
    """Return the label of an STL file: its name, and a digest of its sources."""
    source = FOLDER / PARTS[name].file
    digest = hashlib.sha256(source.read_bytes() + SIZES.read_bytes()).hexdigest()[:16]
    return f"unsit {name} of {source.name} {digest}"


def make(openscad: str, name: str) -> Solid:
    """Make a part with OpenSCAD. Raises ValueError if the solid is not closed."""
    source = PARTS[name]
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "part.stl"
        chosen = ["-D", f'part="{source.part}"', "-D", f'board="{source.board}"']
        command = [
            openscad,
            "-q",
            *chosen,
            "--export-format",
            "binstl",
            "-o",
            str(made),
            str(FOLDER / source.file),
        ]
        subprocess.run(command, check=True)
        solid = replace(read(made), label=label(name)).in_order()
    if not solid.is_closed or solid.volume <= 0:
        raise ValueError(f"{name} is no closed solid; correct {source.file}")
    return solid


def main(names: list[str]) -> None:
    """Write the STL files of the named parts, or of all."""
    openscad = shutil.which("openscad")
    if openscad is None:
        sys.exit("openscad is not installed; sudo apt install openscad")
    for name in names or PARTS:
        path(name).parent.mkdir(exist_ok=True)
        write(make(openscad, name), path(name))


if __name__ == "__main__":
    main(sys.argv[1:])
