"""`python -m worker.process.serve_model MODEL DESCRIPTOR`: loads a model for `gptstore dev`, which starts this.

MODEL is a folder, or "bundled". The descriptor is a socket, over which go the messages of a tool's host.
"""

import os
import socket
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any

from gptstore.sdk.dev.messages import ModelLoaded
from gptstore.sdk.host import messages
from gptstore.sdk.host.channel import Channel
from gptstore.sdk.logprobs import to_stored
from worker.engine.errors import EngineError
from worker.engine.local.loading import load_engine
from worker.engine.protocol import Engine, Output, Request
from worker.hosts.convert import as_params, as_prompt
from worker.process.open_engine import BUNDLED_MODEL

MAX_AT_ONCE = 64


class ModelServer:
    """Answers the requests of one client, as many at the same time as it sends."""

    def __init__(self, engine: Engine, channel: Channel) -> None:
        self.engine = engine
        self.channel = channel
        self.outputs: SimpleQueue[Sequence[Output]] = SimpleQueue()
        self.pool = ThreadPoolExecutor(MAX_AT_ONCE)

    def serve(self) -> None:
        """Answer until the client has closed its end."""
        Thread(target=self.send_outputs, name="outputs", daemon=True).start()
        with suppress(EOFError, OSError):
            while True:
                self.handle(self.channel.receive())

    def handle(self, message: Any) -> None:
        match message:
            case messages.Generate():
                self.pool.submit(self.reply, message.request, lambda: self.generate(message))
            case messages.Count():
                self.pool.submit(self.reply, message.request, lambda: self.count(message))
            case messages.Score():
                self.pool.submit(self.reply, message.request, lambda: self.score(message))
            case messages.Close():
                self.engine.cancel(str(message.request))

    def reply(self, number: int, respond: Callable[[], list[float] | None]) -> None:
        """Send the values of a response, or why there is none."""
        try:
            if (values := respond()) is not None:
                self.channel.send(messages.Answer(request=number, values=values))
        except EngineError as error:
            self.channel.send(messages.Refused(request=number, code=error.code, message=error.message))

    def generate(self, message: messages.Generate) -> None:
        """Have the engine begin with an answer, whose outputs `send_outputs` sends."""
        request = Request(str(message.request), as_prompt(message.call.prompt), as_params(message.call))
        self.engine.submit(request, self.outputs.put)

    def count(self, message: messages.Count) -> list[float]:
        return [float(self.engine.count_tokens(as_prompt(message.prompt)))]

    def score(self, message: messages.Score) -> list[float]:
        return [*self.engine.score(as_prompt(message.prompt), message.continuation)]

    def send_outputs(self) -> None:
        """Send what the engine gives, in its order."""
        with suppress(OSError):
            while True:
                for output in self.outputs.get():
                    for message in as_messages(output):
                        self.channel.send(message)


def as_messages(output: Output) -> list[messages.HostMessage]:
    """Return the messages for one output of an answer."""
    number = int(output.request_id)
    sent: list[messages.HostMessage] = []
    if output.thoughts:
        sent.append(messages.Text(request=number, text=output.thoughts, is_thought=True))
    if output.text:
        logprobs = to_stored(output.logprobs) or None
        sent.append(messages.Text(request=number, text=output.text, logprobs=logprobs))
    if output.finish and output.finish.error:
        error = output.finish.error
        sent.append(messages.Refused(request=number, code=error.code, message=error.message))
    elif output.finish:
        sent.append(messages.Done(request=number))
    return sent


def main() -> None:
    model, descriptor = sys.argv[1:]
    channel = Channel(socket.socket(fileno=int(descriptor)), messages.to_worker)
    try:
        engine = load_engine(BUNDLED_MODEL if model == "bundled" else model)
    except EngineError as error:
        channel.send(ModelLoaded(error=error.message))
        return
    info = engine.info
    channel.send(ModelLoaded(model=info.name, context_length=info.context_length, is_chat=info.is_chat))
    ModelServer(engine, channel).serve()
    os._exit(0)  # what is still generated is for nobody


if __name__ == "__main__":
    main()
