"""A real Redis server for tests, at the address that the test settings name."""

import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import redis

from gptstore.demo.redis import find_server


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

    def wait(self, seconds: float = 10.0) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                self.client.ping()
                return
            except redis.RedisError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)

    def kill(self) -> None:
        """Die at once, as in a crash; everything it held is gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        self.client.close()
