"""The hooks of the store. A plugin implements them; the store calls them."""

from __future__ import annotations

import pluggy

from gptstore.sdk.tools import Tool

hookspec = pluggy.HookspecMarker("gptstore")
"""Marks a function that declares a hook. The store's own hooks are declared with it; a plugin needs `hookimpl`."""

hookimpl = pluggy.HookimplMarker("gptstore")
"""Marks a plugin's function of a hook's name as its implementation: write `@hookimpl` over `gptstore_tools`."""


@hookspec
def gptstore_tools() -> list[Tool]:  # type: ignore[empty-body]
    """Return the tools that this plugin offers.

    When: once for each plugin, when the store reads the installed plugins and when a worker starts; each time in a
    process of its own, in the sandbox. Return at once: no network, no model, no files written, no processes started. A
    plugin that takes longer than `GPTSTORE_PLUGIN_IMPORT_SECONDS` is left out.

    Arguments: none.

    Returns: a list of tools made with `gptstore.sdk.tool`; it may be empty. A slug is unique in the whole store, and
    belongs to the plugin that had it first; another one that uses it is reported and left out.

    What stops the chain: nothing. Every implementation is called. If one raises, or returns anything other than a
    list of tools, its plugin is reported and left out; all other plugins are loaded.
    """
