"""The units on a real systemd: rights, secrets, restarts, several chairs.

Run as root in a container by test_on_a_real_systemd.py. The pins are simulated.
"""

import grp
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.mosquitto import until
from systemd.machine import (
    SETTINGS,
    done,
    drop_in,
    install,
    of_unit,
    retained,
    run,
    simulate_pins,
    systemd_version,
)

MOSQUITTO = Path("/etc/mosquitto/conf.d/tested.conf")
PASSWORDS = Path("/etc/mosquitto/tested.passwords")
CREDENTIAL = Path("/etc/credstore/unsit.mqtt-password")
LEFT, RIGHT = Path("/etc/unsit/left.toml"), Path("/etc/unsit/right.toml")
DYNAMIC_USERS = range(61184, 65520)

UNITS = ["unsit", "unsit@left"]


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """Install a chair of the plain unit, and one called left."""
    simulate_pins()
    done("systemctl", "start", "mosquitto")
    for arguments in (["--set", "chair.id=tested"], ["--chair", "left", "--set", "seat.pin=5"]):
        ended = install(*arguments)
        assert (ended.code, ended.err) == (0, ""), ended


@pytest.fixture
def settings() -> Iterator[Path]:
    """Yield the settings file, and restore it afterwards."""
    before = SETTINGS.read_text()
    yield SETTINGS
    SETTINGS.write_text(before)
    CREDENTIAL.unlink(missing_ok=True)
    MOSQUITTO.unlink(missing_ok=True)
    done("systemctl", "restart", "mosquitto")
    run("systemctl", "reset-failed", "unsit")
    done("systemctl", "restart", "unsit")


@pytest.fixture
def short_watchdog() -> Iterator[None]:
    """Set a watchdog of 3 s instead of minutes."""
    seconds = drop_in("unsit.service", "short-watchdog", "WatchdogSec=3")
    run("systemctl", "daemon-reload")
    done("systemctl", "restart", "unsit")
    yield
    seconds.unlink()
    run("systemctl", "daemon-reload")


