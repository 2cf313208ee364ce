"""``unsit check``: examines everything that a chair needs, one line each, with the fix.

Example of a line::

    fail  seat.pin       GPIO17 is held by another program; end it, or choose another pin
"""

import argparse
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from unsit.assembly.cells import open_converters
from unsit.checkup.board import check_board, check_clock, check_software
from unsit.checkup.broker import check_broker
from unsit.checkup.cells import check_cells
from unsit.checkup.files import check_changes, check_files, check_storage
from unsit.checkup.findings import Fault, Finding, Findings, fine, found_in
from unsit.checkup.guided import Person, check_guided
from unsit.checkup.machine import Installation
from unsit.checkup.pins import check_bus, check_pins, check_rights, choose
from unsit.checkup.service import check_unit
from unsit.cli.terminal import Terminal, encodes_all
from unsit.errors import SettingsError
from unsit.settings.file import find_file, settings_file, state_directory
from unsit.settings.load import load
from unsit.settings.model import Settings

SEVERITY = (os.EX_CONFIG, os.EX_NOPERM, os.EX_UNAVAILABLE)
"""Exit codes of failures, the failure to fix first at the front."""

SCHEMA = 2
"""Version of the JSON; it rises when a key is removed or changes its meaning."""


def run_checks(installation: Installation, person: Person | None = None) -> Findings:
    """Yield the findings of every check. person: does the guided steps; None leaves them out."""
    yield from check_board(installation.machine)
    yield from check_software(installation.settings)
    yield from check_rights(installation)
    yield from check_files(installation)
    yield from _hardware(installation, person)
    yield from check_broker(installation)
    yield from check_surroundings(installation)


def check_surroundings(installation: Installation) -> Findings:
    """Yield the findings that do not depend on the settings."""
    yield from check_clock(installation.machine, installation.state)
    yield from check_storage(installation)
    yield from check_unit(installation)


def exit_code(findings: Sequence[Finding]) -> int:
    """Return the exit code of the failure to fix first; 0 if nothing has failed."""
    codes = {finding.code for finding in findings}
    return next((code for code in SEVERITY if code in codes), os.EX_OK)


def _hardware(installation: Installation, person: Person | None) -> Findings:
    cells = installation.settings.load_cell
    yield from check_bus(installation)
    pins, finding = choose(installation)
    yield finding
    if pins is None:
        if not cells.pins():
            yield from check_cells(installation, None, lambda: open_converters(cells, None))
        return
    with pins:
        yield from check_pins(installation, pins)
        yield from check_cells(installation, pins, lambda: open_converters(cells, pins))
        if person is not None:
            yield from check_guided(installation, pins, person)


def main(arguments: argparse.Namespace) -> int:
    """Run the checks, print their findings and return the exit code."""
    prompts = Terminal("unsit check --guided") if arguments.guided else None
    findings = []
    with _warnings_off(unless=arguments.debug):
        for finding in _findings(arguments, prompts):
            findings.append(finding)
            if not arguments.json:
                print(finding, flush=True)
    code = exit_code(findings)
    if arguments.json:
        document = _document(findings, code)
        print(json.dumps(document, indent=2, ensure_ascii=not encodes_all(sys.stdout)))
    return code


@contextmanager
def _warnings_off(*, unless: bool) -> Iterator[None]:
    """Log no warnings: the check prints their reasons as findings."""
    if not unless:
        logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _findings(arguments: argparse.Namespace, prompts: Terminal | None) -> Iterator[Finding]:
    config = settings_file(arguments.config, arguments.unit)
    state = state_directory(arguments.state_dir, arguments.unit)
    try:
        loaded = load(config, arguments.flags)
    except (SettingsError, PermissionError) as error:
        yield found_in(Fault.SETTINGS_BAD, "settings", error)
        yield from check_surroundings(Installation(Settings(), state, arguments.unit))
        return
    changed = len(loaded.origins)
    yield fine("settings", f"{changed} of them are not the default; see: unsit config")
    file = find_file(config)
    installation = Installation(loaded.settings, state, arguments.unit, file=file)
    yield from check_changes(installation, loaded)
    yield from run_checks(installation, prompts)


def _document(findings: list[Finding], code: int) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "unsit": version("unsit"),
        "verdict": _worst_verdict(findings),
        "exit": code,
        "findings": [finding.document() for finding in findings],
    }


def _worst_verdict(findings: list[Finding]) -> str:
    verdicts = {finding.verdict for finding in findings}
    return next(verdict for verdict in ("fail", "warn", "ok") if verdict in verdicts)
