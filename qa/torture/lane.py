"""Lane: one chair with its person, broker and network, all of them exposed to faults."""

import collections
import contextlib
import heapq
import itertools
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import IO

from support.fake_boots import Boot
from support.fake_wall_clock import FakeWallClock, compile_wall_clock
from support.mosquitto import LOOPBACK, Mosquitto
from torture.collector import Collector
from torture.person import Move, moves
from torture.proxy import Proxy
from torture.rules import SETTINGS
from torture.truth import Outage, Truth

TIMEOUT_S = 120.0

UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


class Lane:
    """A chair under torture, driven by one thread that runs short scheduled actions.

    seed: of everything random. number: distinguishes the lanes. folder: for its files.
    steps_clock: the wall clock of the service can be set, which needs a C compiler.
    settings: of the chair, over those of ``torture.rules``.
    """

    def __init__(
        self,
        seed: int,
        number: int,
        folder: Path,
        *,
        bouncy: bool = True,
        steps_clock: bool = False,
        settings: Sequence[str] = (),
    ) -> None:
        self.name = f"chair-{number}"
        self.random = Random(f"{seed}/{number}/faults")
        self.kills = 0
        self.is_full = False
        self.broken: list[str] = []
        folder.mkdir()
        self.state = folder / "state"
        self._folder = folder
        self._own_settings = settings
        self._boot: Boot | None = None
        self.broker = Mosquitto(folder, "allow_anonymous true", "max_queued_messages 0")
        self.broker.start()
        self.proxy = Proxy(self.broker.port)
        self.collector = Collector(self.broker.port, f"unsit/{self.name}")
        self._clock: FakeWallClock | None = None
        if steps_clock:
            library = compile_wall_clock(folder / "wallclock.so")
            self._clock = FakeWallClock(library, folder / "wallclock")
        self._person = moves(Random(f"{seed}/{number}/person"), is_bouncy=bouncy)
        self._schedule: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._service: subprocess.Popen[str] | None = None
        self._logged: collections.deque[str] = collections.deque(maxlen=5000)
        self._logged_since_limit: collections.deque[str] = collections.deque(maxlen=5000)
        self._pressed = False
        self._leaving = threading.Event()
        self.truth = Truth(began=time.time())
        self.truth.outages.append(Outage(down=self.truth.began))
        self.set_clock(0.0)

    # The world

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Schedule an action."""
        heapq.heappush(self._schedule, (time.monotonic() + seconds, next(self._order), act))

    def run(self, plan_faults: Callable[["Lane"], None]) -> None:
        """Run the schedule until ``leave`` is called. plan_faults: called once, at first."""
        self.start_service()
        self.after(1.0, self._move_person)
        plan_faults(self)
        while not self._leaving.is_set():
            when, _, act = heapq.heappop(self._schedule)
            if self._leaving.wait(max(0.0, when - time.monotonic())):
                break
            act()

    def leave(self) -> None:
        """End ``run`` before its next action."""
        self._leaving.set()

    def settle(self) -> None:
        """End every fault, empty the seat, and wait until the chair has published everything."""
        self.lift_disk_limit()
        self.proxy.heal()
        self.broker_must_run()
        if self._service is None:
            self.start_service()
        self.sit(pressed=False)
        self._expect("the chair has published everything", self._has_published_everything)
        self.truth.ended = time.time()
        self._stop_service()
        self._expect("the chair has published its stop", self._has_published_stop)
        self.truth.ended = time.time()

    def close(self) -> None:
        """End every program of the lane."""
        if self._service is not None:
            self._service.kill()
            self._reap(self._service)
        self._end_boot()
        self.collector.close()
        self.proxy.close()
        self.broker.stop()

    # The person

    def _move_person(self) -> None:
        move = next(self._person)
        self._sit(move)
        self.after(move.hold, self._move_person)

    def sit(self, *, pressed: bool) -> None:
        """Press or release the seat, without a bounce."""
        self._sit(Move(pressed, 0.0, (pressed,)))

    def _sit(self, move: Move) -> None:
        if move.pressed != self._pressed:
            self.truth.edges.append((time.time(), move.pressed))
        self._pressed = move.pressed
        self._write("".join(f"{int(row)}\n" for row in move.rows))

    def _write(self, rows: str) -> None:
        if self._service is None or self._service.stdin is None:
            return
        try:
            self._service.stdin.write(rows)
            self._service.stdin.flush()
        except BrokenPipeError:
            self._ended_by_itself()

    # The service

    @property
    def is_up(self) -> bool:
        """The service was started and not killed since."""
        return self._service is not None

    @property
    def is_ready(self) -> bool:
        """The service has logged that it has started."""
        return self.is_up and self.truth.outages[-1].up is not None

    @property
    def has_rebooted(self) -> bool:
        """The machine was rebooted."""
        return self._boot is not None

    def start_service(self) -> None:
        """Start the service on the seat as the person left it."""
        self._logged.append("started; the broker is unknown yet")
        options = [part for setting in self._settings() for part in ("--set", setting)]
        self._service = subprocess.Popen(
            [
                *(() if self._boot is None else self._boot.prefix),
                sys.executable,
                "-m",
                "unsit",
                "run",
                "--simulate",
                "-",
                *options,
                "--state-dir",
                str(self.state),
            ],
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen, args=(self._service.stderr,))
        self._listener.start()
        self._write(f"contact\n{int(self._pressed)}\n")

    def kill_service(self) -> Outage:
        """Kill the service with SIGKILL; return the outage that begins."""
        service = self._service
        if service is None:
            raise AssertionError("killed a service that is down")
        if service.poll() is not None:
            self._ended_by_itself()
        service.kill()
        outage = Outage(down=time.time())
        self._reap(service)
        self.kills += 1
        self._service = None
        self.truth.outages.append(outage)
        return outage

    def reboot(self) -> None:
        """Begin another boot while the service is down. Raises OSError, see ``Boot``."""
        if self._service is not None:
            raise AssertionError("rebooted with the service up")
        self._end_boot()
        self._boot = Boot(self._folder)

    def _end_boot(self) -> None:
        if self._boot is not None:
            self._boot.end()

    def has_logged(self, words: str) -> bool:
        """Return whether the service logged the words since its files were last limited."""
        return any(words in line for line in list(self._logged_since_limit))

    def set_disk_limit(self, size: int) -> None:
        """Limit the size of the service's files, in bytes."""
        self._logged_since_limit.clear()
        self.is_full = True
        self._limit((size, resource.RLIM_INFINITY))

    def lift_disk_limit(self) -> None:
        """Remove the limit on the service's files."""
        self._limit(UNLIMITED)

    def _limit(self, limits: tuple[int, int]) -> None:
        if self._service is not None and self._service.poll() is None:
            resource.prlimit(self._service.pid, resource.RLIMIT_FSIZE, limits)

    def set_clock(self, offset: float) -> None:
        """Set the wall clock of the service. offset: its error in seconds."""
        if self._clock is not None:
            self._clock.set(offset)
            self.truth.offsets.append(offset)

    def _stop_service(self) -> None:
        if self._service is not None:
            self._service.terminate()

    def _ended_by_itself(self) -> None:
        self.broken.append(f"the service ended by itself: {' '.join(list(self._logged)[-5:])}")
        self._leaving.set()

    def _reap(self, service: subprocess.Popen[str]) -> None:
        service.wait()
        self._listener.join()
        if service.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                service.stdin.close()

    def _listen(self, log: IO[str]) -> None:
        with log:
            for line in log:
                self._logged.append(line)
                self._logged_since_limit.append(line)
                if "the service has started" in line:
                    self.truth.outages[-1].up = time.time()

    def _settings(self) -> Iterator[str]:
        yield from (f"mqtt.host={LOOPBACK}", f"mqtt.port={self.proxy.port}")
        yield from (f"chair.id={self.name}", *SETTINGS, *self._own_settings)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("UNSIT_")}
        kept["XDG_CONFIG_HOME"] = "/no-config"
        if self._clock is None:
            return kept
        return kept | self._clock.variables

    # The broker

    def kill_broker(self, *, forgets: bool = False) -> None:
        """Kill the broker, and cut the network until the collector is subscribed again."""
        self.collector.expect_another_broker()
        self.proxy.cut()
        self.broker.kill(forgets=forgets)

    def broker_must_run(self) -> None:
        """Start the broker if it is down, and let the chair connect after the collector."""
        if not self.broker.runs:
            self.broker.start()
            self._expect("the collector is subscribed again", self._collector_is_back)
            self.proxy.heal()

    def _collector_is_back(self) -> bool:
        return self.collector.wait_until_subscribed(0.1)

    def keep(self, folder: Path) -> None:
        """Write truth and log of the lane into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = {
            "truth": asdict(self.truth),
            "log": self.collector.log,
            "logged": list(self._logged),
        }
        (folder / f"{self.name}.json").write_text(json.dumps(kept, indent=1))

    # The end

    def _has_published_everything(self) -> bool:
        state = self.collector.state
        return (
            self._is_connected
            and state.get("occupied") is False
            and state.get("bout_s") is None
            and not state.get("events_waiting")
            and self._last("bout_ended") > self._last("bout_started")
        )

    @property
    def _is_connected(self) -> bool:
        """The last line of the service about the broker says that it is connected."""
        lines = [line for line in list(self._logged) if "the broker" in line]
        return bool(lines) and "connected to the broker" in lines[-1]

    def _has_published_stop(self) -> bool:
        return self._last("service_stopped") > self._last("service_started")

    def _last(self, kind: str) -> int:
        """Return the number of the last event of a type, 0 if there was none."""
        numbers = (record["seq"] for record in self.collector.log if record["type"] == kind)
        return max(numbers, default=0)

    def _expect(self, what: str, condition: Callable[[], bool]) -> None:
        if not self.collector.wait(condition, TIMEOUT_S):
            self.broken.append(f"not in {TIMEOUT_S:.0f} s: {what}")
