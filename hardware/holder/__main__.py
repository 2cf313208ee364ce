"""Makes the STL files from ``holder.scad``; needs OpenSCAD (``sudo apt install openscad``)."""

import hashlib
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
"""What is made: the part and the board of the source, by the name of the file."""


def label(name: str) -> str:
    """What a file says of itself: its name, and a digest of the source it was made from."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    return f"unsit {name} of holder.scad {digest}"


def make(openscad: str, name: str) -> Solid:
    """A part, checked. Raises ValueError for one that is not closed."""
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
        raise ValueError(f"{name} is no closed solid; mend {SOURCE.name}")
    return solid


def main() -> None:
    """Writes every part beside the source."""
    openscad = shutil.which("openscad")
    if openscad is None:
        sys.exit("openscad is not installed; sudo apt install openscad")
    for name in PARTS:
        write(make(openscad, name), FOLDER / f"{name}.stl")


if __name__ == "__main__":
    main()
