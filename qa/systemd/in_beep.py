"""``hardware/from-box-to-beep.md``, followed line by line: from an empty Debian to a beep.

Run as root in a container by test_on_a_real_systemd.py. The commands and the lines that a person
sees are taken from the page. The parts are simulated pins. The container has no network: apt, pip
and git find what they would download in folders.
"""

import os
import pwd
import re
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from support.setup_person import Answers, SetUpOnTerminal
from systemd.machine import ROOT, SETTINGS, done, drop_in, of_unit, run, version_in_use

PAGE = ROOT / "hardware" / "from-box-to-beep.md"
SHOP = ROOT / "build" / "systemd"
CONFIG = Path("/boot/firmware/config.txt")
PERSON = "builder"
HOME = Path("/home") / PERSON

LONGEST_S = 240
"""Longest time for one command on a busy machine."""

SITS = "stand 4s, sit 50s, stand 1h"
"""A person on the mat of the service, from each of its starts."""

NOT_HERE = {
    "sudo poweroff": "it would end the container",
}
"""Commands of the page that are not run, and why."""

ELSEWHERE = {"ssh NAME@mychair.local"}
"""Commands of the person's own computer."""


@dataclass(frozen=True, slots=True)
class Block:
    """Block of the page that is not prose. kind: sh, text, toml or console."""

    kind: str
    lines: tuple[str, ...]


def blocks() -> list[Block]:
    """Return the blocks of the page, from top to bottom."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    return [Block(kind, tuple(text.splitlines())) for kind, text in found]


def is_seen(line: str, expected: str) -> bool:
    """Return True if a line is what the page promises; an ellipsis stands for anything."""
    pattern = ".*".join(re.escape(part) for part in expected.split("\N{HORIZONTAL ELLIPSIS}"))
    return re.fullmatch(pattern, line.rstrip()) is not None


def unseen(printed: str, expected: tuple[str, ...]) -> list[str]:
    """Return the promised lines that do not come, one after the other, in what was printed."""
    wanted = [line for line in expected if line.strip("\N{HORIZONTAL ELLIPSIS}")]
    for line in printed.splitlines():
        if wanted and is_seen(line, wanted[0]):
            wanted.pop(0)
    return wanted


@pytest.fixture(scope="module", autouse=True)
def fresh_machine() -> None:
    """Make the container a Pi that has just been written: a person with sudo, and config.txt."""
    release = Path("/etc/os-release").read_text(encoding="utf-8")
    [suite] = re.findall(r"^VERSION_CODENAME=(\w+)$", release, re.M)
    source = f"deb [trusted=yes] file:{SHOP}/packages/{suite} ./\n"
    Path("/etc/apt/sources.list.d/shop.list").write_text(source, encoding="utf-8")
    shops = f"{SHOP}/wheels {SHOP}/wheels-to-build"
    Path("/etc/pip.conf").write_text(f"[global]\nno-index = true\nfind-links = {shops}\n")
    run("apt-get", "update")
    run("apt-get", "install", "--yes", "sudo", DEBIAN_FRONTEND="noninteractive")
    done("useradd", "--create-home", "--shell", "/bin/bash", PERSON)
    Path("/etc/sudoers.d/person").write_text(f"{PERSON} ALL=(ALL) NOPASSWD: ALL\n")
    # git does not clone the folder of somebody else.
    Path("/etc/gitconfig").write_text("[safe]\n\tdirectory = *\n")
    CONFIG.parent.mkdir(parents=True)
    CONFIG.write_text("dtparam=audio=on\n")
    drop_in("unsit.service", "simulated", "Environment=GPIOZERO_PIN_FACTORY=unsit_sim")
    drop_in("unsit.service", "person", f'Environment="UNSIT_SIM_SCRIPT={SITS}"')


class Person:
    """Person who types the commands of the page, in one shell after the other login.

    screen: what the last commands printed.
    """

    def __init__(self) -> None:
        self.screen = ""
        self._where = HOME

    def log_in(self) -> None:
        """Begin in the home folder."""
        self._where = HOME

    def type(self, line: str, *, until: tuple[str, ...] = ()) -> None:
        """Run a command, which must succeed.

        until: lines at which a command that does not end by itself is stopped.
        """
        line = line.replace("REPOSITORY", str(ROOT))
        if line.startswith("cd "):
            self._where /= line.removeprefix("cd ")
            return
        as_person = ["setpriv", "--reuid", PERSON, "--regid", PERSON, "--init-groups"]
        with subprocess.Popen(
            ["timeout", "--kill-after", "5", str(LONGEST_S), *as_person, "bash", "-c", line],
            cwd=self._where,
            env={"PATH": os.environ["PATH"], "HOME": str(HOME), "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            printed = ""
            assert process.stdout is not None
            for more in process.stdout:
                printed += more
                if until and not unseen(printed, until):
                    process.terminate()
        self.screen += printed
        assert until or process.returncode == 0, f"{line}: {process.returncode}\n{printed}"


def set_up(folder: Path) -> tuple[int, str, int]:
    """Answer ``unsit setup`` as a person on the mat; return its code, its screen and the beeps."""
    python = str(version_in_use() / "bin" / "python")
    beeps = 0
    with SetUpOnTerminal(folder, python=python) as terminal:
        answers = Answers(terminal, {"Stop it?": ["y"]})
        while (question := terminal.next_question()) is not None:
            if "Listen for" in question:
                terminal.beeps()
            if "Did you hear" in question:
                beeps = terminal.beeps()
            terminal.type(f"{answers.answer(question)}\n")
        return terminal.end(), terminal.screen, beeps


def edit(before: Block, after: Block) -> None:
    """Change the settings as the page says: one line becomes another."""
    text = SETTINGS.read_text(encoding="utf-8")
    [line], [new] = before.lines, after.lines
    assert text.splitlines().count(line) == 1, f"{SETTINGS} has no line {line}"
    SETTINGS.write_text(text.replace(line, new), encoding="utf-8")


def test_the_page_leads_from_an_empty_debian_to_a_beep(tmp_path: Path) -> None:
    person, beeps = Person(), 0
    page = blocks()
    for block, following in pairwise([*page, Block("end", ())]):
        promised = following.lines if following.kind == "text" else ()
        if block.kind == "console":
            assert set(block.lines) <= ELSEWHERE
        elif block.kind == "toml" and following.kind == "toml":
            edit(block, following)
        elif block.kind == "sh":
            person.screen = ""
            for line in block.lines:
                if line in NOT_HERE:
                    assert "gpio=18=op,dl\n" in CONFIG.read_text()
                    person.log_in()
                elif line == "sudo unsit setup":
                    code, person.screen, beeps = set_up(tmp_path)
                    assert code == 0, person.screen
                else:
                    person.type(line, until=promised if "journalctl -f" in line else ())
            assert unseen(person.screen, promised) == [], person.screen

    assert beeps == 2, "the first of the chair"
    assert of_unit("ActiveState") == "active"
    assert pwd.getpwnam(PERSON).pw_dir == str(HOME)


def test_a_promised_line_that_does_not_come_is_found() -> None:
    assert unseen("one\ntwo 12 three\n", ("one", "two \N{HORIZONTAL ELLIPSIS} three")) == []
    assert unseen("two\none\n", ("one", "two")) == ["two"]
    assert unseen("onerous\n", ("one",)) == ["one"]
