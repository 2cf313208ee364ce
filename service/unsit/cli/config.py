"""``unsit config``: the settings in force and where each came from."""

import argparse
import sys

from unsit.settings.load import load
from unsit.settings.show import as_toml


def main(arguments: argparse.Namespace) -> None:
    """Prints the settings as a file of settings."""
    sys.stdout.write(as_toml(load(arguments.config, arguments.flags)))
