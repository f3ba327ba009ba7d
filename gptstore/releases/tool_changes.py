"""The changes of a tool that bring it to what a `store.toml` says: what admins decide, and settings."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.inputs import check_input
from gptstore.catalog.models import Tool, ToolSettings
from gptstore.catalog.tool_settings import read_given, store_given
from gptstore.releases.errors import ReleaseError
from gptstore.releases.store_change import Cause, Change
from gptstore.releases.store_file import ToolEntry
from gptstore.releases.store_tools import changes_of_decisions, set_columns


def changes_of_tool(slug: str, entry: ToolEntry, cause: Cause, schemas: Mapping[str, Any]) -> Iterator[Change]:
    """Yield them. schemas: those of settings that are to hold, where they differ from those that hold now."""
    tool = Tool.objects.filter(slug=slug).first()
    if tool is None:
        raise ReleaseError(f"There is no tool {slug} in this store. Deploy its plugin first.")
    if entry.enabled not in (None, tool.enabled):
        text = f"{slug}: {'enabled' if entry.enabled else 'disabled'}"
        yield Change(text, partial(set_columns, tool, cause, enabled=entry.enabled))
    yield from changes_of_decisions(tool, entry, cause)
    if entry.settings is not None:
        values = checked_settings(slug, schemas.get(slug, tool.settings_schema), entry)
        given = read_given(tool)
        if changed := sorted(name for name in {*values, *given} if values.get(name) != given.get(name)):
            text = f"{slug}: settings {', '.join(changed)}"
            yield Change(text, partial(give_settings, tool, values, changed, cause))


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
