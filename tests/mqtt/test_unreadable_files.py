"""Service whose password, certificate or key cannot be read at the start, and can later."""

import logging
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from support.certificates import Authority
from support.fixtures import missing as missing_program
from support.live_chair import ROOT, LiveChair
from support.mosquitto import LOOPBACK, Mosquitto, Watcher, until
from unsit.settings.model import SeatSettings, SittingSettings

NO_DWELL = SeatSettings(sit_dwell=timedelta(0), stand_dwell=timedelta(0))
SHORT = SittingSettings(move_after=timedelta(seconds=30), min_break=timedelta(seconds=60))
FAST = 60.0
"""A minute, after which the service tries again, takes 1 s."""


def missing(file: Path) -> None:
    file.unlink(missing_ok=True)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def binary(file: Path) -> None:
    file.write_bytes(b"correct\xffhorse")


def directory(file: Path) -> None:
    file.mkdir()


@pytest.mark.broker
@pytest.mark.parametrize("spoil", [missing, empty, binary, directory])
def test_a_password_that_cannot_be_read_stops_no_call_and_is_read_later(
    tmp_path: Path,
    broker: Mosquitto,
    watcher: Watcher,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[Path], None],
) -> None:
    caplog.set_level(logging.INFO, "unsit")
    secret = tmp_path / "secret"
    spoil(secret)
    login = {"username": "chair", "password_file": str(secret)}
    mqtt = {"host": LOOPBACK, "port": broker.port, **login}
    chair = LiveChair(speed=FAST, mqtt=mqtt, seat=NO_DWELL, sitting=SHORT)
    chair.seat.set(True)
    chair.wait_for_buzzer(True)
    assert f"no broker: mqtt.password_file = {str(secret)!r}: " in chair.service._status()
    until(lambda: len(attempts(chair)) > 1, "it has tried again")
    assert caplog.text.count("tries again each minute") == 1

    if secret.is_dir():
        secret.rmdir()
    secret.write_text("correct horse\n")
    secret.chmod(0o600)

    told = [watcher.event(f"{ROOT}/log", kind) for kind in ("service_started", "move_due")]
    assert told[0]["seq"] == 1
    assert "no broker" not in chair.service._status()
    chair.stop()
    assert "correct horse" not in caplog.text


def attempts(chair: LiveChair) -> list[int]:
    """Return a number for each minute of the chair's clock that has passed."""
    return [*range(int(chair.service.loop.clock.now() / timedelta(minutes=1)))]


@pytest.mark.program
@pytest.mark.parametrize(
    ("setting", "content"),
    [
        ("tls_ca_file", None),
        ("tls_ca_file", b"no certificate"),
        ("tls_certificate_file", None),
        ("tls_key_file", b"no key"),
    ],
)
def test_a_certificate_that_cannot_be_read_stops_no_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, setting: str, content: bytes | None
) -> None:
    if shutil.which("openssl") is None:
        missing_program("the program openssl is not installed")
    own = Authority(tmp_path).sign("chair")
    files = {"tls_certificate_file": str(own.certificate), "tls_key_file": str(own.key)}
    files[setting] = str(tmp_path / "file")
    if content is not None:
        (tmp_path / "file").write_bytes(content)
    chair = LiveChair(
        speed=FAST, mqtt={"host": LOOPBACK, "tls": True, **files}, seat=NO_DWELL, sitting=SHORT
    )
    chair.seat.set(True)
    chair.wait_for_buzzer(True)
    assert "no broker: mqtt.tls_" in chair.service._status()
    chair.stop()
    assert f"mqtt.{setting} = {str(tmp_path / 'file')!r}" in caplog.text


def test_a_credential_that_cannot_be_read_stops_no_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "mqtt-password").mkdir()
    mqtt = {"host": LOOPBACK, "username": "chair"}
    chair = LiveChair(speed=FAST, mqtt=mqtt, seat=NO_DWELL, sitting=SHORT)
    chair.seat.set(True)
    chair.wait_for_buzzer(True)
    chair.stop()
    assert "the credential mqtt-password: cannot be read" in caplog.text


def test_a_stop_does_not_wait_for_a_file_that_blocks(tmp_path: Path) -> None:
    fifo = tmp_path / "secret"
    missing(fifo)
    mqtt = {"host": LOOPBACK, "username": "chair", "password_file": str(fifo)}
    chair = LiveChair(speed=FAST, mqtt=mqtt, seat=NO_DWELL, sitting=SHORT)
    os.mkfifo(fifo)
    until(lambda: chair.service._is_reading_broker, "it reads the file that blocks")
    chair.seat.set(True)
    chair.wait_for_buzzer(True)
    chair.stop()
    os.close(os.open(fifo, os.O_RDWR))
