"""What the page shows and does: the plugin's tools, the run, and whoever waits for the next save."""

from __future__ import annotations

import json
from asyncio import AbstractEventLoop, Event, get_running_loop
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from markupsafe import Markup

from gptstore.sdk.dev.errors import PluginProblem
from gptstore.sdk.dev.page.live_plugin import LivePlugin, Version
from gptstore.sdk.dev.page.page_run import PageRun
from gptstore.sdk.dev.page.renderer import Renderer
from gptstore.sdk.dev.tool_run import ToolRun
from gptstore.sdk.error_messages import SIZE, error_message
from gptstore.sdk.errors import FieldError
from gptstore.sdk.form.file_size import file_size
from gptstore.sdk.form.form import Form
from gptstore.sdk.form.form_file import size_of
from gptstore.sdk.form.form_request import Sent
from gptstore.sdk.form.properties import without_null
from gptstore.sdk.manifest import ToolManifest
from gptstore.sdk.model import Model
from gptstore.sdk.problem import Problem
from gptstore.sdk.render.live_output import PartialOutput
from gptstore.sdk.render.table_file import FirstRows, render_file
from gptstore.sdk.stored_file import read_file, read_head
from gptstore.sdk.stored_table import StoredTable
from gptstore.sdk.translation import ENGLISH, Translation

Json = dict[str, Any]

MAX_RUNS = 20
MAX_FILE_BYTES = 3_000_000
"""As many as a store takes by default (`GPTSTORE_MAX_FILE_BYTES`)."""

FLAGS = "flags"
"""The source of the values that the command's flags gave."""


@dataclass(frozen=True)
class DrawnOutput(PartialOutput):
    """An output with the HTML of its head, and the tokens that the model had made."""

    html: str = ""
    tokens: int = 0


@dataclass(frozen=True)
class Given:
    """What the command was told: which tool comes first, with which values, and the settings of the tools."""

    slug: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    settings: Json | None = None


