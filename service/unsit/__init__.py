"""unsit: the chair that gets you up. The service around the sensor."""

import sys

if sys.version_info < (3, 11):
    # What follows could not even be read by an older one; this much can.
    sys.stderr.write(
        f"unsit: Python {sys.version.split()[0]} at {sys.executable}: expected 3.11 or newer; "
        "install one, then make the environment anew: python3 -m venv --clear .venv\n"
    )
    sys.exit(69)
