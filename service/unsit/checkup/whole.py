"""The whole check, subject by subject."""

from collections.abc import Sequence

from unsit.assembly.converters import open_converters
from unsit.checkup.board import check_board
from unsit.checkup.broker import check_broker
from unsit.checkup.cells import check_bus, check_cells
from unsit.checkup.finding import Finding, Findings
from unsit.checkup.guided import check_guided
from unsit.checkup.installation import Installation
from unsit.checkup.pins import check_pins, choose
from unsit.checkup.rights import check_rights
from unsit.checkup.software import check_software
from unsit.checkup.storage import check_storage
from unsit.checkup.talk import Person
from unsit.checkup.unit import check_unit
from unsit.checkup.wallclock import check_clock

SEVERITY = (78, 77, 69)
"""Exit codes from what must be mended first to what can wait."""


def check(installation: Installation, person: Person | None = None) -> Findings:
    """Everything there is to look at. person: the person for the guided steps, None for nobody."""
    yield from check_board(installation.machine)
    yield from check_software(installation.settings)
    yield from check_rights(installation)
    yield from _hardware(installation, person)
    yield from check_broker(installation)
    yield from check_surroundings(installation)


def check_surroundings(installation: Installation) -> Findings:
    """What can be looked at whatever the settings say."""
    yield from check_clock(installation.machine)
    yield from check_storage(installation)
    yield from check_unit(installation)


def exit_code(findings: Sequence[Finding]) -> int:
    """What the command ends with: that of the worst failure; 0 where nothing has failed."""
    codes = {finding.code for finding in findings}
    return next((code for code in SEVERITY if code in codes), 0)


def _hardware(installation: Installation, person: Person | None) -> Findings:
    cells = installation.settings.load_cell
    yield from check_bus(installation)
    pins, said = choose(installation)
    yield said
    if pins is None:
        if not cells.pins():
            yield from check_cells(installation, None, lambda: open_converters(cells, None))
        return
    with pins:
        yield from check_pins(installation, pins)
        yield from check_cells(installation, pins, lambda: open_converters(cells, pins))
        if person is not None:
            yield from check_guided(installation, pins, person)
