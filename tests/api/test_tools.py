from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client

from gptstore.catalog.limits import NAMES
from gptstore.catalog.models import Category, Tool, ToolSettings
from gptstore.catalog.tool_settings import store_given
from harness.rows import make_tool
from tests.api.conftest import SCHEMA

SETTINGS = {
    "type": "object",
    "properties": {"key": {"type": "string", "title": "Key", "minLength": 1}},
    "required": ["key"],
}


def test_limits_are_those_that_hold(guest: Client, shout: Tool) -> None:
    Tool.objects.update(max_seconds=90, limits={"max_log_lines": 5}, admin_limits={"max_seconds": 60, "max_disk_mb": 1})
    found = guest.get("/api/v1/tools/shout").json()
    assert (found["max_seconds"], found["limits"]["max_log_lines"], found["limits"]["max_disk_mb"]) == (60, 5, 1)


@pytest.mark.django_db
def test_the_list_takes_as_many_queries_for_many_tools_with_settings_as_for_one(
    guest: Client, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    with_settings = [make_tool(f"tool-{number}", settings_schema=SETTINGS) for number in range(3)]
    for tool in with_settings[:2]:
        store_given(ToolSettings(tool=tool), {"key": "k"})
    ToolSettings.objects.filter(tool=with_settings[1]).update(plugin="another-plugin")

    with django_assert_num_queries(4):
        items = guest.get("/api/v1/tools").json()["items"]

    assert [item["unavailable"] is None for item in items] == [True, False, False]


def test_a_guest_reads_the_catalogue(guest: Client, shout: Tool) -> None:
    answer = guest.get("/api/v1/tools")

    assert answer.status_code == 200
    assert answer.json() == {
        "items": [
            {
                "slug": "shout",
                "title": "Shout",
                "summary": "Says a text louder.",
                "description": "Every letter becomes a capital letter.",
                "category": "writing",
                "tags": ["loud", "été"],
                "output": "text",
                "language": None,
                "language_input": None,
                "max_seconds": None,
                "limits": dict.fromkeys(NAMES),
                "network": False,
                "unavailable": None,
                "input_schema": SCHEMA,
                "examples": [{"title": "Hello", "input": {"text": "hello"}}],
                "version": "1.2.3",
                "author": "Ada",
                "plugin": "gptstore-shout",
                "urls": {
                    "get": "http://testserver/api/v1/tools/shout",
                    "jobs": "http://testserver/api/v1/tools/shout/jobs",
                    "web": "http://testserver/tools/shout/",
                    "icon": None,
                },
            }
        ],
        "count": 1,
        "next_cursor": None,
    }


def test_one_tool_looks_as_in_the_list(guest: Client, shout: Tool) -> None:
    assert guest.get("/api/v1/tools/shout").json() == guest.get("/api/v1/tools").json()["items"][0]


def test_a_tool_says_how_long_a_run_may_take(guest: Client, shout: Tool) -> None:
    Tool.objects.update(max_seconds=90)

    assert guest.get("/api/v1/tools/shout").json()["max_seconds"] == 90


def test_a_tool_says_what_else_a_run_may_take(guest: Client, shout: Tool) -> None:
    Tool.objects.update(limits={"max_memory_mb": 64, "max_model_tokens": 5000})

    assert guest.get("/api/v1/tools/shout").json()["limits"] == {
        "max_memory_mb": 64,
        "max_disk_mb": None,
        "max_output_bytes": None,
        "max_model_tokens": 5000,
        "max_log_lines": None,
    }


def test_a_tool_says_that_it_asks_for_the_network(guest: Client, shout: Tool) -> None:
    Tool.objects.update(network=True)

    assert guest.get("/api/v1/tools/shout").json()["network"] is True


@pytest.mark.parametrize("field", ["enabled", "installed"])
def test_a_tool_that_is_not_offered_is_not_there(guest: Client, api: Client, shout: Tool, field: str) -> None:
    Tool.objects.update(**{field: False})

    assert guest.get("/api/v1/tools").json() == {"items": [], "count": 0, "next_cursor": None}
    assert guest.get("/api/v1/tools/shout").status_code == 404
    assert api.post("/api/v1/tools/shout/jobs", {"input": {"text": "x"}}, "application/json").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=SHOU", 1),
        ("search=louder", 1),
        ("search=%C3%89T%C3%89", 1),
        ("search=shout+louder", 1),
        ("search=whisper", 0),
        ("search=shout+whisper", 0),
        ("category=writing", 1),
        ("category=code", 0),
        ("category=writing&search=whisper", 0),
        ("search=hsout", 1),
        ("tag=%C3%A9t%C3%A9", 1),
        ("tag=%C3%A9t", 0),
        ("tag=loud&search=sho", 1),
        ("tag=quiet&search=sho", 0),
        ("language=en", 1),
        ("language=zh", 0),
        ("output=text&publisher=Ada", 1),
        ("output=code&publisher=Ada", 0),
        ("publisher=Ada&search=louder&category=writing&tag=loud&output=text&language=en", 1),
        ("publisher=Bob", 0),
    ],
)
def test_tools_are_found_by_words_and_category(guest: Client, shout: Tool, query: str, found: int) -> None:
    answer = guest.get(f"/api/v1/tools?{query}").json()

    assert (answer["count"], len(answer["items"])) == (found, found)


@pytest.mark.parametrize("query", ["search=t", "publisher=Ada", "search=t&tag=loud"])
def test_pages_of_a_search_are_by_use_and_end_at_a_thousand(guest: Client, writing: Category, query: str) -> None:
    for number in range(5):
        make_tool(f"t{number}", title=f"T{number}", author="Ada", tags=["loud"], runs_week=number)

    pages = [guest.get(f"/api/v1/tools?{query}&limit=2&offset={offset}").json() for offset in (0, 2, 4, 6, 10**9)]

    found = [[tool["slug"] for tool in page["items"]] for page in pages]
    assert found == [["t4", "t3"], ["t2", "t1"], ["t0"], [], []]
    assert {page["count"] for page in pages} == {5}


def test_a_page_is_a_part_and_count_is_the_whole(guest: Client, writing: Category) -> None:
    for number in range(5):
        make_tool(f"t{number}", title=f"T{number}", input_schema=SCHEMA)

    pages = [guest.get(f"/api/v1/tools?limit=2&offset={offset}").json() for offset in (0, 2, 4, 6)]

    assert [[tool["slug"] for tool in page["items"]] for page in pages] == [["t0", "t1"], ["t2", "t3"], ["t4"], []]
    assert {page["count"] for page in pages} == {5}
