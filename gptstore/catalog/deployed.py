"""The tools of deployed releases: the catalogue has them from the stored manifest of the release that is live."""

from typing import Any

from django.db import transaction

from gptstore.catalog.models import Tool
from gptstore.catalog.plugins import check_slugs
from gptstore.catalog.sync import seed_categories, store_tool


@transaction.atomic
def store_deployed(manifest: dict[str, Any], key: str) -> list[Tool]:
    """Store the tools of the release with this key; new runs of them are its. Raises SlugTaken, ValidationError."""
    seed_categories()
    check_slugs(manifest)
    tools = [store_tool(tool, manifest, [manifest["name"]]) for tool in manifest["tools"]]
    its = Tool.objects.filter(plugin=manifest["name"])
    kept = [tool.slug for tool in tools]
    its.filter(slug__in=kept).update(release=key)
    its.exclude(slug__in=kept).update(installed=False)
    return tools


def withdraw_deployed(plugin: str) -> None:
    """Take the tools of a plugin out of the catalogue; `manage.py sync_tools` brings back what is installed."""
    Tool.objects.filter(plugin=plugin).exclude(release="").update(installed=False, release="")
