"""The plugins behind the catalogue: which of them a tool belongs to, and which of them are left out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from gptstore.catalog.errors import SlugTaken, UnknownTool
from gptstore.catalog.models import BrokenPlugin, Tool
from gptstore.sdk.intake.built_in import BUILT_IN
from gptstore.sdk.intake.cards import taken_by


def in_order(manifests: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the manifests in the order in which they get the slugs that nobody has: the built-in ones first."""
    return sorted(manifests, key=lambda manifest: (manifest["name"] not in BUILT_IN, manifest["name"]))


def check_slugs(manifest: Mapping[str, Any]) -> None:
    """Check that no other plugin had one of these slugs first, installed or not. Raises SlugTaken."""
    slugs = [tool["slug"] for tool in manifest["tools"]]
    if other := Tool.objects.filter(slug__in=slugs).exclude(plugin=manifest["name"]).order_by("slug").first():
        raise SlugTaken(
            f"{taken_by(other.slug, other.plugin)}. To hand it over: "
            f"`manage.py sync_tools --transfer {other.slug}={manifest['name']}`"
        )


def transfer(slug: str, plugin: str) -> None:
    """Hand a tool over to another plugin. Raises UnknownTool."""
    if not Tool.objects.filter(slug=slug).update(plugin=plugin):
        raise UnknownTool(f"There is no tool {slug!r} to hand over.")


def runnable(offered: Mapping[tuple[str, str], Sequence[str]]) -> dict[str, list[str]]:
    """Return the slugs of a worker's tools by release, without those that the catalogue has of other plugins.

    offered: the slugs by plugin and release.
    """
    slugs = {slug for its in offered.values() for slug in its}
    owners = dict(Tool.objects.filter(slug__in=slugs).values_list("slug", "plugin"))
    found: dict[str, list[str]] = {}
    for (plugin, release), its in offered.items():
        found.setdefault(release, []).extend(slug for slug in its if owners.get(slug, plugin) == plugin)
    return found


def note_broken(broken: Mapping[str, str], releases: Iterable[str], *, seen: bool, others: bool = True) -> None:
    """Store which plugins were left out and why, for the admin.

    releases: the names of those that come from releases. seen: whether their folder was; without, theirs stay noted.
    others: whether all plugins were read, not only those of releases.
    """
    released = {*releases}
    for name, reason in broken.items():
        BrokenPlugin.objects.update_or_create(name=name, defaults={"reason": reason, "released": name in released})
    mended = BrokenPlugin.objects.exclude(name__in=broken)
    mended = mended if seen else mended.filter(released=False)
    (mended if others else mended.filter(Q(released=True) | Q(name__in=released))).delete()
