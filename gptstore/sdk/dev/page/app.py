"""The addresses of the page."""

from __future__ import annotations

import json
import secrets
from asyncio import ensure_future, shield, wait_for
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from gptstore.sdk.dev.errors import PluginProblem
from gptstore.sdk.dev.page.html import draw
from gptstore.sdk.dev.page.middleware import FIELD, Guard
from gptstore.sdk.dev.page.page_run import PageRun
from gptstore.sdk.dev.page.site import FLAGS, Site
from gptstore.sdk.form.form import Form
from gptstore.sdk.form.form_request import Sent
from gptstore.sdk.manifest import ToolManifest
from gptstore.sdk.output_file import HARMLESS

SHARED = str(files("gptstore.sdk") / "static")
OWN = str(Path(__file__).parent / "static")
MAX_PART = 64_000_000
PING_SECONDS = 10.0
QUICK_SECONDS = 1.0
"""The time that a browser without JavaScript waits for a quick run: longer ones are looked at again and again."""

RIGHTS = "The tool runs with your own rights here, not in a worker’s sandbox."


def make_app(site: Site, token: str, port: int, rights: str = RIGHTS) -> Starlette:
    """Return the application. rights: a sentence about what the tool may do here."""
    pages = Pages(site, token, rights)
    routes = [
        Route("/", pages.home),
        Route("/tools/{slug}/", pages.tool),
        Route("/tools/{slug}/", pages.run, methods=["POST"]),
        Route("/tools/{slug}/check", pages.check, methods=["POST"]),
        Route("/runs/{id}/", pages.show_run),
        Route("/runs/{id}/output", pages.output),
        Route("/runs/{id}/download", pages.download),
        Route("/runs/{id}/events", pages.events),
        Route("/runs/{id}/cancel", pages.cancel, methods=["POST"]),
        Route("/changes", pages.changes),
        Mount("/static/dev", StaticFiles(directory=OWN)),
        Mount("/static", StaticFiles(directory=SHARED)),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, token=token, port=port)])


