"""Broker of the settings, and its secrets."""

import logging
import socket
from pathlib import Path

import pytest

from unsit.assembly.broker import broker_of, is_this_machine
from unsit.errors import SettingsError
from unsit.mqtt.connection import Broker
from unsit.settings.model import MqttSettings


@pytest.fixture
def credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory that stands for systemd's credentials."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


@pytest.fixture
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def secret(file: Path, words: str = "correct horse\n", mode: int = 0o640) -> str:
    file.write_text(words, encoding="utf-8")
    file.chmod(mode)
    return str(file)


def password(**settings: str) -> str | None:
    broker = broker_of(MqttSettings(username="chair", **settings))  # type: ignore[arg-type]
    assert broker is not None
    return broker.password


def refusal(**settings: str) -> str:
    with pytest.raises(SettingsError) as refused:
        password(**settings)
    return str(refused.value)


def test_the_password_is_the_first_line_of_the_file(tmp_path: Path) -> None:
    assert password(password_file=secret(tmp_path / "p", "correct horse\nnot it")) == (
        "correct horse"
    )


def test_the_password_is_the_credential_where_no_file_is_named(
    tmp_path: Path, credentials: Path
) -> None:
    secret(credentials / "mqtt-password", mode=0o400)

    assert password() == "correct horse"
    assert password(password_file=secret(tmp_path / "p", "battery staple")) == "battery staple"


def test_without_a_file_or_a_credential_there_is_no_password(no_credentials: None) -> None:
    assert password() is None


def test_an_empty_or_a_missing_credential_is_no_password(credentials: Path) -> None:
    assert password() is None

    secret(credentials / "mqtt-password", "")
    assert password() is None


def test_a_password_file_that_is_empty_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    assert "expected a password on line 1" in refusal(password_file=secret(tmp_path / "p", ""))
    assert "No such file" in refusal(password_file=str(tmp_path / "missing"))

    (tmp_path / "binary").write_bytes(b"correct\xff")
    refused = refusal(password_file=str(tmp_path / "binary"))
    assert refused.endswith("cannot be read: it is not UTF-8 text in line 1; save it as UTF-8")


def test_a_secret_that_everybody_may_read_is_warned_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = secret(tmp_path / "p", mode=0o644)

    assert password(password_file=file) == "correct horse"
    assert f"every user can read it; run: chmod o= {file}" in caplog.text


def test_a_secret_of_a_group_is_not_warned_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    password(password_file=secret(tmp_path / "p", mode=0o640))

    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_nothing_shows_the_password() -> None:
    broker = Broker("home", username="chair", password="correct horse")  # noqa: S106

    assert "horse" not in f"{broker} {broker!r} {[broker]}"


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LocalHost.", "ip6-localhost", "chair.localhost", socket.gethostname()),
        *("127.0.0.1", "127.0.1.1", "127.1", "0x7f000001", "::", "::1", "::ffff:127.0.0.1"),
    ],
)
def test_the_loopback_interface_is_no_network(
    host: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert is_this_machine(host)
    password(host=host, password_file=secret(tmp_path / "p"))

    assert caplog.messages == []


@pytest.mark.parametrize("host", ["broker.lan", "198.51.100.7", "2001:db8::7", "localhost.lan"])
def test_a_password_that_leaves_the_machine_without_tls_is_warned_about(
    host: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    password(host=host, password_file=secret(tmp_path / "p"))

    [warning] = caplog.messages
    assert "without TLS, and everybody on the way can read it; set mqtt.tls = true" in warning


def test_without_a_password_or_with_tls_nothing_is_warned_about(
    tmp_path: Path, no_credentials: None, caplog: pytest.LogCaptureFixture
) -> None:
    file = secret(tmp_path / "p")

    password(host="broker.lan")
    broker_of(MqttSettings(host="broker.lan", password_file=file))  # no user, so it is not sent
    broker_of(MqttSettings(host="broker.lan", username="chair", password_file=file, tls=True))

    assert caplog.messages == []
