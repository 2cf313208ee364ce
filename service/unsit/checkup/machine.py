"""Machine under check: its files, programs and processes, and the installed chair."""

import grp
import os
import pwd
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from unsit.settings.file import SYSTEM_FILE, settings_file, state_directory
from unsit.settings.model import Settings

PROGRAM_TIMEOUT_S = 20.0

LINK_IN_USE = Path("/opt/unsit/bin")
"""Link of ``systemd/install``, and of the package, to the programs of the version in use."""

SUDO_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Path on which Debian's sudo looks for programs, whatever the path of the user."""

SYSTEM_PACKAGES = {"spidev": "python3-spidev", "lgpio": "python3-lgpio"}
"""Packages of Debian with libraries that have no wheels for every machine."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Output and exit code of a program."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Machine:
    """Files under a root, and programs on the path.

    root: directory of the machine's /proc, /sys, /dev and /var.
    """

    root: Path = Path("/")

    def path(self, name: str) -> Path:
        """Return the path of a file by its absolute name."""
        return self.root / name.lstrip("/")

    def text(self, name: str) -> str | None:
        """Return a file's text without zero bytes and blanks at its end, None if unreadable."""
        try:
            content = self.path(name).read_bytes()
        except OSError:
            return None
        return content.decode("utf-8", "replace").rstrip("\0\n ")

    def run(self, *command: str) -> Answer | None:
        """Run a program. Return None if it is not installed or does not end in 20 s."""
        try:
            done = subprocess.run(  # noqa: S603  # commands of the checks, without a shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=PROGRAM_TIMEOUT_S,
                env=os.environ | {"LC_ALL": "C", "SYSTEMD_PAGER": ""},
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return Answer(done.returncode, done.stdout.decode("utf-8", "replace").strip())

    def properties(self, *command: str) -> dict[str, str]:
        """Run a program and return its lines of the form ``Name=value``; none if it fails."""
        answer = self.run(*command)
        lines = answer.text.splitlines() if answer and answer.code == 0 else []
        pairs = (line.partition("=") for line in lines)
        return {name: value for name, equals, value in pairs if equals}


def apt_install(*packages: str) -> str:
    """Return the command that installs packages of Debian.

    With old lists of packages apt asks for versions that the servers no longer have.
    """
    return f"sudo apt update && sudo apt install {' '.join(packages)}"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Python interpreter that unsit is installed for, to name the command that adds a library.

    executable, prefix: the program and its environment.
    is_writable: this user may install libraries for it.
    is_environment: it is one of its own (venv). has_pip: it can run ``-m pip``.
    sees_system: it sees the libraries of the system's packages.
    is_managed: its libraries belong to the packages of the system (PEP 668), and pip refuses.
    link: directory that is a link to the programs of the version in use, if there is one.
    """

    executable: Path
    prefix: Path
    is_environment: bool
    is_writable: bool = True
    has_pip: bool = True
    sees_system: bool = False
    is_managed: bool = False
    link: Path = LINK_IN_USE

    @classmethod
    def running(cls) -> "Interpreter":
        """Return the interpreter that runs this program."""
        prefix = Path(sys.prefix)
        is_environment = sys.prefix != sys.base_prefix
        try:
            about = (prefix / "pyvenv.cfg").read_text(encoding="utf-8").lower()
        except OSError:
            about = ""
        mark = Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")
        return cls(
            executable=Path(sys.executable),
            prefix=prefix,
            is_environment=is_environment,
            is_writable=os.access(sysconfig.get_path("purelib"), os.W_OK, effective_ids=True),
            has_pip=find_spec("pip") is not None,
            sees_system=bool(re.search(r"^include-system-site-packages *= *true", about, re.M)),
            is_managed=not is_environment and mark.exists(),
        )

    def install(self, library: str, *, upgrade: bool = False) -> str:
        """Return the command that installs a library where unsit finds it."""
        if library in SYSTEM_PACKAGES and (self.sees_system or self.is_managed):
            return apt_install(SYSTEM_PACKAGES[library])
        if self.is_managed:
            return "sudo systemd/install, which gives unsit an environment of its own"
        if self.is_environment and "pipx" in self.prefix.parts:
            return f"pipx inject {'--force ' if upgrade else ''}unsit {library}"
        python = shlex.quote(str(self._program()))
        sudo = "" if self.is_writable else "sudo "
        pip = f"{sudo}{python} -m pip install"
        if not self.has_pip:
            pip = f"{sudo}{python} -m ensurepip && {pip}"
        return f"{pip} {'--upgrade ' if upgrade else ''}{library}"

    def _program(self) -> Path:
        """Return the interpreter, if possible by a name that an upgrade does not change."""
        try:
            is_in_use = self.link.resolve() == self.executable.parent.resolve()
        except OSError:
            is_in_use = False
        return self.link / self.executable.name if is_in_use else self.executable


@dataclass(frozen=True, slots=True)
class Account:
    """User with its groups, as the kernel sees a process."""

    user: int
    group: int
    groups: tuple[int, ...] = ()

    def __str__(self) -> str:
        return user_name(self.user)

    def may(self, what: str, path: Path) -> bool | None:
        """Return whether this user may do something with a file, by the kernel's own answer.

        what: ``r``, ``w`` or ``x``, see test(1). Only root can try it for another user; None then.
        """
        if self.user == os.geteuid():
            mode = {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}[what]
            return os.access(path, mode, effective_ids=True)
        if os.geteuid() != 0:
            return None
        tried = subprocess.run(  # noqa: S603  # a fixed command, without a shell
            ["test", f"-{what}", str(path)],  # noqa: S607  # as found on the path
            user=self.user,
            group=self.group,
            extra_groups=self.groups,
            cwd="/",
        )
        return tried.returncode == 0

    def barrier(self, path: Path) -> Path:
        """Return the first directory on the way to a file that is closed to this user, or the file.

        Only for a file that this user may not read.
        """
        above = reversed(path.absolute().parents)
        return next((place for place in above if self.may("x", place) is False), path)


def user_name(number: int) -> str:
    """Return the name of a user."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"the user {number}"


@dataclass(frozen=True)
class Installation:
    """Installed chair.

    unit: name of its systemd unit, without .service. file: the settings file, None if there is
    none.
    """

    settings: Settings
    state: Path
    unit: str = "unsit"
    machine: Machine = field(default_factory=Machine)
    file: Path | None = None

    @cached_property
    def account(self) -> Account | None:
        """User of the service, None if it is not known: then it is the user who runs it."""
        running = [self.machine.text(f"/proc/{it.pid}/status") for it in running_services(self)]
        if running and (account := _account_in(running[0] or "")) is not None:
            return account
        unit = self.unit_properties("LoadState", "User", "DynamicUser", "SupplementaryGroups")
        if unit.get("LoadState") != "loaded":
            return None
        names = unit.get("SupplementaryGroups", "").split()
        groups = tuple(number for name in names if (number := group_number(name)) is not None)
        if unit.get("DynamicUser") == "yes":
            return self._owner_of_state(groups)
        try:
            user = pwd.getpwnam(unit.get("User") or "root")
        except KeyError:
            return None
        groups += tuple(os.getgrouplist(user.pw_name, user.pw_gid))
        return Account(user.pw_uid, user.pw_gid, groups)

    @property
    def is_stopped(self) -> bool:
        """True if it is known that no chair runs on this machine."""
        if any(_chairs(self.machine)):
            return False
        return self.unit_properties("ActiveState").get("ActiveState") in ("inactive", "failed")

    def _owner_of_state(self, groups: tuple[int, ...]) -> Account | None:
        """Return the dynamic user to whom systemd gave the state directory."""
        try:
            status = self.state.stat()
        except OSError:
            return None
        return Account(status.st_uid, status.st_gid, groups) if status.st_uid else None

    def unit_properties(self, *names: str) -> dict[str, str]:
        """Return systemd's values of the unit's properties, none without systemd."""
        option = f"--property={','.join(names)}"
        return self.machine.properties("systemctl", "show", f"{self.unit}.service", option)


def own_command(installation: Installation, *words: str, sudo: bool = False) -> str:
    """Return a command of unsit for this chair, such as ``sudo unsit calibrate --unit unsit@left``.

    It names what the command would not find by itself, and runs with the rights over the state.
    sudo: True if it needs root besides.
    """
    unit, state, file = installation.unit, installation.state, installation.file
    command = [*words]
    if unit != "unsit":
        command += ["--unit", unit]
    if file is not None and str(file) != (settings_file(None, unit) or str(SYSTEM_FILE)):
        command += ["--config", str(file)]
    if state != state_directory(None, unit):
        command += ["--state-dir", str(state)]
    is_writable = os.access(nearest_directory(state), os.W_OK, effective_ids=True)
    if sudo or not is_writable or "SUDO_UID" in os.environ:
        return shlex.join(["sudo", _own_program(SUDO_PATH), *command])
    return shlex.join([_own_program(os.environ.get("PATH", os.defpath)), *command])


def _own_program(path: str) -> str:
    """Return ``unsit`` if that name leads to this installation on a path, else the program's path.

    sudo, and a shell without the virtual environment, know no program of it by its name.
    """
    own = Path(sys.prefix, "bin", "unsit")
    named = shutil.which("unsit", path=path)
    is_own = named is not None and Path(named).resolve() == own.resolve()
    return "unsit" if is_own or not own.exists() else str(own)


def nearest_directory(directory: Path) -> Path:
    """Return the directory, or its nearest parent that exists."""
    return next(path for path in (directory, *directory.parents) if path.exists())


def group_name(number: int) -> str:
    """Return the name of a group, its number if it has none."""
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def group_number(name: str) -> int | None:
    """Return the number of a group, None if there is none of this name."""
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def _account_in(status: str) -> Account | None:
    """Return the effective user and groups in the text of /proc/PID/status."""
    lines = dict(re.findall(r"^(Uid|Gid|Groups):[ \t]*(.*)$", status, re.MULTILINE))
    try:
        user, group = (int(lines[name].split()[1]) for name in ("Uid", "Gid"))
    except (KeyError, IndexError):
        return None
    return Account(user, group, tuple(map(int, lines.get("Groups", "").split())))


@dataclass(frozen=True, slots=True)
class Process:
    """Process with its number and its command line."""

    pid: int
    command: tuple[str, ...]

    @property
    def is_chair(self) -> bool:
        """True for ``unsit run``."""
        words = [Path(word).name for word in self.command[:4]]
        return "run" in words[1:] and bool({"unsit", "__main__.py"} & set(words))

    def __str__(self) -> str:
        return f"{' '.join(self.command) or 'a process'} (pid {self.pid})"


def process(pid: int, machine: Machine) -> Process | None:
    """Return the process with a number, None if there is none."""
    command = machine.text(f"/proc/{pid}/cmdline")
    return None if command is None else Process(pid, tuple(command.split("\0")))


def process_named_in(holder: str, machine: Machine) -> Process | None:
    """Return the process whose number is in the kernel's name for the holder of a line."""
    number = re.search(r"\bpid (\d+)", holder)
    return None if number is None else process(int(number[1]), machine)


def running_services(installation: Installation) -> list[Process]:
    """Return the services of this chair: those with its state open, else the unit's process."""
    chairs = list(_chairs(installation.machine))
    own = [chair for chair in chairs if _holds_state(chair, installation)]
    if own:
        return own
    main = installation.unit_properties("MainPID").get("MainPID")
    return [chair for chair in chairs if str(chair.pid) == main]


def _chairs(machine: Machine) -> Iterator[Process]:
    """Yield every ``unsit run`` of the machine."""
    for entry in machine.path("/proc").glob("[0-9]*"):
        chair = process(int(entry.name), machine)
        if chair is not None and chair.is_chair:
            yield chair


def _holds_state(chair: Process, installation: Installation) -> bool:
    """Return True if a process has a file of the state directory open, as far as can be seen."""
    directory = installation.state.resolve()
    try:
        files = list(installation.machine.path(f"/proc/{chair.pid}/fd").iterdir())
    except OSError:
        return False
    return any(_leads_into(file, directory) for file in files)


def _leads_into(link: Path, directory: Path) -> bool:
    try:
        return Path(os.readlink(link)).parent == directory
    except OSError:
        return False
