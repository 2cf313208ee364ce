"""One machine's way from an empty Debian to an installed chair, through upgrades and back.

Run as root in a container by test_on_a_real_systemd.py; each test goes on from the one before.
"""

import json
import shutil
from pathlib import Path

import pytest

from systemd.machine import (
    INSTALL,
    OPT,
    ROOT,
    SETTINGS,
    UNITS,
    WHEELS,
    done,
    drop_in,
    files_around,
    install,
    of_unit,
    retained,
    run,
    simulate_pins,
    version_in_use,
    versions,
)

STATE = Path("/var/lib/private/unsit")
KEPT = STATE / "kept"
COMMAND = Path("/usr/local/bin/unsit")


@pytest.fixture(scope="module")
def files_before() -> set[str]:
    """What there was on a Debian without the groups of Raspberry Pi OS, with a broker."""
    run("delgroup", "gpio")
    simulate_pins()
    done("systemctl", "start", "mosquitto")
    return files_around()


def test_one_command_leads_to_a_unit_that_is_ready_and_publishes(files_before: set[str]) -> None:
    ended = install("--set", "chair.id=tested", "--set", "mqtt.host=127.0.0.1")

    assert (ended.code, ended.err) == (0, "")
    assert "unsit 0.1.0 runs" in ended.out
    assert of_unit("ActiveState") == "active"
    assert of_unit("StatusText").startswith("Watching Chair")
    assert retained("unsit/tested/availability") == "online"
    assert json.loads(retained("unsit/tested/state"))["occupied"] is False
    assert done("systemctl", "is-enabled", "unsit") == "enabled"
    assert done(COMMAND, "--version") == "unsit 0.1.0"


def test_the_settings_are_explained_and_only_what_was_given_is_in_force() -> None:
    text = SETTINGS.read_text()

    in_force = [line for line in text.splitlines() if line and line[0] not in "#["]
    assert in_force == ['id = "tested"', 'host = "127.0.0.1"']
    assert '#move_after = "30m"' in text


def test_the_groups_that_debian_lacks_are_made() -> None:
    for group in ("gpio", "spi", "i2c"):
        done("getent", "group", group)


def test_installing_again_keeps_settings_and_state_and_leaves_one_version() -> None:
    before, settings = version_in_use(), SETTINGS.read_text()
    KEPT.write_text("by the old version")

    ended = install("--set", "chair.id=another")

    assert (ended.code, ended.err) == (0, "")
    assert f"{SETTINGS} is there and stays as it is" in ended.out
    assert SETTINGS.read_text() == settings
    assert KEPT.read_text() == "by the old version"
    assert of_unit("ActiveState") == "active"
    assert versions() == [version_in_use()] != [before]


def test_a_version_that_does_not_take_the_settings_changes_nothing() -> None:
    before, pid, settings = version_in_use(), of_unit("MainPID"), SETTINGS.read_text()
    SETTINGS.write_text(f"{settings}\n[chairs]\nname = 'no such section'\n")

    ended = install()

    assert ended.code == 78
    assert "there is no setting chairs.name" in ended.complaint
    assert ended.complaint.endswith("nothing was changed")
    assert of_unit("MainPID") == pid
    assert versions() == [version_in_use()] == [before]
    SETTINGS.write_text(settings)


def test_a_version_that_does_not_start_gives_way_to_the_one_before(tmp_path: Path) -> None:
    before, unit = version_in_use(), (UNITS / "unsit.service").read_text()
    KEPT.write_text("by the old version")
    broken = shutil.copytree(ROOT / "systemd", tmp_path / "systemd")
    spoils_state_and_ends = "/bin/sh -c 'rm $STATE_DIRECTORY/kept; echo spoilt; exit 70'"
    broken_unit = unit.replace("/opt/unsit/bin/unsit run", spoils_state_and_ends)
    (broken / "unsit.service").write_text(broken_unit)

    ended = run(broken / "install", "--wheels", WHEELS)

    assert ended.code == 69
    assert ended.complaint == (
        "install: with the new version unsit.service does not start: spoilt; "
        "the one before runs again"
    )
    assert of_unit("ActiveState") == "active"
    assert (UNITS / "unsit.service").read_text() == unit
    assert KEPT.read_text() == "by the old version"
    assert versions() == [version_in_use()] == [before]


def test_packages_that_are_not_there_leave_no_half_version(tmp_path: Path) -> None:
    before = version_in_use()

    ended = run(INSTALL, "--wheels", tmp_path)

    assert ended.code == 69
    assert ended.complaint.startswith("install: pip cannot install the packages: ERROR: ")
    assert of_unit("ActiveState") == "active"
    assert versions() == [before]


def test_a_unit_that_a_person_disabled_stays_disabled() -> None:
    assert run("systemctl", "disable", "--now", "unsit").code == 0

    ended = install()

    assert (ended.code, ended.err) == (0, "")
    assert "unsit.service is disabled and stays so" in ended.out
    assert of_unit("ActiveState") == "inactive"


def test_uninstalling_keeps_settings_and_state() -> None:
    settings = SETTINGS.read_text()

    ended = run(INSTALL, "--uninstall")

    assert (ended.code, ended.err) == (0, "")
    assert of_unit("LoadState") == "not-found"
    assert not OPT.exists()
    assert not COMMAND.is_symlink()
    assert SETTINGS.read_text() == settings
    assert KEPT.read_text() == "by the old version"


def test_an_environment_that_was_made_by_hand_is_taken_over() -> None:
    done("python3", "-m", "venv", "--without-pip", OPT)

    ended = install()

    assert (ended.code, ended.err) == (0, "")
    assert not (OPT / "pyvenv.cfg").exists()
    assert of_unit("ActiveState") == "active"


def test_purging_takes_the_chair_off_the_broker_and_leaves_nothing(files_before: set[str]) -> None:
    assert retained("unsit/tested/availability") == "online"

    ended = run(INSTALL, "--uninstall", "--purge")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "unsit is removed with its settings and state\n"
    assert run("mosquitto_sub", "-t", "#", "--retained-only", "-W", "1").out == ""
    simulate_pins()
    assert files_around() ^ files_before == set()


def test_a_service_that_cannot_start_is_installed_and_named_with_its_reason() -> None:
    drop_in("unsit.service", "simulated", "Environment=GPIOZERO_PIN_FACTORY=nonsense")

    ended = install()

    assert ended.code == 69
    assert "unsit is installed, but unsit.service does not start: unsit: this" in ended.complaint
    assert ended.complaint.endswith("mend that, then: sudo systemctl restart unsit.service")
    assert COMMAND.is_symlink()
