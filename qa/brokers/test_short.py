"""The service on every broker that is installed; ``make brokers`` installs them all."""

import pytest

from brokers.servers import SERVERS, MosquittoServer, Server
from brokers.trial import try_server
from support.fixtures import missing

pytestmark = pytest.mark.broker

TRIALS = [(server, version) for server in SERVERS for version in server.tried]


@pytest.mark.parametrize(
    ("server", "version"), TRIALS, ids=[f"{server.name}-{version}" for server, version in TRIALS]
)
def test_every_promise_is_kept_on_a_broker(server: type[Server], version: str) -> None:
    if server.version() is None:
        lacking = missing if server is MosquittoServer else pytest.skip
        lacking(f"{server.name} is not installed; {server.remedy}")

    outcomes = try_server(server, version)

    assert {
        promise: outcome.note for promise, outcome in outcomes.items() if not outcome.kept
    } == {}
