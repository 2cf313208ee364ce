"""Questions of the setup: draft of the settings, pins, names, broker, mat, buzzer, button, LED."""

import importlib.util
import re
import socket
import threading
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from unsit.assembly.broker import NO_BROKER, broker_of
from unsit.assembly.cells import Converter, open_converters
from unsit.assembly.devices import PinError
from unsit.checkup.broker import check_connection
from unsit.checkup.guided import Answering, Prompts, Watched, find_buzzer, watch_seat
from unsit.checkup.home import OF_THE_SERVICE
from unsit.checkup.machine import Installation, Machine
from unsit.checkup.pins import HEADER, HEADER_PINS, bus_of, free_pins, pin_words
from unsit.errors import SettingsError, printable
from unsit.runtime.clock import Clock, LiveClock
from unsit.settings.file import control_character
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import PORT, TLS_PORT, BuzzerSettings, MqttSettings, Settings, check_host

Answers = dict[str, Any]
"""A value for each key such as ``seat.pin``; None removes the key from the file."""


@dataclass
class Draft:
    """Settings before the setup, and the answers that will change them; nothing is written yet.

    password: the broker's, None for no password or for the one that is already kept.
    chosen: keys that are not defaults in the settings before.
    """

    before: Settings
    answers: Answers = field(default_factory=dict)
    password: str | None = None
    chosen: Container[str] = frozenset()

    def now(self, key: str) -> Any:
        """Return the value of a key, with the answers so far."""
        if key in self.answers:
            return self.answers[key]
        section, _, name = key.partition(".")
        return getattr(getattr(self.before, section), name)

    def answer(self, **values: Any) -> None:
        """Add answers; ``seat__pin=17`` is the value of the key ``seat.pin``."""
        self.answers |= {key.replace("__", "."): value for key, value in values.items()}

    def is_chosen(self, key: str) -> bool:
        """Return whether a person has chosen the value of a key, now or before."""
        return key in self.answers or key in self.chosen

    def taken_pins(self, but: str) -> set[int]:
        """Return the pins that other parts use. but: the key whose pin does not count."""
        keys = ["button.pin", "led.pin"]
        if self.now("buzzer.kind") != "none":
            keys.append("buzzer.pin")
        if self.now("seat.kind") == "mat":
            keys.append("seat.pin")
        pins = {self.now(key) for key in keys if key != but} - {None}
        if self.now("seat.kind") == "load_cell" and but != "load_cell.at":
            pins.update(self.cells().pins().values())
        return pins

    def cells(self) -> LoadCellSettings:
        """Return the load cells with the answers so far."""
        given = {name: self.now(f"load_cell.{name}") for name in ("converter", "cells", "at")}
        return replace(self.before.load_cell, **given | {"at": given["at"] or ""})


NONE = "none"
AGAIN, BY_HAND, LEAVE, UNTRIED = "again", "pin", "leave", "untried"


@dataclass(frozen=True, slots=True)
class CellBench:
    """Access to load cells. open: opens the converters of settings. clock: times their readings."""

    open: Callable[[LoadCellSettings, Any], Sequence[Converter]] = open_converters
    clock: Callable[[], Clock] = LiveClock


