"""Streams that cannot take or show what a command writes, and streams that are closed."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.program import environment, write_recording

pytestmark = pytest.mark.program

FORKED = """
import gc, json, os, sys, tempfile
import unsit.__main__
from unsit.cli import check, commands, recordings
from unsit.settings.load import load

def descriptor(kind, number, capture):
    if kind == "full":
        return os.open("/dev/full", os.O_WRONLY)
    if kind == "broken":
        reader, writer = os.pipe()
        os.close(reader)
        return writer
    return capture.fileno()

def run(case):
    captures = {number: tempfile.TemporaryFile() for number in (1, 2)}
    child = os.fork()
    if child == 0:
        sys.stdout.reconfigure(encoding=case["encoding"])
        sys.stderr.reconfigure(encoding=case["encoding"])
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            kind = case[name]
            if kind == "closed":
                os.close(number)
                setattr(sys, name, None)
                setattr(sys, f"__{name}__", None)
            elif number:
                os.dup2(descriptor(kind, number, captures[number]), number)
        sys.exit(unsit.__main__.main(case["arguments"]))
    _, status = os.waitpid(child, 0)
    texts = []
    for capture in captures.values():
        capture.seek(0)
        texts.append(capture.read().decode(case["encoding"]))
    return [os.waitstatus_to_exitcode(status), *texts]

