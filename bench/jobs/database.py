"""The table of jobs on both databases: times of jobs, and many rows at once."""

import sqlite3
import time
from abc import abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bench.common.database import Database, Postgresql, Sqlite
from bench.common.errors import NotMeasured
from bench.jobs import rows

UNFINISHED = "SELECT count(*) FROM jobs_job WHERE status IN ('queued', 'running') AND owner_id = "
TIMES = "SELECT id, status, created_at, started_at, completed_at FROM jobs_job WHERE owner_id = "
OLDEST_DAYS_MS = 30 * 24 * 3600 * 1000


@dataclass(frozen=True)
class Times:
    """The times of one job, in seconds since 1970."""

    created: float
    started: float
    completed: float


class JobsDatabase(Database):
    """The connection of one measurement. `made` counts the rows that it has added."""

    name: str
    now: str
    made = 0
    made_finished = 0

    @abstractmethod
    def columns(self, table: str) -> list[str]: ...

    @abstractmethod
    def new_id(self, milliseconds: int) -> str:
        """Return an id in SQL, made from that time and a number n."""

    @abstractmethod
    def literal(self, job_id: UUID) -> str: ...

    @abstractmethod
    def tidy(self) -> None:
        """Do the database's own housekeeping, which would have followed so many new rows."""

    @abstractmethod
    def describe(self) -> dict[str, Any]: ...

    def person(self, username: str) -> int:
        return int(self.ask(f"SELECT id FROM accounts_user WHERE username = '{username}'")[0][0])  # noqa: S608

    def count_unfinished(self, owner: int) -> int:
        return int(self.ask(f"{UNFINISHED}{owner}")[0][0])

    def times(self, owner: int, since: UUID) -> dict[UUID, Times]:
        """Return the times of each job from that one on. Raises NotMeasured when one of them did not succeed."""
        found = self.ask(f"{TIMES}{owner} AND id >= {self.literal(since)}")
        wrong = {status for _, status, *_ in found if status != "succeeded"}
        if wrong:
            raise NotMeasured(f"A job that does nothing has ended as {', '.join(wrong)}.")
        return {as_uuid(job): Times(*map(moment, times)) for job, _, *times in found}

    def add_crowd(self) -> None:
        self.ask(rows.crowd(self.columns("accounts_user")))

    def add_finished(self, count: int) -> None:
        """Add finished jobs, older than any other. There must be a job that succeeded."""
        old = self.new_id(int(time.time() * 1000) - OLDEST_DAYS_MS)
        self.ask(rows.finished(self.columns("jobs_job"), old, self.made, count))
        self.made += count
        self.made_finished += count
        self.tidy()

    def add_queued(self, count: int) -> None:
        """Add queued jobs of one owner, without messages to workers."""
        new = self.new_id(int(time.time() * 1000))
        self.ask(rows.queued(self.columns("jobs_job"), new, self.now, self.made, count))
        self.made += count
        self.tidy()

    def forget_queued(self) -> None:
        self.ask("DELETE FROM jobs_job WHERE status = 'queued'")


class PostgresqlJobs(Postgresql, JobsDatabase):
    name = "PostgreSQL"
    now = "now()"

    def columns(self, table: str) -> list[str]:
        named = "SELECT column_name FROM information_schema.columns WHERE table_name = "
        return [name for (name,) in self.ask(f"{named}'{table}'")]

    def new_id(self, milliseconds: int) -> str:
        return f"CAST(lpad(to_hex({milliseconds} + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0') AS uuid)"

    def literal(self, job_id: UUID) -> str:
        return f"'{job_id}'"

    def tidy(self) -> None:
        self.ask("VACUUM ANALYZE jobs_job")
        self.ask("CHECKPOINT")

    def describe(self) -> dict[str, Any]:
        version, fsync, size = self.ask(
            "SELECT version(), current_setting('fsync'), pg_total_relation_size('jobs_job')"
        )[0]
        return {"version": " ".join(version.split()[:2]), "fsync": fsync, "jobs_bytes": size}


class SqliteJobs(Sqlite, JobsDatabase):
    name = "SQLite"
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now')"

    def columns(self, table: str) -> list[str]:
        return [name for (name,) in self.ask(f"SELECT name FROM pragma_table_info('{table}')")]  # noqa: S608

    def new_id(self, milliseconds: int) -> str:
        return f"printf('%012x70008000%012x', {milliseconds} + n, n)"

    def literal(self, job_id: UUID) -> str:
        return f"'{job_id.hex}'"

    def tidy(self) -> None:
        self.ask("ANALYZE")
        self.ask("PRAGMA wal_checkpoint(TRUNCATE)")

    def describe(self) -> dict[str, Any]:
        size = self.ask("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")[0][0]
        return {"version": f"SQLite {sqlite3.sqlite_version}", "fsync": "at checkpoints", "jobs_bytes": size}


def as_uuid(value: str | UUID) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def moment(value: str | datetime) -> float:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
