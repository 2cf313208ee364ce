"""Database of the fleet on a real PostgreSQL: repeats, holes, cards, poison, privacy, months."""

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from support.history_records import record
from support.postgres import Postgres
from unsit.errors import UnavailableError
from unsit.fleet.database import FleetDatabase
from unsit.fleet.messages import Event, Gone, Poison, State, read_log
from unsit.runtime.record import record_id

pytestmark = pytest.mark.program


def event(
    seq: int, chair: str = "desk", mark: str = "a", after_s: float = 0, **fields: Any
) -> Event:
    kind = fields.pop("type", "gave_up")
    content = record(seq, (after_s + seq, kind, fields), chair) | {"numbered_since": mark}
    read = read_log(chair, f"unsit/{chair}/log", json.dumps(content).encode())
    assert isinstance(read, Event)
    return read


def test_repeats_in_any_order_and_batch_are_stored_once(
    database: FleetDatabase, db: psycopg.Connection
) -> None:
    database.store([event(3), event(1), event(3)])
    database.store([event(1), event(2)])
    rows = db.execute("select seq, type, fields from event order by seq").fetchall()
    assert rows == [(seq, "gave_up", {}) for seq in (1, 2, 3)]
    assert database.holes(10) == []


def test_holes_lie_before_between_and_after_what_has_come(database: FleetDatabase) -> None:
    database.store([event(2), event(3), event(6)])
    database.note_states([State("desk", "a", 8)])
    assert database.holes(10) == [("desk", "a", 1, 1), ("desk", "a", 4, 5), ("desk", "a", 7, 8)]

    database.store([event(seq) for seq in (1, 4, 7, 8)])
    database.store([Gone("desk", "a", 5, 5)])
    assert database.holes(10) == []
    assert database.counts() == {"chairs": 1, "events": 7, "missing": 0, "lost": 1, "poison": 0}


def test_a_new_card_begins_at_1_and_its_events_are_no_repeats(
    database: FleetDatabase, db: psycopg.Connection
) -> None:
    database.store([event(1), event(2), event(5)])
    later = record(1, (900.0, "gave_up", {})) | {"numbered_since": "b"}
    new = read_log("desk", "unsit/desk/log", json.dumps(later).encode())
    assert isinstance(new, Event)
    database.store([new])
    database.note_states([State("desk", "b", 2)])

    assert db.execute("select count(*) from event").fetchone() == (4,)
    assert database.holes(10) == [("desk", "b", 2, 2)], "the old card can fill no hole any more"
    assert db.execute("select mark, first, last from lost").fetchall() == [("a", 3, 4)]


def test_what_postgresql_refuses_is_poison_and_the_rest_is_stored(
    database: FleetDatabase, db: psycopg.Connection
) -> None:
    bad = Event(record_id("2026-11-24T09:00:00.000+00:00", "desk", 2), "desk", "a", 2,
                datetime(2026, 11, 24, 9, tzinfo=UTC), "x", "no json")  # fmt: skip
    poison = Poison("unsit/desk/log", b"\x00\xff", "not JSON")
    database.store([event(1), bad, event(3), poison, poison])
    database.store([poison])
    assert db.execute("select seq from event order by seq").fetchall() == [(1,), (3,)]
    whys = [why for (why,) in db.execute("select why from poison order by no")]
    assert sorted(why[:10] for why in whys) == ["PostgreSQL", "not JSON"]