class Site:
    """Holds the state of one server. place: returns a problem with its file as the author reaches it."""

    def __init__(
        self,
        plugin: LivePlugin,
        model_for: Callable[[ToolManifest], Model],
        given: Given | None = None,
        place: Callable[[Problem], Problem] = lambda problem: problem,
    ) -> None:
        self.plugin, self.model_for, self.given, self.place = plugin, model_for, given or Given(), place
        self.renderer = Renderer()
        self.runs: dict[str, PageRun] = {}
        self._readers: set[tuple[AbstractEventLoop, Event]] = set()
        self._stopped = False
        self._turn = Lock()
        plugin.changed = self._tell

    @property
    def version(self) -> Version:
        return self.plugin.version

    @property
    def tools(self) -> list[ToolManifest]:
        return self.version.manifest.tools if self.version.manifest is not None else []

    @property
    def first_slug(self) -> str:
        """Return the slug of the tool that is shown first, "" while there is none."""
        slugs = [tool.slug for tool in self.tools]
        return self.given.slug if self.given.slug in slugs else next(iter(slugs), "")

    @property
    def problem_line(self) -> str:
        """Return why the last save has no plugin, as `gptstore check` prints it; "" when it has one."""
        return str(self.place(self.version.problem)) if self.version.problem is not None else ""

    def form(
        self, tool: ToolManifest, sent: Sent | None = None, source: str = "", words: Translation = ENGLISH
    ) -> Form:
        """Return the tool's form: as it was sent, or filled by a source."""

        def find(source: str) -> Json:
            kind, _, name = source.partition(":")
            if kind == "from" and (run := self.runs.get(name)) is not None and run.tool.slug == tool.slug:
                return run.input_to_go_on
            return find_values(self.given, tool, source)

        return Form(tool.input_schema, sent, values=find(source), source=source, find_kept=find, words=words)

    def examples(self, tool: ToolManifest, words: Translation = ENGLISH) -> list[Json]:
        """Return each example with the value of every control of the form, by the control's name."""
        return [
            {"title": example.title, "controls": form.values_by_control(), "open": form.open_fieldsets()}
            for number, example in enumerate(tool.examples, start=1)
            for form in [self.form(tool, source=f"example:{number}", words=words)]
        ]

    def manifest_html(self) -> str:
        """Return the manifest as a store gets it. It waits."""
        manifest = self.version.manifest
        if manifest is None:
            return ""
        return self.renderer.html("json", json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False))

    def draw_output(self, run: PageRun, words: Translation = ENGLISH) -> DrawnOutput:
        """Return what a run has put out by now, drawn as its kind. It waits."""
        tokens, output = run.tokens, run.output
        if output.is_text:
            html = self.renderer.html(output.kind, output.head, run.language)
        else:
            html = Markup(draw_data(output, f"/runs/{run.id}/download", words))  # noqa: S704  it escapes all that it is given
        return DrawnOutput(output.whole, output.kind, output.is_final, html=html, tokens=tokens)

    def check(self, tool: ToolManifest, form: Form, language: str = "") -> Json:
        """Check what was sent, and note the errors in the form, in a language. Return the input. It waits."""
        data = form.read()
        try:
            found = self.plugin.check(tool.slug, data, language)
        except PluginProblem as error:
            found = [{"field": "", "message": str(self.place(error.problem)), "code": "plugin"}]
        order = [*form.controls]
        found = sorted(found, key=lambda error: order.index(error["field"]) if error["field"] in order else len(order))
        form.add_errors([*found, *find_too_large(tool, data, form.words)])
        return data

    def run(self, tool: ToolManifest, data: Json) -> PageRun:
        """Begin a run; one that goes on is canceled. It waits. Raises PluginProblem."""
        with self._turn:
            for other in self.runs.values():
                if not other.is_final:
                    other.cancel()
                    other.wait()
            run, model = PageRun(tool, data), self.model_for(tool)
            process = self.plugin.take()
            run.start(process, lambda process: ToolRun(process, tool, data, model, self.given.settings))
            self.runs = dict([*self.runs.items(), (run.id, run)][-MAX_RUNS:])
        return run

    async def changes(self, known: int) -> AsyncIterator[int]:
        """Yield the number of the version whenever it is another one than the page knows."""
        reader = (get_running_loop(), Event())
        self._readers.add(reader)
        try:
            while not self._stopped:
                reader[1].clear()
                if self.version.number != known:
                    known = self.version.number
                    yield known
                await reader[1].wait()
        finally:
            self._readers.discard(reader)

    def stop(self) -> None:
        """Cancel what runs, and end the streams of open pages."""
        self._stopped = True
        for run in self.runs.values():
            run.cancel()
        self._tell()

    def close(self) -> None:
        """Wait for the end of what runs, and end what draws."""
        self.stop()
        for run in self.runs.values():
            run.wait()
        self.renderer.close()

    def _tell(self, _version: Version | None = None) -> None:
        for loop, more in [*self._readers]:
            with suppress(RuntimeError):  # the server has ended
                loop.call_soon_threadsafe(more.set)


def find_values(given: Given, tool: ToolManifest, source: str) -> Json:
    """Return the input that a source names: an example by its number, or the command's flags; {} for another."""
    kind, _, number = source.partition(":")
    if kind == "example":
        found = [example.input for place, example in enumerate(tool.examples, start=1) if number == str(place)]
        return dict(found[0]) if found else {}
    return dict(given.values) if source == FLAGS and given.slug == tool.slug else {}


def find_too_large(tool: ToolManifest, data: Json, words: Translation = ENGLISH) -> list[FieldError]:
    """Return an error for each file with which an input has more bytes than a store takes."""
    total, found = 0, []
    for name, prop in tool.input_schema.get("properties", {}).items():
        size = size_of(data.get(name)) if "x-file" in without_null(prop)[0] else 0
        total += size
        if size and total > MAX_FILE_BYTES:
            message = error_message(SIZE, MAX_FILE_BYTES, total, words)
            found.append(FieldError(field=name, message=message, code=SIZE))
    return found


def draw_data(output: PartialOutput, address: str, words: Translation = ENGLISH) -> str:
    """Return the HTML of a table or a file. address: of its download."""
    if output.kind == "table":
        table = StoredTable(output.text)
        rows = words.ngettext("%(n)s row", "%(n)s rows", len(table)) % {"n": f"{len(table):,}"}
        return FirstRows.of(table).render(rows)
    head = read_head(output.text)
    if head is None:
        return ""
    is_whole = output.is_final and read_file(output.whole) is not None
    facts = f"{head.media_type} · {file_size(head.size, words)}"
    return render_file(head, facts, "", (address, words.gettext("Download")) if is_whole else None)
