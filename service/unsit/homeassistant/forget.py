"""Has the broker, and with it Home Assistant, forget a chair."""

import threading
from collections.abc import Sequence

from unsit.errors import UnavailableError
from unsit.homeassistant.announcer import UNTIL_REMOVED, Trace
from unsit.mqtt.link import Broker
from unsit.mqtt.topics import ONLINE
from unsit.mqtt.visit import Visit


def forget(
    broker: Broker, chair: str, traces: Sequence[Trace], *, even_online: bool = False
) -> list[str]:
    """Clears the retained messages of a chair; the topics that had one.

    Home Assistant is given time to let go of the chair before what it listens to is cleared.
    even_online: although the chair says that it is there.

    Raises UnavailableError for a broker that does not answer, and for a chair that is online: its
    service would announce it again.
    """
    with Visit(broker, f"unsit-{chair}-forget") as visit:
        held = visit.retained({topic for trace in traces for topic in trace.topics})
        online = [t.availability for t in traces if held.get(t.availability) == ONLINE.encode()]
        if online and not even_online:
            raise UnavailableError(
                f"{online[0]} says {ONLINE}: the service runs and would announce itself again; "
                "stop it first (sudo systemctl stop unsit), or use --force if it does not run"
            )
        announced = sorted({t.discovery for t in traces if t.discovery} & held.keys())
        visit.clear(announced)
        if announced:
            threading.Event().wait(UNTIL_REMOVED)
        rest = sorted(held.keys() - set(announced))
        visit.clear(rest)
        return [*announced, *rest]
