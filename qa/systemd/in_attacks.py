"""Attacks on the installed chair: out of the unit, by planted links, and by hostile messages.

Run as root in a container by test_on_a_real_systemd.py. The attacker is a chair whose program was
taken over: the unit ``unsit@attacker`` with all its restrictions. The victim is the unit ``unsit``.
"""

import json
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from systemd.break_out import WORKED
from systemd.machine import (
    OPT,
    ROOT,
    done,
    drop_in,
    install,
    of_unit,
    run,
    simulate_pins,
    version_in_use,
)

BREAK_OUT = ROOT / "qa" / "systemd" / "break_out.py"
ATTACKER = "unsit@attacker"
STATE = Path("/var/lib/private/unsit-attacker")
VICTIM_STATE = Path("/var/lib/private/unsit/state.sqlite")
ROOTS_FILE, USERS_FILE = Path("~root").expanduser() / "secret", Path("/home/secret")
CREDENTIAL = Path("/etc/credstore/unsit.mqtt-password")
TARGETS = Path("/etc/unsit/targets.json")

REFUSED = {"EACCES", "EPERM", "EROFS", "SIGSYS"}
"""What a refusal looks like; SIGSYS is the filter of system calls."""

OTHER_REFUSALS = {
    # A family that is not allowed does not exist for the unit.
    **dict.fromkeys(
        (
            f"open a socket of {family}"
            for family in (
                "AF_NETLINK",
                "AF_PACKET",
                "AF_BLUETOOTH",
                "AF_ALG",
                "AF_VSOCK",
                "AF_XDP",
            )
        ),
        "EAFNOSUPPORT",
    ),
    # Processes, state and credentials of others are not there.
    "read the environment of another chair": "ENOENT",
    "read the environment of process 1": "ENOENT",
    "read the memory of another chair": "ENOENT",
    "read another chair's credential in use": "ENOENT",
    "read another chair's state": "ENOENT",
    "write another chair's state": "ENOENT",
}


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """Install the victim and the attacker, and put down what is worth stealing."""
    simulate_pins()
    done("systemctl", "start", "mosquitto")
    CREDENTIAL.parent.mkdir(exist_ok=True)
    CREDENTIAL.write_text("the secret\n")
    CREDENTIAL.chmod(0o600)
    for file in (ROOTS_FILE, USERS_FILE):
        file.write_text("the secret")
        file.chmod(0o644)
    Path("/dev/rtc0").touch(0o666)
    Path("/run/udev/rules.d").mkdir(parents=True, exist_ok=True)
    for arguments in (["--set", "chair.id=victim"], ["--chair", "attacker", "--set", "seat.pin=5"]):
        ended = install(*arguments)
        assert (ended.code, ended.err) == (0, ""), ended
    TARGETS.write_text(
        json.dumps(
            {
                "pid": of_unit("MainPID"),
                "unit": "unsit.service",
                "credential": str(CREDENTIAL),
                "credential in use": "/run/credentials/unsit.service/mqtt-password",
                "root's file": str(ROOTS_FILE),
                "user's file": str(USERS_FILE),
                "state": str(VICTIM_STATE),
            }
        )
    )


def attempts(*, restricted: bool) -> dict[str, str]:
    """Return what came of each attempt, within the unit or as root without it."""
    if restricted:
        command = f"{OPT}/bin/python {BREAK_OUT} {TARGETS} outcomes.json"
        file = drop_in(
            f"{ATTACKER}.service",
            "break-out",
            f"Type=oneshot\nRestart=no\nWatchdogSec=0\nExecStart=\nExecStart={command}",
        )
        done("systemctl", "daemon-reload")
        run("systemctl", "stop", ATTACKER)
        done("systemctl", "start", ATTACKER)
        shutil.rmtree(file.parent)
        done("systemctl", "daemon-reload")
        outcomes = STATE / "outcomes.json"
    else:
        places = {name: f"/run/control-{name.lower()}" for name in ("STATE", "RUNTIME")}
        for place in places.values():
            Path(place).mkdir(exist_ok=True)
        environment = {f"{name}_DIRECTORY": place for name, place in places.items()}
        ended = run(f"{OPT}/bin/python", BREAK_OUT, TARGETS, "outcomes.json", **environment)
        assert ended.code == 0, ended
        outcomes = Path(places["STATE"], "outcomes.json")
    read: dict[str, str] = json.loads(outcomes.read_text())
    return read


