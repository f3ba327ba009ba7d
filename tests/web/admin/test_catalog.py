"""The catalogue in the admin: what a sync left out is shown with its reason."""

import pytest
from django.test import Client

from gptstore.catalog.models import BrokenPlugin
from harness.rows import make_tool, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def broken() -> BrokenPlugin:
    return BrokenPlugin.objects.create(name="acme-broken", reason="it was not imported within 10 s")


def test_plugins_that_were_left_out_are_listed_with_their_reasons(admin: Client, broken: BrokenPlugin) -> None:
    page = admin.get("/admin/catalog/brokenplugin/").content.decode()
    assert "acme-broken" in page
    assert "it was not imported within 10 s" in page


@pytest.mark.parametrize("address", ["add/", "{id}/delete/"])
def test_they_are_neither_made_nor_deleted(admin: Client, broken: BrokenPlugin, address: str) -> None:
    assert admin.get("/admin/catalog/brokenplugin/" + address.format(id=broken.id)).status_code == 403


def test_staff_without_the_right_do_not_see_them(client: Client, broken: BrokenPlugin) -> None:
    client.force_login(make_user("staff", is_staff=True))
    assert client.get("/admin/catalog/brokenplugin/").status_code == 403


def test_what_a_tool_takes_is_shown_in_the_letters_of_its_author(admin: Client) -> None:
    tool = make_tool(tags=["翻译", "text"], examples=[{"title": "下雨天", "input": {"text": "<b>我们</b>"}}])
    page = admin.get(f"/admin/catalog/tool/{tool.pk}/change/").text
    assert "翻译, text" in page
    assert "下雨天" in page and "&lt;b&gt;我们&lt;/b&gt;" in page
    assert "\\u6211" not in page
