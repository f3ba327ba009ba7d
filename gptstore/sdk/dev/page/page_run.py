"""One run of a tool for the page: what has happened in it so far, and whoever waits for more."""

from __future__ import annotations

import secrets
from asyncio import AbstractEventLoop, Event, get_running_loop
from collections.abc import AsyncIterator, Callable, Mapping
from copy import copy
from threading import Lock, Thread
from time import monotonic
from typing import Any

from gptstore.sdk.dev import event
from gptstore.sdk.dev.tool_process import ToolProcess
from gptstore.sdk.dev.tool_run import FINISHED, ToolRun
from gptstore.sdk.form.message_list import conversation_of
from gptstore.sdk.manifest import ToolManifest
from gptstore.sdk.output import OutputKind
from gptstore.sdk.output_file import BOM, OutputFile, make_file
from gptstore.sdk.render.languages import code_suffix
from gptstore.sdk.render.live_output import PartialOutput
from gptstore.sdk.translation import Translation

Json = dict[str, Any]


class PageRun:
    """A run on a thread of its own, which ends the process."""

    def __init__(self, tool: ToolManifest, data: Mapping[str, Any]) -> None:
        self.id = secrets.token_hex(8)
        self.tool = tool
        self.data = dict(data)
        self.language = tool.language or str(self.data.get(tool.language_input or "") or "")
        self.model = ""
        self.events: list[event.Event] = []
        self.done: Json | None = None
        self._began = monotonic()
        self._canceled = False
        self._run: ToolRun | None = None
        self._readers: set[tuple[AbstractEventLoop, Event]] = set()
        self._lock = Lock()
        self._thread: Thread | None = None

    def start(self, process: ToolProcess, make_run: Callable[[ToolProcess], ToolRun]) -> None:
        """Begin. make_run: returns the run in this process."""
        self._run = make_run(process)
        self._thread = Thread(target=self._work, args=(process, self._run), name="run", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Ask the tool to stop, from any thread."""
        self._canceled = True
        if self._run is not None:
            self._run.cancel()

    def wait(self, seconds: float | None = None) -> None:
        """Wait for the end of the run, not on the event loop."""
        if self._thread is not None:
            self._thread.join(seconds)

    def as_of_now(self) -> PageRun:
        """Return the run as it is at this moment, to be drawn: it goes on meanwhile, and may end."""
        with self._lock:
            now = copy(self)
            now.events = [*self.events]
        return now

    async def follow(self, after: int = 0) -> AsyncIterator[tuple[int, event.Event]]:
        """Yield the events with their numbers, from 1, until the run has ended. after: the number of the last known."""
        reader = (get_running_loop(), Event())
        self._readers.add(reader)
        try:
            while True:
                reader[1].clear()
                with self._lock:
                    fresh, is_over = self.events[after:], self.done is not None
                for found in fresh:
                    after += 1
                    yield after, found
                if is_over:
                    return
                await reader[1].wait()
        finally:
            self._readers.discard(reader)

    @property
    def status(self) -> str:
        return str(self.done["status"]) if self.done is not None else "running"

    @property
    def is_final(self) -> bool:
        return self.done is not None

    @property
    def is_canceling(self) -> bool:
        return self._canceled and self.done is None

    @property
    def output(self) -> PartialOutput:
        """Return what the tool has put out so far."""
        with self._lock:
            whole = "".join(found.data["text"] for found in self.events if found.name == "output")
            return PartialOutput(whole, self.tool.output, self.is_final)

    @property
    def input_to_go_on(self) -> Json:
        """Return the input of the run; a conversation that a reply can continue has the answer as its last message."""
        name, answer = conversation_of(self.tool.input_schema), self.output.whole
        if not (self.can_go_on and name):
            return self.data
        return {**self.data, name: [*self.data[name], {"role": "assistant", "content": answer}]}

    @property
    def can_go_on(self) -> bool:
        """Return whether a reply can continue the conversation that this run answered."""
        name = conversation_of(self.tool.input_schema)
        has_answer = self.status in ("succeeded", "canceled") and bool(self.output.whole.strip())
        return has_answer and name is not None and isinstance(self.data.get(name), list)

    def make_file(self, *, as_json: bool = False) -> OutputFile | None:
        """Return the output as a file to save, None for one that is not whole. as_json: a table as JSON."""
        kind = OutputKind(self.tool.output)
        suffix = code_suffix(self.language) if kind == OutputKind.CODE else ""
        stem = f"{self.tool.slug}-{self.id[-8:]}"
        return make_file(kind, self.output.whole, stem, as_json=as_json, suffix=suffix, bom=BOM)

    def error_message(self, words: Translation) -> str:
        """Return why the run failed, in a reader's language if the SDK has found out itself; "" where nobody said."""
        if self._run is not None and self._run.end is not None:
            return self._run.end.describe(words)
        return str(self.done["error"]["message"]) if self.done is not None and self.done["error"] else ""

    def named(self, *names: str) -> list[Json]:
        """Return the data of the events of these names."""
        with self._lock:
            return [found.data for found in self.events if found.name in names]

    @property
    def progress(self) -> Json | None:
        return next(reversed(self.named("progress")), None)

    @property
    def requests(self) -> list[Json]:
        """Return what was asked of the model, in the order in which it was."""
        return sorted(self.named("model"), key=lambda request: int(request["number"]))

    @property
    def lines(self) -> list[tuple[str, bool]]:
        """Return what the tool logged and printed, in order, and whether it was printed."""
        with self._lock:
            found = [one for one in self.events if one.name in ("log", "printed")]
        return [(str(one.data["message"]), one.name == "printed") for one in found]

    @property
    def seconds(self) -> float:
        """Return how long the run has taken so far, or in all."""
        if self.done is not None:
            return float(self.done["metrics"]["run_seconds"])
        return round(monotonic() - self._began, 1)

    @property
    def tokens(self) -> int:
        return sum(int(request["completion_tokens"]) for request in self.named("model"))

    def _work(self, process: ToolProcess, run: ToolRun) -> None:
        try:
            for found in run:
                self._add(found)
        except Exception as error:
            error_data = {"code": "tool_crashed", "message": f"{type(error).__name__}: {error}"}
            self._add(event.Event(FINISHED, ending("failed", self.output.whole, error_data)))
        finally:
            process.close()

    def _add(self, found: event.Event) -> None:
        with self._lock:
            self.events.append(found)
            if found.name == "started":
                self.model = str(found.data["model"])
            if found.name == FINISHED:
                self.done = found.data
            readers = [*self._readers]
        for loop, more in readers:
            try:
                loop.call_soon_threadsafe(more.set)
            except RuntimeError:  # the server has ended
                continue


def ending(status: str, output: str, error: Json | None) -> Json:
    """Return the data of a run's end that nobody counted."""
    usage = {"prompt_tokens": 0, "completion_tokens": 0}
    return {"status": status, "output": output, "error": error, "usage": usage, "metrics": {"run_seconds": 0.0}}
