"""One run of a tool, in the process that has imported it, as a stream of events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty
from time import monotonic
from typing import Any

from gptstore.sdk.dev.event import Event
from gptstore.sdk.dev.recorder import Exchange, Recorder
from gptstore.sdk.dev.replies import Replies
from gptstore.sdk.dev.tool_process import Closed, ToolProcess
from gptstore.sdk.exit_status import signal_name
from gptstore.sdk.host import messages
from gptstore.sdk.host.message_parts import split_piece
from gptstore.sdk.import_problems import MAX_PRINTED
from gptstore.sdk.limits import MEGA, MEMORY, SECONDS
from gptstore.sdk.manifest import ToolManifest
from gptstore.sdk.model import Model
from gptstore.sdk.translation import ENGLISH, Translation, gettext_noop

FINISHED = "finished"
STOP_SECONDS = 2.0
"""How long a tool may take to stop once it was asked to, before its process is ended."""

LAST_SECONDS = 6.0
"""How long the end of a run waits for what its process printed: a little longer than `tool_process` does."""


class Cancel:
    """In the queue: somebody wants the run to end."""


@dataclass(frozen=True)
class End:
    """How a run has ended. status, code: as those of a store's job.

    message: why it failed. values: what stands in it, if it is a sentence of the SDK's, which is translated.
    """

    status: str
    code: str = ""
    message: str = ""
    values: Mapping[str, object] | None = None

    def describe(self, words: Translation = ENGLISH) -> str:
        """Return why it failed, in a reader's language if the SDK has found out itself."""
        return self.message if self.values is None else words.gettext(self.message) % self.values


CANCELED = End("canceled")


