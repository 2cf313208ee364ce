"""Causes that the log and `unsit check` name when a broker refuses something."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from brokers.chair import LOG, ChairProgram
from brokers.servers import MosquittoServer
from brokers.trial import findings_on_broker
from support.mosquitto import LOOPBACK

pytestmark = [pytest.mark.broker, pytest.mark.usefixtures("mosquitto_is_here")]

LINE_S = 20.0
"""Time in s for the line that names the cause."""


@dataclass(frozen=True)
class Case:
    """Refusal of a mosquitto.

    access: lines of its configuration. version: of the protocol. cause: what a line of the log
    must name. others: what no line may name. fault: what ``unsit check`` finds, by its name.
    """

    access: tuple[str, ...]
    version: str
    cause: str
    others: str
    fault: str


LOGIN = r"mqtt\.username|mqtt\.password_file"
TLS = r"mqtt\.tls"
VERSION = r"mqtt\.version"

CASES = {
    "no login": Case(
        ("allow_anonymous false",), "5", r"mqtt\.username", f"{TLS}|{VERSION}", "login_missing"
    ),
    "no login, 3.1.1": Case(
        ("allow_anonymous false",), "3.1.1", r"mqtt\.username", f"{TLS}|{VERSION}", "login_missing"
    ),
    "no retained messages": Case(
        ("allow_anonymous true", "retain_available false"),
        "5",
        "(?i)retain",
        f"{LOGIN}|{TLS}|{VERSION}",
        "not_retained",
    ),
    "small packets": Case(
        ("allow_anonymous true", "max_packet_size 1000"),
        "5",
        "1000 bytes",
        f"{LOGIN}|{TLS}|{VERSION}",
        "broker_limited",
    ),
    "a topic that is not allowed": Case(
        ("allow_anonymous true", "acl_file ACL"),
        "5",
        re.escape(LOG),
        f"{LOGIN}|{TLS}|{VERSION}",
        "publish_refused",
    ),
}

ALLOWED = """topic readwrite unsit/desk/availability
topic readwrite unsit/desk/state
topic readwrite unsit/desk/event
topic readwrite unsit/desk/command/#
topic readwrite homeassistant/#
"""


@contextmanager
def chair_on(case: Case, folder: Path) -> Iterator[ChairProgram]:
    acl = folder / "acl"
    acl.write_text(ALLOWED)
    server = MosquittoServer(folder, *(line.replace("ACL", str(acl)) for line in case.access))
    server.start()
    try:
        with ChairProgram(server.port, case.version, folder / "state") as chair:
            yield chair
    finally:
        server.stop()


@pytest.mark.parametrize("name", CASES)
def test_the_log_and_the_check_name_the_cause_of_a_refusal_and_no_other(
    name: str, tmp_path: Path
) -> None:
    case = CASES[name]
    with chair_on(case, tmp_path) as chair:
        assert chair.wait_for_line(case.cause, timeout=LINE_S) is not None, chair.lines
        found = findings_on_broker(chair)
        lines = chair.lines

    assert [line for line in lines if re.search(case.others, line)] == []
    assert case.fault in [finding["fault"] for finding in found]
    assert [
        finding
        for finding in found
        if finding["fault"] and re.search(case.others, f"{finding['words']} {finding['fix']}")
    ] == []


def test_a_program_that_never_answers_is_named_within_seconds(tmp_path: Path) -> None:
    with (
        socket.create_server((LOOPBACK, 0)) as mute,
        ChairProgram(mute.getsockname()[1], "5", tmp_path / "state") as chair,
    ):
        line = chair.wait_for_line("does not answer", timeout=LINE_S)

    assert line is not None
    assert re.search(VERSION, line)
    assert not re.search(LOGIN, line)
