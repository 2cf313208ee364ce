"""``unsit demo``: a morning on a simulated chair, over a real broker, in about a minute."""

import argparse
import json
import logging
import queue
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.align import Align
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from unsit.cli.process import set_up_logging
from unsit.cli.report import Source, print_text
from unsit.cli.terminal import can_draw, cursor_given_back
from unsit.core.chair import Chair
from unsit.core.instant import ZERO
from unsit.core.sitting import Phase
from unsit.demo.session import PREFIX, DemoSession, Message, Observer, Running, private_broker
from unsit.errors import escaped, printable
from unsit.history.store import open_history
from unsit.runtime.record import record_line, record_text, short_duration
from unsit.words import english

SHOWN_MESSAGES = 9
"""Messages that the view shows if the terminal has enough lines."""

TOP_LINES = 14
"""Height of the panels of the seat and the bout, in terminal lines."""

COLUMNS_MIN, LINES_MIN = 72, TOP_LINES + 4
"""Size of the terminal from which on the view is drawn; on others the events are printed."""

NOBODY = """\

            ╷
            │
            │
            │
     ═══════┤
      ━━━━━━┙
        ┃
      ╭─┻─╮
      o   o"""
STANDING = """\

            ╷
 ◯          │
╱█╲         │
 █          │
 █   ═══════┤
╱ ╲   ━━━━━━┙
│ │     ┃
│ │   ╭─┻─╮
┘ ┘   o   o"""
SEATED = """\
         ◯
        ╱█  ╷
      ──╯█  │
         █  │
    ▄▄▄▄▄█  │
    █═══════┤
    █ ━━━━━━┙
    █   ┃
   ▄█ ╭─┻─╮
      o   o"""


class DemoView:
    """View of the demo on a terminal: the seat, the bout and the last messages."""

    def __init__(self, session: DemoSession, broker: Running) -> None:
        self._session = session
        self._broker = broker
        self._messages: deque[tuple[str, Message]] = deque(maxlen=SHOWN_MESSAGES)

    def show(self, message: Message) -> None:
        """Add a message to those on the view."""
        self._messages.append((f"{self._session.date:%H:%M:%S}", message))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        chair, now = self._session.chair, self._session.now
        if options.max_width < COLUMNS_MIN:  # the terminal was made narrower
            yield Text(self._headline(chair, now), no_wrap=True, overflow="crop")
            return
        top = Table.grid(expand=True)
        top.add_column(width=27)
        top.add_column(ratio=1)
        top.add_row(self._seat_panel(chair), self._bout_panel(chair, now))
        yield top
        yield self._message_panel(lines=max(1, min(SHOWN_MESSAGES, console.height - TOP_LINES - 3)))

    def _seat_panel(self, chair: Chair) -> Panel:
        art = Text(_picture(chair), style="bold", no_wrap=True)
        art.highlight_regex("═+", "bold green" if chair.seat.pressed else "dim")
        state = Text(chair.seat.state.value, style="green" if chair.seat.seated else "cyan")
        title = f"[b]{self._session.date:%H:%M:%S}[/b]"
        return Panel(
            Group(Align.center(art), Text(""), Align.center(state)), title=title, height=TOP_LINES
        )

    def _bout_panel(self, chair: Chair, now: timedelta) -> Panel:
        lines: list[RenderableType] = [Text(""), *self._progress(chair, now), Text("\n")]
        lines += [self._buzzer(chair), self._lamp(chair), Text(""), self._reminders(chair)]
        return Panel(Group(*lines), title="the bout", height=TOP_LINES, padding=(0, 2))

    def _progress(self, chair: Chair, now: timedelta) -> list[RenderableType]:
        limit = chair.rules.move_after
        bout = chair.sitting.bout
        lasted = now - bout.started if bout else ZERO
        colour = "red" if lasted >= limit else "green"
        if chair.sitting.phase is Phase.GAP:
            colour = "yellow"
        bar = ProgressBar(
            total=limit / timedelta(seconds=1),
            completed=min(lasted, limit) / timedelta(seconds=1),
            complete_style=colour,
            finished_style=colour,
        )
        return [Text(self._headline(chair, now), style=f"bold {colour}"), Text(""), bar]

    def _headline(self, chair: Chair, now: timedelta) -> str:
        bout, rules = chair.sitting.bout, chair.rules
        limit = short_duration(rules.move_after.total_seconds())
        if bout is None:
            return "on a break" if chair.sitting.ended is not None else "nobody has sat down yet"
        if chair.sitting.phase is Phase.GAP:
            away = short_duration((now - bout.since).total_seconds())
            return f"up for {away}; a break takes {short_duration(rules.min_break.total_seconds())}"
        lasted = short_duration((now - bout.started).total_seconds())
        return (
            f"{lasted} of {limit}: time to move!"
            if chair.due
            else f"sitting for {lasted} of {limit}"
        )

    def _buzzer(self, chair: Chair) -> Text:
        if self._session.buzzing:
            return Text("♪ ♪ ♪  BUZZER  ♪ ♪ ♪", style="bold black on yellow")
        return Text("♪  buzzer silent", style="dim")

    def _lamp(self, chair: Chair) -> Text:
        return Text("●  lamp on", "bold red") if chair.due else Text("○  lamp off", style="dim")

    def _reminders(self, chair: Chair) -> Text:
        reminders = chair.reminders
        if chair.sitting.bout is None or not chair.sitting.bout.due:
            return Text("")
        words = f"reminders {reminders.count} of {chair.rules.max_reminders}"
        snoozes = f", snoozed {reminders.snoozes} time(s)" if reminders.snoozes else ""
        return Text(words + snoozes)

    def _message_panel(self, lines: int) -> Panel:
        table = Table.grid(padding=(0, 2), expand=True)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(style="cyan", no_wrap=True)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        last = list(self._messages)[-lines:]
        for at, message in last:
            table.add_row(at, Text(printable(message.topic)), _one_line(message))
        for _ in range(lines - len(last)):
            table.add_row("", "", "")
        broker = f"{self._broker.name}, MQTT {self._broker.version}, port {self._broker.port}"
        return Panel(table, title="over the broker", subtitle=broker)


