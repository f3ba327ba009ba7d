"""Brings the catalogue up to date with the manifests of the installed plugins."""

import json
import os
import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Field
from django.utils.translation import gettext_noop

from gptstore.catalog.errors import SlugTaken, SyncFailed
from gptstore.catalog.icons import Icon, read_icon, store_icon
from gptstore.catalog.limits import given_limits
from gptstore.catalog.models import Category, Tool
from gptstore.catalog.ordered_json import OrderedJSONField
from gptstore.catalog.plugins import check_slugs, in_order, note_broken
from gptstore.catalog.tags import keep_tags
from gptstore.catalog.tool_counts import keep_tool_counts
from gptstore.catalog.tool_settings import note_declared
from gptstore.env import BASE_DIR
from gptstore.sdk import ToolManifest
from gptstore.sdk.plugins import installed_names

MAX_SECONDS = 1200
"""The time in which all environments of releases are made and all plugins describe themselves. Each has its own."""

MAX_AT_ONCE = 500

PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "SYSTEMROOT")

CATEGORIES = [
    ("writing", gettext_noop("Writing"), gettext_noop("Shorten, rewrite and polish texts.")),
    ("languages", gettext_noop("Languages"), gettext_noop("From one language to another.")),
    ("answers", gettext_noop("Answers"), gettext_noop("Ask questions about what you have.")),
    ("code", gettext_noop("Code"), gettext_noop("From a description to code.")),
]

COLUMNS = [field for field in Tool._meta.concrete_fields if field.name in ToolManifest.model_fields]
"""The columns of a tool that have a field of the same name in its manifest."""

SYNCED = [
    *(column.name for column in COLUMNS),
    *("limits", "version", "author", "plugin", "icon_hash", "authors_category", "installed", "released", "updated_at"),
]
"""The columns of a tool that a sync writes. All others are the admins', the runs', or written by the deployment."""


@dataclass(frozen=True)
class Synced:
    """The result of a sync: slugs by what happened to them, and plugins that could not be read, as (name, reason).

    held: slugs of releases, left alone, since this process does not see the folder with the releases.
    """

    kept: list[str]
    gone: list[str]
    broken: list[tuple[str, str]]
    held: list[str] = field(default_factory=list)


def sync_installed() -> Synced:
    """Read the manifests of the plugins in this environment, and of the releases, and store them."""
    return store(read_manifests())


def sync_releases() -> Synced:
    """Do so for the releases alone, which takes a part of the time. Without them, or when an installed plugin takes the
    place of a release, it is done for all.
    """
    if not settings.ENV.releases:
        return sync_installed()
    described = read_releases()
    if {*tools_of_releases().values()} & {*installed_names()} - {*(described["released"] or ())}:
        return sync_installed()
    return store(described, only_releases=True)


def read_manifests() -> dict[str, Any]:
    """Ask the plugins for their manifests, each in a process of its own: their code never runs in the site.

    A plugin that is both installed and released is the released one. `released` names those of releases; it is None
    where the folder with the releases is not seen. Raises SyncFailed.
    """
    confined = "--sandbox" if settings.ENV.sandbox else "--no-sandbox"
    installed = ask([sys.executable, "-m", "worker.hosts.describe", *describe_options(), confined])
    released = read_releases()
    names = {manifest["name"] for manifest in released["manifests"]}
    others = [manifest for manifest in installed["manifests"] if manifest["name"] not in names]
    broken = [entry for entry in installed["broken"] if entry["plugin"] not in names]
    return {**released, "manifests": others + released["manifests"], "broken": broken + released["broken"]}


def read_releases() -> dict[str, Any]:
    """Do the same for the releases alone."""
    env = settings.ENV
    if not env.releases:
        return {"manifests": [], "broken": [], "released": None}
    if is_empty(env.releases):
        return {"manifests": [], "broken": [], "released": []}
    command = [sys.executable, "-m", "worker.hosts.releases"]
    command += [str(env.releases.absolute()), str(env.environments.absolute()), *describe_options()]
    described = ask([*command, "--lowest", env.sandbox_level])
    names = sorted(manifest["name"] for manifest in described["manifests"])
    broken = [{**entry, "released": True} for entry in described["broken"]]
    seen = os.access(env.releases, os.R_OK | os.X_OK)
    return {"manifests": described["manifests"], "broken": broken, "released": names if seen else None}


def describe_options() -> list[str]:
    return ["--seconds", str(settings.ENV.plugin_import_seconds), "--memory-mb", str(settings.ENV.tool_memory_mb)]


def is_empty(folder: Path) -> bool:
    """Return whether the folder is seen, and has no release."""
    try:
        return all(path.name.startswith(".") for path in folder.iterdir())
    except OSError:
        return False


