"""Commands that a signal ends before their work is done: 128 and its number, and a last line."""

import io
import os
import signal
import sys
from pathlib import Path

import pytest

from support.program import (
    NO_DWELL,
    UNSIT,
    OnTerminal,
    Program,
    here,
    restored_signals,
    write_recording,
)
from support.pseudo_terminal import CTRL_C, at_the_terminal
from support.sample_history import write_history
from unsit.__main__ import main
from unsit.errors import InterruptedBySignal
from unsit_firmware.simulation.cells import SimulatedCell, wire_hx711
from unsit_firmware.simulation.pins import SimulatedPins

CELLS = ("--set", "seat.kind=load_cell", "--set", "load_cell.converter=hx711")
SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"


@pytest.fixture
def cell(pins: SimulatedPins) -> SimulatedCell:
    cell = SimulatedCell()
    wire_hx711(pins, 5, 6, cell)
    return cell


class Signalling(io.StringIO):
    """Output during whose first writes a signal arrives. times: in how many of them."""

    def __init__(self, number: signal.Signals, times: int = 1) -> None:
        super().__init__()
        self._number, self._times = number, times

    def write(self, text: str, /) -> int:
        length = super().write(text)
        if self._times > 0:
            self._times -= 1
            signal.raise_signal(self._number)
        return length


def signalled(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals, *command: str
) -> tuple[int, str]:
    """Run a command, send a signal at its first output; return its code and standard error."""
    err = io.StringIO()
    monkeypatch.setattr(sys, "stdout", Signalling(number))
    monkeypatch.setattr(sys, "stderr", err)
    with restored_signals():
        code = main(command)
    return code, err.getvalue()


COMMANDS = {
    "config": "",
    "config --template": "",
    "exercises": "",
    "dashboard": "",
    "check": "; the checks after the last line were not made",
    "replay DAY": "; the replay is not complete",
    "replay DAY --json": "; the replay is not complete",
    "report all --csv --state-dir STATE": "; the report is not complete",
    "report all --json --state-dir STATE": "; the report is not complete",
    "report all --state-dir STATE": "; the report is not complete",
    "calibrate --tare": "; the calibration is unchanged",
}


