"""A tool's inputs stand in its author's order, whatever the database does with JSON."""

import pytest
from django.test import Client

from gptstore.catalog.models import Tool
from harness.rows import make_tool

NAMES = ["zebra", "text", "a", "longer_than_all"]
SCHEMA = {
    "type": "object",
    "properties": {name: {"type": "string", "title": name.title()} for name in NAMES},
    "additionalProperties": False,
}


@pytest.mark.django_db
def test_names_keep_their_order() -> None:
    example = {"title": "One", "input": dict.fromkeys(NAMES, "x")}
    tool = Tool.objects.get(pk=make_tool(input_schema=SCHEMA, settings_schema=SCHEMA, examples=[example]).pk)

    assert [*tool.input_schema["properties"]] == NAMES
    assert [*tool.settings_schema["properties"]] == NAMES
    assert [*tool.examples[0]["input"]] == NAMES


@pytest.mark.django_db
def test_the_form_asks_in_that_order(client: Client) -> None:
    make_tool("shout", input_schema=SCHEMA)

    page = client.get("/tools/shout/").content.decode()

    places = [page.index(f'name="input-{name}"') for name in NAMES]
    assert places == sorted(places)


@pytest.mark.django_db
def test_nothing_is_no_json() -> None:
    make_tool(settings_schema=None)

    assert Tool.objects.filter(settings_schema__isnull=True).count() == 1
