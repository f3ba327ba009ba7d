"""A store's database, SQLite or PostgreSQL, in plain SQL: no Django, and not the store's own connections."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg


class Database(ABC):
    """One connection, on which each statement commits. `url` is that of GPTSTORE_DATABASE_URL."""

    kind: str

    def __init__(self, url: str) -> None:
        self.url = url

    @abstractmethod
    def ask(self, statement: str) -> Sequence[tuple[Any, ...]]:
        """Return the rows of a query; none of another statement."""

    @abstractmethod
    def run(self, script: str) -> None:
        """Run several statements."""

    @abstractmethod
    def close(self) -> None: ...


class Sqlite(Database):
    kind = "sqlite"

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=20, isolation_level=None)

    def ask(self, statement: str) -> Sequence[tuple[Any, ...]]:
        with closing(self.connection.execute(statement)) as cursor:
            return cursor.fetchall()

    def run(self, script: str) -> None:
        self.connection.executescript(script)

    def close(self) -> None:
        self.connection.close()


class Postgresql(Database):
    kind = "postgres"

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.connection = psycopg.connect(url, connect_timeout=3, autocommit=True)

    def ask(self, statement: str) -> Sequence[tuple[Any, ...]]:
        cursor = self.connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []

    def run(self, script: str) -> None:
        self.connection.execute(script.encode())

    def close(self) -> None:
        self.connection.close()


def open_database(url: str) -> Database:
    return Sqlite(url) if url.startswith("sqlite:") else Postgresql(url)