@pytest.mark.usefixtures("cell")
@pytest.mark.parametrize("command", COMMANDS)
def test_ctrl_c_ends_any_command_with_130_and_says_what_is_left(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = write_recording(tmp_path / "day.csv", "2026-01-05T09:00:00,1", "2026-01-05T09:40:00,0")
    if "STATE" in command:
        write_history(tmp_path, [])
    places = {"DAY": day, "STATE": str(tmp_path)}
    words = [places.get(word, word) for word in command.split()]
    settings = ("--set", "mqtt.host=none", *CELLS) if "replay" not in command else ()

    code, err = signalled(monkeypatch, signal.SIGINT, *words, *settings)

    assert (code, err) == (130, f"unsit: stopped by Ctrl-C{COMMANDS[command]}\n")


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_does_not_interrupt_the_end_that_the_first_one_has_begun(
    second: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program timeout sends two, and a person may press Ctrl-C twice."""
    last_line = Signalling(second, times=1)
    monkeypatch.setattr(sys, "stdout", Signalling(signal.SIGINT, times=1))
    monkeypatch.setattr(sys, "stderr", last_line)

    with restored_signals():
        code = main(["config"])

    assert (code, last_line.getvalue()) == (130, "unsit: stopped by Ctrl-C\n")


def test_a_third_signal_ends_a_command_whose_end_does_not_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdout", Signalling(signal.SIGINT, times=1))
    monkeypatch.setattr(sys, "stderr", Signalling(signal.SIGTERM, times=2))

    with restored_signals(), pytest.raises(InterruptedBySignal):
        main(["config"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_another_signal_ends_a_command_with_its_number(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, err = signalled(monkeypatch, number, "config")

    assert (code, err) == (128 + number, f"unsit: stopped by {number.name}\n")


@pytest.mark.program
def test_a_stop_while_the_service_reads_its_settings_is_a_success(tmp_path: Path) -> None:
    """For systemd the exit code 143 would be a failure."""
    file = tmp_path / "unsit.toml"
    os.mkfifo(file)
    with (
        Program("run", "--config", str(file), "--state-dir", str(tmp_path)) as program,
        file.open("w"),  # when the child of the service reads it
    ):
        ended = program.stop()

    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_a_signal_that_was_ignored_before_stays_ignored() -> None:
    """The program nohup relies on it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        here("--version")
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.program
def test_a_service_that_was_started_to_outlive_its_terminal_goes_on_without_it(
    tmp_path: Path,
) -> None:
    options = ("--set", "mqtt.host=none", "--state-dir", str(tmp_path))
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with Program("run", "--simulate", "-", *NO_DWELL, *options) as program:
            program.wait_for("the service has started")
            os.kill(program.pid, signal.SIGHUP)
            program.say("contact\n1\n")
            program.wait_for("sat down")
            ended = program.stop()
    finally:
        signal.signal(signal.SIGHUP, before)

    assert ended.code == 0


def test_a_check_that_has_found_a_failure_is_130_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, _ = signalled(monkeypatch, signal.SIGINT, "check", "--set", "sitting.move_after=soon")

    assert code == 130
    assert isinstance(sys.stdout, Signalling)
    assert sys.stdout.getvalue().startswith("fail  settings ")


class Interrupting:
    """Standard input of a person who presses Ctrl-C."""

    def readline(self) -> str:
        raise KeyboardInterrupt


@pytest.mark.usefixtures("cell")
def test_ctrl_c_in_a_guided_check_and_in_a_calibration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags = ("--set", "mqtt.host=none", "--state-dir", str(tmp_path))
    command = ("check", "--guided", *flags)
    at_the_terminal(monkeypatch, command, (("Stand up", CTRL_C),), code=130)

    monkeypatch.setattr(sys, "stdin", Interrupting())
    ended = here("calibrate", *CELLS, "--state-dir", str(tmp_path))
    assert (ended.code, ended.err) == (
        130,
        "unsit: stopped by Ctrl-C; the calibration is unchanged\n",
    )


@pytest.mark.broker
def test_the_demo_gives_the_cursor_back_whatever_ends_or_stops_it() -> None:
    """And it has no colours and no characters that the terminal does not want."""
    plain = {"NO_COLOR": "1", "PYTHONIOENCODING": "latin-1"}
    with OnTerminal(*UNSIT, "demo", **plain) as terminal:
        terminal.wait_for("sitting for")
        terminal.press("z")
        terminal.wait_for(f"{SHOW_CURSOR}{HIDE_CURSOR}")  # it goes on: it has no shell to return to
        terminal.press("\\")
        ended = terminal.end()

    assert ended.code == 0
    assert "Traceback" not in ended.out
    assert not any(f"\x1b[{colour}m" in ended.out for colour in (31, 32, 33, 36))
    assert ended.out.rindex(SHOW_CURSOR) > ended.out.rindex(HIDE_CURSOR)
    assert ended.out.rstrip().removesuffix(SHOW_CURSOR).endswith("Stopped.\r\n")


@pytest.mark.broker
@pytest.mark.parametrize(
    "env",
    [{"TERM": "dumb"}, {"COLUMNS": "30", "LINES": "12"}],
    ids=["dumb", "narrow"],
)
def test_on_a_terminal_that_is_dumb_or_too_small_the_demo_prints_lines(env: dict[str, str]) -> None:
    with OnTerminal(*UNSIT, "demo", **env) as terminal:
        terminal.wait_for("sat down")
        terminal.press_ctrl_c()
        ended = terminal.end()

    assert ended.code == 0
    assert ended.out.replace(SHOW_CURSOR, "").isprintable() or "\x1b" not in ended.out.replace(
        SHOW_CURSOR, ""
    )
