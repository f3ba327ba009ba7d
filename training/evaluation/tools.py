"""Runs the built-in tools on an engine, like a worker, with the tools' own sampling and fixed seeds."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from queue import SimpleQueue
from uuid import uuid4

from gptstore.sdk import Message, Model, Tool, ToolError
from gptstore.sdk.call import Call
from gptstore.sdk.testing import run
from training.evaluation.skill import ToolInput
from training.prompts import plugin_module
from worker.engine.protocol import Engine, Output, Request
from worker.hosts.convert import as_params, as_prompt

AT_ONCE = 16
PLUGINS = ("gptstore_qa", "gptstore_summarizer", "gptstore_code_writer")


class EngineModel(Model):
    """The model for one run of a tool. Its n-th request has the seed n, unless the tool gives one."""

    def __init__(self, engine: Engine) -> None:
        self.name = engine.info.name
        self.context_length = engine.info.context_length
        self.is_chat = engine.info.is_chat
        self._engine = engine
        self._seeds = count()

    def answer(self, call: Call) -> Iterator[str]:
        outputs: SimpleQueue[Sequence[Output]] = SimpleQueue()
        number, params = next(self._seeds), as_params(call)
        params = params if params.seed is not None else replace(params, seed=number)
        request = Request(f"tool-{uuid4()}", as_prompt(call.prompt), params)
        self._engine.submit(request, outputs.put)
        try:
            while True:
                for output in outputs.get():
                    yield output.text
                    if output.finish:
                        if output.finish.error:
                            raise output.finish.error
                        return
        finally:
            self._engine.cancel(request.id)

    def count_tokens(self, prompt: str | Sequence[Message]) -> int:
        return self._engine.count_tokens(as_prompt(prompt))

    def score(self, prompt: str | Sequence[Message], continuation: str) -> list[float]:
        return list(self._engine.score(as_prompt(prompt), continuation))


def use_tools(engine: Engine, inputs: Sequence[ToolInput]) -> list[str]:
    """Return the output of the tools, in order; nothing where a tool raised ToolError."""
    tools = _built_in()

    def use(given: ToolInput) -> str:
        try:
            return run(tools[given.slug], given.values, model=EngineModel(engine)).output
        except ToolError:
            return ""

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="tool") as pool:
        return list(pool.map(use, inputs))


def _built_in() -> dict[str, Tool]:
    return {tool.slug: tool for package in PLUGINS for tool in plugin_module(package, "tool").gptstore_tools()}
