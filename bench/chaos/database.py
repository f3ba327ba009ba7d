"""The store's database, seen past the store: SQLite or PostgreSQL, plain SQL, a connection for each question."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, Protocol

import psycopg

AWAY = (psycopg.OperationalError, psycopg.InterfaceError, sqlite3.OperationalError)
"""What a database raises that is away, or busy for too long."""


class Database(Protocol):
    kind: str

    def run(self, script: str) -> None: ...

    def ask(self, query: str) -> Sequence[Sequence[Any]]: ...


class Sqlite:
    kind = "sqlite"

    def __init__(self, path: str) -> None:
        self.path = path

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=20)) as connection:
            yield connection

    def run(self, script: str) -> None:
        with self.connect() as connection:
            connection.executescript(script)

    def ask(self, query: str) -> Sequence[Sequence[Any]]:
        with self.connect() as connection:
            return connection.execute(query).fetchall()


class Postgresql:
    kind = "postgres"

    def __init__(self, url: str) -> None:
        self.url = url

    def run(self, script: str) -> None:
        with psycopg.connect(self.url, connect_timeout=3, autocommit=True) as connection:
            connection.execute(script.encode())

    def ask(self, query: str) -> Sequence[Sequence[Any]]:
        with psycopg.connect(self.url, connect_timeout=3, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()


def open_database(url: str) -> Database:
    """A URL as in GPTSTORE_DATABASE_URL."""
    return Sqlite(url.removeprefix("sqlite:///")) if url.startswith("sqlite:") else Postgresql(url)
