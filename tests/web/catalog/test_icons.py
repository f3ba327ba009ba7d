"""Icons of tools: from a manifest to the catalogue, the page of the tool and the API."""

import copy
from typing import Any

import pytest
from django.test import Client

from gptstore.catalog import sync
from gptstore.catalog.models import BrokenPlugin, Tool, ToolIcon
from gptstore.sdk.cli.draw_icon import draw_icon
from gptstore.sdk.icon import SVG, make_url
from tests.catalog.test_sync import MANIFEST, TOOL, described

pytestmark = pytest.mark.django_db

OWL = draw_icon("shout", "Owl")


def stored(icon: str, **values: Any) -> Tool:
    manifest = {**MANIFEST, "tools": [{**TOOL, "icon": icon, **values}]}
    sync.store(described(copy.deepcopy(manifest)))
    return Tool.objects.get(slug="shout")


def test_an_icon_is_served_as_a_picture_that_can_do_nothing(client: Client) -> None:
    tool = stored(make_url(SVG, OWL.encode()))

    current, older = client.get(tool.icon_path), client.get("/tools/shout/icon?v=0")

    assert current.content.decode() == OWL
    assert current["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert current["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "sandbox" in current["Content-Security-Policy"]
    assert current["X-Content-Type-Options"] == "nosniff"
    assert current["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in current and "Cookie" not in current.get("Vary", "")
    assert (older.content, older["Cache-Control"]) == (current.content, "no-cache")


def test_pages_and_api_show_it_and_never_hold_it(client: Client) -> None:
    tool = stored(make_url(SVG, OWL.encode()))

    pages = [client.get("/").content.decode(), client.get("/tools/shout/").content.decode()]
    listed = client.get("/api/v1/tools/shout").json()["urls"]["icon"]

    for page in pages:
        assert f'<img src="{tool.icon_path}" alt=""' in page
        assert OWL.splitlines()[1].strip() not in page
    assert listed == f"http://testserver{tool.icon_path}"


def test_a_tool_without_one_has_the_one_of_its_category(client: Client) -> None:
    stored("")

    assert '<svg class="tool-art"' in client.get("/tools/shout/").content.decode()
    assert client.get("/api/v1/tools/shout").json()["urls"]["icon"] is None
    assert client.get("/tools/shout/icon").status_code == 404


def test_the_next_sync_changes_it_and_takes_it_away() -> None:
    first = stored(make_url(SVG, OWL.encode())).icon_path
    second = stored(make_url(SVG, draw_icon("shout", "Bat").encode())).icon_path
    third = stored("").icon_path

    assert len({first, second, third}) == 3
    assert (third, ToolIcon.objects.count()) == ("", 0)


def test_the_icon_of_a_hidden_tool_is_hidden(client: Client) -> None:
    tool = stored(make_url(SVG, OWL.encode()))
    Tool.objects.update(enabled=False)

    assert client.get(tool.icon_path).status_code == 404


def test_a_store_checks_again_what_a_plugins_process_wrote() -> None:
    hostile = OWL.replace("</svg>", "<script>alert(1)</script></svg>")

    sync.store(described({**MANIFEST, "tools": [{**TOOL, "icon": make_url(SVG, hostile.encode())}]}))

    assert not Tool.objects.filter(slug="shout").exists()
    assert "The icon of shout has the element <script>." in BrokenPlugin.objects.get().reason
