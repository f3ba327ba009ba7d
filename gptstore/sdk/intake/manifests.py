"""Problems of a manifest, by the same rules for a project, of which one was made, and for a bundle, which has one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from gptstore.sdk.intake import cards, names
from gptstore.sdk.intake.built_in import owner_of
from gptstore.sdk.intake.cards import Owners
from gptstore.sdk.manifest import Manifest, ToolManifest
from gptstore.sdk.problem import Problem


@dataclass(frozen=True)
class Taken:
    """The names that a store has beside the built-in ones. owner: says whose a slug is."""

    owner: Owners = owner_of
    plugins: Collection[str] = ()
    slugs: Collection[str] = ()


def find_problems(manifest: Manifest, taken: Taken) -> Iterator[Problem]:
    """Yield what a store refuses of this manifest: of the plugin, and of each tool."""
    yield from names.find_package_problems(manifest.name, taken.plugins)
    yield from cards.find_manifest_problems(manifest)
    for tool in manifest.tools:
        yield from find_tool_problems(tool, manifest.name, taken)


def find_tool_problems(tool: ToolManifest, plugin: str, taken: Taken) -> Iterator[Problem]:
    yield from cards.find_slug_problems(tool, plugin, taken.owner)
    yield from cards.find_network_problems(tool)
    yield from cards.find_example_problems(tool)
    yield from names.find_tool_problems(tool, plugin, taken.slugs)
