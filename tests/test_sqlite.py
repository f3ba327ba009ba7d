"""How the settings set SQLite up."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """As Django opens it."""
    connection = sqlite3.connect(tmp_path / "db.sqlite3")
    for command in settings.DATABASES["default"]["OPTIONS"]["init_command"].split(";"):
        connection.execute(command)
    yield connection
    connection.close()


def test_readers_do_not_wait_for_writers(opened: sqlite3.Connection) -> None:
    assert opened.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_it_is_not_read_through_a_memory_map_which_loses_commits_when_processes_are_killed(
    opened: sqlite3.Connection,
) -> None:
    assert opened.execute("PRAGMA mmap_size").fetchone() == (0,)
