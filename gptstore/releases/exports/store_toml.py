"""The `store.toml` of a store as it is now: which releases are live, and what admins chose for tools. No secrets."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from gptstore.catalog.models import Tool, Visibility
from gptstore.catalog.tool_settings import read_given_to_all
from gptstore.releases.models import Release
from gptstore.releases.store_file import PluginEntry, StoreFile, ToolEntry
from gptstore.sdk.intake.secrets import find_in

DECLARED = '"writeOnly": true'
"""The mark of a secret in a schema, however deep it lies."""

BARE = re.compile(r"[A-Za-z0-9_-]+")
"""A key that TOML takes without quotes."""


def store_file_of(live: Iterable[Release]) -> StoreFile:
    """Return the file of these releases, which are live or to be live, and of their tools with all that admins chose.

    Of the tools of installed plugins it names those of which admins chose something.
    """
    releases = {release.plugin.name: release for release in live}
    slugs = {tool["slug"] for release in releases.values() for tool in release.manifest["tools"]}
    tools = [*Tool.objects.select_related("category").prefetch_related("groups").order_by("slug")]
    settings = read_given_to_all(tools)
    entries = {}
    for tool in tools:
        given = settings[tool.slug]
        is_live = tool.slug in slugs and tool.plugin in releases
        if is_live or (tool.installed and not tool.release and is_changed(tool, given)):
            entries[tool.slug] = entry_of(tool, given)
    plugins = {name: PluginEntry(version=release.version) for name, release in sorted(releases.items())}
    return StoreFile(plugins=plugins, tools=entries)


def is_changed(tool: Tool, settings: Mapping[str, Any]) -> bool:
    """Return whether an admin chose something for this tool."""
    plain = (tool.enabled, tool.visibility, tool.featured_position) == (True, Visibility.PUBLIC, None)
    return bool(not plain or tool.category_chosen or tool.admin_limits or settings)


def entry_of(tool: Tool, settings: Mapping[str, Any]) -> ToolEntry:
    return ToolEntry(
        enabled=tool.enabled,
        visibility=Visibility(tool.visibility).value,
        groups=sorted(group.name for group in tool.groups.all()) if tool.visibility == Visibility.GROUPS else None,
        featured=False if tool.featured_position is None else tool.featured_position,
        category=tool.category.slug if tool.category_chosen else None,
        limits=tool.admin_limits,
        settings=without_secrets(tool, settings) if tool.settings_schema and settings else None,
    )


def without_secrets(tool: Tool, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with each secret, and all that holds one, replaced by the name of a variable."""
    properties = (tool.settings_schema or {}).get("properties", {})
    return {
        name: {"env": variable_of(tool.slug, name)} if is_secret(properties[name], value) else value
        for name, value in settings.items()
        if value is not None
    }


def is_secret(schema: Any, value: Any) -> bool:
    """Return whether a setting, or a part of it, was declared as a secret, or looks like a key or a password."""
    return DECLARED in json.dumps(schema) or any(find_in(json.dumps(value, ensure_ascii=False).encode()))


def variable_of(slug: str, name: str) -> str:
    """Return the variable for this setting. Slugs have no underscore, so that no two settings have the same."""
    return f"{slug.replace('-', '_')}__{name}".upper()


def as_toml(store: StoreFile) -> str:
    """Return the file's text, as `StoreFile.parse` reads it."""
    blocks = []
    for table, entries in (("plugins", store.plugins), ("tools", store.tools)):
        for name, entry in entries.items():
            values = entry.model_dump(mode="json", exclude_none=True, exclude_defaults=table == "plugins")
            lines = [f"{as_key(key)} = {as_value(value)}" for key, value in values.items()]
            blocks.append("\n".join([f"[{table}.{as_key(name)}]", *lines]))
    return "\n\n".join(blocks) + "\n"


def as_key(name: str) -> str:
    return name if BARE.fullmatch(name) else as_value(name)


def as_value(value: Any) -> str:
    """Return a value of JSON as TOML has it, without the members that are null: TOML has no such thing."""
    match value:
        case dict():
            members = [f"{as_key(name)} = {as_value(one)}" for name, one in value.items() if one is not None]
            return f"{{ {', '.join(members)} }}" if members else "{}"
        case list():
            return f"[{', '.join(map(as_value, value))}]"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case _:
            return json.dumps(value)
