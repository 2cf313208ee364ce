"""Trial of the service on one broker: each promise is kept, or the outcome says what was seen."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from brokers.chair import (
    AVAILABILITY,
    CALL,
    CONFIG,
    EVENT,
    LOG,
    ROOT,
    STATE,
    ChairProgram,
)
from brokers.client import Heard, Observer, late
from brokers.servers import Server
from support.mosquitto import LOOPBACK
from support.program import run
from torture.proxy import Proxy

EVENTS = 60

ACKNOWLEDGED_S = 1.0
"""Time in s for the acknowledgements of the last events to arrive."""

BACK_S = 75.0
"""Time in s to be back after an outage; the chair tries every 30 s at least."""

UNSPOKEN_S = 30.0
"""Time in s in which the log must name the cause on a broker that does not speak the version."""

SEAT = ("bout_started", "stood_up", *5 * ("sat_back", "stood_up"))
"""Events of the seat during the outage."""

HOLDS = ("hold_started", "hold_ended")

PROMISES = {
    "connects": "connects",
    "discovery": "discovery arrives",
    "retained": "a late subscriber gets state, availability and discovery",
    "birth": "announces itself again when Home Assistant has started",
    "hold": "takes a retained hold",
    "commands": "takes commands",
    "events": f"{EVENTS} events arrive once and in order",
    "restart": "is back after a restart of the broker",
    "outage": "then sends the events of the outage, once and in order",
    "check": "`unsit check` is right",
    "online": "`unsit forget` refuses while the chair is online",
    "will": "the last will says `offline` after a kill",
    "forget": "`unsit forget` removes all that is retained",
}
"""Rows of the table for a version that the broker speaks."""

CAUSES = {
    "log": "the log",
    "check": "`unsit check`",
    "forget": "`unsit forget`",
}
"""Who names the cause if the broker does not speak the version."""

WRONG_CAUSES = ("mqtt.username", "mqtt.password_file")

OTHER_CAUSES = ("mqtt.tls", "mqtt.port")
"""Causes that are possible too where a broker closes the connection, or never answers."""

SUBJECTS = (
    *("secrets", "broker name", "broker port", "TLS", "login", "publish", "retained"),
    *("availability", "state", "discovery", "home", "commands", "limits"),
)
"""Subjects of ``unsit check`` that are about the broker."""


@dataclass
class Outcome:
    """Outcome for one promise. kept: None if it could not be tried. note: what was seen."""

    kept: bool | None = None
    note: str = ""


Outcomes = dict[str, Outcome]


class Broken(Exception):  # noqa: N818  # what it says of a promise
    """A promise that was not kept."""


def try_server(kind: type[Server], version: str) -> Outcomes:
    """Run a trial on a broker with a version of the protocol; return the outcomes by promise."""
    with TemporaryDirectory(prefix=f"unsit-{kind.name}-") as folder, ExitStack() as stack:
        server = kind(Path(folder))
        stack.callback(server.stop)
        server.start()
        proxy = Proxy(server.port)
        stack.callback(proxy.close)
        trial = Trial(server, proxy, version, Path(folder) / "state")
        return trial.run() if version in kind.versions else trial.run_unspoken()


class Trial:
    """One chair on one broker. Each method that begins with ``_try_`` is a promise, in order."""

    def __init__(self, server: Server, proxy: Proxy, version: str, state: Path) -> None:
        self._server = server
        self._proxy = proxy
        self._version = version
        self._state = state
        self._outcomes: Outcomes = {}
        self._log_before: list[int] = []

    def run(self) -> Outcomes:
        """Try all promises of a version that the broker speaks."""
        self._outcomes = {promise: Outcome() for promise in PROMISES}
        with Observer(self._server.port) as other:
            other.publish(CALL, "on", retain=True)
        with (
            self._observer() as observer,
            ChairProgram(self._proxy.port, self._version, self._state) as chair,
        ):
            if self._attempt("connects", self._try_connects, observer, chair):
                self._attempt("discovery", self._try_discovery, observer)
                self._attempt("hold", self._try_hold, observer)
                self._attempt("retained", self._try_retained)
                self._attempt("birth", self._try_birth, observer)
                self._attempt("commands", self._try_commands, observer)
                self._attempt("events", self._try_events, observer)
                self._make_outage(observer, chair)
                self._attempt_after_restart(chair)
        return self._outcomes

    def run_unspoken(self) -> Outcomes:
        """Try whether the cause is named on a broker that does not speak the version."""
        self._outcomes = {who: Outcome() for who in CAUSES}
        with ChairProgram(self._proxy.port, self._version, self._state) as chair:
            self._attempt("log", self._try_log_names_version, chair)
            self._attempt("check", self._try_check_names_version, chair)
            self._attempt("forget", self._try_forget_names_version, chair)
        return self._outcomes

    def _attempt_after_restart(self, chair: ChairProgram) -> None:
        with self._observer() as observer:
            self._proxy.heal()
            if not self._attempt("restart", self._try_restart, observer, chair):
                return
            self._attempt("outage", self._try_outage, observer)
            self._attempt("check", self._try_check, chair)
            self._attempt("online", self._try_forget_refuses, chair)
            chair.kill()
            self._attempt("will", self._try_will, observer)
            self._attempt("forget", self._try_forget, chair)

    def _attempt(self, promise: str, act: Callable[..., str | None], *arguments: Any) -> bool:
        try:
            self._outcomes[promise] = Outcome(kept=True, note=self._shown(act(*arguments) or ""))
        except (Broken, AssertionError) as broken:
            self._outcomes[promise] = Outcome(kept=False, note=self._shown(str(broken)))
        return bool(self._outcomes[promise].kept)

    def _shown(self, note: str) -> str:
        """Return a note without port, time of day and prefix, the same in every trial."""
        named = note.replace(f"{LOOPBACK}:{self._proxy.port}", "BROKER:1883")
        return re.sub(r"\b\d\d:\d\d:\d\d |\bunsit: (?=\w)|; trying again .*", "", named)

    @contextmanager
    def _observer(self) -> Iterator[Observer]:
        with Observer(self._server.port, f"{ROOT}/#", "homeassistant/#") as observer:
            yield observer

    # What the broker passes on

    def _try_connects(self, observer: Observer, chair: ChairProgram) -> None:
        if observer.wait(AVAILABILITY, _is_online) is None:
            raise Broken(f"the log says: {_last(chair)}")

    def _try_discovery(self, observer: Observer) -> None:
        announced = observer.wait(CONFIG)
        if announced is None or "components" not in announced.content:
            raise Broken("no discovery message")

    def _try_hold(self, observer: Observer) -> None:
        if not _state(observer, lambda state: CALL in str(state["hold_reasons"])):
            raise Broken("the retained message does not hold the chair")
        with Observer(self._server.port) as other:
            other.publish(CALL, "off", retain=True)
        if not _state(observer, lambda state: not state["hold"]):
            raise Broken("the hold does not end")

    def _try_retained(self) -> str | None:
        missing = [topic for topic in (AVAILABILITY, STATE, CONFIG) if not self._late(topic)]
        if missing:
            raise Broken(f"not kept: {', '.join(missing)}")
        if not late(self._server.port, CONFIG, matching="homeassistant/+/+/config"):
            return (
                "only for a topic by its name, and not for a filter with wildcards: Home "
                "Assistant learns of the chair from the answer to its birth message"
            )
        return None

    def _try_birth(self, observer: Observer) -> None:
        before = len(observer.heard(CONFIG))
        observer.publish("homeassistant/status", "online")
        if not observer.wait(CONFIG, lambda _: len(observer.heard(CONFIG)) > before):
            raise Broken("no discovery message after the birth message")

    def _try_commands(self, observer: Observer) -> None:
        self._command(observer, "move_after", "40m", "move_after_s", 2400)

    def _command(
        self, observer: Observer, name: str, payload: str, key: str, value: object
    ) -> None:
        observer.publish(f"{ROOT}/command/{name}", payload)
        if not _state(observer, lambda state: state[key] == value):
            raise Broken(f"the command {name} has no effect")

    def _try_events(self, observer: Observer) -> None:
        expected = EVENTS + (2 if self._outcomes["hold"].kept else 0)
        for count in range(EVENTS):
            observer.publish(f"{ROOT}/command/hold", "OFF" if count % 2 else "ON")
        for topic in (LOG, EVENT):
            observer.wait_until(partial(_has_holds, observer, topic, expected))
            _must_be_once_and_in_order(observer.numbers(topic), 1)
            if (number := _holds(observer, topic)) != expected:
                raise Broken(f"{number} of {expected} arrive on {topic}")

    # An outage and a restart of the broker

    def _make_outage(self, observer: Observer, chair: ChairProgram) -> None:
        """Cut the network, use the seat, and start the broker again."""
        # An event may come twice if the network is cut before its acknowledgement has arrived.
        threading.Event().wait(ACKNOWLEDGED_S)
        self._log_before = observer.numbers(LOG)
        self._proxy.cut()
        chair.wait_for_line("lost the broker", timeout=10)
        for row in range(len(SEAT)):
            chair.move("0" if row % 2 else "1")
            threading.Event().wait(0.2)
        self._server.stop()
        self._server.start()
        self._proxy.target = self._server.port

    def _try_restart(self, observer: Observer, chair: ChairProgram) -> None:
        fresh = observer.wait(AVAILABILITY, _is_online_and_fresh, BACK_S)
        if fresh is None:
            raise Broken(f"the log says: {_last(chair)}")
        if observer.wait(CONFIG) is None:
            raise Broken("no discovery message")
        self._command(observer, "move_after", "35m", "move_after_s", 2100)

    def _try_outage(self, observer: Observer) -> None:
        first = max(self._log_before, default=0) + 1
        if not observer.wait_for_number(LOG, first + len(SEAT) - 1):
            raise Broken(f"events {observer.numbers(LOG)}, expected from {first}")
        _must_be_once_and_in_order(observer.numbers(LOG), first)
        types = [message.content["type"] for message in observer.heard(LOG)][: len(SEAT)]
        if types != list(SEAT):
            raise Broken(f"events {', '.join(types)}")

    # The commands check and forget

    def _try_check(self, chair: ChairProgram) -> str:
        found = [finding for finding in findings_on_broker(chair) if finding["fault"]]
        words = "; ".join(f"{finding['fault']}: {finding['words']}" for finding in found)
        if {finding["fault"] for finding in found} != set(self._server.faults):
            raise Broken(words or "it does not name the limit")
        return f"it warns: {words}" if words else ""

    def _try_forget_refuses(self, chair: ChairProgram) -> None:
        ended = run("forget", *chair.options)
        if ended.code != 69 or "--force" not in ended.err:
            raise Broken(f"exit {ended.code}: {(ended.err or ended.out).strip()}")
        if not self._late(AVAILABILITY):
            raise Broken("it removes what is retained")

    def _try_will(self, observer: Observer) -> None:
        if observer.wait(AVAILABILITY, lambda message: message.payload == b"offline") is None:
            raise Broken("no will arrives")
        kept = self._late(AVAILABILITY)
        if kept is None or kept.payload != b"offline":
            raise Broken("the will is not kept for a late subscriber")

    def _try_forget(self, chair: ChairProgram) -> None:
        ended = run("forget", *chair.options)
        if ended.code != 0:
            raise Broken(f"exit {ended.code}: {ended.err.strip()}")
        left = [topic for topic in (AVAILABILITY, STATE, CONFIG) if self._late(topic, 2.0)]
        if left:
            raise Broken(f"left: {', '.join(left)}; it says: {ended.out.strip()}")

    def _late(self, topic: str, timeout: float = 5.0) -> Heard | None:
        kept = late(self._server.port, topic, timeout)
        return kept if kept is not None and kept.payload else None

    # A version that the broker does not speak

    def _try_log_names_version(self, chair: ChairProgram) -> str:
        line = chair.wait_for_line(r"mqtt\.version", timeout=UNSPOKEN_S)
        if line is None:
            raise Broken(f"the log says: {_last(chair)}")
        return _only_version(line)

    def _try_check_names_version(self, chair: ChairProgram) -> str:
        wrong = [finding for finding in findings_on_broker(chair) if finding["fault"]]
        if [finding["fault"] for finding in wrong] != ["broker_old"]:
            shown = (f"{found['fault']}: {found['words']}; {found['fix']}" for found in wrong)
            raise Broken(" / ".join(shown) or "no fault is found")
        return f"{wrong[0]['words']}; {wrong[0]['fix']}"

    def _try_forget_names_version(self, chair: ChairProgram) -> str:
        ended = run("forget", *chair.options)
        if ended.code == 0 or "mqtt.version" not in ended.err:
            raise Broken(f"exit {ended.code}: {(ended.err or ended.out).strip()}")
        return _only_version(ended.err.strip())


def _only_version(line: str) -> str:
    """Return a line that names the version. Raises Broken if it names what cannot be the cause."""
    wrong = WRONG_CAUSES if "answer" in line else (*WRONG_CAUSES, *OTHER_CAUSES)
    if named := [cause for cause in wrong if cause in line]:
        raise Broken(f"it names {', '.join(named)} too: {line}")
    return line


def _must_be_once_and_in_order(numbers: list[int], first: int) -> None:
    if numbers == list(range(first, first + len(numbers))):
        return
    if sorted(set(numbers)) == list(range(first, first + len(set(numbers)))):
        twice = len(numbers) - len(set(numbers))
        raise Broken(f"{twice} arrive twice" if twice else "they arrive in another order")
    if min(numbers) < first:
        raise Broken(f"{sum(number < first for number in numbers)} arrive again")
    missing = set(range(first, max(numbers) + 1)) - set(numbers)
    raise Broken(f"{len(missing)} of {max(numbers) - first + 1} are missing")


def _holds(observer: Observer, topic: str) -> int:
    """Return the number of events of holds on a topic."""
    return sum(message.content["type"] in HOLDS for message in observer.heard(topic))


def _has_holds(observer: Observer, topic: str, number: int) -> bool:
    return _holds(observer, topic) >= number


def findings_on_broker(chair: ChairProgram) -> list[dict[str, Any]]:
    """Return the findings of ``unsit check`` that are about the broker."""
    ended = run("check", "--json", *chair.options)
    findings: list[dict[str, Any]] = json.loads(ended.out)["findings"]
    return [finding for finding in findings if finding["subject"] in SUBJECTS]


def _state(observer: Observer, is_right: Callable[[dict[str, Any]], bool]) -> bool:
    """Wait until the state says something; return whether it does."""
    return (
        observer.wait(STATE, lambda message: bool(message.payload) and is_right(message.content))
        is not None
    )


def _is_online(message: Heard) -> bool:
    return message.payload == b"online"


def _is_online_and_fresh(message: Heard) -> bool:
    """Tell a message of the chair from one that the broker had kept from before its restart."""
    return message.payload == b"online" and not message.retained


def _last(chair: ChairProgram) -> str:
    """Return the last line of the log about the broker."""
    lines = [line for line in chair.lines if "broker" in line] or ["nothing about the broker"]
    return lines[-1]
