"""Files of an installation agree with the program: units, locked packages, scripts."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from support.fixtures import missing

ROOT = Path(__file__).parents[1]
SCRIPTS = [
    "install",
    *(f"package/{name}" for name in ("build", "wheels", "postinst", "prerm", "postrm")),
    "../benchmarks/installation",
    "../.ci/run",
]
FROM_THE_SYSTEM = {"spidev"}
"""Packages without wheels, which come from the system."""


def read(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


def locked(file: str) -> dict[str, str]:
    """Return the version of each package in a lock."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", read(file), re.M))


def test_the_unit_runs_the_command_that_the_package_installs() -> None:
    scripts = tomllib.loads(read("pyproject.toml"))["project"]["scripts"]

    assert "ExecStart=/opt/unsit/bin/unsit run" in read("systemd/unsit.service")
    assert "unsit" in scripts


@pytest.mark.parametrize(
    "name", ["unsit{}.service", "unsit-report{}.service", "unsit-report{}.timer"]
)
def test_the_unit_of_several_chairs_differs_only_in_its_paths_and_names(name: str) -> None:
    template = read(f"systemd/{name.format('@')}")
    plain = re.sub(r" --config /etc/unsit/%i\.toml|[-:] ?%i|-CHAIR", "", template)

    assert plain == read(f"systemd/{name.format('')}")


def test_the_unit_of_the_report_may_do_no_more_than_that_of_the_chair() -> None:
    chair, pages = (
        {line for line in read(f"systemd/{name}.service").splitlines() if line[:1] not in "#["}
        for name in ("unsit", "unsit-report")
    )
    restrictions = {
        line for line in chair if re.match(r"(Protect|Restri|Lock|No[NE]|System)", line)
    }
    looser = {"RestrictAddressFamilies", "NoExecPaths"}  # no network, and no directory at run time
    assert {line for line in restrictions - pages if line.partition("=")[0] not in looser} == set()
    assert {"PrivateNetwork=yes", "PrivateDevices=yes", "CapabilityBoundingSet="} <= pages


def test_shellcheck_finds_nothing_in_any_script() -> None:
    program = shutil.which("shellcheck")
    if program is None:
        missing("shellcheck is not installed; sudo apt install shellcheck")
    ended = subprocess.run(
        [str(program), "--external-sources", "--check-sourced", *SCRIPTS],
        cwd=ROOT / "systemd",
        capture_output=True,
        text=True,
    )

    assert ended.stdout == ""


def test_every_package_that_the_program_needs_is_locked_for_an_installation() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    extras = project["optional-dependencies"]
    requirements = [*project["dependencies"], *extras["discover"], *extras["load-cells"]]
    needed = {re.split(r"[^a-z0-9-]", requirement)[0] for requirement in requirements}

    assert needed - FROM_THE_SYSTEM <= set(locked("systemd/requirements.lock")), "run: make lock"


def test_an_installation_gets_the_versions_that_were_tested() -> None:
    tested = locked("requirements-dev.lock") | locked("requirements.lock")

    for lock in ("systemd/requirements.lock", "systemd/requirements-build.lock"):
        for package, version in locked(lock).items():
            assert version == tested.get(package, version), f"{lock}: {package}; run: make lock"
