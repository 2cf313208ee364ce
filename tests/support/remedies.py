"""Remedies: do what the fix of a finding says, as a person would, and check again.

The test has the fixture ``cure``. It names the fault, and how its remedy is carried out::

    cure.by_command(Fault.UNIT_MASKED, check)          # runs the command in the fix
    cure.by_settings(Fault.SEAT_INVERTED, check, chair)  # writes its settings to a settings file
    cure.by_hand(Fault.NO_PULL, check, "remove that", wire.cut)  # does the one thing it asks for

Each time the fault must be named first, and no longer be named afterwards, and no other fault may
appear. A command is run by a shell, with a ``sudo`` that changes no user. A path of the machine is
below the root that the test has planted the fault in.
"""

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from support.fixtures import missing
from support.planted_faults import finding_of, with_path, write
from support.program import here
from unsit.checkup.findings import Fault, Finding
from unsit.checkup.machine import Installation
from unsit.settings.edit import as_toml, edit_text, load_text
from unsit.settings.model import Loaded

COMMANDS = ("sudo ", "echo ", "mosquitto_pub ", "unsit ", "/", "'/")
"""Beginnings of commands; the last ones are those of a program by its path."""

BETWEEN_COMMANDS = re.compile(
    r"; (?:then )?|, (?:then|which|and|or) |: (?:then )?(?=sudo |unsit )| \((?=sudo )"
)

QUOTED = re.compile(r"'[^']*'")

HARMLESS = {
    *(
        "chgrp",
        "chmod",
        "chown",
        "echo",
        "fuser",
        "ls",
        "mosquitto_pub",
        "mount",
        "mv",
        "rm",
        "tee",
    ),
    "tail",
}
"""Programs that change only what their arguments name, and so are run as they are."""

OF_THE_MACHINE = ("/boot/", "/etc/")
"""Beginnings of paths that lie below the planted root."""

SYSTEMD = """\
import json, pathlib, sys

file = pathlib.Path({file!r})
unit, shipped = json.loads(file.read_text()), {shipped!r}
verb, *more = sys.argv[1:]
if verb == "show":
    print("\\n".join(f"{{name}}={{value}}" for name, value in unit.items()))
elif verb in ("start", "restart", "enable") and unit["LoadState"] == "masked":
    sys.exit(1)
if verb in ("start", "restart") or "--now" in more:
    unit |= {{"ActiveState": "active", "Result": "success", "ExecMainStatus": "0"}}
    unit["NRestarts"] = "0"  # systemd counts those since a start by hand
if verb == "enable":
    unit["UnitFileState"] = "enabled"
if verb == "unmask":
    unit |= {{"LoadState": "loaded", "UnitFileState": "enabled"}}
if verb == "revert":
    unit |= shipped
if verb == "daemon-reload":
    unit["NeedDaemonReload"] = "no"
if verb == "edit":
    for name, value in (line.split("=", 1) for line in " ".join(more[2:]).split(" and ")):
        unit[name] = f"{{unit[name]}} {{value}}"
file.write_text(json.dumps(unit))
"""


class FakeSystemd:
    """``systemctl`` for one unit, whose properties a fault changes and a command restores.

    properties: those of the running unit as shipped.
    """

    def __init__(self, folder: Path, properties: dict[str, str]) -> None:
        self._file = folder / "unit.json"
        self.shipped = properties
        self.plant()
        script = SYSTEMD.format(file=str(self._file), shipped=properties)
        program = write(folder / "programs" / "systemctl", f"#!{sys.executable} -S\n{script}")
        program.chmod(0o755)

    def plant(self, **but: str) -> None:
        """Give the unit as shipped, with some properties changed."""
        self._file.write_text(json.dumps(self.shipped | but))


Check = Callable[[], Iterable[Finding]]
CheckOf = Callable[[Installation], Iterable[Finding]]


