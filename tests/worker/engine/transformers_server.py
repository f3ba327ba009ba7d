"""`transformers serve`, a real server with OpenAI's API, with the model that ships."""

import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from harness.process import ROOT, Process
from tests.worker.engine.models import CHAT_TEMPLATE

BUNDLED = ROOT / "worker" / "bundled_model"
PLAIN, CHAT = "gptstore/mini", "gptstore/mini-chat"


@contextmanager
def transformers_server(folder: Path) -> Iterator[str]:
    """Serve the bundled model, as it is and with a chat template. Yields the server's address."""
    _keep_in_cache(folder / "cache", PLAIN)
    _keep_in_cache(folder / "cache", CHAT, CHAT_TEMPLATE)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    place = {"HF_HUB_CACHE": str(folder / "cache"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    command = [str(Path(sys.executable).parent / "transformers"), "serve", "--host", "127.0.0.1", "--port", f"{port}"]
    process = Process([*command, "--device", "cpu", "--dtype", "float32"], place, folder / "serve.log")
    url = f"http://127.0.0.1:{port}"
    try:
        process.wait_until(lambda: _answers(url), 90)
        yield url
    finally:
        process.stop()


def _keep_in_cache(cache: Path, name: str, chat_template: str | None = None) -> None:
    """Put the bundled model where a Hugging Face download would be."""
    folder = cache / f"models--{name.replace('/', '--')}"
    snapshot = folder / "snapshots" / "0"
    shutil.copytree(BUNDLED, snapshot)
    (folder / "refs").mkdir()
    (folder / "blobs").mkdir()
    (folder / "refs" / "main").write_text("0")
    if chat_template:
        (snapshot / "chat_template.jinja").write_text(chat_template)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").is_success
    except httpx.TransportError:
        return False
