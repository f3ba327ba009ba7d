"""Runs a tool in a plain pytest test, against a model whose answers the test gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, NamedTuple

from pydantic import BaseModel

from gptstore.sdk.answer import Thoughts, with_logprobs
from gptstore.sdk.call import Call, Message, Prompt
from gptstore.sdk.context import Context
from gptstore.sdk.errors import Canceled, ToolError
from gptstore.sdk.execute import run_tool
from gptstore.sdk.file import File
from gptstore.sdk.logprobs import TokenLogprob
from gptstore.sdk.model import Model
from gptstore.sdk.parameters import check_prompt
from gptstore.sdk.stored_file import read_file
from gptstore.sdk.stored_table import Cell, StoredTable
from gptstore.sdk.tool_settings import read_settings
from gptstore.sdk.tools import Tool

Script = str | Sequence[str] | Callable[[Any], str]

Scores = Mapping[str, Sequence[float]] | Callable[[Any, str], Sequence[float]]

_TOKEN = re.compile(r"\s*\w{1,8}|\s*[^\w\s]|\s+")
_THOUGHTS = re.compile(r"\s*<think>(.*?)(?:</think>|\Z)", re.DOTALL)
_TOKENS_PER_MESSAGE = 4


class ScriptedModel(Model):
    """A model whose answers are written down in advance.

    replies: a list with one answer for each call, in order; or one text that is every answer; or a function that
        gets the prompt and returns the answer.
    is_chat: False makes it a base model, which takes plain text only.
    context_length: in tokens of its own: about a word each.
    scores: results of `score`: for each continuation its list of numbers, or a function that gets the prompt and the
        continuation and returns them. One that is not in the script gets -1 for each token.

    logprobs: for calls that ask for them: for a token of the answer, with the space before it, the log-probabilities of
        the tokens in its place, as in `{" yes": {" yes": -0.1, " no": -2.4}}`. Every other token is certain: 0.

    `prompts` holds the tool's prompts, `calls` also the parameters. The calls of a `map` get their replies in the order
    of the prompts; one that is asked again gets the next reply after those that have begun. What an engine would refuse
    raises ParameterError here, too. Stop strings and max_tokens cut the answer as they do on a real model. A reply to
    `parse` is the model's JSON, a reply to `choose` the choice; one that doesn't fit raises AnswerError. A reply of
    a chat model that begins with `<think>…</think>` is one with thoughts, which only a call with `thinking=True` sees.
    """

    def __init__(
        self,
        replies: Script = "",
        *,
        is_chat: bool = True,
        context_length: int = 1024,
        name: str = "scripted",
        scores: Scores | None = None,
        logprobs: Mapping[str, Mapping[str, float]] | None = None,
    ) -> None:
        self.replies = replies
        self.logprobs = {} if logprobs is None else logprobs
        self.scores: Scores = {} if scores is None else scores
        self.is_chat = is_chat
        self.context_length = context_length
        self.name = name
        self.calls: list[Call] = []
        self._lock = Lock()

    @property
    def prompts(self) -> list[Prompt]:
        """Return the prompts of all calls, in their order."""
        return [call.prompt for call in self.calls]

    def answer(self, call: Call) -> Iterator[str]:
        with self._lock:
            self.calls.append(call)
            number = len(self.calls)
        room = self._room(call.prompt)
        limit = room if call.max_tokens is None else min(call.max_tokens, room)
        thoughts, text = self._split(self._reply(call.prompt, number))
        tokens = _TOKEN.findall(_before_stop(text, call.stop))
        pieces = (
            tokens[:limit] if call.logprobs is None else [self._weigh(one, call.logprobs) for one in tokens[:limit]]
        )
        return iter([*map(Thoughts, thoughts if call.thinking else ()), *pieces])

    def score(self, prompt: str | Sequence[Message], continuation: str) -> list[float]:
        asked: Prompt = prompt if isinstance(prompt, str) else [*prompt]
        check_prompt(asked)
        self._room(asked)
        if not continuation:
            raise ToolError("Give a continuation that is not empty.")
        if callable(self.scores):
            return list(self.scores(asked, continuation))
        return list(self.scores.get(continuation, [-1.0] * self.count_tokens(continuation)))

    def count_tokens(self, prompt: str | Sequence[Message]) -> int:
        if isinstance(prompt, str):
            return len(_TOKEN.findall(prompt))
        return sum(_TOKENS_PER_MESSAGE + len(_TOKEN.findall(message["content"])) for message in prompt)

    def _weigh(self, token: str, count: int) -> str:
        """Return the token as a piece with its log-probability, and so many of the likeliest in its place."""
        scripted = self.logprobs.get(token, {})
        ranked = sorted(scripted.items(), key=lambda one: -one[1])[:count]
        top = tuple(TokenLogprob(text.encode(), float(logprob)) for text, logprob in ranked)
        return with_logprobs(token, [TokenLogprob(token.encode(), float(scripted.get(token, 0.0)), top)])

    def _room(self, prompt: Prompt) -> int:
        if not self.is_chat and not isinstance(prompt, str):
            raise ToolError("This model has no chat template: look at ctx.model.is_chat, and give it a plain text.")
        tokens = self.count_tokens(prompt)
        if tokens >= self.context_length:
            raise ToolError(f"The prompt has {tokens} tokens, the model takes {self.context_length} with its answer.")
        return self.context_length - tokens

    def _split(self, reply: str) -> tuple[list[str], str]:
        """Return the thoughts of a reply, in pieces, and its answer."""
        thoughts: list[str] = []
        while self.is_chat and (found := _THOUGHTS.match(reply)):
            thoughts += _TOKEN.findall(found[1])
            reply = reply[found.end() :].lstrip()
        return thoughts, reply

    def _reply(self, prompt: Prompt, number: int) -> str:
        if isinstance(self.replies, str):
            return self.replies
        if callable(self.replies):
            return self.replies(prompt)
        if number > len(self.replies):
            raise AssertionError(
                f"the tool asked the model {number} times, but the script has {len(self.replies)} replies; "
                f"the last prompt was {prompt!r}"
            )
        return self.replies[number - 1]


class ScriptedContext(Context):
    """A context that records the tool's reports. `cancel()` does the same as the Cancel button.

    seconds_left: what the tool is told, also later: `ctx.seconds_left = 0`.
    """

    seconds_left: float | None = None

    def __init__(self, model: Model | None = None, *, seconds_left: float | None = None) -> None:
        self.seconds_left = seconds_left
        self.prompts: list[Prompt] = []
        self.model = _CancelableModel(ScriptedModel() if model is None else model, self)
        self.logs: list[str] = []
        self.reports: list[Progress] = []
        self._canceled = False

    def progress(self, done: float, total: float, message: str = "") -> None:
        self.raise_if_canceled()
        self.reports.append(Progress(done, total, message))

    def log(self, message: str) -> None:
        self.raise_if_canceled()
        self.logs.append(message)

    @property
    def canceled(self) -> bool:
        return self._canceled

    def cancel(self) -> None:
        """Cancel the job: `canceled` is True from now on, and the model, `progress` and `log` raise Canceled."""
        self._canceled = True

    def raise_if_canceled(self) -> None:
        """Raise Canceled once the job was canceled."""
        if self._canceled:
            raise Canceled


class Progress(NamedTuple):
    """One call of `ctx.progress`."""

    done: float
    total: float
    message: str = ""


@dataclass
class Run:
    """One run of a tool: its output, whole and in pieces, and all that it sent to the context and the model.

    `output` is the text as a store keeps it: of a table JSON lines, of a file JSON. `rows` and `file` read it.
    canceled: the job was canceled; `output` is the text before that, and nothing later would be shown.
    """

    pieces: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)
    canceled: bool = False

    @property
    def output(self) -> str:
        """Return the whole output."""
        return "".join(self.pieces)

    @property
    def rows(self) -> list[dict[str, Cell]]:
        """Return the rows of a tool with `output="table"`, each by the names of the columns."""
        return StoredTable(self.output).rows

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns of a tool with `output="table"`."""
        return StoredTable(self.output).columns

    @property
    def file(self) -> File:
        """Return the file of a tool with `output="file"`."""
        if (file := read_file(self.output)) is None:
            raise AssertionError('the run gave no file; a tool with output="file" that comes to its end gives one')
        return file


