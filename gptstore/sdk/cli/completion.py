"""Completes the slugs of tools from the store, when it answers before somebody gets impatient."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

SECONDS = 0.5


def complete_slug(incomplete: str) -> list[tuple[str, str]]:
    """Return slugs that begin so, each with its title; none when the store is not reached in time."""
    answer: SimpleQueue[list[dict[str, Any]]] = SimpleQueue()
    Thread(target=_fetch, args=(answer,), daemon=True).start()
    try:
        found = answer.get(timeout=SECONDS)
    except Empty:
        return []
    from gptstore.sdk.cli.terminal import harmless_line

    titles = {str(tool.get("slug")): harmless_line(str(tool.get("title"))) for tool in found}
    return [(slug, title) for slug, title in titles.items() if slug.startswith(incomplete)]


def _fetch(answer: SimpleQueue[list[dict[str, Any]]]) -> None:
    try:
        import httpx

        from gptstore.sdk.cli.servers import Servers

        server = Servers().choose(None)
        found = httpx.get(f"{server.url}/api/v1/tools", params={"limit": 100}, timeout=SECONDS)
        answer.put(found.raise_for_status().json()["items"])
    except Exception:
        answer.put([])  # a shell that completes shows no error
