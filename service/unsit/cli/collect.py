"""``unsit collect``: events of many chairs from a broker into PostgreSQL."""

import argparse
import json
import socket

from unsit.assembly.broker import broker_of
from unsit.cli.process import on_crash, on_stop, set_up_logging
from unsit.errors import SettingsError, UnavailableError, escaped
from unsit.settings.file import settings_file
from unsit.settings.load import load

try:
    import psycopg
except ImportError:
    raise UnavailableError(
        "unsit collect needs psycopg; install it: pip install 'unsit[fleet]'"
    ) from None

from unsit.fleet.collector import Collector
from unsit.fleet.database import FleetDatabase, check_address


def main(arguments: argparse.Namespace) -> None:
    """Collect until a signal; or update the layout, or show what there is."""
    check_address(arguments.fleet)
    if arguments.migrate or arguments.status:
        _with_database(arguments)
        return
    settings = load(settings_file(arguments.config, "unsit"), arguments.flags).settings
    broker = broker_of(settings.mqtt)
    if broker is None:
        raise SettingsError("mqtt.host is 'none'; expected the broker of the chairs")
    if broker.version != "5":
        raise SettingsError(
            f"mqtt.version is {broker.version!r}; a collector needs '5', for shared subscriptions"
        )
    set_up_logging(debug=arguments.debug)
    name = arguments.name or socket.gethostname()
    collector = Collector(broker, settings.mqtt.prefix, name, arguments.fleet)
    on_crash(collector.fail)
    on_stop(collector.stop)
    collector.run()


def _with_database(arguments: argparse.Namespace) -> None:
    try:
        database = FleetDatabase(arguments.fleet)
        try:
            if arguments.migrate:
                before, after = database.migrate()
                print(f"layout {before} -> {after}" if before != after else f"layout {after}")
            if arguments.status:
                database.check_layout()
                print(json.dumps(database.counts()))
        finally:
            database.close()
    except psycopg.Error as error:
        words = " ".join(escaped(str(error)).split())
        raise UnavailableError(f"the database cannot be used: {words}") from error
