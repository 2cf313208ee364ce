"""Installation, units and package on the real systemd of each Debian, in a container.

The pins are simulated there; tests/kernel has the unit with real ones.
"""

import pytest

from systemd.container import SUITES, build_package, require_container, run_in_container

MODULES = ["in_install.py", "in_package.py", "in_refusals.py", "in_service.py"]

pytestmark = pytest.mark.systemd


@pytest.fixture(scope="module")
def package() -> None:
    """The Debian package with all wheels, since a container has no network."""
    for suite in SUITES:
        require_container(suite)
    build_package()


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("module", MODULES)
def test_what_is_promised_holds_on(package: None, suite: str, module: str) -> None:
    printed = run_in_container(suite, module)

    assert " passed in " in printed
    assert "skipped" not in printed
