"""gpiozero pin on a GPIO line: input, output, edges, and PWM by a thread."""

import fcntl
import logging
import os
import threading
import time
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
from unsit_firmware.libgpiod.watch import LineLostError


class SquareWave:
    """Software PWM: a thread that switches an output on and off.

    drive: sets the output's level. Until ``stop``, only the wave may call it.
    frequency: Hz, more than 0.
    duty: share of each period that is high, 0 to 1. At 0 and 1 the level is constant and there is
        no thread. Default 0.
    """

    def __init__(self, drive: Callable[[bool], None], frequency: float, duty: float = 0.0) -> None:
        self._drive = drive
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self.change(frequency, duty)

    def change(self, frequency: float, duty: float) -> None:
        """Set frequency (Hz) and duty cycle (0 to 1) from the next edge on."""
        self.frequency, self.duty = frequency, duty
        self._high, self._low = duty / frequency, (1 - duty) / frequency
        if self._high > 0 and self._low > 0:
            self._start()
        else:
            self._hold(duty > 0)

    def stop(self) -> None:
        """End the wave with the output low. After the call the wave does not drive the output."""
        self._hold(False)

    def _start(self) -> None:
        if self._thread is not None:
            return
        self._end = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(self._end,), name="wave", daemon=True
        )
        self._thread.start()

    def _hold(self, level: bool) -> None:
        with self._lock:
            self._end.set()
            self._thread = None
            self._drive(level)

    def _run(self, end: threading.Event) -> None:
        level, edge = True, time.monotonic()
        while self._drive_unless_ended(end, level):
            edge += self._high if level else self._low
            edge = max(edge, time.monotonic())  # do not catch up with time that a busy machine lost
            level = not level
            if end.wait(edge - time.monotonic()):
                return

    def _drive_unless_ended(self, end: threading.Event, level: bool) -> bool:
        with self._lock:
            if end.is_set():
                return False
            self._drive(level)
            return True


log = logging.getLogger(__name__)

EVENT_BUFFER_SIZE = 256
"""Number of edges that the kernel keeps for a busy listener; its own default is 16 a line."""

BOUNCE_MAX_S = 2**32 / 1e6
"""Limit of the debounce period: the kernel keeps it in microseconds, in 32 bits."""

_RISING = gpiod.EdgeEvent.Type.RISING_EDGE
_FUNCTIONS = {"input": Direction.INPUT, "output": Direction.OUTPUT}
_PULLS = {"floating": Bias.DISABLED, "up": Bias.PULL_UP, "down": Bias.PULL_DOWN}
_EDGES = {"none": Edge.NONE, "rising": Edge.RISING, "falling": Edge.FALLING, "both": Edge.BOTH}