def test_every_attempt_to_leave_the_unit_is_refused() -> None:
    outcomes = attempts(restricted=True)

    assert len(outcomes) >= 80
    refused = {
        name: outcome
        for name, outcome in outcomes.items()
        if outcome in REFUSED or outcome == OTHER_REFUSALS.get(name)
    }
    assert {name: outcomes[name] for name in outcomes.keys() - refused.keys()} == {}
    assert of_unit("ActiveState") == "active"


def test_without_the_unit_root_can_do_most_of_it() -> None:
    worked = [name for name, outcome in attempts(restricted=False).items() if outcome == WORKED]

    assert len(worked) >= 50, "the attempts prove nothing"


STATE_NAMES = [
    *("state.sqlite", "state.sqlite-wal", "state.sqlite-shm", "state.sqlite.rest"),
    *("state.sqlite.rest.new", "state.told", "outbox.sqlite", "settings.json"),
    *("load_cells.json", "load_cells.new", "load_cells.json.new"),
    *("history.sqlite", "history.sqlite-wal", "history.sqlite-shm", "history.sqlite.rest"),
]
"""Names of the files that the program makes in its state directory, or did in earlier versions."""

COMMANDS: list[tuple[str, ...]] = [
    ("check",),
    ("config",),
    ("exercises",),
    ("forget", "--force"),
    ("silence",),
    ("calibrate", "--tare"),
    ("run",),
    ("status",),
    ("report",),
    ("history", "export", "-"),
    ("history", "forget", "--all"),
]
"""Commands that root runs on the state directory of a chair."""

CANARY = Path("/etc/canary")


@pytest.fixture
def stopped_attacker() -> Iterator[None]:
    """Stop the attacker, who leaves a state directory that root has no reason to trust."""
    done("systemctl", "stop", ATTACKER)
    yield
    shutil.rmtree(CANARY, ignore_errors=True)
    done("systemctl", "start", ATTACKER)


