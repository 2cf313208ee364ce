"""Program that makes the STL files from ``holder.scad``.

It needs OpenSCAD (``sudo apt install openscad``).
"""

import hashlib  # noqa: TID251  # no service runs here
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from holder.solid import Solid, read, write

FOLDER = Path(__file__).parent
SOURCE = FOLDER / "holder.scad"
PARTS = {
    "tray-zero": ("tray", "zero"),
    "cover-zero": ("cover", "zero"),
    "tray-b": ("tray", "b"),
    "cover-b": ("cover", "b"),
    "foot": ("foot", "zero"),
}
"""Part and board in the source, by file name."""


def label(name: str) -> str:
    """Return the label of an STL file: its name, and a digest of the source."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    return f"unsit {name} of holder.scad {digest}"


def make(openscad: str, name: str) -> Solid:
    """Make a part with OpenSCAD. Raises ValueError if the solid is not closed."""
    part, board = PARTS[name]
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "part.stl"
        chosen = ["-D", f'part="{part}"', "-D", f'board="{board}"']
        command = [
            openscad,
            "-q",
            *chosen,
            "--export-format",
            "binstl",
            "-o",
            str(made),
            str(SOURCE),
        ]
        subprocess.run(command, check=True)
        solid = replace(read(made), label=label(name))
    if not solid.is_closed or solid.volume <= 0:
        raise ValueError(f"{name} is no closed solid; correct {SOURCE.name}")
    return solid


def main() -> None:
    """Write the STL file of every part beside the source."""
    openscad = shutil.which("openscad")
    if openscad is None:
        sys.exit("openscad is not installed; sudo apt install openscad")
    for name in PARTS:
        write(make(openscad, name), FOLDER / f"{name}.stl")


if __name__ == "__main__":
    main()
