"""No search reads all tools, all entries or all words, however many there are."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gptstore.accounts.models import User
from gptstore.catalog import sync
from gptstore.catalog.index.place import place_of
from gptstore.catalog.models import Tool
from gptstore.catalog.search.find import find
from gptstore.catalog.search.levels import Filters
from harness.rows import TEXT_SCHEMA, make_tool, make_user

pytestmark = pytest.mark.django_db
READ = re.compile(
    r"(Seq Scan|Index Scan|Index Only Scan)\b.* on (catalog_tool|catalog_searchword|catalog_tooltag)\b"
    r"|Seq Scan on catalog_searchentry"
)
"""The entries may be read in the order of their places: when many fit, the first of them are soon found."""

TABLES = ("catalog_tool", "catalog_searchentry", "catalog_searchword", "catalog_tooltag")


def plan_of(statement: str) -> str:
    """Return the plan; in PostgreSQL that of a table with many rows, which a test does not have."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            return "\n".join(row[3] for row in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {statement}")
        return "\n".join(row[0] for row in cursor.fetchall())


def scans(plan: str) -> list[str]:
    """Return the lines of a plan that read a table from end to end, or sort what FTS5 has in order."""
    if connection.vendor == "postgresql":
        steps = plan.split("->")
        return [step for step in steps if READ.search(step) and "Cond:" not in step]
    lines = [line for line in plan.splitlines() if line.startswith("SCAN ") and line.split()[1] in TABLES]
    if "catalog_searchtext" in plan:
        lines += [line for line in plan.splitlines() if "TEMP B-TREE" in line]
    return lines


def statements_of(work: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        work()
    return [query["sql"] for query in captured if query["sql"].startswith(("SELECT", "UPDATE"))]


@pytest.fixture
def tools() -> list[Tool]:
    return [make_tool(f"shout-{number}", tags=["loud"], translations={"zh": {}}) for number in range(8)]


@pytest.mark.parametrize("query", ["shout", "s", "shout loud", "翻译", "writing", "shuot", "says a text"])
@pytest.mark.parametrize("signed_in", [False, True])
def test_a_search_reads_what_it_finds_and_no_more(
    tools: list[Tool], query: str, signed_in: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gptstore.catalog.search.find.FEW", 2)
    listed = Tool.objects.listed_for(make_user() if signed_in else AnonymousUser())

    def search() -> None:
        found = find(listed, query, filters=Filters(), limit=3)
        assert found.count <= 8
        find(listed, query, limit=3, after=found.after)

    statements = statements_of(search)

    assert len(statements) <= 30
    assert any("catalog_search" in statement for statement in statements)
    assert {statement: scans(plan_of(statement)) for statement in statements if scans(plan_of(statement))} == {}


def test_filters_are_in_the_index(tools: list[Tool]) -> None:
    filters = Filters("writing", "loud", "zh", "text", "")
    statements = statements_of(lambda: find(Tool.objects.listed(), "", filters=filters))

    assert [scans(plan_of(statement)) for statement in statements] == [[]] * len(statements)
    assert len(find(Tool.objects.listed(), "", filters=filters).tools) == 8


def test_the_measure_of_a_scan_finds_one(tools: list[Tool]) -> None:
    statement = statements_of(lambda: list(Tool.objects.filter(summary__contains="x").order_by().values_list("pk")))[0]

    assert scans(plan_of(statement)) != []


def test_the_few_of_a_search_cost_as_many_queries_as_one(tools: list[Tool]) -> None:
    number = len(statements_of(lambda: find(Tool.objects.listed(), "shout-3")))

    assert len(statements_of(lambda: find(Tool.objects.listed(), "shout"))) == number <= 6


def test_a_sync_that_changes_nothing_takes_few_queries_however_many_tools_a_plugin_has() -> None:
    def manifest(number: int) -> dict[str, object]:
        tool = {"title": "T", "summary": "S", "description": "", "category": "fun", "tags": ["a"], "output": "text"}
        tools = [{**tool, "slug": f"t{n}", "input_schema": TEXT_SCHEMA, "examples": []} for n in range(number)]
        return {"manifests": [{"name": "p", "version": "1", "author": "A", "tools": tools}], "broken": []}

    assert sync.store(manifest(2)).broken == []
    few = len(statements_of(lambda: sync.store(manifest(2))))
    sync.store(manifest(40))

    assert len(statements_of(lambda: sync.store(manifest(40)))) == few
    assert place_of(0, 0, Tool.objects.get(slug="t39").pk) == Tool.objects.get(slug="t39").search_entry.place


def test_a_page_goes_on_beyond_tools_that_its_reader_may_not_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gptstore.catalog.search.find.FEW", 2)
    monkeypatch.setattr("gptstore.catalog.search.find.MAX_EXAMINED", 6)
    seen = make_tool("shout")
    for number in range(20):
        make_tool(f"shout-{number}", visibility="signed_in", runs_week=number + 1)
    pages, after = [], ""
    while True:
        found = find(Tool.objects.listed_for(AnonymousUser()), "shout", limit=3, after=after)
        pages.append(found.tools)
        if not (after := found.after):
            break

    assert [tool for page in pages for tool in page] == [seen]
    assert 1 < len(pages) < 10
    assert User.objects.count() == 0