@dataclass(frozen=True, slots=True)
class SetupContext:
    """The person who answers, and the machine. pins: None if there are none to try."""

    prompts: Prompts
    pins: Any | None
    machine: Machine = field(default_factory=Machine)
    bench: CellBench = field(default_factory=CellBench)

    def free_pins(self, taken: set[int]) -> list[int]:
        """Return the pins of the header that can be watched."""
        return [] if self.pins is None else free_pins(self.pins, self.machine, taken)

    def ask_pin(self, question: str, default: int | None, taken: set[int]) -> int | None:
        """Ask until the answer is a free pin, and return it; None for the answer ``none``."""
        shown = NONE if default is None else f"GPIO{default}"
        while True:
            answer = self.prompts.ask(f"{question}, or {NONE}", shown)
            if answer.lower() == NONE:
                return None
            try:
                pin = self._choose_meaning(answer)
                self._check_free(pin, taken)
            except ValueError as error:
                self.prompts.say(str(error))
                continue
            self.prompts.say(f"This is {pin_words(pin)}.")
            return pin

    def _check_free(self, pin: int, taken: set[int]) -> None:
        if pin in taken:
            raise ValueError(f"{pin_words(pin)} is used by another part; choose another")
        bus = bus_of(pin, self.machine)
        if bus is not None:
            raise ValueError(
                f"{pin_words(pin)} belongs to {bus}, which is switched on; choose another"
            )

    def ask_text(self, question: str, default: str) -> str:
        """Ask until the answer has no control characters, which no setting may have."""
        while True:
            answer = self.prompts.ask(question, default)
            if (control := control_character(answer)) is None:
                return answer
            self.prompts.say(f"The answer has the control character {control}; expected text.")

    def choose(self, question: str, choices: tuple[str, ...]) -> str:
        """Ask until the answer is one of the choices; Enter alone is none."""
        while not (answer := self.prompts.ask(question, "", choices)):
            pass
        return answer

    def _choose_meaning(self, answer: str) -> int:
        """Return the BCM number of the pin that an answer names. Raises ValueError."""
        meanings = pins_named(answer)
        if len(meanings) == 1:
            return meanings[HEADER_WORD] if HEADER_WORD in meanings else meanings[GPIO_WORD]
        header, bcm = meanings[HEADER_WORD], meanings[GPIO_WORD]
        word = self.choose(
            f"Is this header pin {bcm} (GPIO{header}), or GPIO{bcm} (header pin "
            f"{HEADER_PINS[bcm]})?",
            (HEADER_WORD, GPIO_WORD),
        )
        return meanings[word]


HEADER_WORD, GPIO_WORD = "header", "gpio"

_BCM = {header: bcm for bcm, header in HEADER_PINS.items()}

_PIN = re.compile(
    r"(?:(?P<gpio>gpio|bcm)|(?P<header>header pin|header|physical pin|physical|board|pin))?"
    r"[ _.]?(?P<number>[0-9]{1,3})"
)


def pins_named(answer: str) -> dict[str, int]:
    """Return the BCM numbers of the pins that an answer may mean, by ``header`` and ``gpio``.

    Pictures and plugs count the pins of the header, the settings the GPIO numbers. A number alone
    is ambiguous if both exist: 11 is GPIO17 at header pin 11, or GPIO11 at header pin 23.

    Raises ValueError if there is no such pin.
    """
    named = _PIN.fullmatch(answer.strip().lower())
    if named is None:
        raise ValueError(
            f"{answer!r} is not a pin; expected a GPIO number such as GPIO17, or a pin of the "
            "header such as header 11"
        )
    number = int(named["number"])
    meanings = {}
    if number in _BCM and not named["gpio"]:
        meanings[HEADER_WORD] = _BCM[number]
    if number in HEADER and not named["header"]:
        meanings[GPIO_WORD] = number
    if meanings:
        return meanings
    if named["header"]:
        raise ValueError(
            f"header pin {number} is no GPIO; those are {', '.join(map(str, sorted(_BCM)))}"
        )
    raise ValueError(f"{answer!r} is not a pin; expected GPIO2 to GPIO27")


MAX_NAME_LENGTH = 64
"""Characters that ``chair.name`` may have."""


def ask_names(draft: Draft, context: SetupContext) -> None:
    """Ask for the chair's name and its room."""
    question = "What is the chair called?"
    name = context.ask_text(question, draft.now("chair.name"))[:MAX_NAME_LENGTH]
    if name != draft.now("chair.name"):
        draft.answer(chair__name=name)
    area = draft.now("homeassistant.area") or NONE
    answer = context.ask_text(f"Its room in Home Assistant, or {NONE}", area)
    draft.answer(homeassistant__area=None if answer == NONE else answer)


