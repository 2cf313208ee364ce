"""``unsit demo``: a morning on a simulated chair, over a real broker, in about a minute."""

import argparse
import json
import logging
import queue
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from importlib.metadata import version

from rich.console import Console
from rich.live import Live

from unsit.demo.broker import Running, private_broker
from unsit.demo.observer import Message, Observer
from unsit.demo.play import PREFIX, Play
from unsit.demo.stage import Stage
from unsit.runtime.wording import in_words
from unsit.words import english

FRAME = 1 / 15
LAST_WORD = "offline"
FAREWELL = """\
That was a morning. The chair noticed what no program on the computer can: whether you really left.
Next: build it (hardware/README.md), then `unsit run`; `unsit --help` names the rest."""


def main(arguments: argparse.Namespace) -> None:
    """Shows the morning; on a terminal as a picture, elsewhere one line for each event."""
    logging.basicConfig(level=logging.DEBUG if arguments.debug else logging.ERROR)
    console = Console()
    with private_broker() as broker, closing(Observer(broker, PREFIX)) as observer:
        play = Play(broker, datetime(2026, 1, 5, 9).astimezone(), version("unsit"))
        play.start()
        try:
            if console.is_terminal:
                _show(console, play, broker, observer)
            else:
                _tell(play, broker, observer)
        finally:
            play.stop()
    print(FAREWELL)


def _show(console: Console, play: Play, broker: Running, observer: Observer) -> None:
    stage = Stage(play, broker)
    with Live(stage, console=console, auto_refresh=False, screen=False) as live:
        for message in _until_the_end(play, observer):
            if message is not None and not message.topic.endswith("/log"):
                stage.show(message)
            live.refresh()


def _tell(play: Play, broker: Running, observer: Observer) -> None:
    print(f"events of the chair as they come over {broker.name}, MQTT {broker.version}:")
    buzzing = False
    for message in _until_the_end(play, observer):
        if play.buzzing is not buzzing:
            buzzing = play.buzzing
            print(
                f"{play.date:%Y-%m-%d %H:%M:%S}  the buzzer {'sounds' if buzzing else 'is silent'}"
            )
        if message is not None and message.topic.endswith("/event"):
            print(in_words(json.loads(message.payload), english()))
        sys.stdout.flush()


def _until_the_end(play: Play, observer: Observer) -> Iterator[Message | None]:
    """Every message, and None at least once a frame, until the chair has said its last word."""
    while True:
        try:
            message = observer.messages.get(timeout=FRAME)
        except queue.Empty:
            yield None
            if play.over:
                return
            continue
        yield message
        if message.topic.endswith("/availability") and message.payload == LAST_WORD:
            return
