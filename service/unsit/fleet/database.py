"""Database of the fleet: layout, and storing in batches. It needs the extra ``unsit[fleet]``.

A batch is one transaction. Nothing in it depends on what another collector stores, and what is
stored twice changes nothing; so any number of collectors work side by side.
"""

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from importlib.resources import files

import psycopg
from psycopg import sql

from unsit.errors import UnavailableError, UsageError
from unsit.fleet.messages import Event, Gone, Poison, State

log = logging.getLogger(__name__)

LAYOUT_LOCK, FIX_LOCK = 0x756E7369, 0x756E736A
"""Advisory locks: of the layout, and of the collector that asks chairs for what is missing."""

STATEMENT_TIMEOUT_S = 20
"""Time (s) after which the server gives a statement up, and twice that for a network."""

OPTIONS = {
    "application_name": "unsit collect",
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "tcp_user_timeout": 2 * STATEMENT_TIMEOUT_S * 1000,
}

SETTINGS = {
    "statement_timeout": f"{STATEMENT_TIMEOUT_S}s",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
}

Message = Event | Gone | Poison


class FleetDatabase:
    """Connection to the database; one thread uses it.

    Raises psycopg.Error from all methods if the database cannot be used.
    """

    def __init__(self, where: str) -> None:
        self._db = psycopg.connect(where, autocommit=True, **OPTIONS)  # type: ignore[arg-type]
        for name, value in SETTINGS.items():
            self._db.execute("select set_config(%s, %s, false)", (name, value))
        self._chairs: dict[str, int] = {}
        self._months: set[tuple[int, int]] = set()

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def check_layout(self) -> None:
        """Raise UnavailableError for a layout that is missing, older or newer than this unsit's."""
        version, newest = self._layout(), len(_layouts())
        if version < newest:
            raise UnavailableError(
                f"the database has layout {version}, expected {newest}; run: "
                "unsit collect --migrate"
            )
        if version > newest:
            raise UnavailableError(
                f"the database has layout {version}, expected at most {newest}; update unsit"
            )

    def migrate(self) -> tuple[int, int]:
        """Bring the layout up to date; return the version before and after."""
        with self._db.transaction():
            self._db.execute("select pg_advisory_xact_lock(%s)", (LAYOUT_LOCK,))
            before = self._layout()
            if before == 0:
                self._db.execute(
                    "create table if not exists layout "
                    "(version int primary key, at timestamptz not null default now())"
                )
            for number, statements in enumerate(_layouts()[before:], before + 1):
                self._db.execute(statements.encode())
                self._db.execute("insert into layout values (%s)", (number,))
        return before, max(before, len(_layouts()))

    def store(self, messages: Sequence[Message]) -> None:
        """Store messages in one transaction; repeats change nothing.

        A message that the database refuses for its content is stored as poison.
        """
        try:
            self._store(messages)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if len(messages) > 1:
                half = len(messages) // 2
                self.store(messages[:half])
                self.store(messages[half:])
                return
            one = messages[0]
            if isinstance(one, Poison):
                raise
            payload = repr(one).encode(errors="replace")
            self._store([Poison(f"{one.chair}/log", payload, f"PostgreSQL: {error}")])

    def note_states(self, states: Iterable[State]) -> None:
        """Note the last numbers of chairs. Other counters of these chairs are retired."""
        with self._db.transaction(), self._db.cursor() as cursor:
            rows = sorted((one.chair, one.mark, one.seq) for one in states)
            numbers = self._numbers({chair for chair, _, _ in rows})
            cursor.executemany(
                "insert into counter (chair, mark, newest) values (%s, %s, %s) "
                "on conflict (chair, mark) do update set "
                "newest = greatest(counter.newest, excluded.newest), retired = null "
                "where counter.newest < excluded.newest or counter.retired is not null",
                [(numbers[chair], mark, seq) for chair, mark, seq in rows],
            )
            cursor.executemany(
                "update counter set retired = now() "
                "where chair = %s and mark <> %s and retired is null",
                [(numbers[chair], mark) for chair, mark, _ in rows],
            )

    def holes(self, limit: int) -> list[tuple[str, str, int, int]]:
        """Return chair, mark, first and last number of holes that chairs can still fill."""
        query = "select chair, mark, first, last from hole order by chair, first limit %s"
        rows: list[tuple[str, str, int, int]] = self._db.execute(query, (limit,)).fetchall()
        return rows

    def may_fix(self) -> bool:
        """Return whether this collector is the one that asks chairs for what is missing.

        It stays the one until it closes its connection.
        """
        row = self._db.execute(
            "select exists (select 1 from pg_locks where locktype = 'advisory' and pid = "
            "pg_backend_pid() and objid::bigint = %s) or pg_try_advisory_lock(%s)",
            (FIX_LOCK, FIX_LOCK),
        ).fetchone()
        return row is not None and bool(row[0])

    def counts(self) -> dict[str, int]:
        """Return what there is: chairs, events, holes, lost numbers and poison."""
        row = self._db.execute(
            "select (select count(*) from chair), "
            "(select coalesce(sum(upper(part) - lower(part)), 0) from counter, "
            "unnest(seqs) as part), "
            "(select coalesce(sum(last - first + 1), 0) from hole), "
            "(select coalesce(sum(last - first + 1), 0) from lost), (select count(*) from poison)"
        ).fetchone()
        names = ("chairs", "events", "missing", "lost", "poison")
        return dict(zip(names, map(int, row or ()), strict=True))

    def _layout(self) -> int:
        row = self._db.execute("select to_regclass('layout') is not null").fetchone()
        if row is None or not row[0]:
            return 0
        row = self._db.execute("select coalesce(max(version), 0) from layout").fetchone()
        return int(row[0]) if row else 0

    def _store(self, messages: Sequence[Message]) -> None:
        events = [one for one in messages if isinstance(one, Event)]
        events.sort(key=lambda one: (one.chair, one.id))
        gone = [one for one in messages if isinstance(one, Gone)]
        poison = [one for one in messages if isinstance(one, Poison)]
        self._make_months(one.at for one in events)
        with self._db.transaction(), self._db.cursor() as cursor:
            numbers = self._numbers({e.chair for e in events} | {g.chair for g in gone})
            if events:
                columns = zip(
                    *(
                        (e.id, numbers[e.chair], e.mark, e.seq, e.at, e.type, e.fields)
                        for e in events
                    ),
                    strict=True,
                )
                cursor.execute(
                    "insert into event select * from unnest(%s::uuid[], %s::int[], %s::text[], "
                    "%s::bigint[], %s::timestamptz[], %s::text[], %s::jsonb[]) "
                    "on conflict do nothing",
                    [list(column) for column in columns],
                )
            self._add_numbers("seqs", numbers, ((e.chair, e.mark, e.seq, e.seq) for e in events))
            self._add_numbers("gone", numbers, ((g.chair, g.mark, g.first, g.last) for g in gone))
            cursor.executemany(
                "insert into poison (topic, payload, why) values (%s, %s, %s) "
                "on conflict do nothing",
                [(one.topic, one.payload, one.why) for one in poison],
            )

    def _add_numbers(
        self, column: str, numbers: dict[str, int], ranges: Iterable[tuple[str, str, int, int]]
    ) -> None:
        by_counter: dict[tuple[int, str], list[str]] = {}
        for chair, mark, first, last in ranges:
            by_counter.setdefault((numbers[chair], mark), []).append(f"[{first},{last}]")
        query = sql.SQL(
            "insert into counter (chair, mark, {0}) values (%s, %s, %s::int8multirange) "
            "on conflict (chair, mark) do update set {0} = counter.{0} + excluded.{0}"
        ).format(sql.Identifier(column))
        with self._db.cursor() as cursor:
            cursor.executemany(
                query,
                [
                    (chair, mark, f"{{{','.join(parts)}}}")
                    for (chair, mark), parts in sorted(by_counter.items())
                ],
            )

    def _numbers(self, chairs: set[str]) -> dict[str, int]:
        """Return the numbers of chairs; chairs that are new are added."""
        if unknown := sorted(chairs - self._chairs.keys()):
            self._db.execute(
                "insert into chair (id) select id from unnest(%s::text[]) as new(id) "
                "where not exists (select 1 from chair where chair.id = new.id) order by id "
                "on conflict do nothing",
                (unknown,),
            )
            rows = self._db.execute("select id, no from chair where id = any(%s)", (unknown,))
            found: dict[str, int] = dict(rows.fetchall())
            return self._chairs | found
        return self._chairs

    def remember(self, messages: Iterable[Message]) -> None:
        """Keep the numbers of chairs whose messages are committed."""
        chairs = {one.chair for one in messages if not isinstance(one, Poison)}
        if unknown := chairs - self._chairs.keys():
            query = "select id, no from chair where id = any(%s)"
            self._chairs |= dict(self._db.execute(query, (list(unknown),)).fetchall())

    def _make_months(self, dates: Iterable[datetime]) -> None:
        """Create the tables of months that events need; one table is for dates far away.

        It is apart from the batch, which another collector with the same new month may block.
        """
        for month in sorted({(at.year, at.month) for at in dates} - self._months):
            if 2000 <= month[0] < 2100:
                with suppress(psycopg.errors.DuplicateTable, psycopg.errors.UniqueViolation):
                    self._db.execute(
                        "select make_month(make_timestamptz(%s, %s, 1, 0, 0, 0))", month
                    )
            self._months.add(month)


def check_address(where: str) -> None:
    """Raise UsageError for an address that cannot be read, or has a password in it."""
    try:
        parts = psycopg.conninfo.conninfo_to_dict(where)
    except psycopg.ProgrammingError as error:
        raise UsageError(
            f"--fleet: {error}; expected postgresql://USER@HOST/DATABASE or nothing"
        ) from None
    if "password" in parts:
        raise UsageError(
            "--fleet: a password in an address is seen by every user of this machine; put it into "
            "the file that PGPASSFILE names, ~/.pgpass by default"
        )


def _layouts() -> list[str]:
    folder = files("unsit.fleet") / "layout"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".sql"))
    return [(folder / name).read_text(encoding="utf-8") for name in names]