def find_mat(draft: Draft, context: SetupContext) -> None:
    """Find the mat's pin while the person sits down, or ask for it."""
    free = context.free_pins(draft.taken_pins(but="seat.pin"))
    while free:
        watched = watch_seat(free, context.pins, context.prompts)
        answering = watched.answering
        if answering:
            _answer_mat(_choose_pin(answering, context), draft, context)
            return
        context.prompts.say(
            f"No pin followed you: {watched}. Measure the mat as described in hardware/build.md: "
            "it must connect its pin to ground while you sit on it."
        )
        choice = context.prompts.ask(
            "Try again, name the pin, or leave it?", AGAIN, (AGAIN, BY_HAND, LEAVE)
        )
        if choice == LEAVE:
            return
        if choice == BY_HAND:
            break
    _ask_mat_pin(draft, context)


def _choose_pin(answering: list[Answering], context: SetupContext) -> Answering:
    if len(answering) == 1:
        return answering[0]
    pins = [f"GPIO{answer.pin}" for answer in answering]
    words = " and ".join(pin_words(answer.pin) for answer in answering)
    context.prompts.say(f"Several pins followed you: {words}.")
    pin = context.prompts.ask("Which is the mat's?", pins[0], pins)
    return answering[pins.index(pin)]


def _answer_mat(found: Answering, draft: Draft, context: SetupContext) -> None:
    opens = ", which opens under weight" if found.normally_closed else ""
    context.prompts.say(f"The mat is at {pin_words(found.pin)}{opens}.")
    draft.answer(seat__pin=found.pin, seat__normally_closed=found.normally_closed)


def _ask_mat_pin(draft: Draft, context: SetupContext) -> None:
    """Ask for the mat's pin until it follows the person, or the person takes it untried."""
    taken = draft.taken_pins(but="seat.pin")
    while True:
        pin = context.ask_pin("The mat's pin", draft.now("seat.pin"), taken)
        if pin is None:
            return
        watched = _try_mat(pin, context)
        if watched is not None and watched.answering:
            _answer_mat(watched.answering[0], draft, context)
            return
        if watched is not None:
            context.prompts.say(f"{pin_words(pin)} did not follow you: {watched}.")
            choice = context.prompts.ask(
                "Name another pin, or take this one untried?", AGAIN, (AGAIN, UNTRIED)
            )
            if choice == AGAIN:
                continue
        opens = context.prompts.confirm("Does the mat's contact open under weight?")
        draft.answer(seat__pin=pin, seat__normally_closed=opens)
        return


def _try_mat(pin: int, context: SetupContext) -> Watched | None:
    """Watch one pin while the person sits down; return None if it cannot be watched."""
    if pin not in context.free_pins(set()):
        return None
    return watch_seat([pin], context.pins, context.prompts)


KIND_WORDS = {"active": "an active", "passive": "a passive"}


def ask_buzzer(draft: Draft, context: SetupContext) -> None:
    """Ask for the buzzer's pin, and find its kind by letting the person listen."""
    taken = draft.taken_pins(but="buzzer.pin")
    default = None if draft.now("buzzer.kind") == NONE else draft.now("buzzer.pin")
    pin = context.ask_pin("The buzzer's pin", default, taken)
    while True:
        if pin is None:
            draft.answer(buzzer__kind=NONE)
            return
        buzzer = _listen(replace(draft.before.buzzer, pin=pin), context)
        if buzzer is not None:
            _answer_buzzer(buzzer, draft, context)
            return
        context.prompts.say(
            "The buzzer was not heard. Measure its supply and its wires, see hardware/build.md."
        )
        choice = context.prompts.ask(
            "Try again, name another pin, leave it, or do without?",
            AGAIN,
            (AGAIN, BY_HAND, LEAVE, NONE),
        )
        if choice == LEAVE:
            draft.answer(buzzer__pin=pin)
            return
        if choice == BY_HAND:
            pin = context.ask_pin("The buzzer's pin", pin, taken)
        elif choice == NONE:
            pin = None


def _listen(buzzer: BuzzerSettings, context: SetupContext) -> BuzzerSettings | None:
    """Return the buzzer as the person heard it, None if nobody heard it."""
    if context.pins is None:
        return buzzer
    start = replace(buzzer, kind="active") if buzzer.kind == NONE else buzzer
    try:
        return find_buzzer(start, context.pins, context.prompts)
    except PinError as error:
        context.prompts.say(str(error))
        return None


