"""Where real recordings and the tools for the tests lie, beside the project."""

import os
from pathlib import Path

SHARED = Path(os.environ.get("UNSIT_SHARED") or Path(__file__).parents[2] / "shared")
