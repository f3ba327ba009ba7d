"""A plugin that is being written, and a server with OpenAI's API that says what a test wants."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

PYPROJECT = """\
[project]
name = "acme-asker"
version = "1.0.0"
description = "Asks the model"
requires-python = ">=3.11"
dependencies = ["gptstore-sdk>=0.1"]

[project.entry-points.gptstore]
asker = "acme_asker"
"""

HEAD = """\
import os
import time
from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel

from gptstore.sdk import Context, Example, ToolError, hookimpl, tool

"""

ASK = '''\
@tool(title="Ask", slug="ask", category="writing", examples=[Example("Hello", {"text": "Hello"})])
def ask(ctx: Context, text: str, mood: Literal["calm", "wild"] = "calm") -> Iterator[str]:
    """Ask the model."""
    yield from ctx.model.stream(f"{mood}: {text}", max_tokens=50, temperature=0)
'''

HOOK = """

@hookimpl
def gptstore_tools():
    return [{}]
"""


def write_asker(folder: Path, code: str = ASK, tools: str = "ask") -> Path:
    """Write the project, with this code of its tools."""
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "acme_asker.py").write_text(HEAD + code + HOOK.format(tools))
    return folder


def body_of(lines: str) -> str:
    """Return a tool that does what these lines say."""
    return ASK.partition("    yield from")[0] + "".join(f"    {line}\n" for line in lines.splitlines())


class ModelServer(ThreadingHTTPServer):
    """Answers every completion with `words`, one an event.

    bodies: of the completions that were asked for, with their paths. kind: which of both it has. hold: it waits after
    its first word until this is set. left: set when a client has gone away meanwhile. wants: the key that it takes.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.words = ["Good", " morning", "."]
        self.bodies: list[tuple[str, dict[str, Any]]] = []
        self.kinds = ["/v1/completions", "/v1/chat/completions"]
        self.entry: dict[str, Any] = {"id": "acme/small", "owned_by": "acme", "max_model_len": 512}
        self.keys: list[str | None] = []
        self.wants = ""
        self.counts = False
        self.usage: dict[str, int] | None = {"prompt_tokens": 7, "completion_tokens": 3}
        self.holds = False
        self.weighs = True
        self.left = Event()

    @property
    def asked(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the requests of tools: the other ones want no stream."""
        return [(path, body) for path, body in self.bodies if body.get("stream")]


def logprobs_of(word: str, *, is_chat: bool) -> dict[str, Any]:
    """Return a word as a token that is less likely than "Bad"."""
    if not is_chat:
        return {"tokens": [word], "token_logprobs": [-2.0], "top_logprobs": [{"Bad": -0.5, word: -2.0}]}
    return {"content": [{"token": word, "logprob": -2.0, "top_logprobs": [{"token": "Bad", "logprob": -0.5}]}]}


class Handler(BaseHTTPRequestHandler):
    server: ModelServer

    def do_GET(self) -> None:
        self.server.keys.append(self.headers["Authorization"])
        if self.server.wants and self.headers["Authorization"] != f"Bearer {self.server.wants}":
            self.answer(401, {"error": {"message": "Who is there?"}})
        else:
            self.answer(200, {"object": "list", "data": [self.server.entry]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/tokenize" and self.server.counts:
            self.answer(200, {"count": len(str(body).split())})
        elif self.path not in self.server.kinds:
            self.answer(404, {"error": {"message": f"There is no {self.path}."}})
        else:
            self.server.bodies.append((self.path, body))
            self.stream(body) if body.get("stream") else self.answer(200, {"choices": [{"message": {"content": "Hi"}}]})

    def stream(self, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        is_chat = "chat" in self.path
        for word in self.server.words:
            choice = {"delta": {"content": word}} if is_chat else {"text": word}
            if body.get("logprobs") is not None and self.server.weighs:
                choice |= {"logprobs": logprobs_of(word, is_chat=is_chat)}
            self.send({"choices": [choice], "usage": None})
            if self.server.holds:
                self.connection.settimeout(60)
                self.server.left.set() if not self.connection.recv(1) else None
                return
        if self.server.usage is not None:
            self.send({"choices": [], "usage": self.server.usage})
        self.wfile.write(b"data: [DONE]\n\n")

    def send(self, event: dict[str, Any]) -> None:
        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())

    def answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def model_server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
