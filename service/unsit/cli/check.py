"""``unsit check``: the settings and the pins, one line each, with the mend."""

import argparse

from unsit.assembly.check import Finding, check_pins
from unsit.cli.exits import DONE, code_for
from unsit.settings.load import load


def main(arguments: argparse.Namespace) -> int:
    """Prints what it finds; the exit code is that of the first failure."""
    loaded = load(arguments.config, arguments.flags)
    changed = len(loaded.origins)
    _show(Finding("ok", "settings", f"{changed} of them are not the default; see: unsit config"))
    code = DONE
    for finding in check_pins(loaded.settings):
        _show(finding)
        if finding.error is not None:
            code = code or code_for(finding.error)
    return code


def _show(finding: Finding) -> None:
    print(f"{finding.verdict:<4}  {finding.subject:<10}  {finding.words}", flush=True)
