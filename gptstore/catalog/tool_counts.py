"""How many tools there are to see: kept for each category, for the pages that say so, or counted for one person."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count

from gptstore.accounts.models import User
from gptstore.catalog.models import LISTED, Category, Tool, Visibility, in_groups_of, is_shown_groups, seen_by


def keep_tool_counts() -> None:
    """Count them anew, by an index that holds nothing else. A category's row is written when a number differs."""
    counted = Tool.objects.filter(LISTED, visibility__in=[Visibility.PUBLIC, Visibility.SIGNED_IN]).order_by()
    numbers = {
        (category, seen): n for category, seen, n in counted.values_list("category", "visibility").annotate(Count("pk"))
    }
    for category in Category.objects.only("public_tools", "member_tools"):
        public = numbers.get((category.pk, Visibility.PUBLIC), 0)
        members = public + numbers.get((category.pk, Visibility.SIGNED_IN), 0)
        if (category.public_tools, category.member_tools) != (public, members):
            Category.objects.filter(pk=category.pk).update(public_tools=public, member_tools=members)


def number_in_lists(user: User | AnonymousUser, category: str = "") -> int:
    """Count the tools that lists show to this person, in one category if it is given, by the index of `visibility`."""
    listed = Tool.objects.listed().order_by()
    if category:
        listed = listed.filter(category__slug=category)
    number = listed.filter(visibility__in=seen_by(user)).count()
    return number + listed.filter(in_groups_of(user)).count() if is_shown_groups(user) else number
