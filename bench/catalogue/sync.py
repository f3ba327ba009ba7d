"""Measures a sync of new plugins into the full table. Needs Django's settings."""

import copy
from time import perf_counter
from typing import Any

from gptstore.catalog.models import Tool
from gptstore.catalog.sync import read_manifests, store

PLUGINS, TOOLS = 10, 10


def measure_sync() -> dict[str, float]:
    """Return the seconds that new plugins take, and those plugins once more, when nothing has changed.

    The tools of the table become those of deployed releases before, as nobody installs so many in one environment.
    """
    manifests = [plugin for plugin in read_manifests()["manifests"] if plugin["tools"]]
    own = {plugin["name"] for plugin in manifests}
    Tool.objects.exclude(plugin__in=own).update(release="bench", released=True)
    added = [as_new(manifests[number % len(manifests)], number) for number in range(PLUGINS)]
    described = {"manifests": [*manifests, *added], "broken": [], "released": None}
    return {
        f"{PLUGINS * TOOLS} new tools": seconds_of(described, TOOLS * PLUGINS),
        "the same again": seconds_of(described, 0),
    }


def as_new(manifest: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a plugin with other names, whose tools are copies of this one's first."""
    changed = copy.deepcopy(manifest)
    changed["name"] = f"new-plugin-{number}"
    changed["tools"] = [
        {**changed["tools"][0], "slug": f"new-{number}-{one}", "title": f"New tool {number}, {one}"}
        for one in range(TOOLS)
    ]
    return changed


def seconds_of(described: dict[str, Any], new: int) -> float:
    before, begun = Tool.objects.count(), perf_counter()
    done = store(described)
    taken = perf_counter() - begun
    if done.broken or Tool.objects.count() != before + new:
        raise RuntimeError(f"The sync did not add {new} tools: {done.broken}")
    return taken
