"""The numbers and rows that lists of tools are made of follow the catalogue."""

import pytest
from django.contrib.auth.models import AnonymousUser

from gptstore.catalog.models import Category, Tool, ToolTag, Visibility
from gptstore.catalog.tags import keep_tags
from gptstore.catalog.tool_counts import keep_tool_counts
from harness.rows import make_tool, make_user

pytestmark = pytest.mark.django_db


def numbers(slug: str) -> tuple[int, int]:
    """Return those for a guest and for somebody signed in."""
    category = Category.objects.get(slug=slug)
    return category.number_for(AnonymousUser()), category.number_for(make_user(f"somebody{category.public_tools}"))


def test_a_category_counts_what_there_is_to_see() -> None:
    for number in range(3):
        make_tool(f"public{number}")
    make_tool("inside", visibility=Visibility.SIGNED_IN)
    for number, unseen in enumerate(
        [{"enabled": False}, {"installed": False}, {"visibility": "hidden"}, {"visibility": "groups"}]
    ):
        make_tool(f"unseen{number}", **unseen)
    make_tool("other", category="code")
    keep_tool_counts()
    assert numbers("writing") == (3, 4)
    Tool.objects.filter(slug="other").update(category=Category.objects.get(slug="writing"))
    keep_tool_counts()
    assert (numbers("writing"), numbers("code")) == ((4, 5), (0, 0))


def test_a_category_whose_number_is_right_is_not_written(django_assert_num_queries: object) -> None:
    make_tool("one")
    keep_tool_counts()
    with django_assert_num_queries(2):  # type: ignore[operator]
        keep_tool_counts()


def test_the_rows_of_tags_follow_the_tool() -> None:
    tool = make_tool("one", tags=["short", "email", "short", "x" * 81, ""])
    make_tool("two", tags=["email"])

    def tags() -> list[str]:
        return sorted(ToolTag.objects.filter(tool=tool).values_list("tag", flat=True))

    keep_tags([tool])
    assert tags() == ["email", "short", "x" * 80]
    tool.tags = ["email", "letters"]
    keep_tags([tool])
    assert tags() == ["email", "letters"]
