"""Fixtures of the fleet's tests."""

from collections.abc import Iterator

import psycopg
import pytest

from support.fixtures import missing
from support.postgres import MISSING, Postgres, is_installed
from unsit.fleet.database import FleetDatabase


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Yield a PostgreSQL for the tests of a module."""
    if not is_installed():
        missing(MISSING)
    postgres = Postgres()
    yield postgres
    postgres.remove()


@pytest.fixture
def db(server: Postgres) -> Iterator[psycopg.Connection]:
    """Yield a connection to a database with an empty, present layout."""
    with psycopg.connect(server.address, autocommit=True) as connection:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
        connection.execute("grant usage on schema public to public")
        database = FleetDatabase(server.address)
        database.migrate()
        database.close()
        yield connection


@pytest.fixture
def database(db: psycopg.Connection, server: Postgres) -> Iterator[FleetDatabase]:
    """Yield the database as a collector has it."""
    connected = FleetDatabase(server.address)
    yield connected
    connected.close()