def ask(command: list[str]) -> dict[str, Any]:
    """Run a command and parse the JSON that it prints. It gets no settings of the site, since they hold its secrets."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(
            command,
            cwd=BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=MAX_SECONDS,
            check=False,
        )
        described: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise SyncFailed(f"The plugins did not describe themselves within {MAX_SECONDS} s.") from None
    except ValueError:
        reason = done.stderr.strip() or f"the process ended with status {done.returncode} and said nothing"
        raise SyncFailed(f"The plugins could not be read: {reason}") from None
    return described


@transaction.atomic
def store(described: dict[str, Any], *, only_releases: bool = False) -> Synced:
    """Store the manifests. A process that does not see the folder of the releases leaves their tools alone.

    only_releases: whether they are those of releases, and the tools of installed plugins are left alone.
    """
    seed_categories()
    kept: list[str] = []
    broken = [(entry["plugin"], entry["error"]) for entry in described["broken"]]
    released = described.get("released")
    held = tools_of_releases() if released is None else tools_of_deployed()
    if only_releases:
        held |= tools_of_installed({manifest["name"] for manifest in described["manifests"]})
    of_held = {*held.values()}
    for manifest in in_order(described["manifests"]):
        if manifest["name"] in of_held:
            continue
        try:
            with transaction.atomic():
                check_slugs(manifest)
                kept += [tool.slug for tool in store_tools(manifest, released)]
        except (
            SlugTaken,
            ValidationError,
            DatabaseError,
            ValueError,
        ) as error:  # the last for icons, and texts with a NUL
            broken.append((manifest["name"], as_reason(error)))
    gone = take_out({*kept, *held})
    from_releases = [entry["plugin"] for entry in described["broken"] if entry.get("released")]
    note_broken(dict(broken), [*from_releases, *(released or ())], seen=released is not None, others=not only_releases)
    keep_tool_counts()
    return Synced(kept, gone, broken, sorted(held))


def take_out(kept: Collection[str]) -> list[str]:
    """Take all tools out of the catalogue but those with these slugs, and return whose that were."""
    installed = Tool.objects.filter(installed=True).order_by("slug").values_list("pk", "slug")
    gone = [(pk, slug) for pk, slug in installed if slug not in kept]
    for start in range(0, len(gone), MAX_AT_ONCE):
        Tool.objects.filter(pk__in=[pk for pk, _slug in gone[start : start + MAX_AT_ONCE]]).update(installed=False)
    return [slug for _pk, slug in gone]


def tools_of_releases() -> dict[str, str]:
    """Return the plugins of the tools of releases, by slug."""
    return dict(Tool.objects.filter(released=True, installed=True).values_list("slug", "plugin"))


def tools_of_deployed() -> dict[str, str]:
    """Return the plugins of the tools of deployed releases, by slug: their manifests are stored, and win."""
    return dict(Tool.objects.exclude(release="").values_list("slug", "plugin"))


def tools_of_installed(released: Collection[str]) -> dict[str, str]:
    """Return the plugins of the other tools, by slug, without those that have a release now."""
    others = Tool.objects.filter(released=False, installed=True).exclude(plugin__in=released)
    return dict(others.values_list("slug", "plugin"))


def as_reason(error: Exception) -> str:
    """Return the errors on one line, for the plugin's author."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items())
    return str(error).strip()


def seed_categories() -> None:
    for position, (slug, title, summary) in enumerate(CATEGORIES, start=1):
        Category.objects.get_or_create(
            slug=slug, defaults={"title": title, "summary": summary, "position": position * 10}
        )


def store_tools(manifest: dict[str, Any], released: Sequence[str] | None) -> list[Tool]:
    """Store the tools of a plugin as its manifest says; what an admin chose stays. Raises ValidationError.

    A tool that is as it was is not written.
    """
    described = manifest["tools"]
    slugs = [one["slug"] for one in described]
    stored = {tool.slug: tool for tool in Tool.objects.select_for_update().filter(slug__in=slugs)}
    chosen = {slug for slug, tool in stored.items() if tool.category_chosen}
    categories = find_categories({one["category"] for one in described if one["slug"] not in chosen})
    tools, new, icons = [], [], {}
    for one in described:
        tool = stored.get(one["slug"]) or Tool(slug=one["slug"])
        before = values_of(tool)
        icon = fill(tool, one, manifest)
        tool.authors_category = one["category"]
        if not tool.category_chosen:
            tool.category = categories[one["category"]]
        tool.installed, tool.released = True, manifest["name"] in (released or ())
        if tool.pk is None or values_of(tool) != before:
            tool.full_clean(exclude=["category"], validate_unique=False)
            new.append(tool) if tool.pk is None else tool.save(update_fields=SYNCED)
            icons[tool.slug] = icon
        tools.append(tool)
    Tool.objects.bulk_create(new)
    for tool in tools:
        if tool.slug in icons and (tool.slug in stored or icons[tool.slug]):
            store_icon(tool, icons[tool.slug])
        note_declared(tool)
    keep_tags(tools)
    return tools


def values_of(tool: Tool) -> list[Any]:
    """Return what is stored of a tool, in a form that differs when that does. The order of a schema's fields counts."""
    return [
        json.dumps(value) if isinstance(column, OrderedJSONField) else value
        for column in Tool._meta.concrete_fields
        for value in [getattr(tool, column.attname)]
    ]


def fill(tool: Tool, described: dict[str, Any], manifest: dict[str, Any]) -> Icon | None:
    """Put what its manifest says into the columns of a tool, and return its icon. Raises IconError."""
    for column in COLUMNS:
        if not column.is_relation:
            setattr(tool, column.name, value_for(column, described))
    tool.limits = given_limits(described)
    tool.version, tool.author, tool.plugin = manifest["version"], manifest["author"] or "", manifest["name"]
    icon = read_icon(described)
    tool.icon_hash = icon.hash if icon else ""
    return icon


def value_for(column: "Field[Any, Any]", described: dict[str, Any]) -> Any:
    """Return a manifest's value for this column, or its default: older manifests lack newer fields."""
    value = described.get(column.name)
    return column.get_default() if value is None and not column.null else value


def find_categories(slugs: Collection[str]) -> dict[str, Category]:
    """Return the categories with these slugs, by slug; one that is not there is made."""
    found = {category.slug: category for category in Category.objects.filter(slug__in=slugs)}
    for slug in {*slugs} - found.keys():
        title = slug.replace("-", " ").capitalize()
        found[slug] = Category.objects.get_or_create(slug=slug, defaults={"title": title})[0]
    return found


def find_category(slug: str) -> Category:
    """Return the category with this slug, which is made if it is not there."""
    return find_categories([slug])[slug]
