"""Session of the demo: a private broker, and a scripted morning on a simulated chair."""

import asyncio
import contextlib
import logging
import os
import queue
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

from paho.mqtt.client import Client, MQTTMessage, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from unsit.assembly.service import Service, shelf_of
from unsit.assembly.simulation import SimulatedContact, pins_on, seat_on
from unsit.checkup.machine import Interpreter
from unsit.core.chair import Chair
from unsit.core.instant import Instant
from unsit.errors import UnavailableError
from unsit.runtime.clock import ScaledClock
from unsit.settings.exercises import read_programme
from unsit.settings.model import (
    ButtonSettings,
    ChairSettings,
    HomeAssistantSettings,
    LedSettings,
    MqttSettings,
    Settings,
)
from unsit.words import english

LOOPBACK = "127.0.0.1"
START_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Running:
    """Broker that accepts connections. version: newest MQTT version that it speaks."""

    name: str
    port: int
    version: Literal["5", "3.1.1"]


@contextlib.contextmanager
def private_broker() -> Iterator[Running]:
    """Run a broker that only this machine can reach, until the block ends.

    Raises UnavailableError if neither mosquitto nor amqtt is installed.
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
        process = subprocess.Popen(  # noqa: S603  # a program from PATH with a file of the demo
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
            "the demo needs a broker; sudo apt install mosquitto, or: "
            + Interpreter.running().install("amqtt")
        ) from None
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)
    logging.getLogger("transitions").setLevel(logging.CRITICAL)
    port = _free_port()
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"{LOOPBACK}:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {}},
    }

    async def start() -> Broker:
        broker = Broker(config)
        await broker.start()
        return broker

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="amqtt", daemon=True)
    thread.start()
    broker = asyncio.run_coroutine_threadsafe(start(), loop).result(START_TIMEOUT_S)
    try:
        yield Running("amqtt", port, "3.1.1")
    finally:
        asyncio.run_coroutine_threadsafe(broker.shutdown(), loop).result(START_TIMEOUT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _wait_for(running: Running) -> None:
    end = time.perf_counter() + START_TIMEOUT_S
    while time.perf_counter() < end:
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, running.port), 1):
            return
        threading.Event().wait(0.05)
    raise UnavailableError(f"{running.name} does not answer on port {running.port}")


@dataclass(frozen=True, slots=True)
class Message:
    """Message from the broker."""

    topic: str
    payload: str


class Observer:
    """Subscriber to all topics of a prefix. ``messages`` is the queue of what arrived."""

    def __init__(self, broker: Running, prefix: str) -> None:
        self.messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._subscribed = queue.SimpleQueue[bool]()
        self._filter = f"{prefix}/#"
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            protocol=MQTTv5 if broker.version == "5" else MQTTv311,
        )
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.connect(LOOPBACK, broker.port)
        self._client.loop_start()
        self._subscribed.get(timeout=START_TIMEOUT_S)

    def close(self) -> None:
        """Disconnect from the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: Client, *_: Any) -> None:
        client.subscribe(self._filter, 1)

    def _on_subscribe(self, *_: Any) -> None:
        self._subscribed.put(True)

    def _on_message(self, client: Client, _: Any, message: MQTTMessage) -> None:
        with contextlib.suppress(UnicodeDecodeError):  # such a topic is not the chair's
            self.messages.put(Message(message.topic, message.payload.decode(errors="replace")))


Action = Literal["sits down", "stands up", "presses the button", "releases the button", "goes"]

FAST, BRISK, SLOW = 240.0, 40.0, 1.5
"""Seconds of the morning in a real second: for long sitting, for actions, and for sounds."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Action of the person at an instant of the morning, and the speed of the clock from there."""

    at: timedelta
    action: Action | None
    speed: float


def _scene(clock: str, action: Action | None, speed: float) -> Scene:
    hours, minutes, seconds = clock.split(":")
    at = timedelta(hours=int(hours) - 9, minutes=int(minutes), seconds=float(seconds))
    return Scene(at, action, speed)


