"""Installation, units and package on the real systemd of each Debian, in a container.

The pins are simulated there; tests/kernel has the unit with real ones.
"""

import pytest

from systemd.container import SUITES, fetch_wheels, require_container, run_in_container

pytestmark = pytest.mark.systemd


@pytest.fixture(scope="module")
def wheels() -> None:
    """All packages, since a container has no network."""
    for suite in SUITES:
        require_container(suite)
    fetch_wheels()


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("module", ["in_install.py", "in_refusals.py", "in_service.py"])
def test_what_is_promised_holds_on(wheels: None, suite: str, module: str) -> None:
    printed = run_in_container(suite, module)

    assert " passed in " in printed
    assert "skipped" not in printed
