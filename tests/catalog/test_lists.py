"""Lists of tools, page by page: each tool once, in order, by an index however many there are."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gptstore.catalog.errors import WrongCursor
from gptstore.catalog.lists import (
    FEATURED,
    NEW,
    POPULAR,
    TITLE,
    Order,
    count_up_to,
    first_of_each,
    page_of,
    page_of_tag,
    slice_by_category,
    tagged,
    write_cursor,
)
from gptstore.catalog.models import Category, Tool, ToolQuerySet, ToolTag, Visibility
from gptstore.catalog.tool_counts import keep_tool_counts
from harness.rows import TEXT_SCHEMA, make_tool, make_user

pytestmark = pytest.mark.django_db

GUEST = AnonymousUser()
ORDERS = [POPULAR, NEW, TITLE]


def make_tools(count: int, **values: object) -> list[Tool]:
    """Make tools of which many share their number of runs and their title."""
    category, _created = Category.objects.get_or_create(slug="writing", defaults={"title": "Writing"})
    first = Tool.objects.count()
    tools = Tool.objects.bulk_create(
        Tool(
            **{
                "slug": f"t{first + number}",
                "title": f"Tool {number % 5}",
                "runs_week": number % 3,
                "category": category,
                "input_schema": TEXT_SCHEMA,
                "author": "Ada",
                "tags": ["loud"],
                **values,
            }
        )
        for number in range(count)
    )
    ToolTag.objects.bulk_create(ToolTag(tool=tool, tag=tag) for tool in tools for tag in tool.tags)
    return tools


def walk(find: Callable[[str], object]) -> Iterator[Tool]:
    after = ""
    while True:
        page = find(after)
        yield from page.tools  # type: ignore[attr-defined]
        if not (after := page.after):  # type: ignore[attr-defined]
            return


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.name)
@pytest.mark.parametrize("size", [1, 4, 11, 12])
def test_each_tool_is_on_one_page_in_order(order: Order, size: int) -> None:
    make_tools(11)
    listed = Tool.objects.listed_for(GUEST)
    found = list(walk(lambda after: page_of(listed, order, after, size)))
    assert found == list(listed.order_by(*order.ordering))
    assert len(found) == 11


@pytest.mark.parametrize("size", [1, 3, 7, 50])
def test_slices_follow_each_other_through_the_categories(size: int) -> None:
    # Given three categories, of which one has no tool to see
    for position, slug in enumerate(("last", "first", "empty"), start=1):
        Category.objects.create(slug=slug, title=slug, position=10 - position)
    last, first, empty = (Category.objects.get(slug=slug) for slug in ("last", "first", "empty"))
    make_tools(6, category=last)
    make_tools(8, category=first)
    make_tools(2, category=empty, enabled=False)
    listed = Tool.objects.listed_for(GUEST)
    # When they are read slice by slice
    read = [tool for offset in range(0, 20, size) for tool in slice_by_category(listed, offset, size)]
    # Then each is there once, by category and title
    assert [tool.category.slug for tool in read] == ["first"] * 8 + ["last"] * 6
    assert [tool.pk for tool in read] == [
        tool.pk for tool in sorted(read, key=lambda tool: (tool.category.position, tool.title, tool.pk))
    ]
    assert len({tool.pk for tool in read}) == 14
    assert slice_by_category(listed, 14, size) == []


def test_the_tools_of_a_tag_are_there_once_the_newest_first() -> None:
    make_tools(5)
    make_tools(2, tags=["other"])
    make_tools(1, visibility=Visibility.HIDDEN)
    listed = Tool.objects.listed_for(GUEST)
    found = list(walk(lambda after: page_of_tag(listed, "loud", after, 2)))
    assert [tool.slug for tool in found] == ["t4", "t3", "t2", "t1", "t0"]
    assert count_up_to(tagged(listed, "loud")) == 5
    assert count_up_to(tagged(listed, "loud"), 3) == 4


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.name)
def test_a_list_that_changes_while_it_is_read_shows_what_stayed_once(order: Order) -> None:
    tools = make_tools(6)
    listed = Tool.objects.listed_for(GUEST)
    first = page_of(listed, order, "", 3)
    Tool.objects.filter(pk=first.tools[0].pk).delete()
    make_tool("new", title="Tool 0")
    rest = page_of(listed, order, first.after, 10).tools
    stayed = {tool.pk for tool in tools}
    assert sorted(tool.pk for tool in first.tools + [one for one in rest if one.pk in stayed]) == sorted(stayed)


def cursor(*values: object) -> str:
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "wrong",
    [
        "x",
        "é",
        "=" * 8,
        "A" * 2000,
        cursor(),
        cursor("new", 3),
        cursor("popular", 3),
        cursor("popular", 3, 4, 5),
        cursor("popular", "3", 4),
        cursor("popular", 3, True),
        cursor("popular", -1, 4),
        cursor("popular", 2**63, 4),
        cursor("popular", None, 4),
        urlsafe_b64encode(b"[" * 500).decode(),
    ],
)
def test_a_cursor_that_no_page_gave_is_refused(wrong: str) -> None:
    with pytest.raises(WrongCursor):
        page_of(Tool.objects.listed_for(GUEST), POPULAR, wrong)


@pytest.mark.parametrize("title", ["\0", "\ud800"])
def test_a_cursor_with_what_is_no_text_is_refused(title: str) -> None:
    with pytest.raises(WrongCursor):
        page_of(Tool.objects.listed_for(GUEST), TITLE, cursor("title", title, 4))


def test_the_first_ones_of_several_lists_come_together(django_assert_num_queries: Callable[..., object]) -> None:
    make_tools(9)
    for position, slug in enumerate(["t5", "t1"]):
        Tool.objects.filter(slug=slug).update(featured_position=position)
    listed = Tool.objects.listed_for(GUEST)
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        featured, popular, nothing = first_of_each(
            [
                (listed.filter(featured_position__isnull=False), FEATURED),
                (listed, POPULAR),
                (listed.filter(author="?"), NEW),
            ],
            3,
        )
        assert [tool.category.slug for tool in popular] == ["writing"] * 3
    assert [tool.slug for tool in featured] == ["t5", "t1"]
    assert [tool.slug for tool in popular] == ["t8", "t5", "t2"]
    assert nothing == first_of_each([], 3) == []


def page_in_the_middle(listed: ToolQuerySet, order: Order) -> object:
    return page_of(listed, order, write_cursor(order, Tool.objects.get(slug="t50")))


LISTS: dict[str, Callable[[ToolQuerySet], object]] = {
    **{order.name: partial(page_in_the_middle, order=order) for order in ORDERS},
    "category": lambda listed: page_in_the_middle(
        listed.filter(category=Category.objects.get(slug="writing")), POPULAR
    ),
    "category, new": lambda listed: page_in_the_middle(
        listed.filter(category=Category.objects.get(slug="writing")), NEW
    ),
    "category, title": lambda listed: page_in_the_middle(
        listed.filter(category=Category.objects.get(slug="writing")), TITLE
    ),
    "publisher": lambda listed: page_in_the_middle(listed.filter(author="Ada"), POPULAR),
    "publisher, new": lambda listed: page_in_the_middle(listed.filter(author="Ada"), NEW),
    "tag": lambda listed: page_of_tag(listed, "loud", write_cursor(NEW, Tool.objects.get(slug="t50"))),
    "number of a tag": lambda listed: count_up_to(tagged(listed, "loud"), 50),
    "number of a publisher": lambda listed: count_up_to(listed.filter(author="Ada"), 50),
    "home": lambda listed: first_of_each(
        [
            (listed.filter(featured_position__isnull=False), FEATURED),
            (listed.filter(runs_week__gt=0), POPULAR),
            (listed, NEW),
            (listed.filter(category=Category.objects.get(slug="writing")), POPULAR),
        ],
        6,
    ),
}


def grow(count: int) -> None:
    """Make the catalogue larger, half of it like what the lists here are of.

    Only PostgreSQL has statistics of it, as in a store that runs: nobody gathers those of SQLite.
    """
    make_tools(count // 2)
    other, _created = Category.objects.get_or_create(slug="other", defaults={"title": "Other"})
    make_tools(count // 2, category=other, author="Bob", tags=["quiet"])
    if connection.vendor == "postgresql":
        with connection.cursor() as statement:
            statement.execute("ANALYZE")


@pytest.fixture(params=["guest", "member"])
def listed(request: pytest.FixtureRequest) -> ToolQuerySet:
    """The tools that a person may see."""
    grow(400)
    Tool.objects.filter(slug__in=["t5", "t1"]).update(featured_position=3)
    return Tool.objects.listed_for(make_user("reader") if request.param == "member" else GUEST)


def cost_of(work: Callable[[], object]) -> int:
    """Return what some work costs: tens of steps of SQLite's machine, or the rows that PostgreSQL reads."""
    if connection.vendor == "sqlite":
        steps: list[None] = []
        connection.connection.set_progress_handler(lambda: steps.append(None), 10)
        work()
        connection.connection.set_progress_handler(None, 10)
        return len(steps)
    with CaptureQueriesContext(connection) as captured:
        work()
    rows = 0
    with connection.cursor() as statement:
        for query in list(captured):
            statement.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query['sql']}")
            rows += rows_of(statement.fetchone()[0][0]["Plan"])
    return rows