def _answer_buzzer(buzzer: BuzzerSettings, draft: Draft, context: SetupContext) -> None:
    level = "" if buzzer.active_high else ", which sounds on a low pin"
    context.prompts.say(
        f"The buzzer is {KIND_WORDS[buzzer.kind]} one at {pin_words(buzzer.pin)}{level}."
    )
    draft.answer(
        buzzer__kind=buzzer.kind, buzzer__pin=buzzer.pin, buzzer__active_high=buzzer.active_high
    )


def ask_extras(draft: Draft, context: SetupContext) -> None:
    """Ask for the pins of the button and of the LED, which are optional."""
    for key, name in (("button.pin", "button"), ("led.pin", "LED")):
        taken = draft.taken_pins(but=key)
        draft.answers[key] = context.ask_pin(f"The {name}'s pin", draft.now(key), taken)


# The broker

DISCOVERY_S = 3.0
"""Time in which services on the network answer to multicast DNS."""

SERVICES = {
    "_mqtt._tcp.local.": None,
    "_secure-mqtt._tcp.local.": None,
    "_home-assistant._tcp.local.": PORT,
}
"""Services that brokers announce, with the port to use if it is not the announced one.

A Home Assistant mostly has a broker beside it.
"""

CONNECT_TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True)
class Address:
    """Host and port of a possible broker."""

    host: str
    port: int


USUAL_ADDRESSES = (Address("localhost", PORT), Address("homeassistant.local", PORT))


def find_brokers(usual: Sequence[Address] = USUAL_ADDRESSES) -> list[Address]:
    """Return the addresses where something listens, those announced on the network first.

    usual: addresses to try after the announced ones.
    """
    candidates = dict.fromkeys((*_announced(), *usual))
    return [address for address in candidates if _listens(address)]


def _listens(address: Address) -> bool:
    try:
        socket.create_connection((address.host, address.port), CONNECT_TIMEOUT_S).close()
    except OSError:
        return False
    return True


def _has_zeroconf() -> bool:
    return importlib.util.find_spec("zeroconf") is not None


def _announced() -> list[Address]:
    """Return what multicast DNS announces; nothing if the extra zeroconf is not installed."""
    try:
        import zeroconf
    except ImportError:
        return []
    try:
        network = zeroconf.Zeroconf()
    except OSError:
        return []
    names: list[tuple[str, str]] = []

    def add(zeroconf: Any, service_type: str, name: str, state_change: Any) -> None:
        names.append((service_type, name))  # in zeroconf's own thread

    try:
        zeroconf.ServiceBrowser(network, list(SERVICES), handlers=[add])
        threading.Event().wait(DISCOVERY_S)
        unique = dict.fromkeys(names)
        return [address for kind, name in unique for address in _addresses(network, kind, name)]
    finally:
        network.close()


def _addresses(network: Any, kind: str, name: str) -> list[Address]:
    service = network.get_service_info(kind, name)
    if service is None:
        return []
    port = SERVICES[kind] or service.port
    return [Address(host, port) for host in service.parsed_addresses()[:1] if port]


FIND, AGAIN, LEAVE = "find", "again", "leave"


def ask_broker(draft: Draft, context: SetupContext) -> None:
    """Ask for the broker and its login until a connection works or the person skips it."""
    while True:
        _ask_address_and_login(draft, context)
        if draft.now("mqtt.host") == NO_BROKER or _try_connection(draft, context):
            return
        choices = (AGAIN, LEAVE)
        if context.prompts.ask("Answer again, or leave it for later?", AGAIN, choices) == LEAVE:
            return


def _ask_address_and_login(draft: Draft, context: SetupContext) -> None:
    is_known = "mqtt.host" in draft.answers or draft.before.mqtt != MqttSettings()
    question = f"The broker's name or address, {FIND} to look for one, or {NO_BROKER}"
    host = _ask_host(question, draft.now("mqtt.host") if is_known else FIND, context)
    port = draft.now("mqtt.port")
    if host == FIND:
        host, port = _look_for_broker(draft, context)
    draft.answer(mqtt__host=host)
    if host == NO_BROKER:
        return
    draft.answer(mqtt__port=_ask_port(port, context))
    if draft.now("mqtt.port") == TLS_PORT or draft.now("mqtt.tls"):
        _ask_tls(draft, context)
    _ask_login(draft, context)