def status_of(unit: str) -> dict[str, str]:
    """Return the kernel's status of a unit's main process."""
    lines = Path(f"/proc/{of_unit('MainPID', unit)}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def is_back(unit: str, former: str) -> bool:
    """Return whether a process other than the former one runs the unit, and is ready."""
    shown = done("systemctl", "show", "--property", "ActiveState,MainPID", unit)
    return "ActiveState=active" in shown and not {f"MainPID={former}", "MainPID=0"} & {
        *shown.splitlines()
    }


@pytest.mark.parametrize("unit", UNITS)
def test_verify_is_silent(unit: str) -> None:
    assert done("systemd-analyze", "verify", f"{unit}.service") == ""


@pytest.mark.parametrize("unit", UNITS)
def test_running_it_is_exposed_by_1_4_at_most(unit: str) -> None:
    ended = run("systemd-analyze", "security", "--no-pager", "--threshold=14", unit)

    assert ended.code == 0, ended.out


@pytest.mark.parametrize("unit", UNITS)
def test_it_runs_as_nobody_in_particular_without_any_capability(unit: str) -> None:
    status = status_of(unit)

    assert int(status["Uid"].split()[0]) in DYNAMIC_USERS
    assert {int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


@pytest.mark.parametrize("unit", UNITS)
def test_it_waits_for_no_network(unit: str) -> None:
    assert "network" not in of_unit("After", unit) + of_unit("Wants", unit)


def test_its_state_is_its_own_and_its_working_directory_writable() -> None:
    for name in ("unsit", "unsit-left"):
        assert Path(f"/var/lib/{name}").is_symlink()
        assert any(Path(f"/var/lib/private/{name}").iterdir())
    assert of_unit("WorkingDirectory") == "/run/unsit"
    assert of_unit("WorkingDirectory", "unsit@left") == "/run/unsit-left"


@pytest.mark.parametrize("unit", UNITS)
def test_killed_it_comes_back(unit: str) -> None:
    former = of_unit("MainPID", unit)

    os.kill(int(former), signal.SIGKILL)

    until(lambda: is_back(unit, former), "it is back")


def test_hung_it_is_ended_by_the_watchdog_and_comes_back(short_watchdog: None) -> None:
    former, last_sign = of_unit("MainPID"), of_unit("WatchdogTimestampMonotonic")
    until(lambda: of_unit("WatchdogTimestampMonotonic") != last_sign, "it shows a sign of life")

    os.kill(int(former), signal.SIGSTOP)

    until(lambda: is_back("unsit", former), "it is back")
    assert "Watchdog timeout" in done("journalctl", "--unit", "unsit", "--output", "cat")


def test_waits_before_restarts_grow_where_systemd_can_make_them() -> None:
    if systemd_version() >= 254:
        assert of_unit("RestartSteps") == "6"
        assert of_unit("RestartMaxDelayUSec") == "2min"
    assert of_unit("RestartUSec") == "1s"
    assert of_unit("StartLimitIntervalUSec") == "0"


def test_bad_settings_fail_once_and_are_not_tried_again(settings: Path) -> None:
    settings.write_text("[seat]\npin = 99\n")

    assert run("systemctl", "restart", "unsit").code != 0

    assert of_unit("SubState") == "failed"
    assert of_unit("ExecMainStatus") == "78"


def test_missing_rights_fail_once_and_are_not_tried_again(settings: Path) -> None:
    settings.chmod(0o600)

    assert run("systemctl", "restart", "unsit").code != 0

    assert (of_unit("SubState"), of_unit("ExecMainStatus")) == ("failed", "77")
    assert of_unit("NRestarts") == "0"
    settings.chmod(0o644)


def test_a_bus_without_its_group_is_tried_again_while_udev_is_at_work(settings: Path) -> None:
    bus, queue = Path("/dev/i2c-1"), Path("/run/udev/queue")
    bus.touch(0o600)
    queue.parent.mkdir(exist_ok=True)
    queue.touch()
    settings.write_text('[seat]\nkind = "load_cell"\n[load_cell]\nconverter = "nau7802"\n')

    assert run("systemctl", "restart", "unsit").code != 0
    until(lambda: int(of_unit("NRestarts")) > 0, "it is tried again")
    queue.unlink()
    until(lambda: of_unit("SubState") == "failed", "it is given up")

    assert of_unit("ExecMainStatus") == "77"
    bus.unlink()


def test_chairs_are_users_of_their_own_who_cannot_stop_each_other() -> None:
    numbers = {status_of(unit)["Uid"].split()[0] for unit in UNITS}

    assert len(numbers) == 2


@pytest.mark.parametrize("unit", UNITS)
def test_its_users_and_groups_are_not_those_of_the_machine(unit: str) -> None:
    own, machine = (os.readlink(f"/proc/{pid}/ns/user") for pid in (of_unit("MainPID", unit), "1"))

    assert own != machine
    gpio = grp.getgrnam("gpio").gr_gid
    assert str(gpio) in status_of(unit)["Groups"].split(), "it may open the pins all the same"


def test_the_password_is_a_credential_that_need_not_be_there(settings: Path) -> None:
    done("mosquitto_passwd", "-b", "-c", PASSWORDS, "chair", "the secret")
    PASSWORDS.chmod(0o644)
    MOSQUITTO.write_text(f"listener 1884 127.0.0.1\npassword_file {PASSWORDS}\n")
    done("systemctl", "restart", "mosquitto")
    broker = '[mqtt]\nhost = "127.0.0.1"\nport = 1884\nusername = "chair"\n'
    settings.write_text(f'[chair]\nid = "secret"\n{broker}')

    done("systemctl", "restart", "unsit")  # it starts without one
    CREDENTIAL.parent.mkdir(exist_ok=True)
    CREDENTIAL.write_text("the secret\n")
    CREDENTIAL.chmod(0o600)
    done("systemctl", "restart", "unsit")

    login = ("-p", "1884", "-u", "chair", "-P", "the secret")
    topic = "unsit/secret/availability"
    assert done("mosquitto_sub", *login, "-t", topic, "-C", "1", "-W", "10") == "online"


def test_two_chairs_run_side_by_side_with_their_own_names_and_state() -> None:
    RIGHT.write_text('[chair]\nid = "right"\n[seat]\npin = 6\n[buzzer]\npin = 13\n')
    assert run("systemctl", "enable", "--now", "unsit@right").code == 0

    assert retained("unsit/right/availability") == "online"
    assert of_unit("StatusText", "unsit@left").startswith("Watching left")
    assert of_unit("StatusText", "unsit@right").startswith("Watching Chair")
    [left] = re.findall(r'^id = "(chair-.+-left)"$', LEFT.read_text(), re.M)
    until(lambda: retained(f"unsit/{left}/availability") == "online", "left is online")


def test_an_upgrade_restarts_every_chair() -> None:
    former = {unit: of_unit("MainPID", unit) for unit in (*UNITS, "unsit@right")}

    assert install().code == 0

    for unit, pid in former.items():
        assert is_back(unit, pid), unit
