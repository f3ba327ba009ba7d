"""The tools of deployed releases: the catalogue has them from the stored manifest of the release that is live."""

from copy import copy
from typing import Any

from django.db import transaction

from gptstore.catalog.limits import given_limits
from gptstore.catalog.models import Tool
from gptstore.catalog.plugins import check_slugs
from gptstore.catalog.sync import COLUMNS, seed_categories, store_tools, value_for
from gptstore.catalog.tool_counts import keep_tool_counts

FOR_READERS = ("description", "examples", "translations", "icon")
"""The fields of a tool in a manifest that no run reads, and which may be long."""


@transaction.atomic
def store_deployed(manifest: dict[str, Any], key: str) -> list[Tool]:
    """Store the tools of the release with this key; new runs of them are its. Raises SlugTaken, ValidationError."""
    seed_categories()
    check_slugs(manifest)
    tools = store_tools(manifest, [manifest["name"]])
    its = Tool.objects.filter(plugin=manifest["name"])
    kept = [tool.slug for tool in tools]
    its.filter(slug__in=kept).update(release=key, canary=None)
    its.exclude(slug__in=kept).update(installed=False, canary=None)
    keep_tool_counts()
    return tools


def withdraw_deployed(plugin: str) -> None:
    """Take the tools of a plugin out of the catalogue; `manage.py sync_tools` brings back what is installed."""
    Tool.objects.filter(plugin=plugin).exclude(release="").update(installed=False, release="", canary=None)
    keep_tool_counts()


def share_runs(manifest: dict[str, Any], key: str, share: int) -> list[str]:
    """Give a share of new runs, in percent, to the release with this key, beside the live one; 0 ends that.

    Return the slugs of the tools that it is shared for: those that take the same settings.
    """
    shared = []
    for tool in Tool.objects.filter(plugin=manifest["name"], installed=True).exclude(release=""):
        described = next((one for one in manifest["tools"] if one["slug"] == tool.slug), None)
        if share and described and described.get("settings_schema") == tool.settings_schema:
            needed = {name: value for name, value in described.items() if name not in FOR_READERS}
            tool.canary = {"key": key, "version": manifest["version"], "share": share, "tool": needed}
            shared.append(tool.slug)
        elif tool.canary and tool.canary["key"] == key:
            tool.canary = None
        tool.save(update_fields=["canary"])
    return shared


def as_released(tool: Tool, described: dict[str, Any], version: str, key: str) -> Tool:
    """Return a tool as the release with this key has it, to run that. It is not stored.

    described: the tool in the release's manifest.
    """
    other = copy(tool)
    for column in COLUMNS:
        if not column.is_relation:
            setattr(other, column.name, value_for(column, described))
    other.limits, other.version, other.release, other.canary = given_limits(described), version, key, None
    return other
