"""The service as a program of its own: simulated pins on standard input, a real broker."""

from pathlib import Path

from cli.program import Program
from mosquitto import Mosquitto


def chair_on(broker: Mosquitto, state: Path, *settings: str, debug: bool = False) -> Program:
    """Starts it; somebody sits as soon as the pins say so, other settings as asked."""
    fixed = (f"mqtt.port={broker.port}", "chair.id=test-chair", "seat.sit_dwell=0")
    options = (part for setting in (*fixed, *settings) for part in ("--set", setting))
    loud = ["--debug"] if debug else []
    return Program("run", "--simulate", "-", "--state-dir", str(state), *loud, *options)
