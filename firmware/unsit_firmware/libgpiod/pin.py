"""A pin on a line of a chip."""

import fcntl
import logging
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import gpiod
from gpiod.line import Bias, Direction, Edge, Value
from gpiozero import (
    PinFixedPull,
    PinInvalidBounce,
    PinInvalidEdges,
    PinInvalidFunction,
    PinInvalidPull,
    PinInvalidState,
    PinPWMFixedValue,
    PinSetInput,
)
from gpiozero.pins.local import LocalPiPin

from unsit_firmware.libgpiod.chip import line_error
from unsit_firmware.libgpiod.wave import SquareWave

log = logging.getLogger(__name__)

EVENT_BUFFER = 256
"""Edges that the kernel keeps while a listener is busy; its own default is 16 a line."""

LONGEST_BOUNCE = 2**32 / 1e6
"""Seconds. The kernel counts the debounce period in microseconds, in 32 bits."""

_RISING = gpiod.EdgeEvent.Type.RISING_EDGE
_FUNCTIONS = {"input": Direction.INPUT, "output": Direction.OUTPUT}
_PULLS = {"floating": Bias.DISABLED, "up": Bias.PULL_UP, "down": Bias.PULL_DOWN}
_EDGES = {"none": Edge.NONE, "rising": Edge.RISING, "falling": Edge.FALLING, "both": Edge.BOTH}