def _picture(chair: Chair) -> str:
    if chair.seat.pressed:
        return SEATED
    return NOBODY if chair.sitting.phase is Phase.AWAY else STANDING


def _one_line(message: Message) -> Text:
    """Return a message's content as one line; other programs may publish anything here."""
    content = _record(message)
    if content is None:
        return Text(printable(message.payload), style="magenta")
    kind = content.get("type")
    if kind is None:
        shown = {key: content.get(key) for key in ("occupied", "move_due", "bout_s", "reminders")}
        return Text(printable(json.dumps(shown)), style="dim")
    if kind == "command_rejected":
        return Text(f"{kind}: {printable(content.get('why'))}")
    style = "bold yellow" if kind in ("move_due", "move_reminder") else ""
    return Text.assemble((escaped(kind), style or "bold"), f"  {_text(content)}")


def _record(message: Message) -> dict[str, Any] | None:
    """Return the JSON object of a message, None if it is something else."""
    try:
        content = json.loads(message.payload)
    except (ValueError, RecursionError):
        return None
    is_record = isinstance(content, dict) and isinstance(content.get("type"), str | None)
    return content if is_record else None


def _text(record: dict[str, Any]) -> str:
    """Return the text of a record, or its JSON if it is none of the chair's."""
    try:
        return record_text(record, english())
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return printable(json.dumps(record))


FRAME_S = 1 / 15
LAST_AVAILABILITY = "offline"
FAREWELL = """\
That was a morning. The chair noticed what no program on the computer can: whether you really left.
Next: build it (hardware/README.md), then `unsit run`; `unsit --help` lists all commands."""


def main(arguments: argparse.Namespace) -> None:
    """Show the morning: as a picture on a terminal, elsewhere as one line for each event."""
    set_up_logging(debug=arguments.debug, level=logging.ERROR)
    with cursor_given_back(sys.stdout):
        try:
            _show()
        except KeyboardInterrupt:
            print("\nStopped." if sys.stdout.isatty() else "Stopped.", flush=True)


def _show() -> None:
    console = Console()
    with (
        private_broker() as broker,
        closing(Observer(broker, PREFIX)) as observer,
        TemporaryDirectory(prefix="unsit-demo-") as folder,
    ):
        start = datetime(2026, 1, 5, 9).astimezone()
        session = DemoSession(broker, start, version("unsit"), Path(folder))
        session.start()
        try:
            if can_draw(sys.stdout, COLUMNS_MIN, LINES_MIN):
                _draw(console, session, broker, observer)
            else:
                _print_events(session, broker, observer)
        finally:
            session.stop()
        _report(session, Path(folder))
    print(FAREWELL)


def _report(session: DemoSession, directory: Path) -> None:
    """Print the report of the morning, from its history."""
    with open_history(session.settings.history.file(directory)) as history:
        source = Source.of(history, session.settings, session.programme)
        print()
        print_text(source, source.period("day", session.date.date()))
    print()


def _draw(console: Console, session: DemoSession, broker: Running, observer: Observer) -> None:
    view = DemoView(session, broker)
    with Live(view, console=console, auto_refresh=False, screen=False) as live:
        for message in _messages(session, observer):
            if message is not None and not message.topic.endswith("/log"):
                view.show(message)
            live.refresh()


def _print_events(session: DemoSession, broker: Running, observer: Observer) -> None:
    print(f"events of the chair over {broker.name}, MQTT {broker.version}:")
    buzzing = False
    for message in _messages(session, observer):
        if session.buzzing is not buzzing:
            buzzing = session.buzzing
            state = "sounds" if buzzing else "is silent"
            print(f"{session.date:%Y-%m-%d %H:%M:%S}  the buzzer {state}")
        if message is not None and message.topic.endswith("/event"):
            print(_line(message))
        sys.stdout.flush()


def _line(message: Message) -> str:
    """Return an event with its date."""
    try:
        return record_line(_record(message) or {}, english())
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return printable(message.payload)


def _messages(session: DemoSession, observer: Observer) -> Iterator[Message | None]:
    """Yield every message, and None once a frame without any, until the chair goes offline."""
    while True:
        try:
            message = observer.messages.get(timeout=FRAME_S)
        except queue.Empty:
            yield None
            if session.over:
                return
            continue
        yield message
        if message.topic.endswith("/availability") and message.payload == LAST_AVAILABILITY:
            return