load()
gc.freeze()
for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
"""
"""Program that runs the command in a copy of itself for each case, which takes milliseconds."""


@dataclass(frozen=True)
class Ended:
    """Exit code and output of a command on certain streams."""

    code: int
    out: str
    err: str


OnStreams = Callable[..., list[Ended]]


@pytest.fixture(scope="module")
def on_streams() -> Iterator[OnStreams]:
    """Yield a function that runs ``unsit`` once for each case; what a case leaves out is usual."""
    usual = {"stdin": "", "stdout": "", "stderr": "", "encoding": "utf-8"}
    program = subprocess.Popen(
        [sys.executable, "-c", FORKED],
        env=environment(XDG_STATE_HOME="/no-state"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run(*cases: dict[str, Any]) -> list[Ended]:
        assert program.stdin is not None
        assert program.stdout is not None
        results = []
        for case in cases:
            print(json.dumps(usual | case), file=program.stdin, flush=True)
            results.append(Ended(*json.loads(program.stdout.readline())))
        return results

    with program:
        yield run


@pytest.fixture
def commands(tmp_path: Path) -> list[list[str]]:
    """Return commands that print something, the long ones more than a pipe or a buffer holds."""
    rows = [f"2026-01-05T{n // 60:02}:{n % 60:02}:00,{n % 2}" for n in range(300)]
    recording = write_recording(tmp_path / "day.csv", *rows)
    return [
        ["config"],
        ["config", "--reset"],
        ["exercises", "--set", "chair.language=de"],
        ["dashboard", "--set", "chair.language=de"],
        ["replay", recording, "--set", "sitting.min_break=1s"],
        ["replay", recording, "--json"],
        ["check", "--set", "mqtt.host=none", "--json"],
        ["--help"],
        ["--version"],
    ]


@pytest.mark.parametrize(
    ("stream", "reason"),
    [("full", "No space left on device"), ("closed", "Bad file descriptor")],
)
def test_output_that_cannot_be_written_ends_any_command_with_74_and_the_reason(
    on_streams: OnStreams, commands: list[list[str]], stream: str, reason: str
) -> None:
    for ended, command in zip(
        on_streams(*({"arguments": command, "stdout": stream} for command in commands)),
        commands,
        strict=True,
    ):
        line = f"unsit: the output cannot be written: {reason}\n"
        assert (ended.code, ended.err) == (os.EX_IOERR, line), command


def test_a_reader_that_has_gone_ends_any_command_without_a_word(
    on_streams: OnStreams, commands: list[list[str]]
) -> None:
    for ended in on_streams(*({"arguments": one, "stdout": "broken"} for one in commands)):
        assert (ended.code, ended.err) == (0, "")


def test_without_standard_error_or_input_a_command_does_its_work(
    on_streams: OnStreams,
    commands: list[list[str]],
) -> None:
    states: list[dict[str, Any]] = [
        {},
        {"stderr": "closed", "stdin": "closed"},
        {"stderr": "full"},
        {"stderr": "broken"},
    ]
    for command in commands:
        usual, *others = on_streams(*({"arguments": command} | state for state in states))
        for ended in others:
            assert ended.code == usual.code, command
            assert len(ended.out.splitlines()) == len(usual.out.splitlines())


def test_an_error_keeps_its_exit_code_where_nobody_can_read_it(on_streams: OnStreams) -> None:
    cases = [{"arguments": ["dance"], "stderr": state} for state in ("closed", "full", "broken")]

    assert [ended.code for ended in on_streams(*cases)] == 3 * [os.EX_USAGE]


def test_a_closed_input_is_an_empty_one(on_streams: OnStreams, tmp_path: Path) -> None:
    arguments = ["run", "--simulate", "-", "--set", "mqtt.host=none", "--state-dir", str(tmp_path)]
    [ended] = on_streams({"arguments": arguments, "stdin": "closed"})

    assert ended.code == os.EX_DATAERR
    assert ended.err.splitlines()[-1].startswith("-:1: there is nothing in it; expected ts,contact")


ENCODINGS = ("ascii", "latin-1", "koi8-r")


def test_what_an_encoding_cannot_show_is_replaced_by_something_similar(
    on_streams: OnStreams,
    commands: list[list[str]],
) -> None:
    cases = [
        {"arguments": [*command, "--set", "chair.name=Büro \u2013 椅子"], "encoding": encoding}
        for encoding in ENCODINGS
        for command in commands
        if command[0] in ("config", "exercises") and "--reset" not in command
    ]
    for ended, case in zip(on_streams(*cases), cases, strict=True):
        assert (ended.code, ended.err) == (0, ""), case
        assert ended.out


def test_german_without_umlauts_can_be_read(on_streams: OnStreams) -> None:
    arguments = ["exercises", "--set", "chair.language=de"]
    [ended] = on_streams({"arguments": arguments, "encoding": "ascii"})

    assert "Hueftbeuger dehnen" in ended.out
    assert "den anderen Fuss flach vor dir auf" in ended.out


def test_printed_settings_are_a_settings_file_in_any_encoding(on_streams: OnStreams) -> None:
    name = "Büro \u2013 \U0001fa91"
    arguments = ["config", "--set", f"chair.name={name}"]
    for ended in on_streams(
        *({"arguments": arguments, "encoding": encoding} for encoding in ENCODINGS)
    ):
        assert tomllib.loads(ended.out)["chair"]["name"] == name
        assert ended.out.isascii()


def test_json_is_the_same_in_any_encoding(on_streams: OnStreams) -> None:
    arguments = ["check", "--json", "--set", "chair.name=Büro", "--set", "mqtt.host=bürö.invalid"]
    here, there = on_streams(
        {"arguments": arguments}, {"arguments": arguments, "encoding": "ascii"}
    )

    assert here.code == there.code
    assert "b\\u00fcr\\u00f6" in there.out
    subjects = [
        [finding["subject"] for finding in json.loads(one.out)["findings"]] for one in (here, there)
    ]
    assert subjects[0] == subjects[1]


def test_an_error_with_control_characters_is_one_line_that_steers_no_terminal(
    on_streams: OnStreams,
    tmp_path: Path,
) -> None:
    file = tmp_path / "unsit.toml"
    file.write_text('"\\u001b[2J\\u202e" = 1\n')
    [ended] = on_streams({"arguments": ["config", "--config", str(file)]})

    assert ended.code == os.EX_CONFIG
    assert ended.err.removesuffix("\n").isprintable()
    assert r"\x1b[2J\u202e" in ended.err
