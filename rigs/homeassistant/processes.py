"""Processes that outlive the program that starts them.

A process is identified by its id and its start time, so that a later process with the same id is
never taken for it, and never ended.
"""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

LOOPBACK = "127.0.0.1"
END_TIMEOUT_S = 20.0
KILL_TIMEOUT_S = 5.0


class Process(TypedDict):
    """A started process, as the state file has it."""

    name: str
    pid: int
    started: int | None


def _start_time(pid: int) -> int | None:
    """Return a running process's start time in clock ticks since boot, None if it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])


def start(
    name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Process:
    """Start a process in a session of its own; its output is appended to a file."""
    with log.open("ab") as output:
        started = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment,
        )
    return {"name": name, "pid": started.pid, "started": _start_time(started.pid)}


def is_running(process: Process) -> bool:
    """Return whether the process that was started still runs."""
    # A child of this process stays in the table until its parent has waited for it.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process["pid"], os.WNOHANG)
    return process["started"] is not None and _start_time(process["pid"]) == process["started"]


def end(process: Process, first: signal.Signals = signal.SIGTERM) -> str:
    """End a process, by SIGKILL if need be; return the signal that ended it, or "not running"."""
    for how, timeout in ((first, END_TIMEOUT_S), (signal.SIGKILL, KILL_TIMEOUT_S)):
        if not is_running(process):
            return "not running"
        os.kill(process["pid"], how)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if not is_running(process):
                return how.name
            time.sleep(0.05)
    raise RuntimeError(f"{process['name']} (process {process['pid']}) does not end")


PORTS = range(10_000, 32_000)
"""Ports that Linux gives to no connection; a broker that is down for a moment keeps its own."""


def free_port() -> int:
    """Return a port of the loopback that nobody uses."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((LOOPBACK, PORTS[secrets.randbelow(len(PORTS))]))
            return int(probe.getsockname()[1])


def wait_for_port(port: int, process: Process, timeout: float) -> None:
    """Wait until a process listens on a port of the loopback."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and is_running(process):
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{process['name']} does not listen on port {port}")
