"""Brokers that can be found: those that make themselves known, and those at usual names."""

import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from unsit.settings.mqtt import PORT

LONGEST_LOOK = 3.0
"""Seconds in which what is there makes itself known."""

SERVICES = {
    "_mqtt._tcp.local.": None,
    "_secure-mqtt._tcp.local.": None,
    "_home-assistant._tcp.local.": PORT,
}
"""Where brokers make themselves known; beside a Home Assistant there mostly is one, so its port."""

PATIENCE = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a broker may be."""

    host: str
    port: int


USUAL = (Place("localhost", PORT), Place("homeassistant.local", PORT))


def find_brokers(usual: Sequence[Place] = USUAL) -> list[Place]:
    """Where something listens that may be a broker; those that made themselves known first.

    usual: where to knock beside them.
    """
    known = dict.fromkeys((*_made_known(), *usual))
    return [place for place in known if _listens(place)]


def _listens(place: Place) -> bool:
    try:
        socket.create_connection((place.host, place.port), PATIENCE).close()
    except OSError:
        return False
    return True


def _made_known() -> list[Place]:
    """What multicast DNS says; nothing where zeroconf, an extra, is not installed."""
    try:
        import zeroconf
    except ImportError:
        return []
    try:
        network = zeroconf.Zeroconf()
    except OSError:
        return []
    names: list[tuple[str, str]] = []

    def hear(zeroconf: Any, service_type: str, name: str, state_change: Any) -> None:
        names.append((service_type, name))  # in zeroconf's own thread

    try:
        zeroconf.ServiceBrowser(network, list(SERVICES), handlers=[hear])
        threading.Event().wait(LONGEST_LOOK)
        known = dict.fromkeys(names)
        return [place for kind, name in known for place in _place(network, kind, name)]
    finally:
        network.close()


def _place(network: Any, kind: str, name: str) -> list[Place]:
    service = network.get_service_info(kind, name)
    if service is None:
        return []
    addresses = service.parsed_addresses()
    port = SERVICES[kind] or service.port
    return [Place(address, port) for address in addresses[:1] if port]
