"""``unsit silence``: the buzzer off, at once, whatever else is wrong."""

import argparse
import sys

from unsit.assembly.silence import silence
from unsit.settings.buzzer import buzzer_settings


def main(arguments: argparse.Namespace) -> None:
    """Silences the pin. What is wrong with the settings is said and does not stop it."""
    buzzer = buzzer_settings(
        arguments.config, arguments.flags, lambda line: print(f"unsit: {line}", file=sys.stderr)
    )
    if buzzer.kind != "none":
        silence(buzzer)
