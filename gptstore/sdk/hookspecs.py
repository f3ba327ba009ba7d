"""The hooks of the store. A plugin implements them; the store calls them."""

from __future__ import annotations

import pluggy

from gptstore.sdk.tool import Tool

hookspec = pluggy.HookspecMarker("gptstore")
hookimpl = pluggy.HookimplMarker("gptstore")


@hookspec
def gptstore_tools() -> list[Tool]:  # type: ignore[empty-body]
    """Return the tools that this plugin offers.

    When: once for each plugin, when the store reads the installed plugins and when a worker starts. Return at once: no
    network, no model, no files written.

    Arguments: none.

    Returns: a list of tools made with `gptstore.sdk.tool`; it may be empty. A slug is unique in the whole store: of two
    plugins that use the same one, the plugin whose name sorts first is loaded and the other is reported.

    What stops the chain: nothing. Every implementation is called. If one raises, or returns anything other than a
    list of tools, its plugin is reported and left out; all other plugins are loaded.
    """
