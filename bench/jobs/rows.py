"""Many rows at once, as copies of one real row: SQL that both databases understand."""

from collections.abc import Mapping, Sequence

CROWD = 100
FIRST_OF_CROWD = "(SELECT min(id) FROM accounts_user WHERE username LIKE 'crowd-%')"


def copies(table: str, columns: Sequence[str], changed: Mapping[str, str], where: str, first: int, count: int) -> str:
    """Return an INSERT of copies of the row that `where` finds; `changed`: SQL of columns that differ, by number n."""
    last = first + count - 1
    values = ", ".join(changed.get(column, f"one.{column}") for column in columns)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608
        f"WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last}) "
        f"SELECT {values} FROM numbers, (SELECT * FROM {table} WHERE {where} LIMIT 1) AS one"
    )


def crowd(columns: Sequence[str]) -> str:
    """Insert the people over whom the finished jobs are spread."""
    changed = {"username": "'crowd-' || n"}
    return copies("accounts_user", [name for name in columns if name != "id"], changed, "is_active", 1, CROWD)


def finished(columns: Sequence[str], job_id: str, first: int, count: int) -> str:
    """Insert finished jobs. `job_id`: an id in SQL that is older than those of today."""
    owner = f"{FIRST_OF_CROWD} + n % {CROWD}"
    return copies("jobs_job", columns, {"id": job_id, "owner_id": owner}, "status = 'succeeded'", first, count)


def queued(columns: Sequence[str], job_id: str, now: str, first: int, count: int) -> str:
    """Insert queued jobs, all of one owner of the crowd."""
    changed = {
        "id": job_id,
        "owner_id": FIRST_OF_CROWD,
        "status": "'queued'",
        "attempt": "0",
        "worker": "''",
        "output": "''",
        "created_at": now,
        "started_at": "NULL",
        "completed_at": "NULL",
        "lease_expires_at": "NULL",
    }
    return copies("jobs_job", columns, changed, "status = 'succeeded'", first, count)
