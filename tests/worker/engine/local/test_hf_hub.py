"""Models of the Hugging Face hub, here one on loopback that has a single model, acme/tiny."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import huggingface_hub.constants as hub_constants
import pytest

from worker.engine.errors import ModelLoadError
from worker.engine.local import hf_hub, loading
from worker.engine.local.hf_hub import fetch
from worker.engine.local.loading import load_engine


class Hub(BaseHTTPRequestHandler):
    """Answers as the hub does for the files of one model; every other model does not exist."""

    folder: Path

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def log_message(self, format: str, *arguments: object) -> None:
        pass

    def _answer(self, with_body: bool) -> None:
        path = self.path.split("?")[0]
        files = {f"/acme/tiny/resolve/main/{file.name}": file for file in self.folder.iterdir()}
        if path.startswith("/api/models/acme/tiny/tree/"):
            entries = [
                {"type": "file", "oid": "0", "path": file.name, "size": file.stat().st_size} for file in files.values()
            ]
            self._send(200, json.dumps(entries).encode(), with_body)
        elif path.startswith("/api/models/acme/tiny"):
            listing = [{"rfilename": file.name} for file in self.folder.iterdir()]
            self._send(200, json.dumps({"id": "acme/tiny", "sha": "0" * 40, "siblings": listing}).encode(), with_body)
        elif path in files or path.replace("0" * 40, "main") in files:
            self._send(200, files[path.replace("0" * 40, "main")].read_bytes(), with_body)
        elif "/acme/tiny/" in path:
            self._send(404, b"", with_body, ("X-Error-Code", "EntryNotFound"))
        else:
            self._send(404, b"", with_body, ("X-Error-Code", "RepoNotFound"))

    def _send(self, status: int, body: bytes, with_body: bool, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Length", str(len(body))),
            ("ETag", f'"{hash(body):x}"'),
            ("X-Repo-Commit", "0" * 40),
            *headers,
        ):
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)


@dataclass
class RunningHub:
    """folder: the model's files on the hub. url: the hub's address."""

    folder: Path
    url: str

    def refusal(self, model: str, max_bytes: int | None = None) -> str:
        with pytest.raises(ModelLoadError) as caught:
            fetch(model, max_bytes, self.url)
        assert "\n" not in caught.value.message
        return caught.value.message


@pytest.fixture
def hub(gpt2_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningHub]:
    """A running hub, and an empty cache."""

    class ThisHub(Hub):
        folder = shutil.copytree(gpt2_folder, tmp_path / "hub")

    server = HTTPServer(("127.0.0.1", 0), ThisHub)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    monkeypatch.setattr(hub_constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    yield RunningHub(ThisHub.folder, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_model_is_fetched_whole_without_what_is_not_needed(hub: RunningHub) -> None:
    needed = {file.name for file in hub.folder.iterdir()}
    (hub.folder / "pytorch_model.bin").write_bytes(b"pickle")

    folder = fetch("acme/tiny", None, hub.url)

    assert {file.name for file in folder.iterdir()} == needed


def test_a_hub_model_runs_and_is_named_after_its_hub_name(hub: RunningHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "fetch", partial(fetch, endpoint=hub.url))

    engine = load_engine("acme/tiny")
    engine.close()

    assert engine.info.name == "acme/tiny"


def test_a_model_that_was_fetched_once_is_found_without_a_network(
    hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fetch("acme/tiny", None, hub.url)
    monkeypatch.setattr(hub_constants, "HF_HUB_OFFLINE", True)

    assert fetch("acme/tiny", None) == folder


def test_a_model_that_is_not_there(hub: RunningHub) -> None:
    assert 'There is no model "acme/other" on the Hugging Face hub' in hub.refusal("acme/other")


def test_a_repository_without_a_config(hub: RunningHub) -> None:
    (hub.folder / "config.json").unlink()

    assert "has no config.json" in hub.refusal("acme/tiny")


def test_a_model_without_safetensors(hub: RunningHub) -> None:
    (hub.folder / "model.safetensors").unlink()

    assert "no safetensors weights" in hub.refusal("acme/tiny")


def test_a_model_too_large_is_not_downloaded(hub: RunningHub, tmp_path: Path) -> None:
    assert "too large for this machine" in hub.refusal("acme/tiny", max_bytes=1000)
    assert not list((tmp_path / "cache").rglob("*.safetensors"))


def test_no_network_and_nothing_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(hub_constants, "HF_HUB_OFFLINE", True)

    assert "hub can't be reached" in RunningHub(tmp_path, "http://127.0.0.1:9").refusal("acme/tiny")


def test_an_error_without_a_text_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(hf_hub, "hf_hub_download", fail)
    with pytest.raises(ModelLoadError, match="could not be downloaded: RuntimeError"):
        fetch("acme/tiny", None)
