"""Service as a separate program: simulated pins on standard input, a real broker."""

from collections.abc import Mapping
from pathlib import Path

from support.mosquitto import Mosquitto
from support.program import Program
from support.strict_broker import StrictBroker


def chair_on(
    broker: "Mosquitto | StrictBroker",
    state: Path,
    *settings: str,
    debug: bool = False,
    env: Mapping[str, str] | None = None,
) -> Program:
    """Start the service with ``seat.sit_dwell`` of 0 s and the given settings."""
    fixed = (f"mqtt.port={broker.port}", "chair.id=test-chair", "seat.sit_dwell=0")
    options = (part for setting in (*fixed, *settings) for part in ("--set", setting))
    flags = ["--debug"] if debug else []
    program = ("run", "--simulate", "-", "--state-dir", str(state))
    return Program(*program, *flags, *options, env=env)
