"""A broker of the demo's own, on loopback: mosquitto where it is installed, else amqtt."""

import asyncio
import contextlib
import logging
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from unsit.errors import UnavailableError

LOOPBACK = "127.0.0.1"
LONGEST_START = 10.0


@dataclass(frozen=True, slots=True)
class Running:
    """A broker that takes connections; version: the newest MQTT that it speaks."""

    name: str
    port: int
    version: Literal["5", "3.1.1"]


@contextlib.contextmanager
def private_broker() -> Iterator[Running]:
    """Runs a broker that only this machine can reach, until the block ends.

    Raises UnavailableError where there is none.
    """
    # Debian keeps daemons in sbin, which a user's PATH may lack.
    path = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin"
    mosquitto = shutil.which("mosquitto", path=path)
    with _mosquitto(mosquitto) if mosquitto else _amqtt() as running:
        _wait_for(running)
        yield running


@contextlib.contextmanager
def _mosquitto(program: str) -> Iterator[Running]:
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="unsit-demo-") as folder:
        config = Path(folder) / "mosquitto.conf"
        config.write_text(f"listener {port} {LOOPBACK}\nallow_anonymous true\n")
        process = subprocess.Popen(  # noqa: S603  # a program found on PATH, nothing of a user's
            [program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield Running("mosquitto", port, "5")
        finally:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def _amqtt() -> Iterator[Running]:
    try:
        from amqtt.broker import Broker
    except ImportError:
        raise UnavailableError(
            "the demo needs a broker: install mosquitto, or amqtt with pip install 'unsit[demo]'"
        ) from None
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)
    logging.getLogger("transitions").setLevel(logging.CRITICAL)
    port = _free_port()
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"{LOOPBACK}:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {}},
    }

    async def started() -> Broker:
        broker = Broker(config)
        await broker.start()
        return broker

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="amqtt", daemon=True)
    thread.start()
    broker = asyncio.run_coroutine_threadsafe(started(), loop).result(LONGEST_START)
    try:
        yield Running("amqtt", port, "3.1.1")
    finally:
        asyncio.run_coroutine_threadsafe(broker.shutdown(), loop).result(LONGEST_START)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _wait_for(running: Running) -> None:
    end = time.perf_counter() + LONGEST_START
    while time.perf_counter() < end:
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, running.port), 1):
            return
        threading.Event().wait(0.05)
    raise UnavailableError(f"{running.name} does not answer on port {running.port}")