def run(
    tool: Tool,
    data: Mapping[str, Any] | None = None,
    /,
    *,
    model: Model | None = None,
    ctx: ScriptedContext | None = None,
    cancel_after: int | None = None,
    settings: BaseModel | None = None,
    **inputs: Any,
) -> Run:
    """Run a tool as a worker does, and wait for its end. Passes on the tool's errors.

    The inputs are keyword arguments, or a dict where a name is taken: `run(tool, {"model": "T"}, model=...)`.
    model: answers for `ctx.model`. ctx: a context of your own, to look at afterwards or to cancel.
    cancel_after: cancel the job once this many pieces of output have arrived.
    settings: `ctx.settings`; made of their defaults when left out.
    """
    if ctx is not None and model is not None:
        raise TypeError("give a model or a ctx, not both: a ctx brings its model")
    context = ScriptedContext(model) if ctx is None else ctx
    if settings is not None:
        context.settings = settings
    elif context.settings is None:
        context.settings = read_settings(tool.settings, {})
    done = Run(logs=context.logs, progress=context.reports, prompts=context.prompts)
    try:
        with closing(run_tool(tool, {**(data or {}), **inputs}, context)) as pieces:
            for piece in pieces:
                context.raise_if_canceled()
                done.pieces.append(piece)
                if len(done.pieces) == cancel_after:
                    context.cancel()
    except Canceled:
        pass
    done.canceled = context.canceled
    return done


class _CancelableModel(Model):
    """A model that passes calls on to another, and raises Canceled between two pieces once the context is canceled."""

    def __init__(self, model: Model, ctx: ScriptedContext) -> None:
        self._model = model
        self._ctx = ctx
        self.name, self.context_length, self.is_chat = model.name, model.context_length, model.is_chat

    def answer(self, call: Call) -> Iterator[str]:
        self._ctx.raise_if_canceled()
        self._ctx.prompts.append(call.prompt)
        return self._guarded(self._model.answer(call))

    def count_tokens(self, prompt: str | Sequence[Message]) -> int:
        self._ctx.raise_if_canceled()
        return self._model.count_tokens(prompt)

    def score(self, prompt: str | Sequence[Message], continuation: str) -> list[float]:
        self._ctx.raise_if_canceled()
        self._ctx.prompts.append(prompt if isinstance(prompt, str) else [*prompt])
        return self._model.score(prompt, continuation)

    def report(self, message: str) -> None:
        self._ctx.log(message)

    def _guarded(self, pieces: Iterator[str]) -> Iterator[str]:
        for piece in pieces:
            self._ctx.raise_if_canceled()
            yield piece
        self._ctx.raise_if_canceled()


def _before_stop(text: str, stops: Sequence[str]) -> str:
    found = [position for position in (text.find(stop) for stop in stops) if position >= 0]
    return text[: min(found)] if found else text