@dataclass
class Cure:
    """Remedies that a test carries out.

    folder: place for ``sudo`` and the stand-ins. done: faults that are cured.
    """

    folder: Path
    done: list[Fault] = field(default_factory=list)

    def by_command(
        self,
        fault: Fault,
        check: Check,
        *,
        root: Path | None = None,
        typed: Mapping[str, str] | None = None,
        unsit: Callable[[list[str]], object] | None = None,
        then: Callable[[], object] | None = None,
        uncovers: Collection[Fault] = (),
    ) -> Finding:
        """Run the commands in the fix, and check again.

        root: root of the planted machine. typed: what a person types for a word in capitals.
        unsit: runs the arguments of a command of unsit; default: the command, in this process.
        then: what the machine does after a command that a stand-in runs. uncovers: faults that
        could not be seen before.
        """

        def act(finding: Finding) -> None:
            fix = str(finding.fix)
            for word, text in (typed or {}).items():
                assert word in fix
                fix = fix.replace(word, text)
            carry_out(fix, self.folder, root, unsit or run_unsit)
            if then is not None:
                then()

        return self._carry_out(fault, check, act, uncovers)

    def by_settings(
        self,
        fault: Fault,
        check: CheckOf,
        chair: Installation,
        *,
        uncovers: Collection[Fault] = (),
    ) -> Finding:
        """Write the settings that the fix names to a settings file, and check that chair."""
        chairs = [chair]

        def act(finding: Finding) -> None:
            chairs[:] = [with_settings_of(str(finding.fix), chair)]

        return self._carry_out(fault, lambda: check(chairs[0]), act, uncovers)

    def by_hand(
        self,
        fault: Fault,
        check: Check,
        asks: str,
        act: Callable[[], object],
        *,
        uncovers: Collection[Fault] = (),
    ) -> Finding:
        """Do the one thing that the fix asks for in these words, and check again."""

        def do(finding: Finding) -> None:
            assert asks in str(finding.fix)
            act()

        return self._carry_out(fault, check, do, uncovers)

    def _carry_out(
        self,
        fault: Fault,
        check: Check,
        act: Callable[[Finding], None],
        uncovers: Collection[Fault],
    ) -> Finding:
        before = list(check())
        finding = finding_of(fault, before)
        act(finding)
        after = list(check())
        allowed = named(before) - {fault} | set(uncovers)
        assert named(after) <= allowed, "\n".join(map(str, [finding, "after the fix:", *after]))
        self.done.append(fault)
        return finding


def named(findings: Iterable[Finding]) -> set[Fault]:
    """Return the faults that findings name."""
    return {Fault[finding.fault.upper()] for finding in findings if finding.fault}


def settings_in(fix: str) -> dict[str, Any]:
    """Return the settings that a fix names with their values, by key."""
    found = re.findall(r'\b([a-z_]+\.[a-z_]+) = ("(?:[^"\\]|\\.)*"|\w+)', fix)
    return {key: json.loads(value) for key, value in found}


def commands_in(fix: str) -> list[str]:
    """Return the commands of a fix, without the words between and after them."""
    quoted = QUOTED.findall(fix)
    parts = BETWEEN_COMMANDS.split(QUOTED.sub("\0", fix))
    rest = iter(quoted)
    whole = [re.sub("\0", lambda _: next(rest), part) for part in parts]
    return [_closed(part) for part in whole if part.startswith(COMMANDS)]


def _closed(part: str) -> str:
    """Return a command without the parenthesis that ends it and the words behind that."""
    return part.partition(")")[0] if part.count(")") > part.count("(") else part


def run_unsit(arguments: list[str]) -> None:
    """Run a command of unsit in this process."""
    ended = here(*arguments)
    assert ended.code == 0, f"{arguments}: {ended.err}"


def carry_out(
    fix: str,
    folder: Path,
    root: Path | None = None,
    unsit: Callable[[list[str]], object] = run_unsit,
) -> None:
    """Run the commands of a fix.

    folder: place for ``sudo``. root: root of the planted machine. unsit: runs commands of unsit.
    """
    if os.geteuid() != 0:
        missing("only root can do what sudo does")
    sudo = write(folder / "programs" / "sudo", '#!/bin/sh\nexec "$@"\n')
    sudo.chmod(0o755)
    commands = commands_in(fix)
    assert commands, f"no command in: {fix}"
    for command in commands:
        for beginning in OF_THE_MACHINE if root else ():
            command = command.replace(f" {beginning}", f" {root}{beginning}")
        command = command.replace(": [Service] ", " [Service] ")  # typed into the editor
        words = shlex.split(command.removeprefix("sudo "))
        if Path(words[0]).name == "unsit" and not words[0].startswith(str(folder)):
            unsit(words[1:])
        else:
            _check_harmless(command, folder)
            _run(command, folder)


