"""Topics that hold the chair: which values do, and which are no news."""

import pytest

from unsit.core.inputs import Hold, Holder, TopicCleared
from unsit.mqtt.hold_topics import HoldTopics

CALL = "teams/in-call"
HELD = Hold(CALL, holder=Holder.TOPIC)


def listening() -> HoldTopics:
    return HoldTopics([CALL, "calendar"], ["true", "on"])


@pytest.mark.parametrize("payload", [b"true", b"True", b" ON ", b'"on"'])
def test_one_of_the_values_holds_however_it_is_written(payload: bytes) -> None:
    assert listening().heard(CALL, payload) == HELD


@pytest.mark.parametrize("payload", [b"false", b"OFF", b"", b"null", b'{"call": true}', b"tru"])
def test_every_other_value_lets_go(payload: bytes) -> None:
    topics = listening()
    topics.heard(CALL, b"on")

    assert topics.heard(CALL, payload) == TopicCleared(CALL)


def test_a_value_that_is_said_again_is_no_news() -> None:
    topics = listening()
    topics.heard(CALL, b"on")

    assert topics.heard(CALL, b"TRUE") is None
    assert topics.heard("calendar", b"on") == Hold("calendar", holder=Holder.TOPIC)


@pytest.mark.parametrize("payload", [b"\xff", b"x" * 5000])
def test_what_cannot_be_read_changes_nothing_and_is_told_of(
    payload: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    topics = listening()
    topics.heard(CALL, b"on")

    assert topics.heard(CALL, payload) is None
    assert CALL in caplog.text
    assert topics.heard(CALL, b"off") == TopicCleared(CALL)
