"""Fixtures and hooks of all tests: recordings, brokers, pins, markers, hypothesis profiles."""

import functools
import gc
import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from gpiozero import Device

from support import marker_password
from support.mosquitto import Mosquitto, Watcher, program
from support.places import SHARED

if TYPE_CHECKING:
    from unsit_firmware.simulation.pins import SimulatedPins

TESTS = Path(__file__).parents[1]

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")

PROFILES = {"usual": 25, "thorough": 100}
"""Examples per property of each hypothesis profile; CI runs the thorough one."""


def missing(reason: str) -> None:
    """Skip the test because a real thing is not installed; fail it in CI.

    reason: names the thing and the command that installs it.
    """
    if IN_CI:
        pytest.fail(f"{reason}; CI must have it")
    pytest.skip(reason)


MEMORY = Path("/dev/shm")  # noqa: S108  # only tests write there


def is_for_programs(folder: Path) -> bool:
    """Say whether a folder has room for the files of a test run, and lets programs start there."""
    try:
        of = os.statvfs(folder)
    except OSError:
        return False
    has_room = of.f_bavail * of.f_frsize > 2**30
    return has_room and not of.f_flag & os.ST_NOEXEC and os.access(folder, os.W_OK | os.X_OK)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Hear Ctrl-C, keep temporary files in memory, and load the hypothesis profile.

    A shell that starts the tests in the background makes them, and each program that they start,
    ignore SIGINT. On a disk the tests wait half of the time for the state files to be synchronised.
    An option can still choose another profile.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "TMPDIR" not in os.environ and is_for_programs(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None
    if not config.pluginmanager.hasplugin("hypothesispytest"):
        return
    from hypothesis import HealthCheck, settings

    for name, number in PROFILES.items():
        settings.register_profile(
            name,
            max_examples=number,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        )
    settings.load_profile("thorough" if IN_CI else "usual")


def pytest_collection_finish() -> None:
    """Keep Python's collector of cycles from visiting some hundred thousand objects of tests."""
    gc.collect()
    gc.freeze()


STARTS_A_PROGRAM = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn"})
"""Audit events of the interpreter."""

NEEDS_A_PROGRAM = {
    "mosquitto_is_here": "broker",
    "small_disk": "program",
    "run_on_simulated_pins": "program",
    "hogged": "program",
}
"""Marker that a test gets because of a fixture."""

STARTING_MARKERS = ("program", "broker", "kernel", "systemd", "homeassistant")

started: list[str] = []
"""Programs that the running test has started."""


def _note_start(event: str, arguments: tuple[object, ...]) -> None:
    if event in STARTS_A_PROGRAM:
        started.append(f"{event} {arguments[:1]}")


sys.addaudithook(_note_start)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark each test that starts programs, from what it and its module refer to.

    In parallel processes, modules that wait and modules that compute are mixed, and tests of a
    minute come first, so that no processor is idle in the end.
    """
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: zlib.crc32(bytes(item.path.relative_to(config.rootpath))))
        items.sort(key=lambda item: item.get_closest_marker("minute") is None)
    for item in filter(_is_in_tests, items):
        for fixture in set(getattr(item, "fixturenames", ())) & NEEDS_A_PROGRAM.keys():
            item.add_marker(NEEDS_A_PROGRAM[fixture])
        if isinstance(item, pytest.Function) and _refers_to_a_program(item.module):
            item.add_marker("program")


def _is_in_tests(item: pytest.Item) -> bool:
    """Return whether a test is in tests/; a module of qa/ may run where unsit is not importable."""
    return item.path.is_relative_to(TESTS)


@functools.cache
def _refers_to_a_program(module: ModuleType) -> bool:
    from support import chair_program, planted_faults, program, remedies

    starters: tuple[object, ...] = (subprocess, program.run, program.Program, program.OnTerminal)
    # A check asks programs of the system, such as systemctl.
    starters = (*starters, chair_program.chair_on, planted_faults.finding_of, remedies.Cure)
    return any(value is starter for value in vars(module).values() for starter in starters)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test that starts a program and has no marker that says so."""
    started.clear()
    yield
    is_marked = any(map(item.get_closest_marker, STARTING_MARKERS))
    if started and not is_marked and _is_in_tests(item):
        pytest.fail(f"starts a program, and is not marked `program`: {started[0]}")


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Return the folder of real recordings; they are an addition, and absent in CI too."""
    if not (SHARED / "data").is_dir():
        pytest.skip(
            f"no real recordings at {SHARED / 'data'}; set UNSIT_SHARED to the folder above data/"
        )
    return SHARED / "data"


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with every generated recording."""
    from recordings import catalogue  # not importable in the containers of qa/systemd

    folder = tmp_path_factory.mktemp("generated")
    for name in catalogue.RECIPES:
        catalogue.write(catalogue.make(name), folder)
    return folder


@pytest.fixture
def recording(request: pytest.FixtureRequest, name: str) -> Path:
    """Return the file that the test's parameter ``name`` names: generated, or else real."""
    from recordings import catalogue

    folder: Path = request.getfixturevalue(
        "generated" if name in catalogue.RECIPES else "recordings"
    )
    return folder / name


@pytest.fixture(autouse=True)
def _no_settings_from_outside(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Remove settings of the person who runs the tests from the environment."""
    for name in list(os.environ):
        if name.upper().startswith("UNSIT_") and name != "UNSIT_SHARED":
            monkeypatch.delenv(name)
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "no-state"))
    credentials = marker_password.leave_in(tmp_path_factory.getbasetemp() / "credentials")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that has printed or logged the marker password."""
    report = yield
    if any(marker_password.PASSWORD in text for _, text in report.sections):
        report.outcome = "failed"
        report.longrepr = "the marker password is in what was printed or logged"
    return report


@pytest.fixture
def pins() -> "Iterator[SimulatedPins]":
    """Yield simulated pins, which the command takes for those of the machine."""
    from unsit_firmware.simulation.pins import SimulatedPins

    pins = SimulatedPins()
    Device.pin_factory = pins
    yield pins
    pins.close()
    Device.pin_factory = None


@pytest.fixture
def mosquitto_is_here() -> None:
    """Skip the test, or in CI fail it, where mosquitto is not installed."""
    if program() is None:
        missing("mosquitto is not installed; sudo apt install mosquitto")


@pytest.fixture
def stopped_broker(mosquitto_is_here: None, tmp_path: Path) -> Iterator[Mosquitto]:
    """Yield a broker that is not started yet."""
    broker = Mosquitto(tmp_path)
    yield broker
    broker.stop()


@pytest.fixture
def broker(stopped_broker: Mosquitto) -> Mosquitto:
    """Return a running broker."""
    stopped_broker.start()
    return stopped_broker


@pytest.fixture
def watcher(broker: Mosquitto) -> Iterator[Watcher]:
    """Yield a client that receives all messages."""
    watcher = Watcher(broker)
    yield watcher
    watcher.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a mounted file system of 1 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "unsit-test", disk])
    if mounted.returncode != 0:
        missing("this user may not mount a file system; run as root")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)  # a test that failed may be there still


NOBODY = pwd.getpwnam("nobody").pw_uid


@contextmanager
def being_nobody(
    *places: Path, owner_of: Path | None = None, groups: Sequence[int] = ()
) -> Iterator[None]:
    """Run the block as nobody, with the right to pass through the directories to the places.

    owner_of: a directory that is given to nobody first. groups: that nobody is in.
    """
    if os.geteuid() != 0:
        missing("only root can become somebody else")
    for place in places:
        for above in place.parents:
            above.chmod(above.stat().st_mode | 0o055)
    if owner_of is not None:
        os.chown(owner_of, NOBODY, NOBODY)
    before = os.getgroups()
    os.setgroups(groups)
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(before)


@pytest.fixture
def live_in() -> Iterator[Callable[[str], None]]:
    """Return a function that sets the time zone of this process until the end of the test."""
    before = os.environ.get("TZ")

    def move(zone: str) -> None:
        os.environ["TZ"] = zone
        time.tzset()

    yield move
    os.environ.pop("TZ", None)
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()
