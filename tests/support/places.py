"""Paths of the real recordings, which lie beside the project, and of the rigs, which lie in it."""

import os
from pathlib import Path

RIGS = Path(__file__).parents[2] / "rigs"
SHARED = Path(os.environ.get("UNSIT_SHARED") or Path(__file__).parents[3] / "shared")
