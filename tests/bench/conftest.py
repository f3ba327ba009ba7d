"""A tiny model that the benchmark makes, its engine, and a server that streams completions from it."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
import torch

from bench.engine.model import TINY, save_model
from worker.engine.local.loading import load_engine
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Output, Request


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("bench") / "tiny", TINY, torch.float32)


@pytest.fixture(scope="session")
def engine(tiny: Path) -> Iterator[Engine]:
    engine = load_engine(str(tiny), device="cpu", dtype="float32", threads=1)
    yield engine
    engine.close()


@pytest.fixture
def server(engine: Engine) -> Iterator[str]:
    """The address of an OpenAI-compatible server of the tiny model."""

    class Completions(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send("application/json", [json.dumps({"data": [{"id": "tiny"}]})])

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            events = [f"data: {json.dumps(event)}\n\n" for event in _complete(engine, body)]
            self._send("text/event-stream", [*events, "data: [DONE]\n\n"])

        def _send(self, kind: str, parts: list[str]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.writelines(part.encode() for part in parts)

        def log_message(self, *args: Any) -> None:
            """Keep quiet."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 64  # as many may connect at once

    with Server(("127.0.0.1", 0), Completions) as http:
        Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_address[1]}"
        http.shutdown()


def _complete(engine: Engine, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    outputs: SimpleQueue[Output] = SimpleQueue()
    params = SamplingParams(max_tokens=body["max_tokens"] - body.get("too_few", 0), temperature=0)
    engine.submit(Request(str(uuid4()), body["prompt"], params), lambda batch: [*map(outputs.put, batch)])
    while True:
        output = outputs.get()
        yield {"choices": [{"text": output.text}]}
        if output.finish:
            usage = output.finish.usage
            yield {
                "choices": [],
                "usage": {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens},
            }
            return
