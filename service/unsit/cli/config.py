"""``unsit config``: the settings in force and where each came from."""

import argparse
import sys

from unsit.assembly.memory import open_store_to_look, settings_in_force
from unsit.cli.state import state_directory
from unsit.settings.load import load
from unsit.settings.show import as_toml
from unsit.settings.template import as_template


def main(arguments: argparse.Namespace) -> None:
    """Prints the settings as a file of settings."""
    configured = load(arguments.config, arguments.flags)
    if arguments.template:
        sys.stdout.write(as_template(configured))
        return
    store = open_store_to_look(state_directory(arguments.state_dir))
    try:
        sys.stdout.write(as_toml(settings_in_force(configured, store)))
    finally:
        store.close()
