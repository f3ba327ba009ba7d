"""The store's own processes for tests: `uvicorn` with the site, and `python -m worker`.

    @pytest.fixture(scope="module")
    def site(redis_process, tmp_path_factory):
        with Site(tmp_path_factory.mktemp("site"), redis_process.url) as site:
            site.prepare()                      # migrate, sync_tools, collectstatic
            site.add_user("ada", "correct horse")
            site.start_web()                    # answers at site.url when this returns
            site.start_worker()                 # takes jobs when this returns; loads the bundled model
            yield site

The database is a file in the folder, and `site.database` its URL (as in GPTSTORE_DATABASE_URL); give another one
to share it, such as the test run's own. Logs are in the folder too. `site.manage("sync_tools")` runs manage.py.
"""

import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import randrange
from types import TracebackType
from typing import Self

import httpx

from harness.process import Process

HOST = "127.0.0.1"


class Site:
    """The store's processes. `settings` are GPTSTORE_* variables without their prefix, such as `model="/folder"`."""

    def __init__(self, folder: Path, redis_url: str, database: str = "", **settings: str) -> None:
        self.folder = folder
        self.database = database or f"sqlite:///{folder / 'gptstore.sqlite3'}"
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        values = {
            "secret_key": "only-for-tests-" + "y" * 50,
            "var": str(folder),
            "database_url": self.database,
            "redis_url": redis_url,
            "allowed_hosts": f"localhost,{HOST}",
            "trusted_origins": self.url,
            "plugin_import_seconds": "60",  # however busy the machine is
            "sandbox_level": "none",  # tests' own plugins run on machines without Landlock too
            **settings,
        }
        self.environment = {f"GPTSTORE_{name.upper()}": value for name, value in values.items()}
        self.environment |= {"DJANGO_SETTINGS_MODULE": "gptstore.settings", "HF_HUB_OFFLINE": "1"}
        self.processes: list[Process] = []

    def prepare(self) -> None:
        self.manage("migrate", "--noinput")
        self.manage("sync_tools")
        self.manage("collectstatic", "--noinput")

    def add_user(self, name: str, password: str, *, admin: bool = False) -> None:
        make = "create_superuser" if admin else "create_user"
        self.manage(
            "shell",
            "-c",
            f"from gptstore.accounts.models import User; User.objects.{make}({name!r}, password={password!r})",
        )

    def manage(self, *arguments: str) -> str:
        """Run `manage.py` and return its output. Raises AssertionError when it fails."""
        process = Process([sys.executable, "manage.py", *arguments], self.environment, self.folder / "manage.log")
        status = process.popen.wait(240)
        assert status == 0, f"manage.py {arguments[0]} ended with status {status}:\n{process.text}"
        return process.text

    def start_web(self, seconds: float = 120.0) -> Process:
        command = [sys.executable, "-m", "uvicorn", "gptstore.asgi:application", "--lifespan", "off"]
        command += ["--http", "gptstore.server.protocol:BoundedProtocol"]
        command += ["--host", HOST, "--port", str(self.port), "--no-access-log", "--no-proxy-headers"]
        return self.start(command, "web.log", lambda: self.ready() is not None, seconds)

    def start_worker(self, seconds: float = 240.0) -> Process:
        """Start a worker, and wait until it has reported that it is alive and receives messages."""
        log = self.folder / "worker.log"
        before = log.read_text().count("worker_ready") if log.exists() else 0
        process = self.begin_worker()
        process.wait_until(lambda: log.read_text().count("worker_ready") > before, seconds)
        return process

    def begin_worker(self, *before: str, log: str = "worker.log", **settings: str) -> Process:
        """Start a worker. before: a command that runs it. settings: its own, as those of the site."""
        environment = {f"GPTSTORE_{name.upper()}": value for name, value in settings.items()}
        process = Process([*before, sys.executable, "-m", "worker"], self.environment | environment, self.folder / log)
        self.processes.append(process)
        return process

    def start(self, command: list[str], log: str, ready: Callable[[], bool], seconds: float) -> Process:
        process = Process(command, self.environment, self.folder / log)
        self.processes.append(process)
        process.wait_until(ready, seconds)
        return process

    def ready(self) -> dict[str, object] | None:
        """Return the content of `/readyz`, or None while nothing answers there."""
        try:
            found: dict[str, object] = httpx.get(f"{self.url}/readyz", timeout=5).json()
        except httpx.TransportError:
            return None
        return found

    def stop(self) -> None:
        """Stop everything that it started."""
        for process in self.processes:
            process.ask_to_end()
        for process in self.processes:
            process.stop()
        self.processes.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def free_port() -> int:
    """Return a free port below those that the system gives to connections: no test beside can open it meanwhile."""
    while True:
        port = randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port
