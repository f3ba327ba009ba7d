"""The changes that bring a store to what its `store.toml` says."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db import transaction

from gptstore.audit.record import record
from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.inputs import check_input
from gptstore.catalog.models import Tool, ToolSettings
from gptstore.catalog.tool_settings import read_given, store_given
from gptstore.releases.deploy import deploy, take_down
from gptstore.releases.errors import ReleaseError
from gptstore.releases.models import Plugin, Release
from gptstore.releases.store_change import WHY, Change
from gptstore.releases.store_file import PluginEntry, StoreFile, ToolEntry
from gptstore.releases.store_tools import changes_of_decisions


def plan(wanted: StoreFile) -> list[Change]:
    """Return what differs from the file. Raises ReleaseError with all that can't be done."""
    changes: list[Change] = []
    faults = []
    plugins = [partial(changes_of_plugin, name, entry) for name, entry in wanted.plugins.items()]
    tools = [partial(changes_of_tool, slug, entry) for slug, entry in wanted.tools.items()]
    for find in (*plugins, *tools):
        try:
            changes += find()
        except ReleaseError as error:
            faults.append(str(error))
    if faults:
        raise ReleaseError("\n".join(faults))
    return changes


@transaction.atomic
def carry_out(changes: list[Change]) -> None:
    """Make all changes or none."""
    for change in changes:
        change.make()


def changes_of_plugin(name: str, entry: PluginEntry) -> Iterator[Change]:
    plugin = Plugin.objects.filter(name=name).first()
    if plugin is None:
        raise ReleaseError(f"There is no plugin {name} in this store. Submit it, or import a release of it.")
    open_one = plugin.deployments.filter(ended_at=None).select_related("release").first()
    present = open_one.release if open_one else None
    if not entry.live:
        if present:
            yield Change(f"{name} {present.version} → taken down", partial(take_down, plugin, None, WHY))
        return
    release = Release.objects.filter(plugin=plugin, version=entry.version).first()
    if release is None or not release.is_deployable:
        there = ", ".join(plugin.releases.deployable().values_list("version", flat=True)) or "none"
        raise ReleaseError(f"{name} {entry.version} cannot be deployed. What can: {there}.")
    if present != release:
        before = present.version if present else "not deployed"
        yield Change(f"{name} {before} → {release.version}", partial(deploy, release, None, WHY))


def changes_of_tool(slug: str, entry: ToolEntry) -> Iterator[Change]:
    tool = Tool.objects.filter(slug=slug).first()
    if tool is None:
        raise ReleaseError(f"There is no tool {slug} in this store. Deploy its plugin first.")
    if entry.enabled not in (None, tool.enabled):
        yield Change(f"{slug}: {'enabled' if entry.enabled else 'disabled'}", partial(enable, tool, entry.enabled))
    yield from changes_of_decisions(tool, entry)
    if entry.settings is not None:
        values = checked_settings(tool, entry)
        given = read_given(tool)
        if changed := sorted(name for name in {*values, *given} if values.get(name) != given.get(name)):
            yield Change(f"{slug}: settings {', '.join(changed)}", partial(give_settings, tool, values, changed))


def checked_settings(tool: Tool, entry: ToolEntry) -> dict[str, Any]:
    if not tool.settings_schema:
        raise ReleaseError(f"The tool {tool.slug} has no settings.")
    try:
        return dict(check_input(tool.settings_schema, entry.values))
    except InvalidInput as invalid:
        places = ", ".join(error["field"] for error in invalid.errors)
        raise ReleaseError(f"The settings of {tool.slug} do not fit: {places}.") from None


def enable(tool: Tool, enabled: bool) -> None:
    Tool.objects.filter(pk=tool.pk).update(enabled=enabled)
    record(None, "tool.change", tool.slug, enabled=enabled, why=WHY)


def give_settings(tool: Tool, values: dict[str, Any], changed: list[str]) -> None:
    row, _ = ToolSettings.objects.get_or_create(tool=tool, defaults={"plugin": tool.plugin})
    store_given(row, values)
    record(None, "tool.settings", tool.slug, changed=changed, why=WHY)
