"""The service of ``unsit run``: on real or simulated pins, with its settings already read."""

import argparse
import logging
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from unsit.assembly.chair import LogRecord, MakeSeat
from unsit.assembly.devices import choose_pins
from unsit.assembly.memory import open_state
from unsit.assembly.service import Service, shelf_of
from unsit.cli.process import on_crash, on_stop, set_up_logging
from unsit.runtime.clock import LiveClock, ScaledClock
from unsit.runtime.record import record_text
from unsit.runtime.state_file import locked_directory
from unsit.settings.changes import Sources
from unsit.settings.file import own_state_directory
from unsit.settings.model import Loaded, Settings
from unsit.words import Words, words_of

log = logging.getLogger("unsit")


REMEMBER_AFTER_S = 5.0
"""Time (s) from the start until the settings are remembered, when the chair has long been watched.
"""


def serve(loaded: Loaded, arguments: argparse.Namespace, remember: Callable[[], None]) -> None:
    """Run the service with the arguments of ``unsit run`` until a signal stops it.

    remember: called once when the service has started with these settings.
    """
    set_up_logging(debug=arguments.debug)
    directory = own_state_directory(arguments.state_dir)
    with locked_directory(directory):
        if arguments.simulate is None:
            service = _on_pins(loaded, directory)
        else:
            service = _simulated(loaded, directory, arguments.simulate, arguments.speed or 1.0)
        service.loop.timer(REMEMBER_AFTER_S, remember).start()
        service.run()


def _on_pins(loaded: Loaded, directory: Path) -> Service:
    choice = choose_pins()
    log.info("pins: %s", choice)
    make_seat = _seat_on_cells(loaded.settings, choice.pins, directory)
    return _service(loaded, LiveClock(), choice.pins, directory, make_seat)


def _simulated(loaded: Loaded, directory: Path, source: str, speed: float) -> Service:
    from unsit.assembly.simulation import LiveScene, RecordedScene, pins_on  # not on real pins

    settings = loaded.settings
    clock = LiveClock() if speed == 1.0 else ScaledClock(speed)
    pins = pins_on(clock)
    scene: LiveScene | RecordedScene
    if source == "-":
        scene = LiveScene(sys.stdin, settings, pins, clock)
    else:
        scene = RecordedScene(source, settings, pins, clock, speed)
    service = _service(loaded, clock, pins, directory, scene.make_seat)

    def end_of_input(error: Exception | None) -> None:
        if error is not None:
            service.loop.fail(error)
        else:
            log.info("the input has ended; the seat keeps its state and the service continues")

    service.loop.call(scene.person(service.chair, end_of_input).start)
    return service


def _service(
    loaded: Loaded,
    clock: LiveClock | ScaledClock,
    pins: object,
    directory: Path,
    make_seat: MakeSeat | None,
) -> Service:
    service = Service(
        loaded.settings,
        clock,
        pins,
        _record_logger(words_of(loaded.settings.chair.language)),
        state=open_state(directory),
        version=version("unsit"),
        make_seat=make_seat,
        programme=loaded.programme,
        sources=Sources.of(loaded, directory),
        shelf=shelf_of(loaded.settings, directory, clock),
    )
    on_stop(service.stop)
    on_crash(service.loop.fail)
    return service


def _seat_on_cells(settings: Settings, pins: object, directory: Path) -> MakeSeat | None:
    """Return the factory of a seat on load cells; None for a mat, which imports none of this."""
    if settings.seat.kind == "mat":
        return None
    from unsit.assembly.cells import real_seat, store_of

    return real_seat(settings, pins, store_of(settings, directory))


def _record_logger(words: Words) -> LogRecord:
    """Return a function that logs a record in the given language."""
    return lambda record: log.info("%s", record_text(record, words))
