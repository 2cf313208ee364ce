"""A lane: one chair with its person, its broker and its network, and what befalls them."""

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
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import IO

from boots import Boot
from mosquitto import LOOPBACK, Mosquitto
from torture.collector import Collector
from torture.person import Move, moves
from torture.proxy import Proxy
from torture.rules import SETTINGS
from torture.truth import Outage, Truth

PATIENCE = 60.0
FAKETIME = Path(f"/usr/lib/{os.uname().machine}-linux-gnu/faketime/libfaketime.so.1")

UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


class Lane:
    """A chair under torture, driven by one thread: acts at their times, each short.

    seed: of all that is drawn. number: tells lanes apart. folder: for its files. steps_clock:
    the wall clock of the service can be set, which needs libfaketime.
    """

    def __init__(
        self,
        seed: int,
        number: int,
        folder: Path,
        *,
        bouncy: bool = True,
        steps_clock: bool = False,
    ) -> None:
        self.name = f"chair-{number}"
        self.random = Random(f"{seed}/{number}/fate")
        self.kills = 0
        self.is_full = False
        self.broken: list[str] = []
        folder.mkdir()
        self.state = folder / "state"
        self._folder = folder
        self._boot: Boot | None = None
        self.broker = Mosquitto(folder, "allow_anonymous true", "max_queued_messages 0")
        self.broker.start()
        self.proxy = Proxy(self.broker.port)
        self.collector = Collector(self.broker.port, f"unsit/{self.name}")
        self._clock = folder / "clock" if steps_clock else None
        self._person = moves(Random(f"{seed}/{number}/person"), is_bouncy=bouncy)
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._service: subprocess.Popen[str] | None = None
        self._said: collections.deque[str] = collections.deque(maxlen=5000)
        self._said_since: collections.deque[str] = collections.deque(maxlen=5000)
        self._pressed = False
        self._leaving = threading.Event()
        self.truth = Truth(began=time.time())
        self.truth.outages.append(Outage(down=self.truth.began))
        self.set_clock(0.0)

    # The world

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Has something done later."""
        heapq.heappush(self._agenda, (time.monotonic() + seconds, next(self._order), act))

    def run(self, fate: Callable[["Lane"], None]) -> None:
        """Lives until ``leave``. fate: called at the beginning, to plan what befalls the chair."""
        self.start_service()
        self.after(1.0, self._live)
        fate(self)
        while not self._leaving.is_set():
            when, _, act = heapq.heappop(self._agenda)
            if self._leaving.wait(max(0.0, when - time.monotonic())):
                break
            act()

    def leave(self) -> None:
        """Ends ``run`` soon."""
        self._leaving.set()

    def settle(self) -> None:
        """Mends everything, has the person leave, and waits until all has been told."""
        self.lift_disk_limit()
        self.proxy.heal()
        self.broker_must_run()
        if self._service is None:
            self.start_service()
        self.sit(pressed=False)
        self._expect("the chair has told everything", self._has_told_everything)
        self.truth.ended = time.time()
        self._stop_service()
        self._expect("the chair said goodbye", self._has_said_goodbye)
        self.truth.ended = time.time()

    def close(self) -> None:
        """Ends whatever still runs."""
        if self._service is not None:
            self._service.kill()
            self._bury(self._service)
        self._end_boot()
        self.collector.close()
        self.proxy.close()
        self.broker.stop()

    # The person

    def _live(self) -> None:
        move = next(self._person)
        self._sit(move)
        self.after(move.hold, self._live)

    def sit(self, *, pressed: bool) -> None:
        """The person sits down, or rises, without a bounce."""
        self._sit(Move(pressed, 0.0, (pressed,)))

    def _sit(self, move: Move) -> None:
        if move.pressed != self._pressed:
            self.truth.edges.append((time.time(), move.pressed))
        self._pressed = move.pressed
        self._say("".join(f"{int(row)}\n" for row in move.rows))

    def _say(self, rows: str) -> None:
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
        """Whether the service was started and not killed since."""
        return self._service is not None

    @property
    def is_ready(self) -> bool:
        """Whether the service has said since that it has started."""
        return self.is_up and self.truth.outages[-1].up is not None

    @property
    def has_rebooted(self) -> bool:
        """Whether the machine was started anew."""
        return self._boot is not None

    def start_service(self) -> None:
        """Starts the service; the seat is as the person left it."""
        self._said.append("started; nothing is said of the broker yet")
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
        self._say(f"contact\n{int(self._pressed)}\n")

    def kill_service(self) -> Outage:
        """Kills it at once; the outage that begins so."""
        service = self._service
        if service is None:
            raise AssertionError("killed a service that is down")
        if service.poll() is not None:
            self._ended_by_itself()
        service.kill()
        outage = Outage(down=time.time())
        self._bury(service)
        self.kills += 1
        self._service = None
        self.truth.outages.append(outage)
        return outage

    def reboot(self) -> None:
        """Has the machine start anew; the service is down. Raises OSError, see ``Boot``."""
        if self._service is not None:
            raise AssertionError("rebooted with the service up")
        self._end_boot()
        self._boot = Boot(self._folder)

    def _end_boot(self) -> None:
        if self._boot is not None:
            self._boot.end()

    def has_said(self, words: str) -> bool:
        """Whether the log of the service had the words since its files were last limited."""
        return any(words in line for line in list(self._said_since))

    def set_disk_limit(self, size: int) -> None:
        """Has the service's files take no more than so many bytes."""
        self._said_since.clear()
        self.is_full = True
        self._limit((size, resource.RLIM_INFINITY))

    def lift_disk_limit(self) -> None:
        """Has them take as many as they like."""
        self._limit(UNLIMITED)

    def _limit(self, limits: tuple[int, int]) -> None:
        if self._service is not None and self._service.poll() is None:
            resource.prlimit(self._service.pid, resource.RLIMIT_FSIZE, limits)

    def set_clock(self, offset: float) -> None:
        """Sets the wall clock of the service, so many seconds off."""
        if self._clock is not None:
            fresh = self._clock.with_suffix(".new")
            fresh.write_text(f"{offset:+.0f}\n")
            fresh.replace(self._clock)
            self.truth.offsets.append(offset)

    def _stop_service(self) -> None:
        if self._service is not None:
            self._service.terminate()

    def _ended_by_itself(self) -> None:
        self.broken.append(f"the service ended by itself: {' '.join(list(self._said)[-5:])}")
        self._leaving.set()

    def _bury(self, service: subprocess.Popen[str]) -> None:
        service.wait()
        self._listener.join()
        if service.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                service.stdin.close()

    def _listen(self, log: IO[str]) -> None:
        with log:
            for line in log:
                self._said.append(line)
                self._said_since.append(line)
                if "the service has started" in line:
                    self.truth.outages[-1].up = time.time()

    def _settings(self) -> Iterator[str]:
        yield from (f"mqtt.host={LOOPBACK}", f"mqtt.port={self.proxy.port}")
        yield from (f"chair.id={self.name}", *SETTINGS)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("UNSIT_")}
        kept["XDG_CONFIG_HOME"] = "/no-config"
        if self._clock is None:
            return kept
        return kept | {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self._clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    # The broker

    def kill_broker(self, *, forgets: bool = False) -> None:
        """Kills it, and cuts the network until the collector is back and will miss nothing."""
        self.collector.lost_broker()
        self.proxy.cut()
        self.broker.kill(forgets=forgets)

    def broker_must_run(self) -> None:
        """Starts it if it does not run, and waits for the collector before the chair comes back."""
        if not self.broker.runs:
            self.broker.start()
            self._expect("the collector is back", self._collector_is_back)
            self.proxy.heal()

    def _collector_is_back(self) -> bool:
        return self.collector.wait_until_subscribed(0.1)

    def keep(self, folder: Path) -> None:
        """Writes down what happened and what was told of it, for whoever looks into it."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = {"truth": asdict(self.truth), "log": self.collector.log, "said": list(self._said)}
        (folder / f"{self.name}.json").write_text(json.dumps(kept, indent=1))

    # The end

    def _has_told_everything(self) -> bool:
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
        """By what the service has said last about it."""
        told = [line for line in list(self._said) if "the broker" in line]
        return bool(told) and "connected to the broker" in told[-1]

    def _has_said_goodbye(self) -> bool:
        return self._last("service_stopped") > self._last("service_started")

    def _last(self, kind: str) -> int:
        """The number of the last event of a kind, 0 if there was none."""
        numbers = (record["seq"] for record in self.collector.log if record["type"] == kind)
        return max(numbers, default=0)

    def _expect(self, what: str, condition: Callable[[], bool]) -> None:
        if not self.collector.wait(condition, PATIENCE):
            self.broken.append(f"waited {PATIENCE:.0f} s in vain: {what}")
