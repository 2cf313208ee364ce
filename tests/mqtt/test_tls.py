"""TLS on a real mosquitto: trusted and untrusted certificates; the chair always goes on."""

import logging
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt import publish

from support.certificates import Authority, Signed
from support.fixtures import missing
from support.live_chair import ROOT, LiveChair, every
from support.mosquitto import LOOPBACK, Mosquitto, until
from unsit.errors import SettingsError
from unsit.mqtt.tls import Tls, tls_context
from unsit.settings.model import SeatSettings, SittingSettings

pytestmark = pytest.mark.broker

QUICK: dict[str, Any] = {
    "seat": SeatSettings(sit_dwell=every(0.05), stand_dwell=every(0.05)),
    "sitting": SittingSettings(move_after=every(1), min_break=every(1)),
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if shutil.which("openssl") is None:
        missing("the program openssl is not installed")
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority: Authority) -> Signed:
    return authority.sign("server")


@pytest.fixture(autouse=True)
def _log(mosquitto_is_here: None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "unsit")


@contextmanager
def tls_broker(folder: Path, shown: Signed, *lines: str) -> Iterator[Mosquitto]:
    files = (f"certfile {shown.certificate}", f"keyfile {shown.key}")
    broker = Mosquitto(folder, *files, "allow_anonymous true", *lines)
    broker.start()
    yield broker
    broker.stop()


@contextmanager
def chair_on(broker: Mosquitto, **mqtt: Any) -> Iterator[LiveChair]:
    settings = {"host": LOOPBACK, "port": broker.port, "tls": True} | mqtt
    chair = LiveChair(mqtt=settings, **QUICK)
    try:
        yield chair
    finally:
        chair.stop()


def connects(caplog: pytest.LogCaptureFixture) -> None:
    until(lambda: "connected to the broker" in caplog.text, "the chair is connected")


def is_refused(chair: LiveChair, caplog: pytest.LogCaptureFixture) -> str:
    """Return the log about a refused broker, after a check that the chair still reminds."""
    until(lambda: "trying again for ever" in caplog.text, "the trouble is logged")
    chair.seat.set(True)
    chair.wait_for_buzzer(True)
    warnings = [r.message for r in caplog.records if r.levelno >= logging.WARNING]
    assert len(warnings) == 1, warnings
    return warnings[0]


def asks_for_certificates(authority: Authority) -> tuple[str, ...]:
    return (f"cafile {authority.root}", "require_certificate true")


def test_a_broker_with_a_certificate_of_a_trusted_authority_is_accepted(
    tmp_path: Path, authority: Authority, server: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        tls_broker(tmp_path, server) as broker,
        chair_on(broker, tls_ca_file=str(authority.root)) as chair,
    ):
        connects(caplog)
        chair.seat.set(True)
        chair.wait("move_due")
    assert "mqtt.tls_verify" not in caplog.text


def test_a_long_message_over_tls_is_cut_and_the_next_one_is_obeyed(
    tmp_path: Path, authority: Authority, server: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        tls_broker(tmp_path, server) as broker,
        chair_on(broker, tls_ca_file=str(authority.root), version="3.1.1") as chair,
    ):
        connects(caplog)
        publish.multiple(
            [
                {"topic": f"{ROOT}/command/any", "payload": bytes(5_000_000), "qos": 1},
                {"topic": f"{ROOT}/command/hold", "payload": "10m", "qos": 1},
            ],
            hostname=LOOPBACK,
            port=broker.port,
            tls={"ca_certs": str(authority.root)},
        )
        chair.wait("hold_started")


def test_the_brokers_own_certificate_can_be_trusted_directly(
    tmp_path: Path, server: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        tls_broker(tmp_path, server) as broker,
        chair_on(broker, tls_ca_file=str(server.certificate)),
    ):
        connects(caplog)