def _look_for_broker(draft: Draft, context: SetupContext) -> tuple[str, int]:
    """Look for brokers and return the host and port that the person chooses or enters."""
    context.prompts.say("Looking ...")
    found = {address.host: address.port for address in find_brokers()}
    for host, port in found.items():
        context.prompts.say(f"Something listens at {host}:{port}.")
    if not found:
        asked = " and ".join(address.host for address in USUAL_ADDRESSES)
        dns = (
            "by multicast DNS" if _has_zeroconf() else "not by multicast DNS, which needs zeroconf"
        )
        context.prompts.say(f"Nothing was found: at {asked}, {dns}.")
    # A broker that was not found is no default.
    first = next(iter(found), NO_BROKER)
    host = _ask_host(f"Its name or address, or {NO_BROKER}", first, context)
    return host, found.get(host, draft.now("mqtt.port"))


def _ask_host(question: str, default: str, context: SetupContext) -> str:
    """Ask until the answer is a name, an address, or a word of the question."""
    while True:
        host = context.prompts.ask(question, default)
        try:
            return check_host(host)
        except ValueError as error:
            context.prompts.say(f"{printable(host)}: {error}")


def _ask_port(default: int, context: SetupContext) -> int:
    while True:
        answer = context.prompts.ask("Its port", str(default))
        if answer.isdecimal() and 1 <= int(answer) <= 65535:
            return int(answer)
        context.prompts.say(
            f"{answer!r} is not a port; expected 1 to 65535, mostly {PORT} or {TLS_PORT}"
        )


def _ask_login(draft: Draft, context: SetupContext) -> None:
    user = context.ask_text(f"The user to log in as, or {NONE}", draft.now("mqtt.username") or NONE)
    if user == NONE:
        draft.password = None
        draft.answer(mqtt__username=None, mqtt__password_file=None)
        return
    draft.answer(mqtt__username=user)
    draft.password = context.prompts.secret("The password (Enter: unchanged)") or draft.password


def _ask_tls(draft: Draft, context: SetupContext) -> None:
    draft.answer(mqtt__tls=context.prompts.confirm("Does the broker speak TLS there?"))
    if not draft.now("mqtt.tls"):
        draft.answer(mqtt__tls_ca_file=None)
        return
    question = f"The CA certificate that signed the broker's, or {NONE} for those the system trusts"
    file = context.prompts.ask(question, draft.now("mqtt.tls_ca_file") or NONE)
    draft.answer(mqtt__tls_ca_file=None if file == NONE else file)


def _try_connection(draft: Draft, context: SetupContext) -> bool:
    """Return whether the broker accepts the chair and its messages; say what it refuses."""
    try:
        settings = _settings(draft)
        broker = broker_of(settings.mqtt)
    except (SettingsError, ValueError) as error:
        context.prompts.say(str(error))
        return False
    if broker is None:
        return True
    if draft.password is not None:
        broker = replace(broker, password=draft.password)
    installation = Installation(settings, Path(), machine=context.machine)
    findings = check_connection(broker, installation)
    failed = [
        finding
        for finding in findings
        if finding.verdict == "fail" and finding.fault not in OF_THE_SERVICE
    ]
    for finding in failed:
        context.prompts.say(str(finding))
    if not failed:
        context.prompts.say("The broker accepts the chair and keeps its retained messages.")
    return not failed


def _settings(draft: Draft) -> Settings:
    """Return the settings with the answers on the broker; a typed password has no file yet."""
    names = {"host", "port", "username", "tls", "tls_ca_file"}
    given: dict[str, Any] = {name: draft.now(f"mqtt.{name}") for name in names}
    if draft.password is not None or given["username"] is None:
        given["password_file"] = None
    mqtt = replace(draft.before.mqtt, **given)
    return replace(draft.before, mqtt=mqtt)