def _check_harmless(command: str, folder: Path) -> None:
    """Refuse a command that would change the machine of the tests, and has no stand-in."""
    tokens = shlex.shlex(command, posix=True, punctuation_chars=True)
    tokens.whitespace_split = True
    is_first = True
    for word in tokens:
        if is_first and word != "sudo":
            found = shutil.which(word, path=with_path(folder / "programs")) or word
            is_of_test = Path(found).is_relative_to(tempfile.gettempdir())
            assert is_of_test or word in HARMLESS, f"no stand-in for {word}"
            is_first = False
        is_first = is_first or word in ("|", "&&", "||", ";")


def _run(command: str, folder: Path) -> None:
    ended = subprocess.run(
        ["sh", "-c", command],
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": with_path(folder / "programs")},
        timeout=60,
    )
    assert ended.returncode == 0, f"{command}: {ended.stderr}"


def with_settings_of(fix: str, chair: Installation) -> Installation:
    """Return a chair with the settings that a fix names, from a settings file."""
    given = settings_in(fix)
    assert given, f"no setting in: {fix}"
    before = as_toml(Loaded(chair.settings, {}))
    return replace(chair, settings=load_text(edit_text(before, given)).settings)


# Table of the remedies that the tests carry out


@dataclass(frozen=True, slots=True)
class Carried:
    """Remedy of a fault, as a test carries it out.

    way: ``command``, ``settings`` or ``hand``. asks: words of the fix that a person follows, empty
    if they differ or for the other ways. stand_ins: programs in whose place the test has a script.
    file: name of the test's file.
    """

    fault: Fault
    way: str
    asks: str
    stand_ins: tuple[str, ...]
    file: str


def carried_out(folder: Path) -> Iterator[Carried]:
    """Yield the remedies that the tests in a folder carry out, from their calls of ``cure``.

    The fixture makes a test fail that has it and carries nothing out.
    """
    for file in sorted(folder.glob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield from _carried_by(node, file.name)


def _carried_by(test: ast.FunctionDef, file: str) -> Iterator[Carried]:
    of_parameters = [fault for decorator in test.decorator_list for fault in _faults(decorator)]
    calls = [node for node in ast.walk(test) if isinstance(node, ast.Call)]
    stand_ins = {
        name for call in calls if _name(call.func) == "stand_in" for name in _texts(call)[:1]
    }
    if "systemd" in {argument.arg for argument in test.args.args}:
        stand_ins.add("systemctl")
    for call in calls:
        if isinstance(call.func, ast.Attribute) and _name(call.func.value) == "cure":
            way = call.func.attr.removeprefix("by_")
            asks = _asked(call, test) if way == "hand" else ""
            for fault in _faults(call.args[0]) or of_parameters:
                yield Carried(fault, way, asks, tuple(sorted(stand_ins)), file)


def _asked(call: ast.Call, test: ast.FunctionDef) -> str:
    """Return the words in a call, or in the variable that it has for them."""
    variables = {
        _name(node.targets[0]): node.value.value
        for node in ast.walk(test)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    return "".join([*_texts(call), *(str(variables.get(_name(it), "")) for it in call.args)])


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _texts(call: ast.Call) -> list[str]:
    values = [part.value for part in call.args if isinstance(part, ast.Constant)]
    return [value for value in values if isinstance(value, str)]


def _faults(node: ast.AST) -> list[Fault]:
    return [
        Fault[part.attr]
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and _name(part.value) == "Fault"
    ]


def remedies_table(folder: Path) -> str:
    """Return a table with a row for each fault: how a test carries its remedy out, and where."""
    carried = list(carried_out(folder))
    rows = ["| fault | carried out | by |", "|---|---|---|"]
    for fault in Fault:
        own = [it for it in carried if it.fault is fault]
        ways = "<br>".join(dict.fromkeys(map(_in_words, own)))
        files = ", ".join(dict.fromkeys(f"[{it.file}]({it.file})" for it in own))
        rows.append(f"| `{fault.name.lower()}` | {ways} | {files} |")
    return "\n".join(rows)


def _in_words(carried: Carried) -> str:
    if carried.way == "hand":
        return f'by hand: "{carried.asks}"' if carried.asks else "by hand"
    if carried.way == "settings":
        return "the settings in it"
    names = ", ".join(f"`{name}`" for name in carried.stand_ins)
    return f"its commands; {names} by a stand-in" if names else "its commands"
