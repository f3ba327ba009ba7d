"""A real Redis server, on a unix socket."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import redis

from gptstore.demo.redis import find_server
from harness.waiting import wait_until


class RedisServer:
    def __init__(self, url: str) -> None:
        self.url = url
        self.socket = Path(urlsplit(url).path)
        self.process: subprocess.Popen[bytes] | None = None
        self.client = redis.Redis.from_url(url, decode_responses=True)

    def start(self) -> None:
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        options = ["--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.socket.parent)]
        command = [str(find_server()), *options, "--appendonly", "no", "--save", ""]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.wait()

    def ensure(self) -> None:
        """Start it again when a test left it dead."""
        if self.process is None or self.process.poll() is not None:
            self.start()

    def wait(self, seconds: float = 10.0) -> None:
        wait_until(self.answers, f"Redis to answer at {self.socket}", seconds, every=0.01)

    def answers(self) -> bool:
        try:
            self.client.ping()
        except redis.RedisError:
            return False
        return True

    def kill(self) -> None:
        """Kill it at once, as in a crash; all its data is gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """Freeze it, so that it answers nothing until `thaw`: as a network that drops packets."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        self.client.close()


@contextmanager
def redis_server(folder: Path | str) -> Iterator[RedisServer]:
    """Run a server whose socket lies in `folder` within the context."""
    server = RedisServer(f"unix://{folder}/redis.sock?db=0")
    server.start()
    try:
        yield server
    finally:
        server.stop()
