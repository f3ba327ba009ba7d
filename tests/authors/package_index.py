"""A package index on loopback that speaks the JSON form of the simple API (PEP 691), with the times of uploads."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

KIND = "application/vnd.pypi.simple.v1+json"
LONG_AGO = "2020-01-01T00:00:00Z"


@dataclass
class PackageIndex:
    """An index. folder: its wheels. uploaded: when, by file name. replaced: contents that it serves instead.

    silent: it ends each connection without an answer. asked: the paths that it was asked for.
    """

    folder: Path
    uploaded: dict[str, str] = field(default_factory=dict)
    replaced: dict[str, bytes] = field(default_factory=dict)
    address: str = ""
    silent: bool = False
    asked: list[str] = field(default_factory=list)

    def page(self, name: str) -> bytes:
        """Return the page of a package."""
        wheels = [path for path in self.folder.glob("*.whl") if path.name.split("-")[0].replace("_", "-") == name]
        files = [
            {
                "filename": path.name,
                "url": f"{self.address}/files/{path.name}",
                "hashes": {"sha256": sha256(path.read_bytes()).hexdigest()},
                "upload-time": self.uploaded.get(path.name, LONG_AGO),
            }
            for path in sorted(wheels)
        ]
        return json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": files}).encode() if files else b""

    def content(self, path: str) -> tuple[bytes, str]:
        """Return what there is at a path, b"" for nothing, and its kind."""
        kind, _, name = path.strip("/").partition("/")
        if kind == "simple":
            return self.page(name), KIND
        if name in self.replaced:
            return self.replaced[name], "application/octet-stream"
        file = self.folder / Path(name).name
        return file.read_bytes() if file.is_file() else b"", "application/octet-stream"


@contextmanager
def serve(index: PackageIndex) -> Iterator[None]:
    """Serve the index until the context ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            index.asked.append(self.path)
            if index.silent:
                self.close_connection = True
                return
            content, kind = index.content(self.path)
            self.send_response(200 if content else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        index.address = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield
        server.shutdown()
        thread.join()
