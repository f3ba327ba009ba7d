"""The store's database, read beside the store, also while it may be away: a connection for each query."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg

from bench.common.database import Database, open_database

AWAY = (psycopg.OperationalError, psycopg.InterfaceError, sqlite3.OperationalError)
"""The errors of a database that is away, or busy for too long."""


class Reconnecting(Database):
    """Opens a connection for each query, so that it works again as soon as the database does."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.kind = "sqlite" if url.startswith("sqlite:") else "postgres"

    def ask(self, statement: str) -> Sequence[tuple[Any, ...]]:
        with closing(open_database(self.url)) as database:
            return database.ask(statement)

    def run(self, script: str) -> None:
        with closing(open_database(self.url)) as database:
            database.run(script)

    def close(self) -> None:
        """Do nothing: no connection stays open."""
