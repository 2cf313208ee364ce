"""The unit on a real systemd and a real kernel: the buzzer falls silent, however the unit ends.

Run as root in a guest by test_unit.py.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.gpio_benches import BUZZER, MAT
from support.gpio_lines import chip_control
from support.mosquitto import until

ROOT = Path(__file__).parents[2]
PROGRAM = Path("/opt/unsit/bin/unsit")
UNIT = Path("/etc/systemd/system/unsit.service")
STATE = Path("/var/lib/private/unsit")
NOBODY = 65534

A_MOMENT = timedelta(seconds=0.5)
"""Two processes with clocks of their own date the same instant this far apart, at most."""

GPIOD = "gpiod on /dev/gpiochip0 (pinctrl-bcm2711)"

SETTINGS = """
[chair]
id = "guest"
[seat]
sit_dwell = 0
stand_dwell = 0
[sitting]
move_after = 1
[buzzer]
pattern = "insistent"
[mqtt]
host = "127.0.0.1"
"""


def systemctl(*arguments: str) -> str:
    """Run systemctl, which must succeed; return its output."""
    return subprocess.run(
        ["systemctl", *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


def of_unit(name: str) -> str:
    """Return a property of the unit."""
    return systemctl("show", "--value", "--property", name, "unsit")


def unsit(*arguments: str, **how: str) -> subprocess.CompletedProcess[str]:
    """Run the command beside the unit."""
    return subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, env=os.environ | how
    )


def put_installation(settings: str) -> None:
    """Write the program, the unit and, if there are any, the settings, as an installation does."""
    PROGRAM.parent.mkdir(parents=True)
    python_path = os.environ["PYTHONPATH"]
    PROGRAM.write_text(f'#!/bin/sh\nPYTHONPATH={python_path} exec {sys.executable} -m unsit "$@"\n')
    PROGRAM.chmod(0o755)
    Path("/etc/unsit").mkdir()
    if settings:
        Path("/etc/unsit/unsit.toml").write_text(settings)
    shutil.copy(ROOT / "systemd" / "unsit.service", UNIT)
    # The program and its libraries are not below /opt/unsit here.
    exec_paths = UNIT.with_name("unsit.service.d") / "shared.conf"
    exec_paths.parent.mkdir()
    exec_paths.write_text(f"[Service]\nExecPaths={ROOT}\n")
    subprocess.run(["systemd-sysusers", ROOT / "systemd" / "sysusers.conf"], check=True)
    systemctl("daemon-reload")


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """Install the unit with a broker."""
    put_installation(SETTINGS)
    chip_control().connect(BUZZER, True)
    systemctl("start", "mosquitto")


@pytest.fixture
def running() -> Iterator[None]:
    """Start the unit with an empty seat and no state file."""
    chip_control().connect(MAT, False)
    shutil.rmtree(STATE, ignore_errors=True)
    systemctl("reset-failed")
    systemctl("start", "unsit")
    yield
    systemctl("stop", "unsit")


def state() -> dict[str, Any]:
    """Return the retained state."""
    command = ["mosquitto_sub", "-t", "unsit/guest/state", "-C", "1", "-W", "10"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    published: dict[str, Any] = json.loads(printed)
    return published


def is_new(before: dict[str, Any]) -> bool:
    """Return whether the state is that of another service than before."""
    return bool(state()["started_at"] != before["started_at"])


def sitting_since(of: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(of["sitting_since"])


def sit_until_it_sounds() -> None:
    chip_control().connect(MAT, True)
    until(lambda: chip_control().is_high(BUZZER), "the buzzer sounds")


def silent() -> None:
    until(lambda: not chip_control().is_high(BUZZER), "the buzzer is silent")


def test_a_started_unit_watches_the_chair_through_libgpiod(running: None) -> None:
    assert of_unit("StatusText").startswith("Watching Chair: nobody sits")
    journal = subprocess.run(
        ["journalctl", "-u", "unsit", "-o", "cat"], check=True, capture_output=True, text=True
    ).stdout
    assert f"pins: {GPIOD}" in journal


def test_sitting_too_long_sounds_and_rising_silences(running: None) -> None:
    sit_until_it_sounds()
    chip_control().connect(MAT, False)
    silent()
    until(lambda: state()["occupied"] is False, "the state says that the seat is empty")


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV])
def test_a_unit_that_is_killed_in_mid_beep_is_silenced_and_comes_back_to_the_same_bout(
    running: None, end: signal.Signals
) -> None:
    sit_until_it_sounds()
    pid, before = of_unit("MainPID"), state()

    os.kill(int(pid), end)
    killed = time.monotonic()
    silent()
    silent_after = f"silent {time.monotonic() - killed:.1f} s"
    until(lambda: of_unit("ActiveState") == "active", "it is back")
    print(f"{end.name}: {silent_after}, back {time.monotonic() - killed:.1f} s after it")  # noqa: T201

    assert of_unit("MainPID") != pid
    # A new request resets gpio-sim's pull, which is also its wire.
    chip_control().connect(MAT, True)
    until(lambda: is_new(before) and state()["occupied"], "it sees the person again")
    assert abs(sitting_since(state()) - sitting_since(before)) < A_MOMENT
    assert state()["reminders"] == 1
    assert not chip_control().is_high(BUZZER)


def test_a_unit_that_is_stopped_in_mid_beep_leaves_silence(running: None) -> None:
    sit_until_it_sounds()
    systemctl("stop", "unsit")
    assert not chip_control().is_high(BUZZER)
    assert of_unit("Result") == "success"


def test_a_pin_that_the_unit_holds_is_an_error_that_names_the_unit_s_process(
    running: None,
) -> None:
    for command in ("run", "silence"):
        ended = unsit(command)
        assert ended.returncode == 69
        assert ended.stderr.splitlines()[-1].startswith("unsit: ")
        assert f"is held by gpiozero pid {of_unit('MainPID')}; end that" in ended.stderr
        assert "Traceback" not in ended.stderr


def test_silence_needs_no_settings_no_broker_and_no_chair() -> None:
    Path("/etc/unsit/unsit.toml").write_text("this is no TOML")
    ended = unsit("silence")
    Path("/etc/unsit/unsit.toml").write_text(SETTINGS)

    assert ended.returncode == 0
    assert ended.stderr.count("\n") == 1
    assert "not TOML" in ended.stderr


def test_a_missing_group_is_77_and_a_missing_chip_69_with_one_line_each() -> None:
    refused = subprocess.run(
        [PROGRAM, "run"], capture_output=True, text=True, user=NOBODY, group=NOBODY, extra_groups=[]
    )
    absent = unsit("run", GPIOZERO_PIN_FACTORY="gpiod", GPIOZERO_GPIOD_CHIP="/dev/gpiochip9")

    assert (refused.returncode, refused.stderr.count("\n")) == (77, 1)
    assert "the group gpio may: sudo usermod -aG gpio nobody" in refused.stderr
    assert (absent.returncode, absent.stderr.count("\n")) == (69, 1)
    assert "/dev/gpiochip9 cannot be opened: No such file or directory" in absent.stderr


def test_check_says_which_back_end_is_in_use_and_why() -> None:
    checked = unsit("check")

    assert checked.returncode == 0, checked.stdout
    lines = [" ".join(line.split()) for line in checked.stdout.splitlines()]
    assert any(line.startswith(f"ok pins {GPIOD}, because") for line in lines)
    assert any(line.startswith("ok buzzer.pin ") for line in lines)


def findings() -> dict[str, dict[str, Any]]:
    """Return the findings of a check by subject."""
    report = json.loads(unsit("check", "--json").stdout)
    return {finding["subject"]: finding for finding in report["findings"]}


def test_a_check_beside_the_service_finds_it_well_and_leaves_it_alone(running: None) -> None:
    before = of_unit("MainPID")
    found = findings()

    assert [str(finding) for finding in found.values() if finding["verdict"] == "fail"] == []
    pid = f"the running service (pid {before})"
    assert found["seat.pin"]["words"] == f"GPIO{MAT} is held by {pid}"
    assert found["buzzer.pin"]["words"] == f"GPIO{BUZZER} is held by {pid}"
    assert found["availability"]["words"] == "the chair is online: the seat is empty"
    assert found["unit"]["fault"] == "unit_disabled"
    assert found["hardening"]["words"].startswith("as shipped; systemd-analyze security says 1.")
    assert of_unit("MainPID") == before


@pytest.fixture
def weakened() -> Iterator[None]:
    """Add a drop-in that removes protection."""
    drop_in = Path("/run/systemd/system/unsit.service.d/weak.conf")
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Service]\nProtectHome=no\nProtectKernelModules=no\n")
    systemctl("daemon-reload")
    yield
    shutil.rmtree(drop_in.parent)
    systemctl("daemon-reload")


def test_a_check_names_the_protection_that_was_taken_away(weakened: None) -> None:
    hardening = findings()["hardening"]

    assert hardening["fault"] == "unit_weakened"
    weaker = "ProtectHome=read-only instead of yes, ProtectKernelModules=no instead of yes; "
    assert hardening["words"].startswith(weaker)  # a unit with DynamicUser= keeps that much