@pytest.mark.parametrize("is_there", [True, False], ids=["to a file", "to nothing"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_of_root_follows_a_planted_link(
    stopped_attacker: None, command: tuple[str, ...], is_there: bool
) -> None:
    owner = STATE.stat().st_uid
    CANARY.mkdir()
    for file in STATE.iterdir():
        file.unlink()
    for name in STATE_NAMES:
        if is_there:
            (CANARY / name).write_text("{}")
        (STATE / name).symlink_to(CANARY / name)
        os.lchown(STATE / name, owner, owner)
    before = {file.name: file.read_bytes() for file in CANARY.iterdir()}

    ended = run(
        *("timeout", "--signal=INT", "10", str(OPT / "bin" / "unsit"), *command),
        *("--config", "/etc/unsit/attacker.toml", "--state-dir", str(STATE)),
        GPIOZERO_PIN_FACTORY="unsit_sim",
    )

    assert ended.code not in (70, 137), ended
    assert {file.name: file.read_bytes() for file in CANARY.iterdir()} == before


def test_root_saves_a_calibration_for_the_service_and_through_no_link(
    stopped_attacker: None,
) -> None:
    owner = STATE.stat().st_uid
    CANARY.mkdir()
    for name in ("load_cells.json", "load_cells.new"):
        (STATE / name).unlink(missing_ok=True)
        (STATE / name).symlink_to(CANARY / name)
    save = (
        "from pathlib import Path; from unsit.assembly.cells import CalibrationStore; "
        "from unsit.core.weighing.calibration import nominal; "
        f"CalibrationStore(Path('{STATE}/load_cells.json'), ('seat',)).save(nominal(1))"
    )

    done(version_in_use() / "bin" / "python", "-c", save)

    assert list(CANARY.iterdir()) == []
    saved = (STATE / "load_cells.json").lstat()
    assert (stat.S_ISREG(saved.st_mode), saved.st_uid) == (True, owner)


ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\r\nok    broker         forged\u202e\u2066\u200b"

HOSTILE = [
    *(
        b"",
        b"\0",
        b"\xff\xfe",
        b"\x1b[31m",
        ESCAPES.encode(),
        b"online\r\nok  forged",
        b"x" * 70_000,
    ),
    *(b"[" * 100_000, b"{" * 100_000, b'{"a":' * 50_000, b"[" * 500 + b"]" * 500),
    *(b"null", b"true", b"1e999", b"-0", b"NaN", b"9" * 5000, b'"', b"{}", b"[]", b"[[]]", b"{]"),
    *(b'{"origin": 1}', b'{"origin": {"sw": {}}}', b'{"device": []}', b'{"components": 7}'),
    json.dumps({"origin": {"name": ESCAPES, "sw": ESCAPES}, "device": {"name": ESCAPES}}).encode(),
    json.dumps({"refused": [ESCAPES], "version": ESCAPES, "storage": ESCAPES}).encode(),
    json.dumps({"refused": {ESCAPES: ESCAPES}, "occupied": [], "started_at": {}}).encode(),
    json.dumps(dict.fromkeys(("state", "seq", "event", "refused", "version"), 10**400)).encode(),
    b'{"refused": "\\ud800", "version": "\\udfff"}',
    b"z" * 50_000_000,
]
"""Payloads of a client that wants to be believed, to end a program, or to fill its memory."""


def publish(topic: str, payload: bytes) -> None:
    """Publish a retained message; a broker may refuse one by its size."""
    subprocess.run(
        ["mosquitto_pub", "-q", "1", "-r", "-t", topic, "-s"],
        input=payload,
        capture_output=True,
        check=False,
    )


def topics_that_are_read(chair: str) -> list[str]:
    """Return topics that check, forget or the service reads."""
    root = f"unsit/{chair}"
    own = [f"{root}/{name}" for name in ("availability", "state", "event", "log", "check")]
    commands = [f"{root}/command/{name}" for name in ("hold", "hold/call", "snooze", "reset")]
    home = ["homeassistant/status", f"homeassistant/device/{chair}/config"]
    others = [f"homeassistant/sensor/{name}/config" for name in ("a", "b", "c", "d")]
    return [*own, *commands, *home, *others]


def test_200_hostile_messages_end_nothing_and_print_no_control_character() -> None:
    pid, restarts = of_unit("MainPID"), of_unit("NRestarts")
    topics = topics_that_are_read("victim")
    sent = 0
    for first in range(0, len(HOSTILE), 2):
        for number, topic in enumerate(topics):
            publish(topic, HOSTILE[(first + number) % len(HOSTILE)])
            sent += 1
        for command in (("check",), ("forget",)):
            ended = run(OPT / "bin" / "unsit", *command, "--state-dir", "/var/lib/unsit")
            printed = ended.out + ended.err

            assert ended.code in (0, 69, 77, 78), ended
            assert [sign for sign in printed if not (sign.isprintable() or sign == "\n")] == []
            assert "\nok    broker         forged" not in printed
    assert sent >= 200
    journal = run("journalctl", "--unit", "unsit", "--output", "cat").out
    assert [sign for sign in journal if not (sign.isprintable() or sign == "\n")] == []
    assert (of_unit("MainPID"), of_unit("NRestarts")) == (pid, restarts)
