"""A connection that is closed serves the next one who opens one, unless something is wrong with it."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, ProgrammingError, connection, connections

from gptstore.accounts.models import User
from gptstore.database.spare import LONGEST_IDLE_SECONDS, MOST_SPARE, Spare, Spares

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def open_another() -> Iterator[Any]:
    """Opens as other threads would. Nothing is left from tests before."""
    connection.close_spares()  # type: ignore[attr-defined]
    opened: list[Any] = []

    def open_one() -> Any:
        opened.append(connections.create_connection("default"))
        opened[-1].inc_thread_sharing()
        opened[-1].connect()
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
    connection.close_spares()  # type: ignore[attr-defined]


def ask(wrapper: Any, sql: str) -> Any:
    with wrapper.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


def test_what_one_thread_closes_is_used_by_the_next(open_another: Any) -> None:
    first = open_another()
    used = first.connection
    first.close()
    assert first.connection is None
    assert open_another().connection is used


def test_two_at_a_time_never_share_one(open_another: Any) -> None:
    assert open_another().connection is not open_another().connection


def test_a_thread_can_go_on_after_it_closed(open_another: Any) -> None:
    wrapper = open_another()
    wrapper.close()
    assert ask(wrapper, "SELECT 1") == (1,)


def test_a_transaction_that_was_left_open_is_rolled_back(open_another: Any, django_user_model: type[User]) -> None:
    # Given a thread that wrote, and closes in the middle of its transaction
    django_user_model.objects.create_user("ada")
    wrapper = open_another()
    used = wrapper.connection
    wrapper.set_autocommit(False)
    with wrapper.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_user")
    wrapper.close()
    # Then the next one gets another connection, and sees nothing of it
    another = open_another()
    assert another.connection is not used
    assert ask(another, "SELECT count(*) FROM accounts_user") == (1,)


def test_one_that_had_an_error_is_not_kept(open_another: Any) -> None:
    wrapper = open_another()
    used = wrapper.connection
    with pytest.raises((ProgrammingError, OperationalError)):
        ask(wrapper, "SELECT nothing FROM nowhere")
    wrapper.close()
    assert open_another().connection is not used


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server")
def test_one_that_the_server_has_ended_is_not_used(open_another: Any) -> None:
    # Given a spare connection
    wrapper, other = open_another(), open_another()
    (process,) = ask(wrapper, "SELECT pg_backend_pid()")
    wrapper.close()
    # When the server ends it, as in a restart
    ask(other, f"SELECT pg_terminate_backend({process}, 5000)")
    # Then the next one works all the same
    assert ask(open_another(), "SELECT pg_backend_pid()") != (process,)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's files are its own")
def test_one_to_a_file_that_was_replaced_is_not_used(open_another: Any, tmp_path: Path) -> None:
    # Given a spare connection
    wrapper = open_another()
    used, file = wrapper.connection, Path(wrapper.settings_dict["NAME"])
    wrapper.close()
    # When another file takes the place of its database, such as a backup
    shutil.copy(file, tmp_path / "backup")
    os.replace(tmp_path / "backup", file)
    # Then the next one reads that file
    assert open_another().connection is not used


class Closed:
    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_the_last_one_used_is_the_next() -> None:
    spares = Spares()
    first, second = Spare(Closed(), None), Spare(Closed(), None)
    spares.put(first)
    spares.put(second)
    assert [spares.take(), spares.take(), spares.take()] == [second, first, None]


def test_no_more_are_kept_than_are_of_use() -> None:
    spares, made = Spares(), [Closed() for _ in range(MOST_SPARE + 2)]
    for one in made:
        spares.put(Spare(one, None))
    assert [one.closed for one in made] == [True, True, *[False] * MOST_SPARE]


def test_what_nobody_needed_for_long_is_closed() -> None:
    spares, old, new = Spares(), Closed(), Closed()
    spares.put(Spare(old, None, time.monotonic() - LONGEST_IDLE_SECONDS - 1))
    spares.put(Spare(new, None))
    assert (old.closed, new.closed) == (True, False)
