"""Probe of ``unsit check`` and ``unsit forget``: it waits for answers, however late they come."""

import os
from pathlib import Path

import pytest

from support.program import here
from support.strict_broker import LOOPBACK, NOT_AUTHORIZED, Limits, StrictBroker
from unsit.assembly.memory import TRACES, open_state, recall_traces
from unsit.homeassistant.announcer import Trace, Traces
from unsit.mqtt import probe
from unsit.mqtt.connection import Broker
from unsit.mqtt.probe import Probe
from unsit.runtime.documents import Store

ROOT = "unsit/test-chair"
CONFIG = "homeassistant/device/unsit_test-chair/config"
MINE = [CONFIG, f"{ROOT}/availability", f"{ROOT}/state"]


def forget(broker: StrictBroker, state: Path, *more: str) -> tuple[int | str | None, str]:
    settings = [f"mqtt.host={LOOPBACK}", f"mqtt.port={broker.port}", "chair.id=test-chair"]
    options = [part for setting in settings for part in ("--set", setting)]
    ended = here("forget", "--state-dir", str(state), *options, *more)
    return ended.code, ended.out + ended.err


def with_messages(broker: StrictBroker, availability: bytes = b"offline") -> None:
    broker.retained.update(dict.fromkeys(MINE, b"{}") | {f"{ROOT}/availability": availability})


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    """Return a state directory with the trace of the chair."""
    store = Store(open_state(tmp_path))
    trace = Trace(CONFIG, f"{ROOT}/availability", f"{ROOT}/state")
    store.put(TRACES, Traces(trace).document())
    store.close()
    return tmp_path


def kept(state: Path) -> Traces:
    store = Store(open_state(state))
    try:
        return recall_traces(store)
    finally:
        store.close()


LIMITS = {
    "as usual": Limits(),
    "half a second away": Limits(round_trip_s=0.5),
    "without wildcards": Limits(wildcards=False),
    "retained by name only": Limits(retained_by_name_only=True),
    "one message at a time": Limits(receive_maximum=1),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_chair_is_forgotten_completely(name: str, traces: Path) -> None:
    with StrictBroker(LIMITS[name]) as broker:
        with_messages(broker)
        assert forget(broker, traces) == (0, "".join(f"removed {topic}\n" for topic in MINE))

        assert broker.retained == {}
        assert broker.violations == []
    assert kept(traces) == Traces()


@pytest.mark.parametrize("name", LIMITS)
def test_a_chair_that_is_online_is_seen(name: str, traces: Path) -> None:
    with StrictBroker(LIMITS[name]) as broker:
        with_messages(broker, b"online")
        code, output = forget(broker, traces)

    assert code == os.EX_UNAVAILABLE
    assert "says online" in output
    assert kept(traces) != Traces()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(refused={CONFIG: NOT_AUTHORIZED}), "it refuses (Not authorized) the removal of"),
        (Limits(unacknowledged={CONFIG}), "has not acknowledged the removal of"),
        (
            Limits(refused_subscriptions={f"{ROOT}/state": NOT_AUTHORIZED}),
            "the subscription to unsit/test-chair/state is refused: Not authorized",
        ),
        (
            Limits(refused_subscriptions={f"{ROOT}/check": NOT_AUTHORIZED}),
            "the subscription to unsit/test-chair/check is refused: Not authorized",
        ),
    ],
)
def test_the_traces_are_kept_until_everything_is_read_and_cleared(
    limits: Limits, words: str, traces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "PROBE_TIMEOUT_S", 0.5)
    with StrictBroker(limits) as broker:
        with_messages(broker)
        code, output = forget(broker, traces)

    assert code == os.EX_UNAVAILABLE
    assert words in output
    assert output.count("\n") == 1
    assert kept(traces) != Traces()


def test_with_force_a_chair_is_forgotten_unseen(traces: Path) -> None:
    limits = Limits(refused_subscriptions={f"{ROOT}/check": NOT_AUTHORIZED})
    with StrictBroker(limits) as broker:
        with_messages(broker, b"online")
        code, _ = forget(broker, traces, "--force")

        assert code == 0
        assert broker.retained == {}
    assert kept(traces) == Traces()


def test_a_fence_brings_all_retained_messages_and_none_of_others(tmp_path: Path) -> None:
    topics = {f"many/{number}": b"x" * 1000 for number in range(300)}
    with StrictBroker(Limits(round_trip_s=0.2)) as broker:
        broker.retained.update(topics)
        with Probe(Broker(LOOPBACK, broker.port), "probe", "many/fence") as found:
            retained = found.retained(["many/#"])

    assert retained.payloads == topics
    assert retained.gap is None