class GpiodPin(LocalPiPin):
    """A gpiozero pin on a GPIO line.

    The line is taken from the kernel when the pin is first used and given back by ``close``,
    after which the pin can be used again. Levels, pulls and edges are those of the wire: what is
    active is the device's affair. An edge's time is the kernel's, on its monotonic clock.

    Raises PinError for a line that the kernel does not give, and gpiozero's own errors for what
    no pin can do.
    """

    _when_changed: Callable[[], Any] | None  # a weak reference, as gpiozero keeps it

    def __init__(self, factory: Any, info: Any) -> None:
        super().__init__(factory, info)
        self._line_lock = threading.RLock()
        self._line: gpiod.LineRequest | None = None
        self._wave: SquareWave | None = None
        self._forget()

    def close(self) -> None:
        """Gives the line back as an input, so that nothing is left driven."""
        self.when_changed = None
        with self._line_lock:
            self._stop_wave()
            line, self._line = self._line, None
            driven = self._direction is Direction.OUTPUT
            self._forget()
            if line is not None:
                self._give_back(line, driven)

    def output_with_state(self, state: float) -> None:
        """Makes it an output that has this level from the first instant."""
        with self._line_lock:
            self._become(Direction.OUTPUT, _value(state, self))

    def input_with_pull(self, pull: str) -> None:
        """Makes it an input that has this pull from the first instant."""
        with self._line_lock:
            self._pull = self._checked_pull(pull)
            self._become(Direction.INPUT)

    def hear_edges(self) -> None:
        """Tells ``when_changed`` of the edges that the kernel has; for the watch's thread."""
        for event in self._read_edges():
            rising = event.event_type is _RISING
            self._call_when_changed(event.timestamp_ns / 1e9, int(rising))

    # The line. Whoever calls these has the lock.

    def _forget(self) -> None:
        self._direction = Direction.INPUT
        self._level = Value.INACTIVE
        self._pull = "floating"
        self._bounce: float | None = None
        self._edge = "both"
        self._listening = False

    def _wanted(self) -> gpiod.LineSettings:
        if self._direction is Direction.OUTPUT:
            return gpiod.LineSettings(direction=Direction.OUTPUT, output_value=self._level)
        return gpiod.LineSettings(
            direction=Direction.INPUT,
            bias=_PULLS[self._pull],
            edge_detection=_EDGES[self._edge] if self._listening else Edge.NONE,
            debounce_period=timedelta(seconds=self._bounce or 0),
        )

    def _taken(self) -> gpiod.LineRequest:
        """The line, taken from the kernel if it was not yet."""
        if self._line is None:
            self._line = self._request(self._wanted())
        return self._line

    def _request(self, settings: gpiod.LineSettings) -> gpiod.LineRequest:
        chip: gpiod.Chip = self.factory.chip
        try:
            return chip.request_lines(
                {self._number: settings},
                consumer=f"gpiozero pid {os.getpid()}",
                event_buffer_size=EVENT_BUFFER,
            )
        except OSError as error:
            raise line_error(chip, self._number, error) from error

    def _give_back(self, line: gpiod.LineRequest, driven: bool) -> None:
        try:
            if driven:
                line.reconfigure_lines({self._number: self._wanted()})
        except OSError as error:
            log.error("%r may still be driven: %s", self, error)
        finally:
            line.release()

    def _apply(self) -> None:
        if self._line is None:
            self._taken()
        else:
            self._line.reconfigure_lines({self._number: self._wanted()})

    def _become(self, direction: Direction, level: Value = Value.INACTIVE) -> None:
        self._stop_wave()
        self._direction, self._level = direction, level
        self._apply()

    def _drive(self, level: bool) -> None:
        self._level = Value.ACTIVE if level else Value.INACTIVE
        self._taken().set_value(self._number, self._level)

    def _stop_wave(self) -> None:
        wave, self._wave = self._wave, None
        if wave is not None:
            wave.stop()

    def _read_edges(self) -> list[gpiod.EdgeEvent]:
        with self._line_lock:
            if self._line is None:
                return []
            try:
                return self._line.read_edge_events()
            except BlockingIOError:  # they were another's, who has given this line back
                return []

    def _found_level(self) -> Value:
        """The level that the line has, whatever it was before it was ours."""
        if self._line is None:
            self._line = self._request(gpiod.LineSettings())
        return self._line.get_value(self._number)

    # What gpiozero asks of a pin.

    def _get_function(self) -> str:
        return "output" if self._direction is Direction.OUTPUT else "input"

    def _set_function(self, value: str) -> None:
        if value not in _FUNCTIONS:
            raise PinInvalidFunction(f"{value!r} is no function of {self!r}; input or output is")
        with self._line_lock:
            level = self._found_level() if value == "output" else Value.INACTIVE
            self._become(_FUNCTIONS[value], level)

    def _get_state(self) -> float:
        with self._line_lock:
            if self._wave is not None:
                return self._wave.duty
            return int(bool(self._taken().get_value(self._number)))

    def _set_state(self, value: float) -> None:
        with self._line_lock:
            if self._direction is not Direction.OUTPUT:
                raise PinSetInput(f"cannot set the state of {self!r}, which is an input")
            if self._wave is not None:
                self._wave.change(self._wave.frequency, _duty(value, self))
            else:
                self._drive(bool(_value(value, self)))

    def _get_pull(self) -> str:
        return self._pull

    def _set_pull(self, value: str) -> None:
        with self._line_lock:
            if self._direction is Direction.OUTPUT:
                raise PinFixedPull(f"cannot set the pull of {self!r}, which is an output")
            self._pull = self._checked_pull(value)
            self._apply()

    def _checked_pull(self, value: str) -> str:
        if value not in _PULLS:
            raise PinInvalidPull(f"{value!r} is no pull; {', '.join(_PULLS)} are")
        if self.info.pull not in (value, ""):
            raise PinFixedPull(
                f"{self!r} has a resistor on the board that pulls it {self.info.pull}"
            )
        return value

    def _get_frequency(self) -> float | None:
        wave = self._wave
        return None if wave is None else wave.frequency

    def _set_frequency(self, value: float | None) -> None:
        with self._line_lock:
            if not value:
                self._stop_wave()
            elif self._direction is not Direction.OUTPUT:
                raise PinPWMFixedValue(f"cannot start PWM on {self!r}, which is an input")
            elif self._wave is None:
                self._wave = SquareWave(self._drive, value)
            else:
                self._wave.change(value, self._wave.duty)

    def _get_bounce(self) -> float | None:
        return self._bounce

    def _set_bounce(self, value: float | None) -> None:
        if value is not None and not 0 <= value < LONGEST_BOUNCE:
            raise PinInvalidBounce(
                f"bounce {value} s is out of range; expected 0 to {LONGEST_BOUNCE:.0f} s, or None"
            )
        with self._line_lock:
            if value != self._bounce:
                self._bounce = value or None
                self._apply()

    def _get_edges(self) -> str:
        return self._edge

    def _set_edges(self, value: str) -> None:
        if value not in _EDGES:
            raise PinInvalidEdges(f"{value!r} are no edges; {', '.join(_EDGES)} are")
        with self._line_lock:
            if value != self._edge:
                self._edge = value
                self._apply()

    def _enable_event_detect(self) -> None:
        with self._line_lock:
            self._listening = True
            self._apply()
            line = self._taken().fd
            fcntl.fcntl(line, fcntl.F_SETFL, fcntl.fcntl(line, fcntl.F_GETFL) | os.O_NONBLOCK)
            self.factory.watch.add(line, self.hear_edges)

    def _disable_event_detect(self) -> None:
        with self._line_lock:
            self._listening = False
            if self._line is not None:
                self.factory.watch.remove(self._line.fd)
                self._apply()

    def _call_when_changed(self, ticks: float | None = None, state: float | None = None) -> None:
        """Tells the listener, unless it has left in the meantime."""
        reference = self._when_changed
        listener = None if reference is None else reference()
        if listener is not None:
            listener(ticks, state)


def _value(state: float, pin: GpiodPin) -> Value:
    if state not in (0, 1):
        raise PinInvalidState(f"{state!r} is no state of {pin!r}; expected 0 or 1 without PWM")
    return Value.ACTIVE if state else Value.INACTIVE


def _duty(state: float, pin: GpiodPin) -> float:
    if not 0 <= state <= 1:
        raise PinInvalidState(f"{state!r} is no state of {pin!r}; expected 0 to 1")
    return state
