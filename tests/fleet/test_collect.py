"""The command unsit collect, with real chairs, a mosquitto and a PostgreSQL."""

import json
import signal
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from support.history_records import START
from support.live_chair import LiveChair
from support.mosquitto import LOOPBACK, Mosquitto, Watcher, until
from support.postgres import Postgres
from support.program import UNSIT, Program, environment
from support.restarted_machine import SETTINGS, minutes
from unsit.history.shelving import Shelf
from unsit.settings.model import HISTORY_FILE, SittingSettings

pytestmark = [pytest.mark.broker, pytest.mark.program]


def collect(server: Postgres, broker: Mosquitto, name: str) -> Program:
    settings = (f"mqtt.host={LOOPBACK}", f"mqtt.port={broker.port}")
    flags = [part for one in settings for part in ("--set", one)]
    return Program("collect", "--fleet", server.address, "--name", name, *flags)


@pytest.fixture
def collector(db: psycopg.Connection, server: Postgres, broker: Mosquitto) -> Iterator[Program]:
    """Yield a collector that is connected."""
    program = collect(server, broker, "first")
    program.wait_for("connected to the broker")
    yield program
    program.stop()


@pytest.fixture
def chair(broker: Mosquitto, tmp_path: Path) -> Iterator[LiveChair]:
    """Yield a chair with a history, a minute to a second."""
    running = LiveChair(
        tmp_path,
        speed=60.0,
        seat=SETTINGS.seat,
        sitting=SittingSettings(move_after=minutes(1), min_break=minutes(1)),
        mqtt={"host": LOOPBACK, "port": broker.port},
        shelf=Shelf(tmp_path / HISTORY_FILE, timedelta(days=99), lambda: START),
    )
    yield running
    running.stop()


def sit_for_a_bout(chair: LiveChair) -> None:
    chair.seat.set(True)
    chair.wait("move_due")
    chair.seat.set(False)
    chair.wait("bout_ended")


def all_is_there(server: Postgres, chair: LiveChair) -> bool:
    """Return whether each event of the chair is in the table once, and nothing is missing."""
    with psycopg.connect(server.address) as db:
        seqs = [seq for (seq,) in db.execute("select seq from event order by seq")]
        holes = db.execute("select * from hole").fetchall()
    return seqs == list(range(1, chair.service.recorder.seq + 1)) and not holes


def test_events_are_stored_and_a_message_that_is_none_is_poison(
    collector: Program, chair: LiveChair, server: Postgres, watcher: Watcher
) -> None:
    sit_for_a_bout(chair)
    watcher.publish("unsit/test-chair/log", "\x1b[2J no event")
    until(lambda: all_is_there(server, chair), "every event")
    with psycopg.connect(server.address) as db:
        until(
            lambda: db.execute("select payload from poison").fetchall() == [(b"\x1b[2J no event",)],
            "the poison",
        )


def test_what_a_broker_forgot_while_nobody_collected_is_asked_for(
    db: psycopg.Connection, chair: LiveChair, server: Postgres, broker: Mosquitto
) -> None:
    sit_for_a_bout(chair)  # the broker acknowledges, and nobody has subscribed
    broker.kill(forgets=True)
    broker.start()
    program = collect(server, broker, "late")
    try:
        until(lambda: all_is_there(server, chair), "every event")
    finally:
        program.stop()


def test_a_database_that_is_killed_and_a_collector_that_is_killed_lose_nothing(
    collector: Program, chair: LiveChair, server: Postgres, broker: Mosquitto
) -> None:
    server.stop()
    sit_for_a_bout(chair)
    collector.wait_for("the database cannot be used")
    collector.stop(signal.SIGKILL)
    server.start()
    again = collect(server, broker, "first")
    try:
        until(lambda: all_is_there(server, chair), "every event")
        server.stop()
        sit_for_a_bout(chair)
        server.start()
        until(lambda: all_is_there(server, chair), "every event after the second fault")
    finally:
        again.stop()


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*UNSIT, "collect", *arguments], env=environment(), capture_output=True, text=True
    )


def test_the_layout_is_made_by_one_command_and_status_counts(
    db: psycopg.Connection, server: Postgres
) -> None:
    db.execute("drop schema public cascade")
    db.execute("create schema public")
    asked_too_early = run("--fleet", server.address, "--status")
    assert asked_too_early.returncode == 69
    assert "run: unsit collect --migrate" in asked_too_early.stderr
    done = run("--fleet", server.address, "--migrate", "--status")
    assert done.returncode == 0, done.stderr
    layout, status = done.stdout.splitlines()
    assert layout == "layout 0 -> 1"
    assert json.loads(status) == dict.fromkeys(("chairs", "events", "missing", "lost", "poison"), 0)


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (["--fleet", "host=/nowhere dbname=x", "--status"], 69, "the database cannot be used"),
        (["--fleet", "postgresql://a:secret@db/x"], 64, "a password in an address is seen"),
        (["--fleet", "nonsense"], 64, "expected postgresql://USER@HOST/DATABASE"),
        (["--set", "mqtt.version=3.1.1"], 78, "a collector needs '5'"),
        (["--set", "mqtt.host=none"], 78, "expected the broker of the chairs"),
    ],
)
def test_what_cannot_be_collected_ends_with_one_line(
    arguments: list[str], code: int, why: str
) -> None:
    ended = run(*arguments)
    assert ended.returncode == code, ended.stderr
    assert why in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "secret" not in ended.stderr
