"""Serves a chair until it is told to stop: what ``unsit run`` does once it has its settings."""

import argparse
import logging
import sys
from importlib.metadata import version
from pathlib import Path

from unsit.assembly.chair import MakeSeat, Tell
from unsit.assembly.devices import choose_pins
from unsit.assembly.memory import open_state
from unsit.assembly.service import Service
from unsit.assembly.simulation import LiveScene, RecordedScene, pins_on
from unsit.cli import logs
from unsit.cli.ends import on_crash, on_stop
from unsit.cli.state import state_directory
from unsit.runtime.claim import claimed
from unsit.runtime.clock import LiveClock, ScaledClock
from unsit.runtime.wording import what_happened
from unsit.settings.loaded import Loaded
from unsit.settings.model import Settings
from unsit.words import Words, words_of

log = logging.getLogger("unsit")


def serve(loaded: Loaded, arguments: argparse.Namespace) -> None:
    """Runs the service with the arguments of ``unsit run``."""
    logs.set_up(debug=arguments.debug)
    directory = state_directory(arguments.state_dir)
    with claimed(directory):
        if arguments.simulate is None:
            _run(loaded, directory)
        else:
            _simulate(loaded, directory, arguments.simulate, arguments.speed or 1.0)


def _run(loaded: Loaded, directory: Path) -> None:
    choice = choose_pins()
    log.info("pins: %s", choice)
    make_seat = _load_cells(loaded.settings, choice.pins, directory)
    service = _service(loaded, LiveClock(), choice.pins, directory, make_seat)
    service.run()


def _simulate(loaded: Loaded, directory: Path, source: str, speed: float) -> None:
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
            log.info("the input has ended; the seat stays as it is, the service goes on")

    service.loop.call(scene.person(service, end_of_input).start)
    service.run()


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
        _log_in(words_of(loaded.settings.chair.language)),
        state=open_state(directory),
        version=version("unsit"),
        make_seat=make_seat,
        programme=loaded.programme,
    )
    on_stop(service.stop)
    on_crash(service.loop.fail)
    return service


def _load_cells(settings: Settings, pins: object, directory: Path) -> MakeSeat | None:
    """The seat on load cells that the settings name, None for a mat, which needs none of it."""
    if settings.seat.kind == "mat":
        return None
    from unsit.assembly.weighed import real_seat, store_of

    return real_seat(settings, pins, store_of(settings, directory))


def _log_in(words: Words) -> Tell:
    """What logs a record in a language."""
    return lambda record: log.info("%s", what_happened(record, words))
