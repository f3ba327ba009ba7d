"""The addresses of the page."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from http import HTTPStatus
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
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from gptstore.sdk.dev.errors import PluginProblem
from gptstore.sdk.dev.page.locale import COOKIE, LANGUAGES, SECONDS, Locale
from gptstore.sdk.dev.page.middleware import FIELD, Guard
from gptstore.sdk.dev.page.page_run import PageRun
from gptstore.sdk.dev.page.site import FLAGS, Site
from gptstore.sdk.dev.page.stream import as_event, event_stream, run_events
from gptstore.sdk.dev.sandbox import Rights
from gptstore.sdk.form.form import Form
from gptstore.sdk.form.form_request import Sent
from gptstore.sdk.job_errors import JOB_ERRORS
from gptstore.sdk.manifest import ToolManifest
from gptstore.sdk.output_file import HARMLESS
from gptstore.sdk.translation import gettext_noop

SHARED = str(files("gptstore.sdk") / "static")
OWN = str(Path(__file__).parent / "static")
MAX_PART = 64_000_000
QUICK_SECONDS = 1.0
"""The time that a browser without JavaScript waits for a quick run: longer ones are looked at again and again."""

OTHER_FORM = gettext_noop("This form is not of this server, or of one that has ended: load the page again.")
NO_RUN = gettext_noop("This run is not kept any more.")
NO_FILE = gettext_noop("The run has ended without a whole file, or has not ended.")
NOT_FOUND = gettext_noop("There is no such page.")


def make_app(site: Site, token: str, port: int, rights: Rights) -> Starlette:
    """Return the application. rights: what the tool may do here."""
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
        Route("/language", pages.choose_language, methods=["POST"]),
        Mount("/static/dev", StaticFiles(directory=OWN)),
        Mount("/static", StaticFiles(directory=SHARED)),
    ]
    guard = Middleware(Guard, token=token, port=port)
    return Starlette(routes=routes, middleware=[guard], exception_handlers={HTTPException: explain})


class Pages:
    """The views. Each that changes something asks for the token in the form."""

    def __init__(self, site: Site, token: str, rights: Rights) -> None:
        self.site, self.token, self.rights = site, token, rights

    async def home(self, request: Request) -> Response:
        """Lead to the first tool; say why there is none."""
        if slug := self.site.first_slug:
            return RedirectResponse(address_of(slug), 307)
        return await self._page(request, None, None)

    async def tool(self, request: Request) -> Response:
        """Show the form, filled by `?example=`, by `?from=` with a run, or at first by the command's flags."""
        tool = self._find_tool(request)
        if tool is None:
            return RedirectResponse("/", 307)
        run = self.site.runs.get(request.query_params.get("from", ""))
        return await self._page(request, tool, self._form(request, tool, source=source_of(request)), run)

    async def run(self, request: Request) -> Response:
        """Run the tool: dev.js gets the run's part of the page at once, a plain form the page of the run."""
        sent = await self._read(request)
        tool = self._find_tool(request)
        if tool is None:
            return RedirectResponse("/", 303)
        form = self._form(request, tool, sent)
        data = await run_in_threadpool(self.site.check, tool, form, locale_of(request).language)
        if form.has_errors:
            return await self._page(request, tool, form, status=422)
        try:
            run = await run_in_threadpool(self.site.run, tool, data)
        except PluginProblem as error:
            form.general_errors.append(str(self.site.place(error.problem)))
            return await self._page(request, tool, form, status=422)
        if is_script(request):
            return await self._run_part(request, run)
        await run_in_threadpool(run.wait, QUICK_SECONDS)
        return RedirectResponse(f"/runs/{run.id}/", 303)

    async def check(self, request: Request) -> Response:
        """Check the field `?field=` and show its error; the rest of the form may be missing."""
        sent, name = await self._read(request), request.query_params.get("field", "")
        tool, locale = self._find_tool(request), locale_of(request)
        if tool is None or name not in (form := self._form(request, tool, sent)).controls:
            raise HTTPException(404)
        await run_in_threadpool(self.site.check, tool, form, locale.language)
        return locale.answer(locale.draw("field_error.html", field=form[name]))

    async def show_run(self, request: Request) -> Response:
        """Show a run: its part of the page to run.js, else the page with its input."""
        run = self._find_run(request)
        if is_script(request):
            return await self._run_part(request, run)
        tool = self.site.version.find_tool(run.tool.slug) or run.tool
        return await self._page(request, tool, self._form(request, tool, source=f"from:{run.id}"), run)

    async def output(self, request: Request) -> Response:
        """Show the text so far as its kind, with how much of the text it covers."""
        run, locale = self._find_run(request).as_of_now(), locale_of(request)
        output = await run_in_threadpool(self.site.draw_output, run, locale.words)
        return locale.answer(locale.draw("output.html", run=run, output=output))

    async def download(self, request: Request) -> Response:
        """Give what a run has put out as a file, a table as CSV or with `?format=json` as JSON."""
        run = self._find_run(request).as_of_now()
        as_json = request.query_params.get("format") == "json"
        file = await run_in_threadpool(run.make_file, as_json=as_json) if run.is_final else None
        if file is None:
            raise HTTPException(404, NO_FILE)
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}", **HARMLESS}
        return Response(file.data, headers=headers, media_type=file.content_type)

    async def events(self, request: Request) -> Response:
        """Stream a run's events from its beginning, or from after the last one that the browser had."""
        run = self._find_run(request)
        last = request.headers.get("last-event-id", "")
        return event_stream(run_events(run, int(last) if last.isdecimal() else 0, locale_of(request)))

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

    async def choose_language(self, request: Request) -> Response:
        """Keep the language that was chosen, and lead back to the page where it was."""
        sent = await self._read(request)
        answer = RedirectResponse(own_address(sent.last("next") or ""), 303)
        if (language := sent.last("language")) in LANGUAGES:
            answer.set_cookie(COOKIE, language or "", SECONDS, httponly=True, samesite="lax")
        return answer

    async def _changes(self, known: int) -> AsyncIterator[str]:
        async for number in self.site.changes(known):
            yield as_event(number, "changed", {"version": number})

    def _form(self, request: Request, tool: ToolManifest, sent: Sent | None = None, source: str = "") -> Form:
        locale = locale_of(request)
        return self.site.form(locale.localize(tool), sent, source, locale.words)

    async def _page(
        self,
        request: Request,
        tool: ToolManifest | None,
        form: Form | None,
        run: PageRun | None = None,
        status: int = 200,
    ) -> Response:
        site, locale = self.site, locale_of(request)
        run = run.as_of_now() if run is not None else None
        output = await run_in_threadpool(site.draw_output, run, locale.words) if run is not None else None
        manifest = site.version.manifest
        shown = locale.localize(tool) if tool is not None else None
        page = locale.draw(
            "page.html",
            version=site.version,
            problem=site.problem_line,
            tools=[locale.localize(other) for other in site.tools],
            tool=shown,
            form=form,
            check_url=f"{address_of(tool.slug)}check" if tool else "",
            examples=site.examples(shown, locale.words) if shown else [],
            output=output,
            manifest_html=await run_in_threadpool(site.manifest_html),
            plugin=f"{manifest.name} {manifest.version}" if manifest else "",
            model=run.model if run is not None else "",
            rights=self.rights.describe(locale.words),
            languages=LANGUAGES,
            address=f"{request.url.path}{'?' if request.url.query else ''}{request.url.query}",
            **self._about(run, locale),
        )
        return locale.answer(page, status)

    async def _run_part(self, request: Request, run: PageRun) -> Response:
        run, locale = run.as_of_now(), locale_of(request)
        output = await run_in_threadpool(self.site.draw_output, run, locale.words)
        part = locale.draw("run.html", output=output, **self._about(run, locale))
        return locale.answer(part + locale.draw("requests.html", run=run))

    def _about(self, run: PageRun | None, locale: Locale) -> dict[str, Any]:
        """Return what is shown of a run in words."""
        error = run.done["error"] if run is not None and run.done is not None else None
        return {
            "run": run,
            "title": locale.localize(run.tool).title if run is not None else "",
            "reason": locale.words.gettext(JOB_ERRORS[error["code"]]) if error and error["code"] in JOB_ERRORS else "",
            "message": run.error_message(locale.words) if run is not None else "",
            "token": self.token,
        }

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
            raise HTTPException(403, OTHER_FORM)
        return Sent(texts, chosen)

    def _find_tool(self, request: Request) -> ToolManifest | None:
        return self.site.version.find_tool(request.path_params["slug"])

    def _find_run(self, request: Request) -> PageRun:
        run = self.site.runs.get(request.path_params["id"])
        if run is None:
            raise HTTPException(404, NO_RUN)
        return run


async def explain(request: Request, error: Exception) -> Response:
    """Return the answer to a request that cannot be served, as a sentence for whoever made it."""
    assert isinstance(error, HTTPException)
    locale = locale_of(request)
    sentence = NOT_FOUND if error.detail == HTTPStatus.NOT_FOUND.phrase else error.detail
    answer = locale.answer(locale.words.gettext(sentence), error.status_code, media_type="text/plain")
    answer.headers.update(error.headers or {})
    return answer


def locale_of(request: Request) -> Locale:
    return Locale.of(request.headers)


def own_address(given: str) -> str:
    """Return an address of this page; its start for one that leads elsewhere."""
    is_own = given.startswith("/") and not given.startswith("//") and "\\" not in given and given.isprintable()
    return given if is_own else "/"


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
