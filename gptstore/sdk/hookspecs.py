"""The hooks of the store. A plugin implements them; the store calls them."""

from __future__ import annotations

import pluggy

from gptstore.sdk.tool import Tool

hookspec = pluggy.HookspecMarker("gptstore")
hookimpl = pluggy.HookimplMarker("gptstore")


@hookspec
def gptstore_tools() -> list[Tool]:  # type: ignore[empty-body]
    """Return the tools that this plugin offers.

    Called once for each plugin: when the store reads what is installed, and when a worker starts. It is called
    without arguments, and must return at once: no network, no model, no files written.

    :returns:
        The tools, made with :func:`gptstore.sdk.tool`. An empty list is allowed. Each slug may be used once in the
        whole store; of two plugins that use the same, the one whose name sorts first keeps it.

    Every implementation is called; no result stops the others. If one raises, or returns something else than a list
    of tools, its plugin is reported and left out, and all other plugins go on.
    """
