"""The changes of a tool that bring it to what a `store.toml` says: what admins choose, and settings."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.inputs import check_input
from gptstore.catalog.intake import SLUG_FORM
from gptstore.catalog.limits import check_admin_limits
from gptstore.catalog.models import Tool, ToolSettings
from gptstore.catalog.sync import find_category
from gptstore.catalog.tool_settings import read_given, store_given
from gptstore.releases.errors import ReleaseError
from gptstore.releases.store_change import Cause, Change
from gptstore.releases.store_file import ToolEntry
from gptstore.sdk.text_limits import is_slug

SHOWN = {"featured_position": "featured", "admin_limits": "limits"}


def changes_of_tool(slug: str, entry: ToolEntry, cause: Cause, schemas: Mapping[str, Any]) -> Iterator[Change]:
    """Yield them. schemas: those of settings that are to hold, where they differ from those that hold now."""
    tool = Tool.objects.filter(slug=slug).first()
    if tool is None:
        raise ReleaseError(f"There is no tool {slug} in this store. Deploy its plugin first.")
    yield from changes_of_columns(tool, entry, cause)
    if entry.groups is not None:
        yield from changes_of_groups(tool, entry.groups, cause)
    if entry.settings is not None:
        values = checked_settings(slug, schemas.get(slug, tool.settings_schema), entry)
        given = read_given(tool)
        if changed := sorted(name for name in {*values, *given} if values.get(name) != given.get(name)):
            text = f"{slug}: settings {', '.join(changed)}"
            yield Change(text, partial(give_settings, tool, values, changed, cause))


def changes_of_columns(tool: Tool, entry: ToolEntry, cause: Cause) -> Iterator[Change]:
    """Yield what differs in the tool's own row."""
    wanted: dict[str, Any] = {}
    for name in ("enabled", "visibility"):
        if (value := getattr(entry, name)) is not None:
            wanted[name] = value
    if entry.featured is not None:
        wanted["featured_position"] = None if entry.featured is False else entry.featured
    if entry.limits is not None:
        wanted["admin_limits"] = checked_limits(tool.slug, entry.limits)
    changed = {name: value for name, value in wanted.items() if getattr(tool, name) != value}
    if changed:
        said = ", ".join(say(name, value) for name, value in changed.items())
        yield Change(f"{tool.slug}: {said}", partial(change_columns, tool, changed, cause))
    if entry.category is not None and (not tool.category_chosen or tool.category.slug != entry.category):
        if not is_slug(entry.category):
            raise ReleaseError(f"{tool.slug}: {entry.category!r} is no category. {SLUG_FORM.capitalize()}.")
        yield Change(f"{tool.slug}: category {entry.category}", partial(choose_category, tool, entry.category, cause))


def say(name: str, value: Any) -> str:
    if name == "enabled":
        return "enabled" if value else "disabled"
    return f"{SHOWN.get(name, name)} {shown_value(value)}"


def shown_value(value: Any) -> str:
    if value is None or value == {}:
        return "none"
    return json.dumps(value) if isinstance(value, dict) else str(value)


def checked_limits(slug: str, limits: dict[str, Any]) -> dict[str, Any]:
    try:
        check_admin_limits(limits)
    except ValidationError as error:
        raise ReleaseError(f"The limits of {slug} do not fit: {' '.join(error.messages).rstrip('.')}.") from None
    return limits


def change_columns(tool: Tool, changed: dict[str, Any], cause: Cause) -> None:
    Tool.objects.filter(pk=tool.pk).update(**changed)
    cause.record("tool.change", tool.slug, **changed)


def choose_category(tool: Tool, slug: str, cause: Cause) -> None:
    Tool.objects.filter(pk=tool.pk).update(category=find_category(slug), category_chosen=True)
    cause.record("tool.change", tool.slug, category=slug)


def changes_of_groups(tool: Tool, names: list[str], cause: Cause) -> Iterator[Change]:
    """Yield that the tool gets other groups. One that is not there is made, and has no members yet."""
    if {*names} != {*tool.groups.values_list("name", flat=True)}:
        there = {*Group.objects.filter(name__in=names).values_list("name", flat=True)}
        shown = [name if name in there else f"{name} (new, without members)" for name in sorted({*names})]
        text = f"{tool.slug}: groups {', '.join(shown) or 'none'}"
        yield Change(text, partial(give_groups, tool, sorted({*names}), cause))


def give_groups(tool: Tool, names: list[str], cause: Cause) -> None:
    tool.groups.set([Group.objects.get_or_create(name=name)[0] for name in names])
    cause.record("tool.change", tool.slug, groups=names)


def checked_settings(slug: str, schema: Any, entry: ToolEntry) -> dict[str, Any]:
    if not schema:
        raise ReleaseError(f"The tool {slug} has no settings.")
    try:
        return dict(check_input(schema, entry.values))
    except InvalidInput as invalid:
        places = ", ".join(error["field"] for error in invalid.errors)
        raise ReleaseError(f"The settings of {slug} do not fit: {places}.") from None
    except ReleaseError as error:
        raise ReleaseError(f"{slug}: {error}") from None


def give_settings(tool: Tool, values: dict[str, Any], changed: list[str], cause: Cause) -> None:
    row, _ = ToolSettings.objects.get_or_create(tool=tool, defaults={"plugin": tool.plugin})
    store_given(row, values)
    cause.record("tool.settings", tool.slug, changed=changed)