def test_collectors_side_by_side_lose_and_double_nothing(
    database: FleetDatabase, db: psycopg.Connection, server: Postgres
) -> None:
    chairs = [f"chair-{number}" for number in range(20)]
    failures: list[BaseException] = []

    def collect(step: int) -> None:
        own = FleetDatabase(server.address)
        try:
            for first in range(1, 61, 10):
                events = [event(seq, chair) for chair in chairs for seq in range(first, first + 10)]
                own.store(events[::step] + events[1::step])
        except BaseException as error:
            failures.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=collect, args=(step,)) for step in (1, -1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert db.execute("select count(*), count(distinct id) from event").fetchone() == (1200, 1200)
    assert database.holes(10) == []


def test_one_of_two_collectors_asks_for_what_is_missing(
    database: FleetDatabase, server: Postgres
) -> None:
    other = FleetDatabase(server.address)
    assert database.may_fix()
    assert not other.may_fix()
    assert database.may_fix(), "it stays the one"
    database.close()
    for _ in range(100):
        if other.may_fix():
            break
    else:
        pytest.fail("the lock goes with the connection")
    other.close()


def test_a_layout_is_made_once_and_a_newer_one_is_refused(
    database: FleetDatabase, db: psycopg.Connection
) -> None:
    assert database.migrate() == (1, 1)
    database.check_layout()
    db.execute("insert into layout values (99)")
    with pytest.raises(UnavailableError, match="layout 99, expected at most 1; update unsit"):
        database.check_layout()
    db.execute("drop table layout")
    with pytest.raises(
        UnavailableError, match="layout 0, expected 1; run: unsit collect --migrate"
    ):
        database.check_layout()


def test_months_are_tables_of_their_own_and_retention_drops_them(
    database: FleetDatabase, db: psycopg.Connection
) -> None:
    database.store([event(1)])
    old = record(2, (-90 * 86_400.0, "gave_up", {}))
    without_clock = record(3, (-56 * 365 * 86_400.0, "gave_up", {}))
    for one in (old, without_clock):
        read = read_log("desk", "unsit/desk/log", json.dumps(one).encode())
        assert isinstance(read, Event)
        database.store([read])
    tables = "select distinct tableoid::regclass::text from event order by 1"
    assert [name for (name,) in db.execute(tables)] == [
        *("event_2026_08", "event_2026_11", "event_other"),
    ]
    assert db.execute("select drop_months('2026-11-01Z')").fetchone() == (1,)
    assert db.execute("select count(*) from event").fetchone() == (2,)


def bout(chair: str, seq: int, started: datetime, minutes: int) -> Event:
    ended = started + timedelta(minutes=minutes)
    fields: dict[str, Any] = {
        "started": started.isoformat(timespec="milliseconds"),
        "ended": ended.isoformat(timespec="milliseconds"),
        "duration_s": minutes * 60,
        "seated_s": minutes * 60 - 7,
        "reminders": 2,
    }
    return event(seq, chair, after_s=60.0 * minutes + 120, type="bout_ended", **fields)


MORNING = datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_bouts_are_those_that_the_chair_has_measured(
    database: FleetDatabase, db: psycopg.Connection
) -> None:
    database.store([bout("desk", 1, MORNING, 40), event(2)])
    query = "select started, ended, duration_s, seated_s, reminders, cut from bout"
    ended = MORNING + timedelta(minutes=40)
    assert db.execute(query).fetchall() == [(MORNING, ended, 2400.0, 2393.0, 2, False)]


def test_a_person_sees_her_chair_and_facility_sees_areas_of_five_and_more_alone(
    database: FleetDatabase, db: psycopg.Connection, server: Postgres
) -> None:
    for chair in range(5):
        minutes = 0 if chair == 4 else 30
        database.store([bout(f"big-{chair}", 1, MORNING, minutes or 1)])
        database.store([bout(f"small-{chair % 4}", chair + 1, MORNING, 30)])
    db.execute("update chair set area = split_part(id, '-', 1)")
    db.execute("update chair set owner = 'alice' where id = 'big-0'")
    for role in ("alice", "facility"):
        db.execute(f"drop role if exists {role}")
        db.execute(f"create role {role} login")
        db.execute(f"grant select on event, chair, bout to {role}")
    db.execute("grant execute on function area_share to facility")
    ask = "select area, chairs, share from area_share('2026-11-24 09:15Z', '2026-11-24 09:30Z')"
    try:
        with psycopg.connect(server.address_of("alice"), autocommit=True) as alice:
            assert alice.execute("select id from chair").fetchall() == [("big-0",)]
            assert alice.execute("select count(*) from event").fetchone() == (1,)
            assert alice.execute("select count(*) from bout").fetchone() == (1,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                alice.execute(ask)
        with psycopg.connect(server.address_of("facility"), autocommit=True) as facility:
            for table in ("chair", "event", "bout"):
                count = f"select count(*) from {table}"  # noqa: S608
                assert facility.execute(count).fetchone() == (0,)
            assert facility.execute(ask).fetchall() == [("big", 5, None)], "one free chair is blank"
    finally:
        for role in ("alice", "facility"):
            db.execute(f"drop owned by {role}")
            db.execute(f"drop role {role}")
