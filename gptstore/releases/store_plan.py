"""The changes that bring a store to what its `store.toml` says."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db import transaction

from gptstore.catalog.tool_counts import keep_tool_counts
from gptstore.releases.deploy import deploy, take_down
from gptstore.releases.errors import ReleaseError
from gptstore.releases.models import Plugin, Release
from gptstore.releases.stage import open_deployment
from gptstore.releases.store_change import Cause, Change
from gptstore.releases.store_file import PluginEntry, StoreFile
from gptstore.releases.tool_changes import changes_of_tool


def plan(wanted: StoreFile, cause: Cause | None = None) -> list[Change]:
    """Return what differs from the file. Raises ReleaseError with all that can't be done."""
    cause = cause or Cause()
    changes: list[Change] = []
    faults = []
    plugins = [partial(changes_of_plugin, name, entry, cause) for name, entry in wanted.plugins.items()]
    schemas = coming_schemas(wanted)
    tools = [partial(changes_of_tool, slug, entry, cause, schemas) for slug, entry in wanted.tools.items()]
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
    keep_tool_counts()


def changes_of_plugin(name: str, entry: PluginEntry, cause: Cause) -> Iterator[Change]:
    plugin = Plugin.objects.filter(name=name).first()
    if plugin is None:
        raise ReleaseError(f"There is no plugin {name} in this store. Submit it, or import a release of it.")
    open_one = open_deployment(plugin)
    present = open_one.release if open_one else None
    if not entry.live:
        if present:
            yield Change(f"{name} {present.version} → taken down", partial(take_down, plugin, cause.by, cause.why))
        return
    release = find_release(name, entry)
    if release is None or not release.is_deployable:
        there = ", ".join(plugin.releases.deployable().values_list("version", flat=True)) or "none"
        raise ReleaseError(f"{name} {entry.version} cannot be deployed. What can: {there}.")
    if present != release:
        before = present.version if present else "not deployed"
        yield Change(f"{name} {before} → {release.version}", partial(deploy, release, cause.by, cause.why))


def find_release(plugin: str, entry: PluginEntry) -> Release | None:
    found = Release.objects.filter(plugin__name=plugin, version=entry.version)
    return found.select_related("plugin").first() if entry.live else None


def coming_schemas(wanted: StoreFile) -> dict[str, Any]:
    """Return the schemas of settings by slug, as the releases have them that are to be live."""
    releases = filter(None, (find_release(name, entry) for name, entry in wanted.plugins.items()))
    return {tool["slug"]: tool.get("settings_schema") for one in releases for tool in one.manifest["tools"]}
