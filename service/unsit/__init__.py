"""unsit: the chair that gets you up. The service around the sensor."""

import os
import sys

if sys.version_info < (3, 11):
    # An older Python cannot parse the other modules; it can parse this one.
    sys.stderr.write(
        f"unsit: Python {sys.version.split()[0]} at {sys.executable}: expected 3.11 or newer; "
        "install it, then create the environment again: python3 -m venv --clear .venv\n"
    )
    sys.exit(os.EX_UNAVAILABLE)
