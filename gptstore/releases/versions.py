"""The versions of a tool that a run may name: those that the fleet has now."""

from gptstore.catalog.deployed import as_released
from gptstore.catalog.models import Tool
from gptstore.jobs.release_states import online
from gptstore.releases.errors import UnknownVersion
from gptstore.releases.models import Plugin, Release

MAX_NAMED = 10


def pin(tool: Tool, version: str) -> Tool:
    """Return the tool as this version has it, for a run of it alone. Raises UnknownVersion, which names the others."""
    if version == tool.version:
        return tool
    releases = versions_of(tool)
    for release in releases:
        if release.version == version:
            described = next(one for one in release.manifest["tools"] if one["slug"] == tool.slug)
            return as_released(tool, described, release.version, release.key)
    named = dict.fromkeys([tool.version, *(release.version for release in releases)])
    raise UnknownVersion(f"There is no version {version[:64]} of {tool.slug} now. There is {' and '.join(named)}.")


def versions_of(tool: Tool) -> list[Release]:
    """Return the releases with this tool that a worker is ready to run, the newest first.

    Beside the live one these are one that is rolled out, and those whose last runs have not ended (draining).
    """
    if not tool.release:
        return []
    ready = {key for worker in online() for key, reason in (worker.releases or {}).items() if not reason}
    plugin = Plugin.objects.filter(name=tool.plugin).first()
    if plugin is None:
        return []
    found = plugin.releases.all() & Release.objects.deployable()
    its = found.filter(key__in=ready).order_by("-submitted_at")[:MAX_NAMED]
    return [release for release in its if any(one["slug"] == tool.slug for one in release.manifest["tools"])]
