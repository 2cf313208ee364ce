"""fake-rpi's GPIO with the behaviour of RPi.GPIO that gpiozero relies on.

RPi.GPIO itself needs the chip. fake-rpi accepts every call but keeps no state.
"""

from collections.abc import Callable
from dataclasses import dataclass

import fake_rpi


@dataclass
class Channel:
    """State of one pin in the chip and the library."""

    function: int = fake_rpi.RPi.GPIO.IN
    pull: int = fake_rpi.RPi.GPIO.PUD_OFF
    wire: int | None = None
    output: int = 0
    callback: Callable[[int], None] | None = None
    wave: "Wave | None" = None

    @property
    def level(self) -> int:
        if self.wave is not None:
            return int(self.wave.duty > 0)
        if self.function == fake_rpi.RPi.GPIO.OUT:
            return self.output
        if self.wire is not None:
            return self.wire
        return int(self.pull == fake_rpi.RPi.GPIO.PUD_UP)


@dataclass
class Wave:
    """Software PWM of one pin."""

    frequency: float
    duty: float = 0.0


class RememberingGPIO(fake_rpi.RPi._GPIO):  # type: ignore[misc]  # fake-rpi carries no types
    """fake-rpi's GPIO with a state for each pin, edges, and RPi.GPIO's errors."""

    def __init__(self) -> None:
        super().__init__()
        self.channels = [Channel() for _ in range(28)]
        gpio = self

        class PWM:
            def __init__(self, channel: int, frequency: float) -> None:
                if gpio.channels[channel].function != gpio.OUT:
                    raise RuntimeError("You must setup() the GPIO channel as an output first")
                self.wave = gpio.channels[channel].wave = Wave(frequency)
                self.stop = lambda: gpio.stop_wave(channel)

            def start(self, duty: float) -> None:
                self.wave.duty = duty / 100

            ChangeDutyCycle = start

            def ChangeFrequency(self, frequency: float) -> None:  # noqa: N802  # RPi.GPIO's name
                self.wave.frequency = frequency

        self.PWM = PWM

    def setup(
        self, channel: int, direction: int, pull_up_down: int = 20, initial: int | None = None
    ) -> None:
        """Set up a pin. As in RPi.GPIO, the pull is the third argument; in fake-rpi the fourth."""
        pin = self.channels[channel]
        pin.function, pin.pull = direction, pull_up_down
        pin.output = pin.output if initial is None else int(initial)

    def gpio_function(self, channel: int) -> int:
        return self.channels[channel].function

    def input(self, channel: int) -> int:
        return self.channels[channel].level

    def output(self, channel: int, state: int) -> None:
        if self.channels[channel].function != self.OUT:
            raise RuntimeError("The GPIO channel has not been set up as an OUTPUT")
        self.channels[channel].output = int(state)

    def set_input(self, channel: int, value: int | None) -> None:
        """Wire the pin high, low or to nothing, and report an edge."""
        pin = self.channels[channel]
        before = pin.level
        pin.wire = value
        if pin.level != before and pin.callback is not None:
            pin.callback(channel)

    def add_event_detect(
        self, channel: int, edge: int, callback: Callable[[int], None], bouncetime: int = -666
    ) -> None:
        if self.channels[channel].callback is not None:
            raise RuntimeError("Conflicting edge detection already enabled for this GPIO channel")
        if bouncetime <= 0 and bouncetime != -666:
            raise ValueError("Bouncetime must be greater than 0")
        assert edge == self.BOTH
        self.channels[channel].callback = callback

    def remove_event_detect(self, channel: int) -> None:
        self.channels[channel].callback = None

    def stop_wave(self, channel: int) -> None:
        self.channels[channel].wave = None

    def cleanup(self, channel: int | None = None) -> None:
        for number in range(28) if channel is None else [channel]:
            self.channels[number] = Channel(wire=self.channels[number].wire)
