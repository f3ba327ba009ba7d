"""The list of tools by cursors: each tool once, at the same cost wherever a page is."""

import pytest
from django.test import Client

from gptstore.catalog.models import Tool, Visibility
from harness.rows import make_tool

pytestmark = pytest.mark.django_db

TOOLS = "/api/v1/tools"


@pytest.fixture(autouse=True)
def tools() -> list[Tool]:
    titles = [("b", "Beta"), ("a", "Alpha"), ("d", "Beta"), ("c", "写信助手"), ("e", "Alpha")]
    return [make_tool(slug, title=title, category="code" if slug == "e" else "writing") for slug, title in titles]


def walk(client: Client, **query: object) -> list[list[str]]:
    """Return the slugs of each page."""
    pages, cursor = [], ""
    while cursor is not None:
        answer = client.get(TOOLS, {**query, "cursor": cursor})
        assert answer.status_code == 200, answer.content
        page = answer.json()
        pages.append([tool["slug"] for tool in page["items"]])
        cursor = page["next_cursor"]
    return pages


def test_each_tool_comes_once_by_title(client: Client) -> None:
    make_tool("f", visibility=Visibility.HIDDEN, enabled=False)
    assert walk(client, limit=2) == [["a", "e"], ["b", "d"], ["c"]]
    assert walk(client, limit=5) == [["a", "e", "b", "d", "c"]]
    assert walk(client, limit=2, category="writing") == [["a", "b"], ["d", "c"]]


def test_what_a_search_finds_is_read_so_too(client: Client) -> None:
    pages = walk(client, limit=1, search="beta")
    assert sorted(slug for page in pages for slug in page) == ["b", "d"]
    assert all(len(page) <= 1 for page in pages)


def test_pages_by_offset_are_what_they_were(client: Client) -> None:
    page = client.get(TOOLS, {"limit": 2, "offset": 1}).json()
    assert (len(page["items"]), page["count"], page["next_cursor"]) == (2, 5, None)


@pytest.mark.parametrize("cursor", ["x", "%00", "A" * 2000, "0-1"])
def test_a_cursor_that_no_page_gave_is_told_of(client: Client, cursor: str) -> None:
    answer = client.get(f"{TOOLS}?cursor={cursor}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "cursor"
