"""The broker: found or asked for, and tried with its login."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from unsit.assembly.broker import NO_BROKER, broker_of
from unsit.checkup.broker import check_connection
from unsit.checkup.installation import Installation
from unsit.errors import SettingsError
from unsit.settings.model import Settings
from unsit.settings.mqtt import PORT, TLS_PORT, MqttSettings
from unsit.setup.bench import NONE, Bench
from unsit.setup.discovery import Place, find_brokers
from unsit.setup.draft import Draft

FIND, AGAIN, LEAVE = "find", "again", "leave"

FindBrokers = Callable[[], list[Place]]


def ask_broker(draft: Draft, bench: Bench, find: FindBrokers = find_brokers) -> None:
    """Where the broker is and who logs in, until it lets the chair in or that is left for later."""
    while True:
        _ask(draft, bench, find)
        if draft.now("mqtt.host") == NO_BROKER or _try(draft, bench):
            return
        if bench.talk.ask("Answer again, or leave it for later?", AGAIN, (AGAIN, LEAVE)) == LEAVE:
            return


def _ask(draft: Draft, bench: Bench, find: FindBrokers) -> None:
    is_known = "mqtt.host" in draft.answers or draft.before.mqtt != MqttSettings()
    question = f"The broker's name or address, {FIND} to look for one, or {NO_BROKER}"
    host = bench.talk.ask(question, draft.now("mqtt.host") if is_known else FIND)
    port = draft.now("mqtt.port")
    if host == FIND:
        host, port = _found(draft, bench, find)
    draft.answer(mqtt__host=host)
    if host == NO_BROKER:
        return
    draft.answer(mqtt__port=_port(port, bench))
    if draft.now("mqtt.port") == TLS_PORT or draft.now("mqtt.tls"):
        _ask_tls(draft, bench)
    _ask_login(draft, bench)


def _found(draft: Draft, bench: Bench, find: FindBrokers) -> tuple[str, int]:
    """The broker that the person chooses among those that are found, or names."""
    bench.talk.say("Looking ...")
    found = {place.host: place.port for place in find()}
    for host, port in found.items():
        bench.talk.say(f"Something listens at {host}:{port}.")
    if not found:
        bench.talk.say("Nothing was found.")
    first = next(iter(found), draft.now("mqtt.host"))
    host = bench.talk.ask(f"Its name or address, or {NO_BROKER}", first)
    return host, found.get(host, draft.now("mqtt.port"))


def _port(default: int, bench: Bench) -> int:
    while True:
        said = bench.talk.ask("Its port", str(default))
        if said.isdecimal() and 1 <= int(said) <= 65535:
            return int(said)
        bench.talk.say(f"{said!r} is no port; expected 1 to 65535, mostly {PORT} or {TLS_PORT}")


def _ask_login(draft: Draft, bench: Bench) -> None:
    user = bench.talk.ask(f"The user to log in as, or {NONE}", draft.now("mqtt.username") or NONE)
    if user == NONE:
        draft.password = None
        draft.answer(mqtt__username=None, mqtt__password_file=None)
        return
    draft.answer(mqtt__username=user)
    draft.password = bench.talk.secret("The password (Enter: as it is)") or draft.password


def _ask_tls(draft: Draft, bench: Bench) -> None:
    draft.answer(mqtt__tls=bench.talk.confirm("Does the broker speak TLS there?"))
    if not draft.now("mqtt.tls"):
        draft.answer(mqtt__tls_ca_file=None)
        return
    question = f"The file of who signed its certificate, or {NONE} for those the system trusts"
    file = bench.talk.ask(question, draft.now("mqtt.tls_ca_file") or NONE)
    draft.answer(mqtt__tls_ca_file=None if file == NONE else file)


def _try(draft: Draft, bench: Bench) -> bool:
    """Whether the broker lets the chair in and takes its messages; says what it does not."""
    try:
        settings = _settings(draft)
        broker = broker_of(settings.mqtt)
    except (SettingsError, ValueError) as error:
        bench.talk.say(str(error))
        return False
    if broker is None:
        return True
    if draft.password is not None:
        broker = replace(broker, password=draft.password)
    chair = Installation(settings, Path(), machine=bench.machine)
    findings = list(check_connection(broker, chair))
    failed = [finding for finding in findings if finding.verdict == "fail"]
    for finding in failed:
        bench.talk.say(str(finding))
    if not failed:
        bench.talk.say("The broker lets the chair in, and takes and keeps its messages.")
    return not failed


def _settings(draft: Draft) -> Settings:
    """The settings with what was answered of the broker; a typed password needs no file yet."""
    names = {"host", "port", "username", "tls", "tls_ca_file"}
    given: dict[str, Any] = {name: draft.now(f"mqtt.{name}") for name in names}
    if draft.password is not None or given["username"] is None:
        given["password_file"] = None
    mqtt = replace(draft.before.mqtt, **given)
    return replace(draft.before, mqtt=mqtt)