class Pages:
    """The views. Each that changes something asks for the token in the form."""

    def __init__(self, site: Site, token: str, rights: str) -> None:
        self.site, self.token, self.rights = site, token, rights

    async def home(self, request: Request) -> Response:
        """Lead to the first tool; say why there is none."""
        if slug := self.site.first_slug:
            return RedirectResponse(address_of(slug), 307)
        return await self._page(None, None)

    async def tool(self, request: Request) -> Response:
        """Show the form, filled by `?example=`, by `?from=` with a run, or at first by the command's flags."""
        tool = self._find_tool(request)
        if tool is None:
            return RedirectResponse("/", 307)
        run = self.site.runs.get(request.query_params.get("from", ""))
        return await self._page(tool, self.site.form(tool, source=source_of(request)), run)

    async def run(self, request: Request) -> Response:
        """Run the tool: dev.js gets the run's part of the page at once, a plain form the page of the run."""
        sent = await self._read(request)
        tool = self._find_tool(request)
        if tool is None:
            return RedirectResponse("/", 303)
        form = self.site.form(tool, sent)
        data = await run_in_threadpool(self.site.check, tool, form)
        if form.has_errors:
            return await self._page(tool, form, status=422)
        try:
            run = await run_in_threadpool(self.site.run, tool, data)
        except PluginProblem as error:
            form.general_errors.append(str(self.site.place(error.problem)))
            return await self._page(tool, form, status=422)
        if is_script(request):
            return await self._run_part(run)
        await run_in_threadpool(run.wait, QUICK_SECONDS)
        return RedirectResponse(f"/runs/{run.id}/", 303)

    async def check(self, request: Request) -> Response:
        """Check the field `?field=` and show its error; the rest of the form may be missing."""
        sent, name = await self._read(request), request.query_params.get("field", "")
        tool = self._find_tool(request)
        if tool is None or name not in (form := self.site.form(tool, sent)).controls:
            raise HTTPException(404)
        await run_in_threadpool(self.site.check, tool, form)
        return HTMLResponse(draw("field_error.html", field=form[name]))

    async def show_run(self, request: Request) -> Response:
        """Show a run: its part of the page to run.js, else the page with its input."""
        run = self._find_run(request)
        if is_script(request):
            return await self._run_part(run)
        tool = self.site.version.find_tool(run.tool.slug) or run.tool
        return await self._page(tool, self.site.form(tool, source=f"from:{run.id}"), run)

    async def output(self, request: Request) -> Response:
        """Show the text so far as its kind, with how much of the text it covers."""
        run = self._find_run(request).as_of_now()
        output = await run_in_threadpool(self.site.draw_output, run)
        return HTMLResponse(draw("output.html", run=run, output=output))

    async def download(self, request: Request) -> Response:
        """Give what a run has put out as a file, a table as CSV or with `?format=json` as JSON."""
        run = self._find_run(request).as_of_now()
        as_json = request.query_params.get("format") == "json"
        file = await run_in_threadpool(run.make_file, as_json=as_json) if run.is_final else None
        if file is None:
            raise HTTPException(404, "The run has ended without a whole file, or has not ended.")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}", **HARMLESS}
        return Response(file.data, headers=headers, media_type=file.content_type)

    async def events(self, request: Request) -> Response:
        """Stream a run's events from its beginning, or from after the last one that the browser had."""
        run = self._find_run(request)
        last = request.headers.get("last-event-id", "")
        return event_stream(run_events(run, int(last) if last.isdecimal() else 0))

    async def cancel(self, request: Request) -> Response:
        """Cancel a run."""
        await self._read(request)
        run = self._find_run(request)
        run.cancel()
        return RedirectResponse(f"/runs/{run.id}/", 303)

    async def changes(self, request: Request) -> Response:
        """Stream the numbers of new versions of the plugin."""
        known = request.headers.get("last-event-id") or request.query_params.get("after", "")
        return event_stream(self._changes(int(known) if known.isdecimal() else 0))

    async def _changes(self, known: int) -> AsyncIterator[str]:
        async for number in self.site.changes(known):
            yield as_event(number, "changed", {"version": number})

    async def _page(
        self, tool: ToolManifest | None, form: Form | None, run: PageRun | None = None, status: int = 200
    ) -> Response:
        site = self.site
        run = run.as_of_now() if run is not None else None
        output = await run_in_threadpool(site.draw_output, run) if run is not None else None
        manifest = site.version.manifest
        page = draw(
            "page.html",
            version=site.version,
            problem=site.problem_line,
            tools=site.tools,
            tool=tool,
            form=form,
            check_url=f"{address_of(tool.slug)}check" if tool else "",
            examples=site.examples(tool) if tool else [],
            run=run,
            output=output,
            manifest_html=await run_in_threadpool(site.manifest_html),
            plugin=f"{manifest.name} {manifest.version}" if manifest else "",
            model=run.model if run is not None else "",
            token=self.token,
            rights=self.rights,
        )
        return HTMLResponse(page, status)

    async def _run_part(self, run: PageRun) -> Response:
        run = run.as_of_now()
        output = await run_in_threadpool(self.site.draw_output, run)
        part = draw("run.html", run=run, output=output, token=self.token)
        return HTMLResponse(part + draw("requests.html", run=run))

    async def _read(self, request: Request) -> Sent:
        """Return what was sent, with the token. Raises HTTPException where that is missing."""
        texts: dict[str, list[str]] = {}
        chosen: dict[str, tuple[str, bytes]] = {}
        async with request.form(max_part_size=MAX_PART) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    if value.filename:
                        chosen[name] = (value.filename, await value.read())
                else:
                    texts.setdefault(name, []).append(value)
        given = texts.pop(FIELD, [""])[0]
        if not secrets.compare_digest(given.encode("utf-8", "replace"), self.token.encode()):
            raise HTTPException(403, "This form is not of this server, or of one that has ended: load the page again.")
        return Sent(texts, chosen)

    def _find_tool(self, request: Request) -> ToolManifest | None:
        return self.site.version.find_tool(request.path_params["slug"])

    def _find_run(self, request: Request) -> PageRun:
        run = self.site.runs.get(request.path_params["id"])
        if run is None:
            raise HTTPException(404, "This run is not kept any more.")
        return run


async def run_events(run: PageRun, after: int) -> AsyncIterator[str]:
    """Yield the events of a run as text. What the model was asked comes with its HTML."""
    async for number, found in run.follow(after):
        data: dict[str, Any] = found.data
        match found.name:
            case "started":
                data = {**data, "attempt": 1}
            case "model":
                data = {"number": data["number"], "html": draw("request.html", request=data)}
        yield as_event(number, found.name, data)


def as_event(number: int, name: str, data: dict[str, Any]) -> str:
    return f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n"


def event_stream(events: AsyncIterator[str]) -> Response:
    """Return server-sent events, with a sign of life where nothing happens."""

    async def with_pings() -> AsyncIterator[str]:
        yield ": hello\n\n"
        async for text in pinged(events):
            yield text

    return StreamingResponse(with_pings(), media_type="text/event-stream")


async def pinged(events: AsyncIterator[str]) -> AsyncIterator[str]:
    """Yield the events, and a comment whenever none came for a while."""
    coming = ensure_future(anext(events))
    try:
        while True:
            try:
                text = await wait_for(shield(coming), PING_SECONDS)
            except TimeoutError:
                yield ": ping\n\n"
                continue
            except StopAsyncIteration:
                return
            yield text
            coming = ensure_future(anext(events))
    finally:
        coming.cancel()


def source_of(request: Request) -> str:
    """Return where the values of a form come from."""
    for name in ("from", "example"):
        if name in request.query_params:
            return f"{name}:{request.query_params[name]}"
    return FLAGS


def is_script(request: Request) -> bool:
    """Return whether a script of the page asks, which wants a part of it."""
    return "hx-request" in request.headers


def address_of(slug: str) -> str:
    return f"/tools/{quote(slug)}/"