class GpiodPin(LocalPiPin):
    """A gpiozero pin on a GPIO line.

    The pin requests the line from the kernel at its first use and releases it in ``close``; it can
    be used again after that. Levels, pulls and edges are those of the wire; the device decides
    which level is active. The time of an edge is the kernel's, on its monotonic clock.

    Raises PinError for a line that the kernel refuses, and gpiozero's errors for invalid values.
    """

    _when_changed: Callable[[], Any] | None  # a weak reference, as gpiozero keeps it

    def __init__(self, factory: Any, info: Any) -> None:
        super().__init__(factory, info)
        self._line_lock = threading.RLock()
        self._line: gpiod.LineRequest | None = None
        self._wave: SquareWave | None = None
        self._reset_settings()

    def close(self) -> None:
        """Release the line as an input, so that no output stays driven."""
        self.when_changed = None
        with self._line_lock:
            self._stop_wave()
            line, self._line = self._line, None
            driven = self._direction is Direction.OUTPUT
            self._reset_settings()
            if line is not None:
                self._release(line, driven)

    def output_with_state(self, state: float) -> None:
        """Make the pin an output that has this level from the start."""
        with self._line_lock:
            self._set_direction(Direction.OUTPUT, _value(state, self))

    def input_with_pull(self, pull: str) -> None:
        """Make the pin an input that has this pull from the start."""
        with self._line_lock:
            self._pull = self._checked_pull(pull)
            self._set_direction(Direction.INPUT)

    def deliver_edges(self) -> None:
        """Pass the kernel's pending edges to ``when_changed``. Runs on the watch's thread.

        Raises the error of ``when_changed`` after the other edges, and LineLostError.
        """
        failed: BaseException | None = None
        for event in self._read_edges():
            rising = event.event_type is _RISING
            try:
                self._call_when_changed(event.timestamp_ns / 1e9, int(rising))
            except BaseException as error:
                failed = error
        if failed is not None:
            raise failed

    # The line. The caller of these methods holds the lock.

    def _reset_settings(self) -> None:
        self._direction = Direction.INPUT
        self._level = Value.INACTIVE
        self._pull = "floating"
        self._bounce: float | None = None
        self._edge = "both"
        self._listening = False

    def _line_settings(self) -> gpiod.LineSettings:
        if self._direction is Direction.OUTPUT:
            return gpiod.LineSettings(direction=Direction.OUTPUT, output_value=self._level)
        return gpiod.LineSettings(
            direction=Direction.INPUT,
            bias=_PULLS[self._pull],
            edge_detection=_EDGES[self._edge] if self._listening else Edge.NONE,
            debounce_period=timedelta(seconds=self._bounce or 0),
        )

    def _requested_line(self) -> gpiod.LineRequest:
        """Return the line, and request it from the kernel at the first use."""
        if self._line is None:
            self._line = self._request(self._line_settings())
        return self._line

    def _request(self, settings: gpiod.LineSettings) -> gpiod.LineRequest:
        chip: gpiod.Chip = self.factory.chip
        try:
            return chip.request_lines(
                {self._number: settings},
                consumer=f"gpiozero pid {os.getpid()}",
                event_buffer_size=EVENT_BUFFER_SIZE,
            )
        except OSError as error:
            raise line_error(chip, self._number, error) from error

    def _release(self, line: gpiod.LineRequest, driven: bool) -> None:
        try:
            if driven:
                line.reconfigure_lines({self._number: self._line_settings()})
        except OSError as error:
            log.error("%r may still be driven: %s", self, error)
        finally:
            line.release()

    def _apply(self) -> None:
        if self._line is None:
            self._requested_line()
        else:
            self._line.reconfigure_lines({self._number: self._line_settings()})

    def _set_direction(self, direction: Direction, level: Value = Value.INACTIVE) -> None:
        self._stop_wave()
        self._direction, self._level = direction, level
        self._apply()

    def _drive(self, level: bool) -> None:
        self._level = Value.ACTIVE if level else Value.INACTIVE
        self._requested_line().set_value(self._number, self._level)

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
            except BlockingIOError:  # the descriptor was that of a line released since
                return []
            except OSError as error:
                raise LineLostError(f"{self!r}: {error}") from error

    def _current_level(self) -> Value:
        """Return the line's level; a line not yet requested keeps its direction."""
        if self._line is None:
            self._line = self._request(gpiod.LineSettings())
        return self._line.get_value(self._number)

    # The interface that gpiozero expects of a pin.

    def _get_function(self) -> str:
        return "output" if self._direction is Direction.OUTPUT else "input"

    def _set_function(self, value: str) -> None:
        if value not in _FUNCTIONS:
            raise PinInvalidFunction(f"{value!r} is no function of {self!r}; input or output is")
        with self._line_lock:
            level = self._current_level() if value == "output" else Value.INACTIVE
            self._set_direction(_FUNCTIONS[value], level)

    def _get_state(self) -> float:
        with self._line_lock:
            if self._wave is not None:
                return self._wave.duty
            return int(bool(self._requested_line().get_value(self._number)))

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
        if value is not None and not 0 <= value < BOUNCE_MAX_S:
            raise PinInvalidBounce(
                f"bounce {value} s is out of range; expected 0 to {BOUNCE_MAX_S:.0f} s, or None"
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
            line = self._requested_line().fd
            fcntl.fcntl(line, fcntl.F_SETFL, fcntl.fcntl(line, fcntl.F_GETFL) | os.O_NONBLOCK)
            self.factory.watch.add(line, self.deliver_edges)

    def _disable_event_detect(self) -> None:
        with self._line_lock:
            self._listening = False
            if self._line is not None:
                self.factory.watch.remove(self._line.fd)
                self._apply()

    def _call_when_changed(self, ticks: float | None = None, state: float | None = None) -> None:
        """Call the listener, unless it has been garbage-collected."""
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
