"""Hold topics: payloads that hold the chair, end the hold, or change nothing."""

import pytest

from unsit.core.inputs import Hold, Holder, TopicCleared
from unsit.mqtt.topics import HoldTopics

CALL = "teams/in-call"
HELD = Hold(CALL, holder=Holder.TOPIC)


def hold_topics() -> HoldTopics:
    return HoldTopics([CALL, "calendar"], ["true", "on"])


@pytest.mark.parametrize("payload", [b"true", b"True", b" ON ", b'"on"'])
def test_a_value_holds_the_chair_in_upper_and_lower_case(payload: bytes) -> None:
    assert hold_topics().request_of(CALL, payload) == HELD


@pytest.mark.parametrize("payload", [b"false", b"OFF", b"", b"null", b'{"call": true}', b"tru"])
def test_any_other_value_ends_the_hold(payload: bytes) -> None:
    topics = hold_topics()
    topics.request_of(CALL, b"on")

    assert topics.request_of(CALL, payload) == TopicCleared(CALL)


def test_a_repeated_value_changes_nothing() -> None:
    topics = hold_topics()
    topics.request_of(CALL, b"on")

    assert topics.request_of(CALL, b"TRUE") is None
    assert topics.request_of("calendar", b"on") == Hold("calendar", holder=Holder.TOPIC)


@pytest.mark.parametrize("payload", [b"\xff", b"x" * 5000])
def test_an_unreadable_payload_changes_nothing_and_is_logged(
    payload: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    topics = hold_topics()
    topics.request_of(CALL, b"on")

    assert topics.request_of(CALL, payload) is None
    assert CALL in caplog.text
    assert topics.request_of(CALL, b"off") == TopicCleared(CALL)
