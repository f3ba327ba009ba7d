"""Problems of what a plugin says about itself and its tools: long texts, slugs that are taken, the network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from gptstore.sdk.intake.built_in import owner_of
from gptstore.sdk.manifest import Manifest, ToolManifest
from gptstore.sdk.problem import Problem
from gptstore.sdk.text_limits import MAX_PLUGIN, MAX_VERSION

Owners = Callable[[str], str | None]
"""Returns the plugin that has a slug in a store's catalogue, None where it is free."""

_NETWORK = re.compile(r"^\s*network:\s*(.+)$", re.IGNORECASE | re.MULTILINE)
_MIN_REASON = 10


def find_manifest_problems(manifest: Manifest) -> Iterator[Problem]:
    """Yield what the catalogue can't store about the plugin."""
    if len(manifest.name) > MAX_PLUGIN:
        yield Problem("name", f"the package's name has more than {MAX_PLUGIN} characters", "shorten it")
    if len(manifest.version) > MAX_VERSION:
        yield Problem("project", f"the version has more than {MAX_VERSION} characters", "shorten it")


def find_slug_problems(tool: ToolManifest, plugin: str, owner: Owners = owner_of) -> Iterator[Problem]:
    """Yield that the tool's slug is another plugin's. owner: says whose it is; the built-in ones by default."""
    if (other := owner(tool.slug)) not in (None, plugin):
        yield Problem("slug", taken_by(tool.slug, str(other)), "give another one with slug=")


def taken_by(slug: str, plugin: str) -> str:
    """Say that the slug is another plugin's."""
    return f"its tool {slug!r} belongs to the plugin {plugin}, which had it first"


def find_network_problems(tool: ToolManifest) -> Iterator[Problem]:
    """Yield that a tool asks for the network and does not say why, in a line of its docstring that begins "Network:".

    The tool's page shows the docstring to people, beside the note that it opens connections.
    """
    reason = _NETWORK.search(tool.description)
    if tool.network and (reason is None or len(reason[1].strip()) < _MIN_REASON):
        message = f"tool {tool.slug}: network=True has no reason"
        mend = 'write a paragraph "Network: …" into the docstring that says which addresses it asks, and for what'
        yield Problem("network", message, mend)


def find_example_problems(tool: ToolManifest) -> Iterator[Problem]:
    """Yield a warning for a tool that people can't try with one click."""
    if not tool.examples and tool.input_schema.get("properties"):
        mend = 'give one: examples=[Example("A title", {…})]'
        yield Problem("example", f"tool {tool.slug}: it has no example", mend, severity="warning")
