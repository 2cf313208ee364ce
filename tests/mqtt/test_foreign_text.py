"""Foreign text: payloads, topics and names from the network, shown on one line."""

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unsit.core.instant import ZERO
from unsit.errors import printable, quoted
from unsit.mqtt.command import CommandReader
from unsit.mqtt.link import Link, Listener
from unsit.mqtt.outbox import Outbox
from unsit.mqtt.publisher import Publisher
from unsit.mqtt.topics import PAYLOAD_MAX_BYTES, HoldTopics, Topics, payload_text
from unsit.runtime.clock import VirtualClock
from unsit.runtime.loop import Loop
from unsit.runtime.state_file import StateFile
from unsit.settings.changes import Changes
from unsit.settings.model import Settings
from unsit.settings.values import parse_duration, parse_time


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("desk/call", "desk/call"),
        ("Stuhl am Fenster, 20 °C", "Stuhl am Fenster, 20 °C"),
        ("a\nOct 1 unsit: forged", r"a\nOct 1 unsit: forged"),
        ("\x1b[2Jcleared\r\0", r"\x1b[2Jcleared\r\x00"),
        ("right\u202eto left\u2028", r"right\u202eto left\u2028"),
        ("a quote ' and a \\ stay", "a quote ' and a \\ stay"),
        (b"bytes\n\xff", "bytes\\n\ufffd"),
        (None, "None"),
    ],
)
def test_a_foreign_text_is_shown_with_escapes_for_what_cannot_be_printed(
    foreign: object, shown: str
) -> None:
    assert printable(foreign) == shown


@given(st.text() | st.binary(), st.integers(2, 50))
def test_a_foreign_text_stays_on_its_line_and_within_its_length(
    foreign: str | bytes, limit: int
) -> None:
    shown = printable(foreign, limit)

    assert shown.isprintable()
    assert len(shown.splitlines()) <= 1
    assert len(shown) <= len(r"\U00000000") * limit


def test_a_long_foreign_text_ends_with_an_ellipsis() -> None:
    assert printable("x" * 11, limit=10) == "x" * 9 + "…"
    assert printable("x" * 10, limit=10) == "x" * 10
    assert quoted("x" * 11, limit=10) == "'" + "x" * 9 + "…'"


@given(st.text(max_size=200))
def test_a_short_foreign_text_is_quoted_like_any_text_in_python(text: str) -> None:
    assert quoted(text) == repr(text)


@pytest.mark.parametrize(
    ("payload", "text"),
    [(b" 30m\n", "30m"), (b'"30m"', "30m"), (b'"30m', '"30m'), (b"", ""), (b"[1]", "[1]")],
)
def test_a_payload_is_read_without_space_and_quotes(payload: bytes, text: str) -> None:
    assert payload_text(payload) == text


@pytest.mark.parametrize("payload", [b"\xff", b"x" * (PAYLOAD_MAX_BYTES + 1)])
def test_a_payload_that_is_too_large_or_not_utf_8_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r"expected at most 4096|not UTF-8"):
        payload_text(payload)


class RecordingLink:
    """A link that is always connected and records what is published."""

    def __init__(self) -> None:
        self.connected = True
        self.published: list[tuple[str, str]] = []

    def start(self, listener: Listener) -> None:
        self.listener = listener

    def offer(self, topic: str, payload: str) -> bool:
        self.published.append((topic, payload))
        return True


@pytest.fixture
def memory() -> Iterator[StateFile]:
    """Yield a state file in memory, and close it after the test."""
    with closing(StateFile()) as file:
        yield file


def test_a_rejected_command_is_logged_on_one_line_whatever_its_name_and_payload(
    caplog: pytest.LogCaptureFixture, memory: StateFile
) -> None:
    loop = Loop(VirtualClock(datetime(2026, 1, 5, tzinfo=UTC), iter(()), lambda: None))
    link = RecordingLink()
    publisher = Publisher(
        loop,
        cast("Link", link),
        Topics("unsit", "desk"),
        Outbox(memory),
        CommandReader(
            parse_duration, parse_time, lambda of_day: ZERO, Changes(Settings()).reset_request
        ),
        state=dict,
        request=lambda request, topic: "refused\nwith a line break",
        fresh_for=timedelta(minutes=1),
        heartbeat=timedelta(minutes=1),
        hold_topics=HoldTopics(["desk\ncall"], ["on"]),
    )
    publisher.start()

    with caplog.at_level(logging.WARNING):
        link.listener.message("unsit/desk/command/x\nforged", b"", False)
        link.listener.message("unsit/desk/command/move_after", b"x\n" * 1000, False)
        link.listener.message("unsit/desk/command/snooze", b"", False)
        link.listener.message("desk\ncall", b"on", False)
        link.listener.message("desk\ncall", b"\xff", False)

    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 5
    assert all(message.isprintable() and len(message) < 800 for message in messages)
    assert messages[0].startswith(r"command x\nforged rejected: there is no such command")
    answers = [json.loads(payload) for _, payload in link.published]
    assert answers[0]["command"] == "x\nforged"
    assert answers[1]["why"].endswith("or PT30M")