def rows_of(step: dict[str, Any]) -> int:
    """Return the rows that a step of a plan and those below it read, or sort."""
    rows = step["Actual Rows"] * step["Actual Loops"] + step.get("Rows Removed by Filter", 0)
    own = rows if "Relation Name" in step or step["Node Type"] == "Sort" else 0
    return int(own) + sum(map(rows_of, step.get("Plans", ())))


PASSED_OVER = {"sqlite": 0, "postgresql": 200}
"""Rows that PostgreSQL may read for a page of 24 where it takes the order of another index, with such few rows."""


@pytest.mark.parametrize("name", LISTS)
def test_a_page_costs_the_same_however_many_tools_there_are(listed: ToolQuerySet, name: str) -> None:
    few = cost_of(lambda: LISTS[name](listed))
    grow(2000)
    assert 0 < cost_of(lambda: LISTS[name](listed)) <= max(few * 1.5, PASSED_OVER[connection.vendor])


def test_a_scan_or_a_sort_would_be_seen(listed: ToolQuerySet) -> None:
    few = cost_of(lambda: list(listed.order_by("summary")[:24]))
    grow(2000)
    assert cost_of(lambda: list(listed.order_by("summary")[:24])) > max(few * 3, 4 * PASSED_OVER[connection.vendor])


def test_the_numbers_of_tools_are_counted_by_an_index(listed: ToolQuerySet) -> None:
    with CaptureQueriesContext(connection) as captured:
        keep_tool_counts()
    counting = captured[0]["sql"]
    with connection.cursor() as statement:
        statement.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + counting)
        plan = str(statement.fetchall())
    assert "tool_visibility" in plan
