"""Has database triggers record each claim and each end of a job, whoever makes them, and reads the records."""

import json
from uuid import UUID

from bench.chaos.evidence import Claim, End, Row
from bench.common.database import Database

TABLES = """
CREATE TABLE chaos_claim (job text NOT NULL, attempt integer, worker text, at double precision);
CREATE TABLE chaos_end (job text NOT NULL, attempt integer, status text, at double precision);
"""
CLAIMED = "NEW.status = 'running' AND (OLD.status <> 'running' OR OLD.attempt <> NEW.attempt)"
ENDED = "(NEW.status IN ('succeeded', 'failed', 'canceled') OR OLD.status IN ('succeeded', 'failed', 'canceled'))"
NOTE_CLAIM = "INSERT INTO chaos_claim VALUES (NEW.id, NEW.attempt, NEW.worker, {now});"
NOTE_END = "INSERT INTO chaos_end VALUES (NEW.id, NEW.attempt, NEW.status, {now});"

SQLITE = """
CREATE TRIGGER {name} AFTER UPDATE ON jobs_job WHEN {when} BEGIN {note} END;
"""
SQLITE_NOW = "(julianday('now') - 2440587.5) * 86400"
POSTGRES = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {note} RETURN NEW; END $$;
CREATE TRIGGER {name} AFTER UPDATE ON jobs_job FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}();
"""
POSTGRES_NOW = "extract(epoch FROM clock_timestamp())"

ROWS = """
SELECT job.id, owner.username, job.idempotency_key, job.status, job.error_code, job.attempt, job.input, job.output,
    job.completion_tokens
FROM jobs_job job JOIN accounts_user owner ON owner.id = job.owner_id
"""


class Witness:
    """The records of the database. Queries raise the errors in `database.AWAY` while the database is away."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(self) -> None:
        trigger, now = (SQLITE, SQLITE_NOW) if self.database.kind == "sqlite" else (POSTGRES, POSTGRES_NOW)
        claimed = trigger.format(name="chaos_claimed", when=CLAIMED, note=NOTE_CLAIM.format(now=now))
        ended = trigger.format(name="chaos_ended", when=ENDED, note=NOTE_END.format(now=now))
        self.database.run(TABLES + claimed + ended)

    def claims(self) -> list[Claim]:
        asked = self.database.ask("SELECT job, attempt, worker, at FROM chaos_claim ORDER BY at")
        return [Claim(name_of(job), *rest) for job, *rest in asked]

    def ends(self) -> list[End]:
        asked = self.database.ask("SELECT job, attempt, status, at FROM chaos_end ORDER BY at")
        return [End(name_of(job), *rest) for job, *rest in asked]

    def rows(self) -> list[Row]:
        found = []
        for job, owner, key, status, code, attempt, given, output, tokens in self.database.ask(ROWS):
            given = json.loads(given) if isinstance(given, str) else given
            found.append(Row(name_of(job), owner, key, status, code, attempt, given, output, tokens))
        return found

    def ended(self) -> set[str]:
        return {name_of(job) for (job,) in self.database.ask("SELECT DISTINCT job FROM chaos_end")}

    def newest(self) -> str:
        """Return the id of the job that was made last, "" when there is none. Ids grow with time."""
        asked = self.database.ask("SELECT id FROM jobs_job ORDER BY id DESC LIMIT 1")
        return name_of(asked[0][0]) if asked else ""

    def running_jobs(self, worker: str) -> int:
        """Count the jobs that the database believes it to run, alive or not."""
        query = f"SELECT count(*) FROM jobs_job WHERE status = 'running' AND worker = '{worker}'"  # noqa: S608
        ((count,),) = self.database.ask(query)
        return int(count)


def name_of(job: object) -> str:
    """Return an id in its usual spelling: SQLite stores it without hyphens."""
    return str(UUID(str(job)))
