"""The paths of the demo: one folder, `var/`, which one demo at a time may use."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gptstore.demo.errors import AlreadyRunning

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Paths:
    var: Path

    @classmethod
    def from_environment(cls) -> "Paths":
        return cls(Path(os.environ.get("GPTSTORE_VAR") or ROOT / "var").absolute())

    @property
    def summary(self) -> Path:
        return self.var / "demo.json"

    @property
    def lock(self) -> Path:
        return self.var / "demo.lock"

    @property
    def secret_key(self) -> Path:
        return self.var / "secret_key"

    @property
    def releases(self) -> Path:
        """Return the folder of plugins that `gptstore install` puts there, unless the person has another one."""
        return Path(os.environ.get("GPTSTORE_RELEASES") or self.var / "releases").absolute()

    @property
    def redis(self) -> Path:
        return self.var / "redis"

    def log(self, name: str) -> Path:
        return self.var / "log" / f"{name}.log"

    def make(self) -> None:
        for folder in (self.var, self.redis, self.releases, self.var / "log"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextmanager
def hold_lock(paths: Paths) -> Iterator[None]:
    """Make the folder and keep other demos out of it, for as long as this process lives. Raises AlreadyRunning."""
    paths.make()
    with paths.lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(describe_running(paths)) from None
        yield


def describe_running(paths: Paths) -> str:
    try:
        running = json.loads(paths.summary.read_text())
        url, pid = running["url"], running["pids"]["supervisor"]
    except (OSError, ValueError, KeyError):
        return f"A demo that uses {paths.var} is just starting."
    return (
        f"A demo that uses {paths.var} is already running: {url}\nStop it with Ctrl-C in its terminal, or:  kill {pid}"
    )
