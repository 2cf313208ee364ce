"""``unsit forget``: takes the chair off the broker and out of Home Assistant."""

import argparse

from unsit.assembly.broker import broker_of
from unsit.assembly.memory import FILE, TRACES, open_state, recall_traces
from unsit.cli.state import state_directory
from unsit.errors import SettingsError
from unsit.homeassistant.announcer import Trace
from unsit.homeassistant.discovery import discovery_topic
from unsit.homeassistant.forget import forget
from unsit.mqtt.topics import Topics
from unsit.runtime.store import Store
from unsit.settings.load import load
from unsit.settings.model import Settings


def main(arguments: argparse.Namespace) -> None:
    """Clears every retained message of the chair, and tells which."""
    settings = load(arguments.config, arguments.flags).settings
    broker = broker_of(settings.mqtt)
    if broker is None:
        raise SettingsError("mqtt.host = 'none': there is no broker to be forgotten by")
    directory = state_directory(arguments.state_dir)
    store = Store(open_state(directory if (directory / FILE).exists() else None))
    try:
        traces = recall_traces(store)
        left = [_trace(settings), *traces.stale, *([traces.current] if traces.current else [])]
        removed = forget(broker, settings.chair.id, left, even_online=arguments.force)
        store.put(TRACES, None)
    finally:
        store.close()
    for topic in removed:
        print(f"removed {topic}")
    if not removed:
        print(f"the broker {broker!r} holds nothing of {settings.chair.id}")


def _trace(settings: Settings) -> Trace:
    topics = Topics(settings.mqtt.prefix, settings.chair.id)
    prefix = settings.homeassistant.discovery_prefix
    return Trace(discovery_topic(prefix, topics.chair), topics.availability, topics.state)
