"""The statements of the admin's lists go by an index, in its order; none reads or sorts all rows. Pages stay small."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.models import Job, Status
from gptstore.releases.models import Plugin, Release, ReleaseStatus
from gptstore.web.admin.lists.keyset_admin import KeysetAdmin
from harness.rows import make_tool, make_user

pytestmark = pytest.mark.django_db

GROWING = ("jobs_job", "catalog_tool", "accounts_user", "accounts_apikey", "audit_auditevent", "releases_release")
ONE_ROW = re.compile(r'WHERE "\w+"\."id" IN \(\d+\)')
MAX_QUERIES, MAX_BYTES = 12, 100_000
ROWS = 5_000
JOBS = "/admin/jobs/job/"
MANY = (
    "owner__id__exact={ada}&tool__id__exact={echo}&status__exact=succeeded&worker__exact=w1&error_code__exact=timeout"
)
LISTS = [
    JOBS,
    f"{JOBS}?after={{middle}}",
    f"{JOBS}?before={{middle}}",
    f"{JOBS}?status__exact=succeeded",
    f"{JOBS}?status__exact=queued&after={{middle}}",
    f"{JOBS}?tool__id__exact={{echo}}&before={{middle}}",
    f"{JOBS}?owner__id__exact={{ada}}&after={{middle}}",
    f"{JOBS}?worker__exact=w1",
    f"{JOBS}?error_code__exact=timeout&after={{middle}}",
    f"{JOBS}?{MANY}",
    f"{JOBS}?q=ada&{MANY}",
    f"{JOBS}?q={{middle}}",
    f"{JOBS}?created_at_from=2026-01-01&created_at_to=2036-01-01",
    "/admin/catalog/tool/",
    "/admin/catalog/tool/?after=tool-02500",
    "/admin/catalog/tool/?q=tool-025&enabled__exact=1",
    "/admin/catalog/tool/?category__id__exact={category}&before=tool-02500",
    "/admin/catalog/tool/?plugin__exact=acme&output__exact=text",
    "/admin/catalog/tool/?enabled__exact=0",
    "/admin/accounts/user/",
    "/admin/accounts/user/?q=person-1&is_active__exact=1",
    "/admin/accounts/user/?is_staff__exact=1&after=person-500",
    "/admin/accounts/apikey/?q=ada",
    "/admin/releases/release/?status=submitted",
    "/admin/releases/release/?status=approved&risk=low",
    "/admin/releases/release/?status=all&after=2026-01-01 10:00:00%2B00:00~5",
    "/admin/audit/auditevent/",
    "/admin/autocomplete/?app_label=jobs&model_name=job&field_name=tool&term=tool-0",
    "/admin/autocomplete/?app_label=jobs&model_name=job&field_name=owner&term=",
]
Address = Callable[[str], str]


@pytest.fixture
def address(desk: Client) -> Address:
    """Fill 5,000 tools and 5,000 jobs. Return the address of a list with what stands in braces."""
    ada, echo = make_user("ada"), make_tool("echo", plugin="acme")
    User.objects.bulk_create(User(username=f"person-{n}", skeleton=f"person-{n}") for n in range(1000))
    Tool.objects.bulk_create(
        Tool(
            slug=f"tool-{n:05}",
            title=f"Tool {n}",
            summary="It does.",
            category=echo.category,
            input_schema={},
            plugin="a",
        )
        for n in range(ROWS)
    )
    job = {"owner": ada, "tool": echo, "input": {"text": "x" * 500}, "output": "y" * 2000, "worker": "w1"}
    made = Job.objects.bulk_create((Job(status=Status.SUCCEEDED, **job) for _ in range(ROWS)), batch_size=1000)
    plugin = Plugin.objects.create(name="acme")
    release = {"plugin": plugin, "size": 1, "manifest": {}, "status": ReleaseStatus.APPROVED}
    versions = [(f"1.{n}", f"acme@1.{n}", str(n)) for n in range(ROWS)]
    Release.objects.bulk_create(Release(version=a, key=b, sha256=c, **release) for a, b, c in versions)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "postgresql" else "SELECT 1")
    names = {"ada": ada.pk, "echo": echo.pk, "category": echo.category_id, "middle": made[ROWS // 2].pk}
    return lambda text: text.format(**names)


@pytest.fixture(autouse=True)
def short_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page looks at a tenth of the rows, as it does of a hundred thousand."""
    monkeypatch.setattr(KeysetAdmin, "max_looked", ROWS // 10)


def plan(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            return [row[3] for row in cursor.fetchall()]
        for way in ("seqscan", "sort", "hashjoin"):  # which pay with a table as small as this one
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {statement}")
        return [row[0] for row in cursor.fetchall()]


def is_costly(step: str) -> bool:
    """Return whether a step reads all of a table that grows, or sorts what it found."""
    if connection.vendor == "sqlite":
        words = step.split()
        return "TEMP B-TREE FOR ORDER BY" in step or (words[0] == "SCAN" and words[1] in GROWING and len(words) == 2)
    sorts = step.strip().startswith(("Sort  (", "->  Sort  (")) and "rows=1 " not in step
    return sorts or any(f"Seq Scan on {table}" in step for table in GROWING)


def costly(statements: list[str]) -> list[str]:
    return [
        f"{statement}\n  {steps}"
        for statement in statements
        if any(f'FROM "{table}"' in statement for table in GROWING)
        and not ONE_ROW.search(statement)
        and any(map(is_costly, steps := plan(statement)))
    ]


def test_no_list_reads_or_sorts_all_rows(desk: Client, address: Address) -> None:
    for name in LISTS:
        with CaptureQueriesContext(connection) as captured:
            response = desk.get(address(name))

        assert response.status_code == 200, name
        assert len(captured) <= MAX_QUERIES, name
        assert len(response.content) <= MAX_BYTES, name
        statements = [query["sql"] for query in captured]
        assert not any("COUNT(" in one and "LIMIT" not in one for one in statements), name
        assert costly(statements) == [], name


def test_a_scan_and_a_sort_would_be_seen(address: Address) -> None:
    for rows in (Job.objects.filter(error_message="x").order_by(), Job.objects.order_by("error_message")[:10]):
        with CaptureQueriesContext(connection) as captured:
            list(rows)
        assert costly([captured[0]["sql"]])


FEW_STEPS = 10


def test_a_page_costs_the_same_with_more_jobs(desk: Client, address: Address) -> None:
    if connection.vendor == "postgresql":
        return  # it counts the steps of SQLite's machine; the plans of both are held above
    addresses = [address(name) for name in LISTS if name.startswith(JOBS)]
    few = [steps_of(lambda: desk.get(one)) for one in addresses]  # noqa: B023 - called at once
    one = Job.objects.all()[0]
    copies = {"owner": one.owner, "tool": one.tool, "input": {}, "status": one.status, "worker": "w1"}
    Job.objects.bulk_create((Job(**copies) for _ in range(ROWS * 2)), batch_size=1000)

    for name, before in zip(addresses, few, strict=True):
        assert 0 < steps_of(lambda: desk.get(name)) <= before * 1.3 + FEW_STEPS, name  # noqa: B023


def steps_of(work: Callable[[], object]) -> int:
    steps: list[None] = []
    connection.connection.set_progress_handler(lambda: steps.append(None), 10)
    work()
    connection.connection.set_progress_handler(None, 1)
    return len(steps)
