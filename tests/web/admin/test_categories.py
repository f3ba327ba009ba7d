"""Categories in the admin: one with tools is merged or emptied, never deleted with them."""

import pytest
from django.test import Client

from gptstore.audit.models import AuditEvent
from gptstore.catalog.models import Category, Tool
from harness.rows import make_tool

pytestmark = pytest.mark.django_db
LIST = "/admin/catalog/category/"


@pytest.fixture
def writing() -> Category:
    make_tool("shout", authors_category="writing")
    return make_tool("whisper", authors_category="writing").category


@pytest.mark.parametrize("way", ["page", "post", "action"])
def test_one_with_tools_stays_and_it_is_said_what_to_do(desk: Client, writing: Category, way: str) -> None:
    if way == "action":
        sent = {"action": "delete_selected", "_selected_action": [writing.pk], "post": "yes"}
        answer = desk.post(LIST, sent, follow=True)
    else:
        answer = getattr(desk, "get" if way == "page" else "post")(
            f"{LIST}{writing.pk}/delete/", {"post": "yes"}, follow=True
        )

    assert "These categories have tools: Writing (2). Merge them into another one" in answer.text
    assert Category.objects.filter(pk=writing.pk).exists() and not AuditEvent.objects.exists()


def test_it_is_merged_into_another_one(desk: Client, writing: Category) -> None:
    texts, empty = (Category.objects.create(slug=slug, title=slug.title()) for slug in ("texts", "empty"))
    sent = {"action": "merge", "_selected_action": [writing.pk, empty.pk, texts.pk]}
    page = desk.post(LIST, sent)
    assert page.status_code == 200 and "Writing</bdi> (2)" in page.text

    answer = desk.post(LIST, {**sent, "into": texts.pk}, follow=True)

    assert "2 tools are in Texts now." in answer.text
    assert [*Category.objects.values_list("slug", flat=True)] == ["texts"]
    assert {*Tool.objects.values_list("category__slug", "category_chosen")} == {("texts", True)}
    events = AuditEvent.objects.filter(action="category.merge").order_by("target")
    assert [(event.target, event.details["tools"]) for event in events] == [("Empty", 0), ("Writing", 2)]


def test_the_slug_of_one_that_is_there_stays(desk: Client, writing: Category) -> None:
    desk.post(f"{LIST}{writing.pk}/change/", {"title": "Texts", "slug": "texts", "position": 3})

    writing.refresh_from_db()
    assert (writing.title, writing.slug, writing.position) == ("Texts", "writing", 3)
