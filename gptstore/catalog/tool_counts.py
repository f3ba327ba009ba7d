"""Keeps how many tools of each category there are to see, for the pages that say so."""

from django.db.models import Count

from gptstore.catalog.models import LISTED, Category, Tool, Visibility


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
