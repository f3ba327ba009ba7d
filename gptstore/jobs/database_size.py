"""The size of the database, and of its table of jobs, as the database itself keeps them: nothing is counted."""

from django.db import connection

from gptstore.jobs.models import Job

_BYTES = {
    "postgresql": "SELECT pg_database_size(current_database())",
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
}
# SQLite numbers rows as they come; those that a deletion left out are few, since the oldest are deleted first.
_ROWS = {
    "postgresql": "SELECT n_live_tup FROM pg_stat_user_tables WHERE relid = %s::regclass",
    "sqlite": "SELECT (SELECT max(rowid) FROM {table}) - (SELECT min(rowid) FROM {table}) + 1",
}


def database_bytes() -> int:
    """Return the bytes of the database on its disk."""
    with connection.cursor() as cursor:
        cursor.execute(_BYTES[connection.vendor])
        return int(cursor.fetchone()[0])


def estimate_jobs() -> int:
    """Return about how many jobs are stored."""
    table = Job._meta.db_table
    with connection.cursor() as cursor:
        parameters = [table] if connection.vendor == "postgresql" else None
        cursor.execute(_ROWS[connection.vendor].format(table=table), parameters)
        row = cursor.fetchone()
    return int(row[0] or 0) if row else 0
