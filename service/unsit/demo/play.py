"""The play: the service on simulated pins, and the person whose morning it is."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from unsit.assembly.service import Service
from unsit.assembly.simulation import SimulatedContact, pins_on, seat_on
from unsit.core.chair import Chair
from unsit.core.instant import Instant
from unsit.demo.broker import LOOPBACK, Running
from unsit.demo.morning import MORNING, Deed, Scene
from unsit.runtime.clock import ScaledClock
from unsit.settings.model import (
    ButtonSettings,
    ChairSettings,
    HomeAssistantSettings,
    LedSettings,
    Settings,
)
from unsit.settings.mqtt import MqttSettings
from unsit.settings.programme import read_programme
from unsit.words import english

PREFIX = "unsit"
CHAIR = "demo"
BUTTON_PIN = 27
LED_PIN = 22


def demo_settings(broker: Running) -> Settings:
    """The defaults, with a button and a lamp, on the demo's own broker."""
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


class Play:
    """Runs the service and the person in a thread of their own; others only look.

    start: the date and time at which the morning begins, with an offset.
    """

    def __init__(self, broker: Running, start: datetime, version: str) -> None:
        self.settings = demo_settings(broker)
        self._clock = ScaledClock(MORNING[0].speed, start)
        self._pins = pins_on(self._clock)
        self._seat = seat_on(self._pins, self.settings)
        self._button = SimulatedContact(self._pins.pin(BUTTON_PIN))
        programme = read_programme(self.settings.exercises, english())
        self._service = Service(
            self.settings,
            self._clock,
            self._pins,
            lambda _: None,
            version=version,
            programme=programme,
        )
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="chair")

    @property
    def chair(self) -> Chair:
        """The chair as the service has it now."""
        return self._service.decider.chair

    @property
    def now(self) -> Instant:
        """How long the morning has lasted."""
        return self._clock.now()

    @property
    def date(self) -> datetime:
        """The time of day."""
        return self._clock.wall(self._clock.now())

    @property
    def buzzing(self) -> bool:
        """Whether a pattern is playing on the buzzer's pin."""
        buzzer = self._service.devices.buzzer
        return buzzer is not None and buzzer.is_playing

    @property
    def over(self) -> bool:
        """Whether the service has ended."""
        return not self._thread.is_alive()

    def start(self) -> None:
        """Raises the curtain."""
        for scene in MORNING:
            self._service.loop.at(scene.at, partial(self._enter, scene))
        self._thread.start()

    def stop(self) -> None:
        """Ends the service, and raises what it failed with if it did."""
        self._service.stop()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._service.run()
        except BaseException as error:  # raised again by ``stop``, in the caller's thread
            self._failure = error

    def _enter(self, scene: Scene) -> None:
        self._clock.set_speed(scene.speed)
        if scene.deed is not None:
            self._deeds()[scene.deed]()

    def _deeds(self) -> dict[Deed, Callable[[], None]]:
        return {
            "sits down": partial(self._seat.set, True),
            "stands up": partial(self._seat.set, False),
            "presses the button": partial(self._button.set, True),
            "releases the button": partial(self._button.set, False),
            "goes": self._service.stop,
        }