def test_a_broker_that_asks_for_a_certificate_gets_the_chairs(
    tmp_path: Path, authority: Authority, server: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    own = authority.sign("chair")
    with tls_broker(tmp_path, server, *asks_for_certificates(authority)) as broker:
        files = {"tls_certificate_file": str(own.certificate), "tls_key_file": str(own.key)}
        with chair_on(broker, tls_ca_file=str(authority.root), **files):
            connects(caplog)


def test_a_missing_certificate_of_the_chair_is_logged_with_its_setting(
    tmp_path: Path, authority: Authority, server: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        tls_broker(tmp_path, server, *asks_for_certificates(authority)) as broker,
        chair_on(broker, tls_ca_file=str(authority.root)) as chair,
    ):
        said = is_refused(chair, caplog)
    assert "asks for a certificate" in said
    assert "see mqtt.tls_certificate_file" in said


def test_a_refused_certificate_of_the_chair_is_logged(
    tmp_path: Path, authority: Authority, server: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    own = Authority(tmp_path, "stranger").sign("chair")
    with tls_broker(tmp_path, server, *asks_for_certificates(authority)) as broker:
        files = {"tls_certificate_file": str(own.certificate), "tls_key_file": str(own.key)}
        with chair_on(broker, tls_ca_file=str(authority.root), **files) as chair:
            said = is_refused(chair, caplog)
    assert "does not trust" in said
    assert "see mqtt.tls_certificate_file" in said


def test_a_broker_with_a_certificate_of_an_unknown_authority_is_refused(
    tmp_path: Path, server: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    with tls_broker(tmp_path, server) as broker:
        stranger = Authority(tmp_path, "stranger")
        with chair_on(broker, tls_ca_file=str(stranger.root)) as chair:
            said = is_refused(chair, caplog)
    assert "an unknown authority has signed it; name that authority in mqtt.tls_ca_file" in said
    assert f"{LOOPBACK}:{broker.port}" in said


def test_with_a_ca_file_no_other_authority_is_trusted(authority: Authority) -> None:
    trusted = tls_context(Tls(ca_file=str(authority.root))).get_ca_certs(binary_form=True)
    assert trusted == [ssl.PEM_cert_to_DER_cert(authority.root.read_text())]


def test_without_a_ca_file_the_authorities_of_the_system_are_trusted(
    tmp_path: Path, server: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    with tls_broker(tmp_path, server) as broker, chair_on(broker) as chair:
        assert "an unknown authority has signed it" in is_refused(chair, caplog)


def test_an_expired_certificate_is_refused(
    tmp_path: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        tls_broker(tmp_path, authority.sign("old", days=-1)) as broker,
        chair_on(broker, tls_ca_file=str(authority.root)) as chair,
    ):
        said = is_refused(chair, caplog)
    assert "it has expired; renew it on the broker, or set this machine's clock" in said


@pytest.mark.parametrize(("host", "kind"), [(LOOPBACK, "address"), ("localhost", "name")])
def test_a_certificate_for_another_host_is_refused(
    tmp_path: Path, authority: Authority, host: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere = authority.sign("elsewhere", "DNS:broker.example")
    with (
        tls_broker(tmp_path, elsewhere) as broker,
        chair_on(broker, host=host, tls_ca_file=str(authority.root)) as chair,
    ):
        said = is_refused(chair, caplog)
    assert f"it is for another {kind}; set mqtt.host to the name" in said


def test_without_verification_any_broker_is_accepted_and_a_warning_is_logged(
    tmp_path: Path, server: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    with tls_broker(tmp_path, server) as broker, chair_on(broker, tls_verify=False):
        connects(caplog)
    assert f"mqtt.tls_verify is false: any machine that answers as {LOOPBACK}" in caplog.text


def test_a_broker_without_tls_is_logged_as_closing_the_connection(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    with chair_on(broker) as chair:
        assert "TLS handshake; see mqtt.port and mqtt.tls" in is_refused(chair, caplog)


def test_a_chair_without_tls_gets_a_hint_that_the_broker_may_require_it(
    tmp_path: Path, server: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    with tls_broker(tmp_path, server) as broker, chair_on(broker, tls=False) as chair:
        assert "if it speaks TLS there, set mqtt.tls" in is_refused(chair, caplog)


def test_a_lost_broker_is_not_blamed_on_tls(
    tmp_path: Path, authority: Authority, server: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        tls_broker(tmp_path, server) as broker,
        chair_on(broker, tls_ca_file=str(authority.root)),
    ):
        connects(caplog)
        broker.stop()
        until(lambda: "lost the broker" in caplog.text, "the loss is logged")
    [lost] = [r.message for r in caplog.records if "lost the broker" in r.message]
    assert "mqtt.tls" not in lost


def refusal(**tls: Any) -> str:
    with pytest.raises(SettingsError) as refused:
        tls_context(Tls(**tls))
    return str(refused.value)


def test_an_unusable_file_is_named_with_its_setting(tmp_path: Path, server: Signed) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("no certificate")
    missing, other = str(tmp_path / "missing.pem"), str(server.key)

    assert "mqtt.tls_ca_file = " in refusal(ca_file=str(nonsense))
    assert "cannot be read: No such file" in refusal(ca_file=missing)
    assert "mqtt.tls_certificate_file = " in refusal(certificate_file=str(nonsense))
    assert "expected a certificate and its own key" in refusal(
        certificate_file=str(server.certificate)
    )
    assert "mqtt.tls_key_file = " in refusal(
        certificate_file=str(server.certificate), key_file=missing
    )
    assert "cannot be used" in refusal(certificate_file=other, key_file=other)


def test_a_key_of_another_certificate_is_refused(authority: Authority, server: Signed) -> None:
    other = authority.sign("other")

    said = refusal(certificate_file=str(server.certificate), key_file=str(other.key))

    assert "key values mismatch" in said


def test_a_key_with_a_passphrase_is_refused_without_a_prompt(
    tmp_path: Path, server: Signed
) -> None:
    locked = tmp_path / "locked.key"
    subprocess.run(
        ["openssl", "pkey", "-aes256", "-passout", "pass:x", "-in", server.key, "-out", locked],
        check=True,
    )

    said = refusal(certificate_file=str(server.certificate), key_file=str(locked))

    assert "has a passphrase" in said
    assert "openssl pkey -in" in said


def test_the_checks_are_the_same_on_every_version_of_python() -> None:
    context = tls_context(Tls())

    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert not context.verify_flags & ssl.VERIFY_X509_STRICT
