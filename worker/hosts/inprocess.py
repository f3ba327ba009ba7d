"""A host that runs plugins inside the worker's process."""

from collections.abc import Iterator, Sequence
from contextlib import closing

from pydantic import BaseModel

from gptstore.sdk import Context, Message, Model
from gptstore.sdk.call import Call
from gptstore.sdk.execute import run_tool
from gptstore.sdk.plugins import Loaded
from gptstore.sdk.tool_settings import read_settings
from worker.hosts.base import JobPort, Offer, ToolCall, ToolHost
from worker.hosts.convert import as_params, as_prompt
from worker.hosts.errors import ToolMissing


class InProcessHost(ToolHost):
    def __init__(self, plugins: Loaded) -> None:
        self.plugins = plugins

    @property
    def offers(self) -> dict[Offer, list[str]]:
        return {(plugin.name, ""): [tool.slug for tool in plugin.tools] for plugin in self.plugins.plugins}

    @property
    def broken(self) -> dict[str, str]:
        return {plugin.name: plugin.error for plugin in self.plugins.broken}

    def run(self, call: ToolCall, port: JobPort) -> None:
        tool = None if call.release else self.plugins.find(call.tool, call.plugin)
        if tool is None:
            raise ToolMissing(call.tool)
        pieces = run_tool(tool, call.input, PortContext(port, read_settings(tool.settings, call.settings)))
        with closing(pieces):
            for piece in pieces:
                port.output(piece)

    def close(self) -> None:
        """Do nothing: its tools end with the process."""


class PortContext(Context):
    """The context of a tool whose job is on the other side of `port`."""

    def __init__(self, port: JobPort, settings: BaseModel | None) -> None:
        self.port = port
        self.model = PortModel(port)
        self.settings = settings

    def progress(self, done: float, total: float, message: str = "") -> None:
        self.port.progress(done, total, message)

    def log(self, message: str) -> None:
        self.port.log(message)

    @property
    def canceled(self) -> bool:
        return self.port.stopped

    @property
    def seconds_left(self) -> float | None:
        return self.port.seconds_left


class PortModel(Model):
    def __init__(self, port: JobPort) -> None:
        self.port = port
        self.name = port.model.name
        self.context_length = port.model.context_length
        self.is_chat = port.model.is_chat

    def answer(self, call: Call) -> Iterator[str]:
        return self.port.generate(as_prompt(call.prompt), as_params(call))

    def count_tokens(self, prompt: str | Sequence[Message]) -> int:
        return self.port.count_tokens(as_prompt(prompt))

    def report(self, message: str) -> None:
        self.port.log(message)

    def score(self, prompt: str | Sequence[Message], continuation: str) -> list[float]:
        return self.port.score(as_prompt(prompt), continuation)
