"""The size of the database, and of its table of jobs, as the database itself keeps them: nothing is counted."""

from typing import NamedTuple

from django.db import connection

from gptstore.jobs.models import Job

# SQLite numbers rows as they come; those that a deletion left out are few, since the oldest are deleted first.
_SIZE = {
    "postgresql": """SELECT pg_database_size(current_database()),
        (SELECT n_live_tup FROM pg_stat_user_tables WHERE relid = '{table}'::regclass)""",
    "sqlite": """SELECT (SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()),
        (SELECT max(rowid) FROM {table}) - (SELECT min(rowid) FROM {table}) + 1""",
}


class DatabaseSize(NamedTuple):
    """bytes: of the database on its disk. jobs: about how many are stored."""

    bytes: int
    jobs: int


def database_size() -> DatabaseSize:
    with connection.cursor() as cursor:
        cursor.execute(_SIZE[connection.vendor].format(table=Job._meta.db_table))
        size, jobs = cursor.fetchone()
    return DatabaseSize(int(size), int(jobs or 0))
