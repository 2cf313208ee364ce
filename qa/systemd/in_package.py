"""The Debian package on one machine: installed, upgraded, removed, purged.

Run as root in a container by test_on_a_real_systemd.py; each test continues the one before.
"""

import re
import shutil
import zipfile
from pathlib import Path

import pytest

from systemd.machine import (
    INSTALL,
    OPT,
    ROOT,
    SETTINGS,
    Ended,
    done,
    files_around,
    of_unit,
    retained,
    run,
    simulate_pins,
    version_in_use,
    versions,
)

KEPT = Path("/var/lib/private/unsit/kept")
CONFIG = Path("/boot/firmware/config.txt")
PROGRAM = Path("usr/lib/unsit")
BROKEN_RUN = """
def run(_):
    raise SystemExit("broken")

def silence_buzzer(_):
    pass
"""

[PACKAGE] = (ROOT / "build" / "systemd").glob("*.deb")


@pytest.fixture(scope="module")
def files_before() -> set[str]:
    """Return the files of a Debian with a broker and without the groups of Raspberry Pi OS."""
    run("delgroup", "gpio")
    simulate_pins()
    done("systemctl", "start", "mosquitto")
    CONFIG.parent.mkdir(parents=True)
    CONFIG.write_text("dtparam=audio=on\n")
    return files_around()


def dpkg(*arguments: str | Path) -> Ended:
    return run("dpkg", *arguments)


def as_version(version: str, folder: Path, *, runs: bool = True) -> Path:
    """Build the package with another version; without ``runs`` it ends before it is ready."""
    tree = folder / version
    done("dpkg-deb", "--raw-extract", PACKAGE, tree)
    control = tree / "DEBIAN" / "control"
    control.write_text(control.read_text().replace("Version: 0.1.0", f"Version: {version}"))
    if not runs:
        [wheel] = (tree / PROGRAM / "wheels").glob("unsit-*.whl")
        break_program(wheel, folder)
    package = folder / f"{version}.deb"
    done("dpkg-deb", "-Znone", "--build", tree, package)
    return package


def break_program(wheel: Path, folder: Path) -> None:
    """Put a program into a wheel that accepts all settings and does not run."""
    whole = shutil.move(wheel, folder)
    with zipfile.ZipFile(whole) as former, zipfile.ZipFile(wheel, "w") as broken:
        for name in former.namelist():
            is_run = name == "unsit/cli/run.py"
            broken.writestr(name, BROKEN_RUN if is_run else former.read(name))


def test_the_package_leads_to_a_unit_that_is_ready_and_publishes(files_before: set[str]) -> None:
    ended = dpkg("--install", PACKAGE)

    assert ended.code == 0, ended
    assert ended.out.endswith("starts: sudo /usr/lib/unsit/install --board\n")
    assert of_unit("ActiveState") == "active"
    assert of_unit("FragmentPath").endswith("/lib/systemd/system/unsit.service")
    assert done("systemctl", "is-enabled", "unsit") == "enabled"
    [chair] = re.findall(r'^id = "(chair-.+)"$', SETTINGS.read_text(), re.M)
    assert retained(f"unsit/{chair}/availability") == "online"
    template = done("/usr/bin/unsit", "config", "--template", "--config", "/dev/null")
    assert f'#id = "{chair}"' not in template, "the machine's id would be on a copy of the card"
    assert done("/usr/bin/unsit", "--version") == "unsit 0.1.0"


def test_the_package_leaves_the_pi_as_it_is_and_says_how_to_set_it_up() -> None:
    assert CONFIG.read_text() == "dtparam=audio=on\n"

    ended = run("/usr/lib/unsit/install", "--board")

    assert (ended.code, ended.err) == (0, "")
    assert "gpio=18=op,dl\n" in CONFIG.read_text()


def test_the_script_leaves_a_package_alone() -> None:
    ended = run(INSTALL)

    assert ended.code == 69
    assert ended.complaint.endswith("or remove it first: sudo apt remove unsit")


def test_an_upgrade_keeps_settings_and_state(tmp_path: Path) -> None:
    before = version_in_use()
    KEPT.write_text("by the old version")
    SETTINGS.write_text('[chair]\nid = "tested"\n')

    ended = dpkg("--install", as_version("0.1.1", tmp_path))

    assert ended.code == 0, ended
    assert of_unit("ActiveState") == "active"
    assert versions() == [version_in_use()] != [before]
    assert KEPT.read_text() == "by the old version"
    assert SETTINGS.read_text() == '[chair]\nid = "tested"\n'
    assert retained("unsit/tested/availability") == "online"


def test_a_package_whose_program_does_not_start_leaves_the_one_before_running(
    tmp_path: Path,
) -> None:
    before = version_in_use()

    ended = dpkg("--install", as_version("0.1.2", tmp_path, runs=False))

    assert ended.code != 0
    assert "does not start: broken; the one before runs again" in ended.err
    assert of_unit("ActiveState") == "active"
    assert versions() == [version_in_use()] == [before]


def test_another_python_of_the_system_gets_another_environment(tmp_path: Path) -> None:
    assert dpkg("--install", as_version("0.1.3", tmp_path)).code == 0
    before = version_in_use()
    [library] = before.glob("lib/python3.*")
    library.rename(before / "lib" / "python3.1")

    done("dpkg-trigger", "--by-package=python3-minimal", "/usr/bin/python3")
    assert dpkg("--triggers-only", "unsit").code == 0

    assert version_in_use() != before
    assert of_unit("ActiveState") == "active"


def test_removing_keeps_settings_and_state() -> None:
    ended = dpkg("--remove", "unsit")

    assert ended.code == 0, ended
    assert of_unit("LoadState") == "not-found"
    assert not OPT.exists()
    assert CONFIG.read_text() == "dtparam=audio=on\n"
    assert SETTINGS.read_text() == '[chair]\nid = "tested"\n'
    assert KEPT.read_text() == "by the old version"


def test_purging_leaves_nothing_but_what_is_not_ours(files_before: set[str]) -> None:
    SETTINGS.with_name("left.toml").write_text('[chair]\nid = "left"\n')
    ours = [
        Path("/var/lib/private/unsit-left/kept"),
        Path("/etc/credstore/unsit-left.mqtt-password"),
    ]
    others = [Path("/var/lib/unsit-tools/kept"), Path("/etc/credstore/unsit-of.mqtt-password")]
    for file in (*ours, *others):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("kept")

    ended = dpkg("--purge", "unsit")

    assert ended.code == 0, ended
    assert not any(file.exists() for file in ours)
    for file in others:
        file.unlink()
        file.parent.rmdir()
    simulate_pins()
    assert files_around() ^ files_before == set()
