"""The help texts and the version on the command line."""

import argparse
from importlib import import_module
from importlib.metadata import version

import pytest

from support.program import here, run
from unsit.__main__ import _COMMANDS
from unsit.cli.parser import parser


def named_commands() -> list[str]:
    """Return the commands of the parser."""
    choices = [
        action.choices
        for action in parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    return [name for choice in choices for name in choice or ()]


def test_every_command_of_the_parser_can_be_run() -> None:
    assert sorted(named_commands()) == sorted(_COMMANDS)


@pytest.mark.parametrize("command", _COMMANDS)
def test_every_command_has_a_function(command: str) -> None:
    module, _, function = _COMMANDS[command].partition(":")
    assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize("command", _COMMANDS)
def test_every_command_explains_itself_in_a_sentence(command: str) -> None:
    ended = here(command, "--help")

    usage, sentence, *_ = ended.out.split("\n\n")
    assert (ended.code, ended.err) == (0, "")
    assert usage.startswith(f"usage: unsit {command} ")
    assert sentence[0].isupper()
    assert sentence.endswith(".")


def test_the_help_names_every_command_and_every_exit_status() -> None:
    ended = here("--help")

    assert (ended.code, ended.err) == (0, "")
    for command in _COMMANDS:
        assert f"\n    {command} " in ended.out
    for status in ("0 done", "64 usage", "65 bad data", "69 ", "70 ", "77 ", "78 bad settings"):
        assert status in ended.out


def test_the_version_is_that_of_the_package() -> None:
    assert here("--version").out == f"unsit {version('unsit')}\n"


def test_the_program_and_its_module_give_the_same_version() -> None:
    assert run("--version") == here("--version")
