"""Brings the catalogue up to date with the manifests of the installed plugins."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from gptstore.catalog.models import Category, Tool

CATEGORIES = [
    ("writing", gettext_noop("Writing"), gettext_noop("Shorten, rewrite and polish texts.")),
    ("languages", gettext_noop("Languages"), gettext_noop("From one language to another.")),
    ("answers", gettext_noop("Answers"), gettext_noop("Ask questions about what you have.")),
    ("code", gettext_noop("Code"), gettext_noop("From a description to code.")),
]


@dataclass(frozen=True)
class Synced:
    """Slugs by what happened to them, and plugins that could not be read, as (name, reason)."""

    kept: list[str]
    gone: list[str]
    broken: list[tuple[str, str]]


class SyncFailed(Exception):
    """Raised when no manifest could be read at all. A retry helps once the plugins' environment works again."""


def sync_installed() -> Synced:
    """Read the manifests of the plugins in this environment and store them."""
    return store(read_manifests())


def read_manifests() -> dict[str, Any]:
    """What `gptstore.sdk.describe` says, from a process of its own: plugins' code never runs in the site."""
    command = [sys.executable, "-m", "gptstore.sdk.describe"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)
    except subprocess.TimeoutExpired:
        raise SyncFailed("The plugins did not describe themselves within 120 s.") from None
    if done.returncode != 0:
        raise SyncFailed(f"The plugins could not be read:\n{done.stderr.strip()}")
    described: dict[str, Any] = json.loads(done.stdout)
    return described


@transaction.atomic
def store(described: dict[str, Any]) -> Synced:
    seed_categories()
    kept = [store_tool(tool, manifest).slug for manifest in described["manifests"] for tool in manifest["tools"]]
    broken = [(entry["plugin"], entry["error"]) for entry in described["broken"]]
    missing = Tool.objects.filter(installed=True).exclude(slug__in=kept)
    gone = list(missing.values_list("slug", flat=True))
    missing.update(installed=False)
    return Synced(kept, gone, broken)


def seed_categories() -> None:
    for position, (slug, title, summary) in enumerate(CATEGORIES, start=1):
        Category.objects.get_or_create(slug=slug, defaults={"title": title, "summary": summary, "position": position * 10})


def store_tool(tool: dict[str, Any], manifest: dict[str, Any]) -> Tool:
    slug = tool["category"]
    category, _created = Category.objects.get_or_create(slug=slug, defaults={"title": slug.replace("-", " ").capitalize()})
    names = ("title", "summary", "description", "tags", "output", "input_schema", "examples")
    values = {name: tool[name] for name in names}
    values |= {name: tool[name] or "" for name in ("language", "language_input")}
    values |= {"version": manifest["version"], "author": manifest["author"] or "", "plugin": manifest["name"]}
    values |= {"category": category, "installed": True}
    return Tool.objects.update_or_create(slug=tool["slug"], defaults=values)[0]
