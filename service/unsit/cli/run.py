"""``unsit run``: the service, on real pins or on simulated ones."""

import argparse

from unsit.errors import UsageError
from unsit.settings.apart import SettingsReading


def main(arguments: argparse.Namespace) -> None:
    """Runs the service until it is told to stop."""
    if arguments.speed is not None and arguments.simulate is None:
        raise UsageError("--speed goes with --simulate; real pins keep real time")
    reading = SettingsReading(arguments.config, arguments.flags)
    from unsit.cli.serve import serve  # while the settings are being read

    serve(reading.result(), arguments)
