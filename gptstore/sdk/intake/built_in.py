"""The plugins that every store has, whose names and slugs are taken."""

from __future__ import annotations

BUILT_IN = {
    "gptstore-chat": ("chat",),
    "gptstore-code-writer": ("code-writer",),
    "gptstore-qa": ("qa",),
    "gptstore-summarizer": ("summarizer",),
    "gptstore-translator": ("translator",),
    "gptstore-writer": ("writer",),
}
"""The slugs of each."""

OWN_PACKAGES = frozenset({"gptstore", "gptstore-sdk", "gptstore-base-model-aids"})
"""Packages of the project that are no plugins."""


def owner_of(slug: str) -> str | None:
    """Return the built-in plugin that has this slug."""
    return next((plugin for plugin, slugs in BUILT_IN.items() if slug in slugs), None)
