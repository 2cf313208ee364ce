"""A read-only root, as on a card that is never written to, with the state on a disk of its own.

Run as root in a container by test_on_a_real_systemd.py.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.mosquitto import until
from systemd.machine import done, drop_in, install, of_unit, retained, run, simulate_pins

STATE = Path("/var/lib/private")
"""Parent of the directories of all services with DynamicUser=, of which the page makes a disk."""


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """Install unsit with a broker and a person on the seat."""
    simulate_pins()
    # Without a file of settings it writes neither a log nor its state.
    done("systemd-run", "--quiet", "--unit=broker", "/usr/sbin/mosquitto")
    drop_in("unsit.service", "person", 'Environment="UNSIT_SIM_SCRIPT=stand 1s, sit 1h"')
    ended = install("--set", "chair.id=tested", "--set", "mqtt.host=127.0.0.1")
    assert (ended.code, ended.err) == (0, ""), ended


@pytest.fixture
def read_only() -> Iterator[None]:
    """Make the root read-only; the unit is stopped before and after."""
    done("systemctl", "stop", "unsit")
    done("mount", "-t", "tmpfs", "tmpfs", "/var/tmp")  # noqa: S108  # as an overlay has it
    done("mount", "-o", "remount,bind,ro", "/")
    assert run("touch", "/etc/probe").code != 0
    yield
    run("systemctl", "stop", "unsit")
    done("mount", "-o", "remount,bind,rw", "/")
    done("umount", "/var/tmp")  # noqa: S108


@pytest.fixture
def disk(read_only: None) -> Iterator[None]:
    """Put the state on a disk of its own, as the page says."""
    done("mount", "-t", "tmpfs", "-o", "mode=700", "tmpfs", "/mnt")
    done("cp", "--archive", f"{STATE}/unsit", "/mnt/unsit")
    done("mount", "--bind", "/mnt", STATE)
    yield
    run("systemctl", "stop", "unsit")
    done("umount", STATE)
    done("umount", "/mnt")


def state() -> dict[str, object]:
    """Return the retained state."""
    published: dict[str, object] = json.loads(retained("unsit/tested/state"))
    return published


def seated(*, unlike: object = None) -> dict[str, object]:
    """Return the state once somebody sits. unlike: start of a service that has ended."""
    now: dict[str, object] = {}

    def somebody_sits() -> bool:
        now.update(state())
        return bool(now["occupied"]) and now["started_at"] != unlike

    until(somebody_sits, "somebody sits")
    return now


def test_a_chair_on_a_read_only_root_keeps_its_bout_on_a_disk_of_its_own(disk: None) -> None:
    done("systemctl", "start", "unsit")
    first = seated()
    done("systemctl", "restart", "unsit")
    again = seated(unlike=first["started_at"])

    assert again["sitting_since"] == first["sitting_since"]
    assert (first["storage_fault"], again["storage_fault"]) == (None, None)


def test_a_chair_on_a_read_only_root_without_a_disk_works_in_memory_and_says_so(
    read_only: None,
) -> None:
    done("systemctl", "start", "unsit")

    assert of_unit("ActiveState") == "active"
    assert "unable to open database file" in str(state()["storage_fault"])
