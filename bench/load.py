"""Measures the queries of the admin's dashboard over a full table of jobs; prints JSON, milliseconds each.

    python -m bench.load --rows 1000000 --days 30 [--postgres]

The jobs are spread evenly over the days until now; one in twenty failed, one in fifty was canceled.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.common.samples import percentile
from harness.postgres import temporary_postgres
from harness.process import ROOT

CALLS = 50
TOOLS = 6
MAX_SECONDS = 3600

_ID = {"sqlite": "printf('%032x', {n})", "postgresql": "lpad(to_hex({n}), 32, '0')::uuid"}
_AT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || ({seconds}) || ' seconds')",
    "postgresql": "statement_timestamp() - ({seconds}) * interval '1 second'",
}
_STATUS = "CASE WHEN n % 20 = 0 THEN 'failed' WHEN n % 50 = 1 THEN 'canceled' ELSE 'succeeded' END"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--days", type=float, default=30)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measure(options.rows, options.days), indent=2))
    elif options.postgres:
        with temporary_postgres() as url, tempfile.TemporaryDirectory() as folder:
            start(url, folder)
    else:
        with tempfile.TemporaryDirectory() as folder:
            start(f"sqlite:///{Path(folder, 'load.sqlite3')}", folder)


def start(database: str, folder: str) -> None:
    """Measure in a process with the settings of a store of its own."""
    settings = {"SECRET_KEY": "x" * 50, "DATABASE_URL": database, "VAR": folder}
    environment = {**os.environ, **{f"GPTSTORE_{name}": value for name, value in settings.items()}}
    environment["DJANGO_SETTINGS_MODULE"] = "gptstore.settings"
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    command = [sys.executable, "-m", "bench.load", *sys.argv[1:], "--here"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=MAX_SECONDS)


def measure(rows: int, days: float) -> dict[str, Any]:
    import django

    django.setup()
    from django.db import connection

    from gptstore.jobs import load
    from gptstore.jobs.database_size import database_size

    fill(rows, days)
    calls: dict[str, Callable[[], object]] = {
        "last hour, first look": lambda: load.LoadHistory().last_hour(),
        "last hour, later looks": load.load_history.last_hour,
        "failed by tool, 24 hours": load.count_failed,
        "queued": load.count_queued,
        "oldest queued": load.oldest_queued,
        "running": load.count_running,
        "size of the database": database_size,
    }
    load.load_history.last_hour()
    size = database_size()
    times = {name: times_of(call) for name, call in calls.items()}
    return {
        "database": connection.vendor,
        "rows": rows,
        "days": days,
        "jobs of the last hour": sum(minute.jobs for minute in load.load_history.last_hour()),
        "estimated": size.jobs,
        "megabytes": size.bytes >> 20,
        "median": {name: round(percentile(found, 50), 2) for name, found in times.items()},
        "best of 50": {name: round(min(found), 2) for name, found in times.items()},
    }


def times_of(call: Callable[[], object]) -> list[float]:
    found = []
    for _ in range(CALLS):
        begun_at = perf_counter()
        call()
        found.append(1000 * (perf_counter() - begun_at))
    return found


def fill(rows: int, days: float) -> None:
    from django.db import connection

    from gptstore.jobs.models import Job
    from harness.rows import make_job, make_tool, make_user

    owner = make_user("ada")
    tools = [make_tool(f"tool-{number}") for number in range(TOOLS)]
    one = make_job(owner, tools[0], completion_tokens=100)
    columns = [field.column for field in Job._meta.fields]
    at = _AT[connection.vendor].format(seconds=f"n * {days * 86400 / rows:.6f}")
    values = {
        "id": _ID[connection.vendor].format(n="n"),
        "tool_id": f"{tools[0].pk} + n % {TOOLS}",
        "status": _STATUS,
        **dict.fromkeys(("created_at", "started_at", "completed_at"), at),
    }
    chosen = ", ".join(values.get(column, f"one.{column}") for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO jobs_job ({', '.join(columns)}) "  # noqa: S608
            f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows}) "
            f"SELECT {chosen} FROM numbers, (SELECT * FROM jobs_job LIMIT 1) AS one".replace("%", "%%"),
            [],
        )
        one.delete()
        cursor.execute("VACUUM ANALYZE jobs_job" if connection.vendor == "postgresql" else "ANALYZE")


if __name__ == "__main__":
    main()
