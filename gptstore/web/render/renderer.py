"""Renders the output of tools for pages, each text once: in a process of its own, and kept."""

from functools import cache
from importlib.metadata import version

from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString, mark_safe

from gptstore.sdk.output import OutputKind
from gptstore.sdk.render.errors import RenderBusy, RenderFailed
from gptstore.sdk.render.live_output import MAX_RENDERED
from gptstore.sdk.render.messages import RenderRequest
from gptstore.sdk.render.output import VERSION, render_plain
from gptstore.sdk.render.process import RenderProcess
from gptstore.web.render.cache import SALT, LocalCache, SharedCache


class Renderer:
    """The renderer of a web process. Safe for threads. Those that wait for it leave the event loop to others."""

    def __init__(self, process: RenderProcess) -> None:
        self._process = process
        self._local = LocalCache()
        self._shared = SharedCache()

    def render(self, request: RenderRequest, *, is_final: bool) -> str:
        """Return safe HTML; the text as it is, where nothing better can be had.

        is_final: whether the text stays as it is. Its HTML is then kept for other web processes too.
        """
        if request.kind == OutputKind.TEXT or len(request.text) > MAX_RENDERED:
            return render_plain(request.text, request.kind)
        key = key_of(request)
        html = self._local.read(key)
        if html is None and is_final and (html := self._shared.read(key)) is not None:
            self._local.write(key, html)
        if html is not None:
            return html
        try:
            html = self._render_once(key, request)
        except RenderBusy:
            return render_plain(request.text, request.kind)
        except RenderFailed:
            html = render_plain(request.text, request.kind)
            self._local.write(key, html)
            return html
        if is_final:
            self._shared.write(key, html)
        return html

    def _render_once(self, key: str, request: RenderRequest) -> str:
        with self._process.turn():
            html = self._local.read(key)  # another thread may have rendered it while this one waited
            if html is None:
                html = self._process.render(request)
                self._local.write(key, html)
        return html


@cache
def renderer() -> Renderer:
    return Renderer(RenderProcess())


def render_output(kind: str, text: str, language: str = "", *, is_final: bool = True) -> SafeString:
    """Return the HTML of an output of this kind (`OutputKind`). It may wait: never call it on the event loop."""
    html = renderer().render(RenderRequest(kind, text, language), is_final=is_final)
    return mark_safe(html)  # noqa: S308 - the renderer escapes and cleans


def key_of(request: RenderRequest) -> str:
    """Return a digest of the text and of everything that decides how it is rendered."""
    parts = "\0".join((versions(), request.kind, request.language, request.text))
    return salted_hmac(SALT, parts.encode("utf-8", "surrogatepass"), algorithm="sha256").hexdigest()


@cache
def versions() -> str:
    return " ".join([str(VERSION), *(version(name) for name in ("markdown-it-py", "nh3", "pygments"))])
