"""Draws outputs as the store does: in a process of its own, which is ended when a text takes too long."""

from __future__ import annotations

from markupsafe import Markup

from gptstore.sdk.render.errors import RenderBusy, RenderFailed
from gptstore.sdk.render.live_output import MAX_RENDERED
from gptstore.sdk.render.messages import RenderRequest
from gptstore.sdk.render.output import render_plain
from gptstore.sdk.render.process import RenderProcess


class Renderer:
    """The process that draws. Its methods wait: never call them on the event loop."""

    def __init__(self) -> None:
        self._process = RenderProcess()

    def html(self, kind: str, text: str, language: str = "") -> Markup:
        """Return safe HTML of an output of this kind; the text as it is, where nothing better can be had."""
        if kind == "text" or len(text) > MAX_RENDERED:
            return Markup(render_plain(text, kind))  # noqa: S704  it is escaped
        try:
            with self._process.turn():
                html = self._process.render(RenderRequest(kind, text, language))
        except (RenderBusy, RenderFailed):
            html = render_plain(text, kind)
        return Markup(html)  # noqa: S704  the renderer escapes and cleans

    def close(self) -> None:
        """End the process."""
        self._process.stop()