class ToolRun:
    """Runs the tool when it is iterated. After an interruption it can be iterated again, and goes on.

    settings: of the tool, as an administrator would give them.
    """

    job_id = ""

    def __init__(
        self,
        process: ToolProcess,
        tool: ToolManifest,
        data: Mapping[str, Any],
        model: Model,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.tool = tool
        self._process = process
        self._received = process.received
        self._seconds = float(getattr(tool, SECONDS.name) or SECONDS.default)
        self._recorder = Recorder(model, self._received.put)
        self._replies = Replies(self._recorder, process.channel, self._pass_on)
        self._output: list[str] = []
        self._canceled_at: float | None = None
        self._began: float | None = None
        self._end: End | None = None
        self._is_closed = False
        self._start = messages.Start(
            tool=tool.slug,
            input=dict(data),
            model=model.name,
            context_length=model.context_length,
            is_chat=model.is_chat,
            seconds_left=self._seconds,
            settings=None if settings is None else dict(settings),
        )

    def __iter__(self) -> Iterator[Event]:
        """Yield the events of the run, until `finished`."""
        if self._began is None:
            self._began = monotonic()
            self._process.limit_memory(getattr(self.tool, MEMORY.name))
            self._process.channel.send(self._start)
            yield Event("started", {"tool": self.tool.slug, "model": self._start.model})
        while self._end is None:
            yield from self._read(self._next())
        self._replies.close()
        yield from self._last_items()
        yield self._finished(self._end)

    @property
    def end(self) -> End | None:
        """Return how it has ended, None before."""
        return self._end

    def cancel(self) -> None:
        """Ask the tool to stop, from any thread. Its process is ended where it does not."""
        self._received.put(Cancel())

    def _pass_on(self, text: str) -> None:
        """Take a text of the model's that the tool puts out without seeing it."""
        for part, logprobs in split_piece(text):
            self._received.put(messages.Output(text=part, logprobs=logprobs))

    def _last_items(self) -> Iterator[Event]:
        """Yield what was printed and asked before the end: other threads bring it, so it may come after the end."""
        until = monotonic() + LAST_SECONDS
        while not self._is_closed:
            try:
                item = self._received.get(timeout=max(0.0, until - monotonic()))
            except Empty:
                return
            if isinstance(item, Exchange | str | Closed):
                yield from self._read(item)

    def _next(self) -> Any:
        """Return what comes next; None when the time is up."""
        assert self._began is not None
        until = self._began + self._seconds if self._canceled_at is None else self._canceled_at + STOP_SECONDS
        try:
            return self._received.get(timeout=max(0.0, until - monotonic()))
        except Empty:
            return None

    def _read(self, item: Any) -> Iterator[Event]:
        """Yield the events of what has come, or note the end of the run."""
        match item:
            case messages.Output():
                self._output.append(item.text)
                logprobs = {"logprobs": item.logprobs} if item.logprobs else {}
                yield Event("output", {"text": item.text, **logprobs})
            case messages.Progress():
                yield Event("progress", {"done": item.done, "total": item.total, "message": item.message})
            case messages.Log():
                yield Event("log", {"message": item.message})
            case str():
                yield Event("printed", {"message": item})
            case Exchange():
                yield Event("model", item.as_data())
            case Cancel():
                self._stop()
            case messages.Finished():
                self._end = End("succeeded")
            case messages.Failed():
                if item.reason == "crashed":
                    yield from (Event("printed", {"message": line}) for line in item.message.splitlines())
                self._end = CANCELED if self._canceled_at is not None else end_of(item)
            case Closed():
                self._is_closed = True
                if self._end is None:
                    self._end = CANCELED if self._canceled_at is not None else self._lost()
            case None:
                self._process.kill()
                self._end = CANCELED if self._canceled_at is not None else self._timed_out()
            case _:
                self._replies.handle(item)

    def _stop(self) -> None:
        if self._canceled_at is None:
            self._canceled_at = monotonic()
            with suppress(OSError):  # its process has ended, which comes next
                self._process.channel.send(messages.Stop())
            self._replies.cancel()

    def _lost(self) -> End:
        if self._process.printed > MAX_PRINTED:
            sentence = gettext_noop("It printed more than %(n)s MB.")
            return End("failed", "tool_crashed", sentence, {"n": f"{MAX_PRINTED / MEGA:g}"})
        return End("failed", "tool_crashed", *ending_of_process(self._process.end_status()))

    def _timed_out(self) -> End:
        sentence = gettext_noop("A run of this tool may take %(n)s seconds.")
        return End("failed", "timeout", sentence, {"n": f"{self._seconds:g}"})

    def _finished(self, end: End) -> Event:
        """Return the last event, with the fields of a store's job that there are here."""
        assert self._began is not None
        recorder = self._recorder
        data = {
            "tool": self.tool.slug,
            "status": end.status,
            "output_kind": str(self.tool.output),
            "output": "".join(self._output),
            "error": {"code": end.code, "message": end.describe()} if end.code else None,
            "usage": {"prompt_tokens": recorder.prompt_tokens, "completion_tokens": recorder.completion_tokens},
            "metrics": {"run_seconds": round(monotonic() - self._began, 3)},
        }
        return Event(FINISHED, data)


def ending_of_process(status: int | None) -> tuple[str, dict[str, object]]:
    """Return the sentence for a process that ended before its tool, and what stands in it. status: of the process."""
    if status is None:
        return gettext_noop("The tool did not come to its end: its process said no more."), {}
    if status >= 0:
        sentence = gettext_noop("The tool did not come to its end: its process ended with status %(status)s.")
        return sentence, {"status": status}
    sentence = gettext_noop("The tool did not come to its end: its process was ended by %(signal)s.")
    return sentence, {"signal": signal_name(-status)}


def end_of(failed: messages.Failed) -> End:
    """Return how a run has ended whose tool raised an error."""
    match failed.reason:
        case "canceled":
            return CANCELED
        case "crashed":
            return End("failed", "tool_crashed", failed.message.strip().rpartition("\n")[2] or failed.code)
        case "memory":
            return End("failed", "limit_exceeded", gettext_noop("It took more memory than there is."), {})
        case "disk":
            return End("failed", "limit_exceeded", gettext_noop("It wrote a file that is too large."), {})
        case "parameters":
            return End("failed", "bad_request", failed.message)
        case "refused":
            return End("failed", failed.code, failed.message)
    return End("failed", "tool_error", failed.message)
