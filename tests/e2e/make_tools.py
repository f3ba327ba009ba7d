"""Fills the catalogue of the browser tests' store with many tools, or takes them out again: `make_tools 60`."""

import json
import sys

import django

django.setup()

from gptstore.catalog.models import Category, Tool  # noqa: E402
from gptstore.catalog.tags import keep_tags  # noqa: E402
from gptstore.catalog.tool_counts import keep_tool_counts  # noqa: E402
from harness.rows import TEXT_SCHEMA  # noqa: E402


def make(count: int) -> None:
    """Leave that many, in one category of their own. Some ask for rights, and some have long texts."""
    Tool.objects.filter(plugin="acme-many").delete()
    category, _created = Category.objects.get_or_create(slug="letters", defaults={"title": "Letters"})
    tools = Tool.objects.bulk_create(
        Tool(
            slug=f"letter-{number}",
            title=f"Letter {number:02}",
            summary="Writes a letter from a few words. " * (1 + number % 3),
            category=category,
            tags=["letter", "formal" if number % 2 else "friendly"],
            author="Ada & Co" if number % 4 else "A publisher whose name is much longer than that of any other one",
            network=number % 5 == 0,
            input_schema=TEXT_SCHEMA,
            plugin="acme-many",
            version="1.0",
            runs_week=count - number,
            installed=True,
        )
        for number in range(count)
    )
    keep_tags(tools)
    keep_tool_counts()
    if not count:
        category.delete()


make(int(sys.argv[1]))
print(json.dumps(None))
