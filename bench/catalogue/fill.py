"""Fills a store's database with tools and with runs of many people. Needs Django's settings."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from django.db import connection
from django.db.models import F

from bench.catalogue.texts import vary
from bench.jobs.rows import copies
from gptstore.accounts.models import User
from gptstore.catalog.index.index import rebuild
from gptstore.catalog.models import Category, Tool
from gptstore.catalog.tool_counts import keep_tool_counts
from gptstore.jobs.models import Job, Status
from harness.rows import make_job, make_user

BATCH = 2_000
VARIED = 5_000
TOOLS_BATCH = 10_000
JOBS_BATCH = 50_000
TEXTS = 500
DAYS_MS = 90 * 24 * 3600 * 1000
KEPT_OUT = ("id", "category", "created_at", "updated_at")
LONG = "CAST(n AS bigint)"
MOMENT = f"{{start}} + {LONG} * {{step}}"
NEW_ID = {
    "postgresql": f"CAST(lpad(to_hex({MOMENT}), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0') AS uuid)",
    "sqlite": f"printf('%%012x70008000%%012x', {MOMENT}, n)",
}
TAGS = {
    "postgresql": "INSERT INTO catalog_tooltag (tool_id, tag) SELECT DISTINCT tool.id, tag "
    "FROM catalog_tool AS tool, jsonb_array_elements_text(tool.tags) AS tag ON CONFLICT DO NOTHING",
    "sqlite": "INSERT OR IGNORE INTO catalog_tooltag (tool_id, tag) "
    "SELECT tool.id, tag.value FROM catalog_tool AS tool, json_each(tool.tags) AS tag",
}
NEW_TIME = {
    "postgresql": f"to_timestamp(({MOMENT}) / 1000.0)",
    "sqlite": f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', ({MOMENT}) / 1000.0, 'unixepoch')",
}


def fill(tools: int, jobs: int, people: int) -> dict[str, float]:
    """Add so many rows. Return the seconds that each part took."""
    return {
        "people": timed(lambda: add_people(people), f"{people} people"),
        "tools": timed(lambda: add_tools(tools), f"{tools} tools"),
        "index": timed(lambda: index_tools(tools), "the index of search"),
        "jobs": timed(lambda: add_jobs(jobs, people), f"{jobs} jobs"),
        "statistics": timed(analyze, "statistics"),
    }


def timed(work: Callable[[], object], name: str) -> float:
    begun = perf_counter()
    work()
    taken = perf_counter() - begun
    print(f"{name}: {taken:.0f} s", file=sys.stderr)
    return taken


def add_people(count: int) -> None:
    names = (f"crowd-{number}" for number in range(count))
    User.objects.bulk_create((User(username=name, password="!") for name in names), batch_size=BATCH)  # noqa: S106


def add_tools(count: int) -> None:
    """Add tools like those that the plugins brought, with their tags, and what is kept of them.

    The first VARIED are made one by one; the others are copies of these with names of their own.
    """
    real = [columns(tool) for tool in Tool.objects.order_by("id")]
    categories = [*Category.objects.order_by("id")]
    varied = Tool.objects.bulk_create(
        (
            Tool(category=categories[number % len(categories)], **vary(real[number % len(real)], number))
            for number in range(min(count, VARIED))
        ),
        batch_size=BATCH,
    )
    first, names = varied[0].pk, [field.column for field in Tool._meta.concrete_fields if not field.primary_key]
    changed = {"title": "substr(one.title, 1, 68) || ', ' || n", "slug": "one.slug || '-' || n"}
    changed["plugin"] = "substr(one.plugin, 1, 60) || '-' || n / 3"
    values = ", ".join(changed.get(name, f"one.{name}") for name in names)
    for begin in range(len(varied), count, TOOLS_BATCH):
        last = min(begin + TOOLS_BATCH, count) - 1
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO catalog_tool ({', '.join(names)}) "  # noqa: S608
                f"WITH RECURSIVE numbers(n) AS (SELECT {begin} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last}) "
                f"SELECT {values} FROM numbers JOIN catalog_tool AS one ON one.id = {first} + n % {len(varied)}"
            )
        show(last + 1, count, "tools")
    with connection.cursor() as cursor:
        cursor.execute(TAGS[connection.vendor])
    keep_tool_counts()


def index_tools(count: int) -> None:
    """Write the index of search, which statements in SQL go past."""
    for done in rebuild(Tool):
        show(min(done, count), count, "tools in the index")


def columns(tool: Tool) -> dict[str, Any]:
    names = (field.name for field in Tool._meta.concrete_fields if field.name not in KEPT_OUT)
    return {name: getattr(tool, name) for name in names}


def add_jobs(count: int, people: int) -> None:
    """Add finished jobs of the last ninety days. One in fifty failed; each person has as many, the tools do not."""
    add_texts()
    tools, owners = [*Tool.objects.order_by("id").values_list("id", flat=True)], people or 1
    first_owner = User.objects.filter(username="crowd-0").values_list("id", flat=True).get()
    tool = Tool.objects.get(pk=tools[0])
    job = make_job(make_user("model"), tool, Status.SUCCEEDED)
    now = int(time.time() * 1000)
    places = {"start": now - DAYS_MS, "step": max(1, DAYS_MS // max(1, count))}
    turn = f"(n / {owners})"  # the number of a job among those of its owner
    moment = NEW_TIME[connection.vendor].format(**places)
    changed = {
        "id": NEW_ID[connection.vendor].format(**places),
        "owner_id": f"{first_owner} + n %% {owners}",
        "tool_id": f"{tools[0]} + ({turn} + {LONG} * 7919) %% (CASE {turn} %% 2 WHEN 0 THEN 10 ELSE {len(tools)} END)",
        "status": "CASE n %% 50 WHEN 7 THEN 'failed' ELSE 'succeeded' END",
        "error_code": "CASE n %% 50 WHEN 7 THEN 'timeout' ELSE '' END",
        "input": f"(SELECT input FROM bench_texts WHERE id = {turn} %% {TEXTS})",  # noqa: S608
        "output": f"(SELECT output FROM bench_texts WHERE id = ({turn} * 7) %% {TEXTS})",  # noqa: S608
        "counted": "TRUE",
        **dict.fromkeys(("created_at", "started_at", "completed_at"), moment),
    }
    names = [field.column for field in Job._meta.concrete_fields]
    where = f"id = '{job.pk.hex if connection.vendor == 'sqlite' else job.pk}'"
    for first in range(0, count, JOBS_BATCH):
        size = min(JOBS_BATCH, count - first)
        with connection.cursor() as cursor:
            cursor.execute(copies("jobs_job", names, changed, where, first, size), [])
        show(first + size, count, "jobs")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_texts")
    job.delete()
    Tool.objects.filter(pk__in=tools[:10]).update(runs=F("runs") + count // 20, runs_week=F("runs_week") + count // 250)


def add_texts() -> None:
    """Keep the inputs and outputs of jobs in a table, while the jobs are made."""
    with connection.cursor() as cursor:
        kind = "jsonb" if connection.vendor == "postgresql" else "text"
        cursor.execute(f"CREATE TABLE bench_texts (id integer PRIMARY KEY, input {kind}, output text)")
        cursor.executemany("INSERT INTO bench_texts VALUES (%s, %s, %s)", [*job_texts()])


def job_texts() -> Iterator[tuple[int, str, str]]:
    """Yield inputs and outputs: the descriptions of tools, as texts of ordinary length."""
    found = [*Tool.objects.order_by("id").values_list("description", "summary")[:TEXTS]]
    for number in range(TEXTS):
        description, summary = found[number % len(found)]
        yield number, json.dumps({"text": f"{description[:600]} {number}"}), f"{summary} {description[:1200]} {number}"


def show(done: int, count: int, what: str) -> None:
    print(f"{done} of {count} {what}", file=sys.stderr)


def analyze() -> None:
    """Do the database's own housekeeping, which would have followed so many new rows."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)")
