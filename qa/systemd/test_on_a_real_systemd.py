"""Installation, units and package on the real systemd of each Debian, in a container.

The pins are simulated there; qa/kernel has the unit with real ones.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from systemd.container import (
    SUITES,
    build_package,
    offer_packages,
    require_container,
    run_in_container,
)

MODULES = [
    "in_attacks.py",
    "in_beep.py",
    "in_install.py",
    "in_package.py",
    "in_read_only.py",
    "in_refusals.py",
    "in_service.py",
    "in_setup.py",
]

pytestmark = pytest.mark.systemd


@pytest.fixture(scope="module")
def package() -> None:
    """Build the Debian package with all wheels, and fetch others: a container has no network."""
    for suite in SUITES:
        require_container(suite)
    build_package()
    offer_packages()


@pytest.mark.parametrize("module", MODULES)
def test_a_module_passes_on_each_debian(package: None, module: str) -> None:
    with ThreadPoolExecutor() as at_once:
        all_printed = at_once.map(run_in_container, SUITES, [module] * len(SUITES))

    for printed in all_printed:
        assert " passed in " in printed
        assert "skipped" not in printed
