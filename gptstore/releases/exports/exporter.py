"""What goes into an export: one release, or those that are live in a store with what its admins chose."""

from collections.abc import Collection, Iterable
from pathlib import Path

from django.db.models import Q

from gptstore.accounts.models import User
from gptstore.audit.record import record
from gptstore.releases.errors import ReleaseError
from gptstore.releases.exports.format import ExportKind
from gptstore.releases.exports.progress import Progress, silent
from gptstore.releases.exports.store_toml import as_toml, store_file_of
from gptstore.releases.exports.writer import write_export
from gptstore.releases.models import Plugin, Release
from gptstore.releases.stage import open_deployment


def export_release(release: Release, path: Path, by: User | None = None, progress: Progress = silent) -> None:
    """Write one approved release to a file. Raises ReleaseError."""
    write_export(path, ExportKind.RELEASE, [release], name_of(by), progress=progress)
    record(by, "release.export", str(release), sha256=release.sha256)


def export_store(
    path: Path,
    by: User | None = None,
    *,
    plugins: Collection[str] = (),
    every: bool = False,
    progress: Progress = silent,
) -> list[Release]:
    """Write the releases that are live or to be live, and `store.toml`, to a file. Raises ReleaseError.

    plugins: the names of those to export; () for all. every: all approved releases of theirs.
    """
    chosen = Plugin.objects.filter(name__in=plugins) if plugins else Plugin.objects.all()
    if unknown := sorted({*plugins} - {*chosen.values_list("name", flat=True)}):
        raise ReleaseError(f"There is no plugin {unknown[0]} in this store.")
    live = [release for plugin in chosen if (release := live_or_wanted(plugin))]
    which = Q(plugin__in=chosen) if every else Q(pk__in=[release.pk for release in (*live, *wanted_beside(chosen))])
    releases = [*Release.objects.deployable().filter(which).select_related("plugin").order_by("plugin__name", "pk")]
    store = store_file_of(live)
    if plugins:
        store = store.only(plugins, {tool["slug"] for release in live for tool in release.manifest["tools"]})
    if not releases and not store.tools:
        raise ReleaseError("There is nothing to export: no release is live, and nothing was chosen for any tool.")
    write_export(path, ExportKind.STORE, releases, name_of(by), as_toml(store), progress)
    record(by, "store.export", path.name, releases=len(releases))
    return releases


def find_release(name: str, version: str) -> Release:
    """Return the approved release of a plugin with this version, "" for the live one. Raises ReleaseError."""
    plugin = Plugin.objects.filter(name=name).first()
    if plugin is None:
        raise ReleaseError(f"There is no plugin {name} in this store.")
    release = plugin.releases.filter(version=version).first() if version else live_or_wanted(plugin)
    if release is not None and release.is_deployable:
        return release
    there = ", ".join(plugin.releases.deployable().values_list("version", flat=True)) or "none"
    if release is None:
        what = f"There is no {name} {version}." if version else f"No release of {name} is live: give a version."
    else:
        what = f"{release} is not approved, or was yanked or quarantined, so it is not exported."
    raise ReleaseError(f"{what} What can be exported: {there}.")


def live_or_wanted(plugin: Plugin) -> Release | None:
    """Return the release that is live; while none is, the one that is rolled out."""
    if plugin.live is not None:
        return plugin.live if plugin.live.is_deployable else None
    open_one = open_deployment(plugin)
    return open_one.release if open_one and open_one.release and open_one.release.is_deployable else None


def wanted_beside(plugins: Iterable[Plugin]) -> list[Release]:
    """Return the releases that are rolled out beside a live one, such as by a canary."""
    opened = filter(None, (open_deployment(plugin) for plugin in plugins))
    return [deployment.release for deployment in opened if deployment.release]


def name_of(by: User | None) -> str:
    return by.username if by else ""
