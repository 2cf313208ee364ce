"""Home Assistant with every way off this machine closed.

It asks catalogues and the like at its start. Here it may connect to loopback addresses only, and
names are looked up nowhere.
"""

import contextlib
import errno
import ipaddress
import socket
import sys
from typing import Any

from homeassistant.__main__ import main


def _is_outside(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost"):
        return False
    try:
        address = ipaddress.ip_address(str(host).split("%")[0])
    except ValueError:
        return True
    return not (address.is_loopback or address.is_unspecified)


def _is_name(host: object) -> bool:
    try:
        ipaddress.ip_address(str(host))
    except ValueError:
        return True
    return False


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and _is_outside(address[0]):
            raise OSError(errno.ENETUNREACH, f"rig: loopback only, not {address}")
    elif event == "socket.getaddrinfo" and _is_outside(arguments[0]) and _is_name(arguments[0]):
        raise socket.gaierror(socket.EAI_NONAME, f"rig: loopback only, not {arguments[0]}")


def _look_up_nowhere() -> None:
    """Point the resolver that is not Python's own to a port on which nobody answers."""
    import pycares

    original = pycares.Channel.__init__

    def without_servers(self: Any, *arguments: Any, **options: Any) -> None:
        options.update(servers=["127.0.0.1"], udp_port=9, tcp_port=9)
        original(self, *arguments, **options | {"tries": 1})

    pycares.Channel.__init__ = without_servers


if __name__ == "__main__":
    sys.addaudithook(_refuse)
    with contextlib.suppress(ImportError):
        _look_up_nowhere()
    sys.exit(main())
