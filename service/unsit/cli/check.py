"""``unsit check``: everything that a chair needs, one line each, with the mend."""

import argparse
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding, fine, found
from unsit.checkup.installation import Installation
from unsit.checkup.whole import check, check_surroundings, exit_code
from unsit.cli.state import settings_file, state_directory
from unsit.cli.terminal import Terminal
from unsit.errors import SettingsError
from unsit.settings.load import load
from unsit.settings.loaded import Loaded
from unsit.settings.model import Settings

SCHEMA = 1
"""The version of the JSON; it changes when a key changes its meaning or goes."""


def main(arguments: argparse.Namespace) -> int:
    """Prints what it finds; the exit code is that of the worst failure."""
    talk = Terminal("unsit check --guided") if arguments.guided else None
    findings = []
    with _quiet(unless=arguments.debug):
        for finding in _findings(arguments, talk):
            findings.append(finding)
            if not arguments.json:
                print(finding, flush=True)
    code = exit_code(findings)
    if arguments.json:
        print(json.dumps(_document(findings, code), indent=2, ensure_ascii=False))
    return code


@contextmanager
def _quiet(*, unless: bool) -> Iterator[None]:
    """Logs no warning: what the service would warn of is a finding here."""
    if not unless:
        logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _findings(arguments: argparse.Namespace, talk: Terminal | None) -> Iterator[Finding]:
    try:
        loaded = load(settings_file(arguments.config, arguments.unit), arguments.flags)
    except SettingsError as error:
        yield found(Fault.SETTINGS_BAD, "settings", str(error))
        yield from check_surroundings(_installation(arguments, Settings()))
        return
    yield _settings(loaded)
    yield from check(_installation(arguments, loaded.settings), talk)


def _settings(loaded: Loaded) -> Finding:
    changed = len(loaded.origins)
    return fine("settings", f"{changed} of them are not the default; see: unsit config")


def _installation(arguments: argparse.Namespace, settings: Settings) -> Installation:
    state = state_directory(arguments.state_dir, arguments.unit)
    return Installation(settings, state, arguments.unit)


def _document(findings: list[Finding], code: int) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "unsit": version("unsit"),
        "verdict": _worst(findings),
        "exit": code,
        "findings": [finding.document() for finding in findings],
    }


def _worst(findings: list[Finding]) -> str:
    verdicts = {finding.verdict for finding in findings}
    return next(verdict for verdict in ("fail", "warn", "ok") if verdict in verdicts)