MORNING = [
    _scene("09:00:01", "sits down", SLOW),
    _scene("09:00:04", None, FAST),
    _scene("09:29:58.5", None, SLOW),
    _scene("09:30:02.5", None, 60.0),
    _scene("09:34:58.5", None, SLOW),
    _scene("09:35:02", None, BRISK),
    _scene("09:35:20", "stands up", BRISK / 2),
    _scene("09:36:05", "sits down", BRISK / 2),
    _scene("09:36:15", None, 80.0),
    _scene("09:41:03.5", None, SLOW),
    _scene("09:41:05.7", "stands up", SLOW),
    _scene("09:41:13", None, BRISK),
    _scene("09:43:38.5", None, SLOW),
    _scene("09:43:40", "presses the button", SLOW),
    _scene("09:43:40.2", "releases the button", SLOW),
    _scene("09:43:41.5", None, BRISK),
    _scene("09:46:30", "sits down", BRISK),
    _scene("09:46:50", None, FAST),
    _scene("10:16:28.5", None, SLOW),
    _scene("10:16:33", "presses the button", SLOW),
    _scene("10:16:33.2", "releases the button", SLOW),
    _scene("10:16:34", None, BRISK),
    _scene("10:17:10", "stands up", BRISK),
    _scene("10:20:10", "goes", BRISK),
]
"""Script of the morning, by the time of day; it starts at 09:00.

The person ignores the first reminder, takes a break that is too short, stands up during a sound,
does an exercise in the break, and snoozes the last reminder.
"""

PREFIX = "unsit"
CHAIR = "demo"
BUTTON_PIN = 27
LED_PIN = 22


def demo_settings(broker: Running) -> Settings:
    """Return the default settings with a button and an LED, on the broker of the demo."""
    return Settings(
        chair=ChairSettings(id=CHAIR, name="Demo chair"),
        button=ButtonSettings(pin=BUTTON_PIN),
        led=LedSettings(pin=LED_PIN),
        mqtt=MqttSettings(
            host=LOOPBACK,
            port=broker.port,
            version=broker.version,
            prefix=PREFIX,
            heartbeat=timedelta(minutes=10),
            fresh_for=timedelta(hours=1),
        ),
        homeassistant=HomeAssistantSettings(discovery=False),
    )


class DemoSession:
    """Service and person of the demo, in a thread of their own.

    start: date and time of the start of the morning, with an offset. directory: an empty one, for
    the history of the morning.
    """

    def __init__(self, broker: Running, start: datetime, version: str, directory: Path) -> None:
        self.settings = demo_settings(broker)
        self._clock = ScaledClock(MORNING[0].speed, start)
        self._pins = pins_on(self._clock)
        self._seat = seat_on(self._pins, self.settings)
        self._button = SimulatedContact(self._pins.pin(BUTTON_PIN))
        self.programme = read_programme(self.settings.exercises, english())
        self._service = Service(
            self.settings,
            self._clock,
            self._pins,
            lambda _: None,
            version=version,
            programme=self.programme,
            shelf=shelf_of(self.settings, directory, self._clock),
        )
        self._actions: dict[Action, Callable[[], None]] = {
            "sits down": partial(self._seat.set, True),
            "stands up": partial(self._seat.set, False),
            "presses the button": partial(self._button.set, True),
            "releases the button": partial(self._button.set, False),
            "goes": self._service.stop,
        }
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="chair")

    @property
    def chair(self) -> Chair:
        """State of the chair now."""
        return self._service.chair.decider.chair

    @property
    def now(self) -> Instant:
        """Time since the start of the morning."""
        return self._clock.now()

    @property
    def date(self) -> datetime:
        """Date and time of day."""
        return self._clock.wall(self._clock.now())

    @property
    def buzzing(self) -> bool:
        """True while a pattern is playing on the pin of the buzzer."""
        buzzer = self._service.chair.devices.buzzer
        return buzzer is not None and buzzer.is_playing

    @property
    def over(self) -> bool:
        """True once the service has ended."""
        return not self._thread.is_alive()

    def start(self) -> None:
        """Start the service and the script."""
        for scene in MORNING:
            self._service.loop.at(scene.at, partial(self._play, scene))
        self._thread.start()

    def stop(self) -> None:
        """Stop the service, and raise its error if it failed."""
        self._service.stop()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._service.run()
        except BaseException as error:  # raised again by ``stop``, in the caller's thread
            self._failure = error

    def _play(self, scene: Scene) -> None:
        self._clock.set_speed(scene.speed)
        if scene.action is not None:
            self._actions[scene.action]()
