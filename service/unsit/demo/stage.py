"""The stage: what the demo looks like in a terminal."""

import json
from collections import deque
from datetime import timedelta

from rich.align import Align
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from unsit.core.chair import Chair
from unsit.core.instant import ZERO
from unsit.core.sitting import Phase
from unsit.demo.broker import Running
from unsit.demo.observer import Message
from unsit.demo.play import Play
from unsit.runtime.wording import spoken, what_happened
from unsit.words import english

SHOWN = 9
"""How many messages are on the stage, if the terminal is high enough."""

HEIGHT = 14
"""Lines of the seat and the bout."""

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


class Stage:
    """Keeps the last messages and draws everything anew when asked."""

    def __init__(self, play: Play, broker: Running) -> None:
        self._play = play
        self._broker = broker
        self._messages: deque[tuple[str, Message]] = deque(maxlen=SHOWN)

    def show(self, message: Message) -> None:
        """Puts a message on the stage."""
        self._messages.append((f"{self._play.date:%H:%M:%S}", message))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        chair, now = self._play.chair, self._play.now
        top = Table.grid(expand=True)
        top.add_column(width=27)
        top.add_column(ratio=1)
        top.add_row(self._seat(chair), self._bout(chair, now))
        yield top
        yield self._wire(lines=max(1, min(SHOWN, console.height - HEIGHT - 3)))

    def _seat(self, chair: Chair) -> Panel:
        art = Text(_picture(chair), style="bold", no_wrap=True)
        art.highlight_regex("═+", "bold green" if chair.seat.pressed else "dim")
        words = chair.seat.place.value
        where = Text(words, style="green" if chair.seat.seated else "cyan")
        title = f"[b]{self._play.date:%H:%M:%S}[/b]"
        return Panel(
            Group(Align.center(art), Text(""), Align.center(where)), title=title, height=HEIGHT
        )

    def _bout(self, chair: Chair, now: timedelta) -> Panel:
        lines: list[RenderableType] = [Text(""), *self._progress(chair, now), Text("\n")]
        lines += [self._buzzer(chair), self._lamp(chair), Text(""), self._reminders(chair)]
        return Panel(Group(*lines), title="the bout", height=HEIGHT, padding=(0, 2))

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
        limit = spoken(rules.move_after.total_seconds())
        if bout is None:
            return "on a break" if chair.sitting.ended is not None else "nobody has sat down yet"
        if chair.sitting.phase is Phase.GAP:
            away = spoken((now - bout.since).total_seconds())
            return f"up for {away}; it takes {spoken(rules.min_break.total_seconds())} for a break"
        lasted = spoken((now - bout.started).total_seconds())
        return (
            f"{lasted} of {limit}: time to move!"
            if chair.due
            else f"sitting for {lasted} of {limit}"
        )

    def _buzzer(self, chair: Chair) -> Text:
        if self._play.buzzing:
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

    def _wire(self, lines: int) -> Panel:
        table = Table.grid(padding=(0, 2), expand=True)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(style="cyan", no_wrap=True)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        last = list(self._messages)[-lines:]
        for at, message in last:
            table.add_row(at, message.topic, in_short(message))
        for _ in range(lines - len(last)):
            table.add_row("", "", "")
        where = f"{self._broker.name}, MQTT {self._broker.version}, port {self._broker.port}"
        return Panel(table, title="over the broker", subtitle=where)


def _picture(chair: Chair) -> str:
    if chair.seat.pressed:
        return SEATED
    return NOBODY if chair.sitting.phase is Phase.AWAY else STANDING


def in_short(message: Message) -> Text:
    """A message's content in a line."""
    try:
        content = json.loads(message.payload)
    except ValueError:
        return Text(message.payload, style="magenta")
    kind = content.get("type")
    if kind is None:
        said = {key: content[key] for key in ("occupied", "move_due", "bout_s", "reminders")}
        return Text(json.dumps(said), style="dim")
    if kind == "command_rejected":
        return Text(f"{kind}: {content['why']}")
    style = "bold yellow" if kind in ("move_due", "move_reminder") else ""
    return Text.assemble((kind, style or "bold"), f"  {what_happened(content, english())}")
